"""What all routes share: who asks, what was sent, what problems may come."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import Depends, Header, Query, Request, Response
from fastapi.security import HTTPBearer
from pydantic import BaseModel

from vf_gateway.access.names import BUYER_PATTERN, check_buyer
from vf_gateway.access.principal import Principal, Scope
from vf_gateway.api.admission import admit, count_by_address
from vf_gateway.api.answers import PROBLEM_TYPE
from vf_gateway.api.documents import LONGEST_TEXT
from vf_gateway.api.forms import Sent
from vf_gateway.api.prefer import parse_wait
from vf_gateway.api.views import home
from vf_gateway.database.ids import owner_key
from vf_gateway.gateway import Gateway
from vf_gateway.resources.idempotency import Submission
from vf_gateway.resources.states import RowT, State
from vfkit.contracts import Category
from vfkit.problems import OF_THE_PHOTO, Code, Problem, ProblemDocument


def problems(*codes: Code) -> dict[int | str, dict[str, Any]]:
    """The problems that a route may answer, for OpenAPI."""
    by_status: dict[int | str, list[str]] = {}
    for code in (*codes, *_EVERYWHERE):
        by_status.setdefault(Problem(code).status, []).append(code.value)
    return {status: _described(f"Code: {', '.join(names)}", _example(names[0])) for status, names in by_status.items()}


def body_problems(*codes: Code) -> dict[int | str, dict[str, Any]]:
    """The problems that a route with a body may answer, for OpenAPI."""
    example = {**_example(Code.INVALID_REQUEST), "status": 400}
    return problems(*codes) | {400: _described(f"Code: {Code.INVALID_REQUEST.value} ({_BAD_BODY})", example)}


_BAD_BODY = "the body is not UTF-8, or its Content-Length is no number"


def _described(description: str, example: dict[str, Any]) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/ProblemDocument"}
    content = {PROBLEM_TYPE: {"schema": schema, "example": example}}
    return {"model": ProblemDocument, "description": description, "content": content}


def ended(document: type[BaseModel], *examples: Any) -> dict[int | str, dict[str, Any]]:
    """The answer of a route that waits where it is asked to, for OpenAPI; the other one is 202."""
    shown = exemplified(*examples)[200] if examples else {}
    return {200: {"model": document, "description": "With `Prefer: wait=N`: it has ended within this time", **shown}}


def exemplified(*examples: Any, status: int = 200, media_type: str = "application/json") -> dict[int | str, Any]:
    """Examples of an answer that its schema does not have, for OpenAPI."""
    shown = {f"example {number}": {"value": value} for number, value in enumerate(examples, 1)}
    return {status: {"content": {media_type: {"examples": shown}}}}


ACCEPTED = "It is accepted. `Location` tells where to look for how it goes on."
"""Description of the status 202."""


_EVERYWHERE = (
    Code.UNAUTHORIZED, Code.FORBIDDEN, Code.RATE_LIMITED, Code.INVALID_REQUEST, Code.REQUEST_TIMEOUT,
    Code.HEADERS_TOO_LARGE,
)  # fmt: skip


def _example(code: str) -> dict[str, Any]:
    return Problem(Code(code)).document().model_dump(mode="json")


_UPLOADING = (
    Code.UNSUPPORTED_IMAGE, Code.IMAGE_TOO_LARGE, Code.IMAGE_TOO_SMALL, Code.IMAGE_UNREACHABLE, Code.CONFLICT,
    Code.OVERLOADED, Code.STORAGE_FULL, Code.QUOTA_EXCEEDED, Code.NOT_FOUND, *sorted(OF_THE_PHOTO)
)  # fmt: skip
UPLOADING = body_problems(*_UPLOADING)
FINDING = problems(Code.NOT_FOUND)
PICTURES = problems(Code.NOT_FOUND, Code.NOT_READY, Code.NOT_ACCEPTABLE) | {
    200: {
        "content": {
            **{media_type: {} for media_type in ("image/png", "image/webp", "image/jpeg")},
            "application/json": {
                "example": {"version": 1.3, "people": [{"pose_keypoints_2d": [512.4, 210.9, 0.93, 508.1, 330.2, 0.97]}]}
            },
        }
    },
    206: {"description": "The part that Range asked for"},
    304: {"description": "The caller's copy is current"},
    416: {"description": "The range is outside of the picture"},
}


async def get_gateway(request: Request) -> Gateway:
    """The gateway. Asynchronous, as FastAPI sends anything else to a thread, for every request."""
    gateway: Gateway = request.app.state.gateway
    return gateway


async def get_principal(request: Request, gateway: Annotated[Gateway, Depends(get_gateway)]) -> Principal:
    """Who asks, counted against their rate limit."""
    return await admit(request, gateway)


async def limit_by_address(request: Request, gateway: Annotated[Gateway, Depends(get_gateway)]) -> None:
    """Nobody asks: counted against their address's limit. Raises Problem (``rate_limited``)."""
    count_by_address(request, gateway)


