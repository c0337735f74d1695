"""Fittings."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from sse_starlette import EventSourceResponse, ServerSentEvent

from vf_gateway.access.principal import Principal, Scope
from vf_gateway.access.signing import Link
from vf_gateway.api.admission import admit, count_by_address
from vf_gateway.api.documents import (
    EVENTS_EXAMPLE,
    BuyerName,
    FittingDocument,
    FittingPage,
    FittingRequest,
    LinksDocument,
    LinksRequest,
)
from vf_gateway.api.forms import Sent, uploaded
from vf_gateway.api.media import Caching, picture_response
from vf_gateway.api.presence import while_there
from vf_gateway.api.routes.common import (
    ACCEPTED,
    CATEGORY,
    FILE,
    FINDING,
    NAME,
    PICTURES,
    UPLOADING,
    CursorText,
    IdempotencyHeader,
    Limit,
    Prefer,
    Size,
    TheGateway,
    User,
    accepted,
    body_problems,
    buyer_of,
    category_of,
    ended,
    form_schema,
    picture_body,
    problems,
    submission,
)
from vf_gateway.api.views import fitting_document
from vf_gateway.database.tables import SECOND, Fitting, Photo, now_us, to_datetime
from vf_gateway.gateway import Gateway
from vf_gateway.pictures.intake import prepare
from vf_gateway.pictures.store import DamagedError
from vf_gateway.resources.fittings.asking import Filter
from vf_gateway.resources.idempotency import make_once
from vf_gateway.resources.photos.accepting import Upload
from vf_gateway.resources.results import Pictures
from vf_gateway.resources.states import State
from vfkit.contracts import Artifact, Category
from vfkit.pictures import PictureKind
from vfkit.problems import Code, Problem, ProblemDocument

UsedT = TypeVar("UsedT")

router = APIRouter(prefix="/v1/fittings", tags=["fittings"])

_FORM = form_schema(
    {"person": FILE, "garment": FILE, "person_id": NAME, "garment_id": NAME, "buyer": NAME, "category": CATEGORY},
    [],
    {"person": "(a file)", "garment": "(a file)", "buyer": "u-4711"},
)
_CONFLICT = problems(Code.NOT_FOUND, Code.CONFLICT)
_LINKING = body_problems(Code.NOT_FOUND, Code.BODY_TOO_LARGE)
_EVENTS: dict[int | str, dict[str, Any]] = {
    200: {"description": "One event per change", "content": {"text/event-stream": {"example": EVENTS_EXAMPLE}}}
}
_PING_SECONDS = 15
_PRINTABLE = r"^[\x21-\x7e]*$"


@router.post(
    "",
    status_code=202,
    response_description=ACCEPTED,
    responses=UPLOADING | ended(FittingDocument),
    openapi_extra={"requestBody": picture_body(_FORM, FittingRequest)},
    operation_id="create_fitting",
    summary="Try a garment on",
)
async def create(
    *,
    request: Request,
    response: Response,
    gateway: TheGateway,
    user: User,
    prefer: Prefer = None,
    idempotency_key: IdempotencyHeader = None,
) -> FittingDocument:
    """Fit a garment on a person: each by id, as a picture, or as the address of one."""
    fitting = await _accept(request, gateway, user, idempotency_key)
    wait = partial(gateway.fittings.wait, user)
    return fitting_document(await accepted(gateway, response, prefer, fitting, wait))


async def _accept(request: Request, gateway: Gateway, user: Principal, idempotency_key: str | None) -> Fitting:
    async with uploaded(request, user, FittingRequest, files={"person", "garment"}) as sent:
        by = submission(request, user, "fittings.create", idempotency_key, await sent.digest())

        async def make() -> Fitting:
            reading = _photos(gateway, user, sent, buyer_of(user, sent.value("buyer")))
            person, garment = await (while_there(request, reading) if sent.pictures else reading)
            return await gateway.fitting_intake.create(user.market, person, garment, by)

        return await make_once(gateway.database, by, Fitting, make)


async def _photos(
    gateway: Gateway, user: Principal, sent: Sent, buyer: str | None
) -> tuple[Photo | Upload, Photo | Upload]:
    """The person and the garment of a request: each known, or sent with it."""
    person, garment = _asked(sent, PictureKind.PERSON), _asked(sent, PictureKind.GARMENT)
    category = category_of(sent)
    if garment is not None and sent.value("category") is not None:
        raise Problem(Code.INVALID_REQUEST, "A garment that is known has its category: leave it out with garment_id.")
    if person is not None and garment is not None:
        return await gateway.photos.get_both(user, person, garment)
    await gateway.photo_intake.require_room(user.market, buyer, photos=0)
    return (
        await _photo(gateway, user, person, _Sending(PictureKind.PERSON, sent, buyer)),
        await _photo(gateway, user, garment, _Sending(PictureKind.GARMENT, sent, buyer, category)),
    )


def _asked(sent: Sent, kind: PictureKind) -> str | None:
    """The id of a request's person or garment; None: its picture is sent. Raises Problem (``invalid_request``)."""
    is_sent, known = kind.value in sent.pictures, sent.value(f"{kind.value}_id")
    if known is None and is_sent:
        return None
    if known is None or is_sent:
        raise Problem(Code.INVALID_REQUEST, f"Give either {kind.value} or {kind.value}_id.")
    if not known.isprintable():
        raise Problem(Code.INVALID_REQUEST, f"Not valid: {kind.value}_id.")
    return known


@dataclass(frozen=True)
class _Sending:
    """How a photo may come with a fitting.

    Attributes:
        kind: what it shows.
        sent: the body of the request.
        buyer: whose it is.
        category: what the market says that it sells, of a garment.
    """

    kind: PictureKind
    sent: Sent
    buyer: str | None
    category: Category = Category.AUTO


async def _photo(gateway: Gateway, user: Principal, known: str | None, sending: _Sending) -> Photo | Upload:
    if known is not None:
        return await gateway.photos.get(user, known, sending.kind)
    picture = await sending.sent.picture(sending.kind.value)
    prepared = await prepare(gateway.decoders, picture, sending.kind)
    warnings = sending.sent.warnings(sending.kind.value)
    return Upload(prepared, sending.buyer, category=sending.category, warnings=warnings)


@router.get("", responses=problems(), operation_id="list_fittings", summary="List fittings")
async def page(
    *,
    gateway: TheGateway,
    user: User,
    limit: Limit = 20,
    cursor: CursorText = None,
    person: Annotated[str | None, Query(max_length=40)] = None,
    garment: Annotated[str | None, Query(max_length=40)] = None,
    comparison: Annotated[str | None, Query(max_length=40)] = None,
    buyer: Annotated[BuyerName | None, Query()] = None,
    state: State | None = None,
    selected: bool | None = None,
    since: Annotated[datetime | None, Query(description="created at this time or later")] = None,
    until: Annotated[datetime | None, Query(description="created before this time")] = None,
) -> FittingPage:
    """Newest first."""
    wanted = Filter(
        person_id=person, garment_id=garment, comparison_id=comparison, buyer=buyer, state=state, selected=selected,
        since=_microseconds(since), until=_microseconds(until)
    )  # fmt: skip
    rows, more = await gateway.fittings.page(user, wanted, limit=limit, cursor=cursor)
    return FittingPage(items=[fitting_document(row) for row in rows], next=more)


def _microseconds(moment: datetime | None) -> int | None:
    """A time without a zone is UTC."""
    if moment is None:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return int(aware.timestamp() * SECOND)


@router.get("/{fitting_id}", responses=FINDING, operation_id="get_fitting", summary="Get a fitting")
async def get(gateway: TheGateway, user: User, fitting_id: str) -> FittingDocument:
    """State, stages with their times, warnings, pictures."""
    return fitting_document(await gateway.fittings.get(user, fitting_id))


@router.delete(
    "/{fitting_id}", status_code=204, responses=FINDING, operation_id="delete_fitting", summary="Delete a fitting"
)
async def delete(gateway: TheGateway, user: User, fitting_id: str) -> None:
    """Remove a fitting and its pictures; one that runs is stopped."""
    await gateway.deletion.delete_fitting(user, await gateway.fittings.get(user, fitting_id))


@router.post("/{fitting_id}/cancel", responses=_CONFLICT, operation_id="cancel_fitting", summary="Cancel a fitting")
async def cancel(gateway: TheGateway, user: User, fitting_id: str) -> FittingDocument:
    """Stop a fitting that has not ended."""
    return fitting_document(await gateway.fittings.cancel(user, fitting_id))


@router.post("/{fitting_id}/selection", responses=_CONFLICT, operation_id="select_fitting", summary="Select a fitting")
async def select(gateway: TheGateway, user: User, fitting_id: str) -> FittingDocument:
    """The buyer likes it and picks the product."""
    return fitting_document(await gateway.fittings.select(user, fitting_id, selected=True))


@router.delete(
    "/{fitting_id}/selection",
    responses=FINDING,
    operation_id="unselect_fitting",
    summary="Take a fitting's selection back",
)
async def unselect(gateway: TheGateway, user: User, fitting_id: str) -> FittingDocument:
    """The buyer changed their mind."""
    return fitting_document(await gateway.fittings.select(user, fitting_id, selected=False))


@router.post(
    "/{fitting_id}/links",
    responses=_LINKING,
    operation_id="sign_fitting_links",
    summary="Sign links to a fitting's pictures",
)
async def links(gateway: TheGateway, user: User, fitting_id: str, asked: LinksRequest) -> LinksDocument:
    """Links to the pictures that open without a credential for a while: for an e-mail, or an <img>."""
    document = fitting_document(await gateway.fittings.get(user, fitting_id))
    seconds = min(asked.expires_in, gateway.settings.link_seconds)
    return LinksDocument(
        expires_at=to_datetime(now_us() + seconds * SECOND),
        events=gateway.signer.sign_link(document.links.events, user.key_id, seconds),
        artifacts={
            name: gateway.signer.sign_link(path, user.key_id, seconds) for name, path in document.artifacts.items()
        },
    )


# --- with a credential, or a signed link ---