_bearer = HTTPBearer(auto_error=False, description="An API key (vf_...) or a buyer's token")


async def get_user(
    principal: Annotated[Principal, Depends(get_principal)], _: Annotated[Any, Depends(_bearer)]
) -> Principal:
    """Who asks, allowed to work with people, garments and fittings."""
    principal.require(Scope.FITTINGS)
    return principal


TheGateway = Annotated[Gateway, Depends(get_gateway)]
Caller = Annotated[Principal, Depends(get_principal)]
User = Annotated[Principal, Depends(get_user)]
Prefer = Annotated[str | None, Header(description="wait=N: answer when it has ended, after N seconds at most")]
IdempotencyHeader = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        pattern=r"^[\x21-\x7e]+$",
        description="the same request sent again with the same key answers the same thing",
    ),
]
Limit = Annotated[int, Query(ge=1, le=100, description="how many at most")]
CursorText = Annotated[str | None, Query(max_length=200, alias="cursor", description="`next` of the page before")]
Size = Annotated[int | None, Query(ge=16, le=2048, description="longest edge of a thumbnail, in pixels")]


def waiting(prefer: str | None, gateway: Gateway, response: Response) -> float:
    """Seconds to wait, told in Preference-Applied."""
    wait = parse_wait(prefer, gateway.settings.wait_limit)
    if wait:
        response.headers["Preference-Applied"] = f"wait={wait:g}"
    return wait


async def accepted(
    gateway: Gateway, response: Response, prefer: str | None, row: RowT, wait: Callable[[RowT, float], Awaitable[RowT]]
) -> RowT:
    """What was accepted, as it is when it has ended or the caller waits no longer; Location says where it is."""
    if seconds := waiting(prefer, gateway, response):
        row = await wait(row, seconds)
        response.status_code = 200 if State(row.state).final else 202
    response.headers["Location"] = home(row)
    return row


def buyer_of(principal: Principal, named: str | None) -> str | None:
    """Whose the new thing is: a token's buyer, or the one that the backend names.

    Raises:
        Problem: ``invalid_request``; ``forbidden`` when a buyer names another one.
    """
    if named is not None:
        check_buyer(named)
    if principal.buyer is not None and named not in (None, principal.buyer):
        raise Problem(Code.FORBIDDEN, "This token is for another buyer.")
    return principal.buyer or named


def category_of(sent: Sent) -> Category:
    """What the market says that it sells. Raises Problem (``invalid_request``)."""
    named = sent.value("category")
    if named is not None and named not in set(Category):
        raise Problem(Code.INVALID_REQUEST, f"category is one of {', '.join(Category)}.")
    return Category(named) if named is not None else Category.AUTO


def submission(request: Request, principal: Principal, call: str, key: str | None, body: str) -> Submission:
    """What a request is, whatever it makes."""
    gateway: Gateway = request.app.state.gateway
    traceparent = gateway.tracing.carry(request.headers.get("traceparent"))
    return Submission(owner_key(principal.market, principal.buyer), call, key, body, traceparent)


def form_schema(properties: dict[str, Any], required: list[str], example: dict[str, str]) -> dict[str, Any]:
    """A multipart body, for OpenAPI."""
    schema = {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
    return {"schema": schema, "example": example}


def picture_body(form: dict[str, Any], model: type[BaseModel]) -> dict[str, Any]:
    """A body with pictures, for OpenAPI: multipart, or JSON."""
    json_body = {"schema": json_schema(model)}
    return {"required": True, "content": {"multipart/form-data": form, "application/json": json_body}}


def json_schema(model: type[BaseModel]) -> dict[str, Any]:
    """A JSON body that FastAPI does not read itself, for OpenAPI; parts that have a name are written out."""
    schema = model.model_json_schema()
    parts = schema.pop("$defs", {})

    def written_out(node: Any) -> Any:
        if isinstance(node, list):
            return [written_out(each) for each in node]
        if not isinstance(node, dict):
            return node
        part = parts.get(str(node.get("$ref", "")).removeprefix("#/$defs/"), {})
        return {name: written_out(value) for name, value in {**part, **node}.items() if name != "$ref"}

    document: dict[str, Any] = written_out(schema)
    return document


FILE = {"type": "string", "format": "binary", "description": "JPEG, PNG, WebP or HEIC"}
TEXT = {"type": "string", "maxLength": LONGEST_TEXT}
NAME = {"type": "string", "pattern": BUYER_PATTERN}
CATEGORY = {
    "type": "string", "enum": [category.value for category in Category], "default": Category.AUTO.value,
    "description": "what is sold, for a garment's photo; it wins over what the photo seems to show. "
    "auto: the photo decides",
}  # fmt: skip