async def get_fitting(
    request: Request,
    gateway: TheGateway,
    fitting_id: str,
    key: Annotated[str, Query(max_length=40, pattern=_PRINTABLE)] = "",
    expires: Annotated[str, Query(max_length=15, pattern=_PRINTABLE)] = "",
    signature: Annotated[str | None, Query(max_length=100, pattern=_PRINTABLE)] = None,
) -> tuple[Principal, Fitting]:
    """The fitting of a path, for its user or the holder of a signed link."""
    if signature is not None:
        count_by_address(request, gateway)
        is_genuine = gateway.signer.link_opens(request.url.path, Link(key, expires, signature))
        if not (is_genuine and Scope.FITTINGS in await gateway.gate.scopes_of(key)):
            raise Problem(Code.UNAUTHORIZED, "This link is not valid any more.")
        fitting = await gateway.fittings.find(fitting_id)
        return Principal(fitting.market, fitting.buyer, frozenset({Scope.FITTINGS}), key), fitting
    user = await admit(request, gateway)
    user.require(Scope.FITTINGS)
    return user, await gateway.fittings.get(user, fitting_id)


Opened = Annotated[tuple[Principal, Fitting], Depends(get_fitting)]


@router.get(
    "/{fitting_id}/events",
    responses=FINDING | _EVENTS,
    response_class=EventSourceResponse,
    operation_id="follow_fitting",
    summary="Follow a fitting's progress",
)
async def events(
    gateway: TheGateway,
    opened: Opened,
    last_event_id: Annotated[str | None, Header(max_length=20, description="continue behind this event")] = None,
) -> EventSourceResponse:
    """The fitting's progress as server-sent events, until it or the API key has ended; `Last-Event-ID` resumes."""
    user, fitting = opened
    after = int(last_event_id) if last_event_id and last_event_id.isascii() and last_event_id.isdecimal() else 0

    async def may_go_on() -> bool:
        return Scope.FITTINGS in await gateway.gate.scopes_of(user.key_id)

    async def stream() -> AsyncIterator[ServerSentEvent]:
        async for event in gateway.fittings.events(user, fitting.id, after, may_go_on):
            yield ServerSentEvent(_event_data(event, fitting.id), event=event["event"], id=str(event["seq"]))

    return EventSourceResponse(stream(), ping=_PING_SECONDS)


def _event_data(event: dict[str, Any], fitting_id: str) -> str:
    data = {"fitting_id": fitting_id, "at": to_datetime(event["at"]).isoformat(), **event["data"]}
    return json.dumps(data, separators=(",", ":"))


@router.get(
    "/{fitting_id}/result",
    responses=PICTURES,
    response_class=Response,
    operation_id="get_fitting_result",
    summary="Get a fitting's result",
)
async def result(request: Request, gateway: TheGateway, opened: Opened, size: Size = None) -> Response:
    """The fitting's picture."""
    return await _picture(request, gateway, opened[1], Artifact.RESULT.value, size)


@router.get(
    "/{fitting_id}/grid",
    responses=PICTURES,
    response_class=Response,
    operation_id="get_fitting_grid",
    summary="Get a fitting's sheet of all pictures",
)
async def grid(request: Request, gateway: TheGateway, opened: Opened, size: Size = None) -> Response:
    """All pictures on one sheet."""
    return await _picture(request, gateway, opened[1], Artifact.GRID.value, size)


@router.get(
    "/{fitting_id}/artifacts/{artifact}",
    responses=PICTURES,
    response_class=Response,
    operation_id="get_fitting_artifact",
    summary="Get one of a fitting's pictures",
)
async def artifact(request: Request, gateway: TheGateway, opened: Opened, artifact: str, size: Size = None) -> Response:
    """One of its pictures, or pose.json."""
    return await _picture(request, gateway, opened[1], artifact, size)


async def _picture(request: Request, gateway: Gateway, fitting: Fitting, artifact: str, size: int | None) -> Response:
    if artifact in set(Artifact):
        require_result(fitting)
    return await with_pictures(gateway, fitting, partial(_answer, request, artifact=artifact, size=size))


async def _answer(request: Request, pictures: Pictures, *, artifact: str, size: int | None) -> Response:
    return await picture_response(request, pictures, artifact, size, Caching.NEVER)


def require_result(fitting: Fitting) -> None:
    """Raises Problem when a fitting has no result: ``not_ready``, or why it failed."""
    if fitting.state == State.SUCCEEDED:
        return
    if not State(fitting.state).final:
        raise Problem(Code.NOT_READY, "The fitting is not finished yet.", retry_after=1)
    if fitting.problem:
        told = ProblemDocument.model_validate(fitting.problem)
        raise Problem(told.code, told.detail, stage=told.stage)


async def with_pictures(gateway: Gateway, fitting: Fitting, use: Callable[[Pictures], Awaitable[UsedT]]) -> UsedT:
    """What is made of a fitting's pictures; what turns out damaged is computed again."""
    try:
        return await use(await gateway.fittings.pictures(fitting))
    except DamagedError:
        return await use(await gateway.fittings.pictures(await gateway.fitting_runs.repair(fitting)))
