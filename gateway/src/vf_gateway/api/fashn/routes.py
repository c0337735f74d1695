"""FASHN's calls. A prediction is a fitting, accepted and run as any other."""

from __future__ import annotations

import base64
from dataclasses import replace
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from vf_gateway.access.principal import Principal
from vf_gateway.api.answers import PROBLEM_TYPE, problem_document
from vf_gateway.api.fashn.answers import (
    RefusalDocument,
    RunDocument,
    StatusDocument,
    output_link,
    output_path,
    status_document,
)
from vf_gateway.api.fashn.errors import OF_THE_PICTURES, THEIRS
from vf_gateway.api.fashn.requests import IMAGES, RunRequest, TryOnOptions, require_supported
from vf_gateway.api.forms import Sent, uploaded
from vf_gateway.api.json_bodies import is_json
from vf_gateway.api.media import Caching, picture_file, picture_response
from vf_gateway.api.presence import while_there
from vf_gateway.api.routes.common import (
    IdempotencyHeader,
    TheGateway,
    User,
    json_schema,
    problems,
    submission,
)
from vf_gateway.api.routes.fittings import Opened, require_result, with_pictures
from vf_gateway.database.tables import Base, Fitting, Prediction
from vf_gateway.gateway import Gateway
from vf_gateway.pictures.intake import prepare
from vf_gateway.resources.idempotency import make_once
from vf_gateway.resources.photos.accepting import Upload
from vf_gateway.resources.results import Pictures
from vf_gateway.resources.states import State
from vfkit.contracts import Artifact, Category
from vfkit.pictures import PictureKind
from vfkit.problems import Code, Problem

router = APIRouter(tags=["fashn"])

_MEDIA_TYPES = {"png": "image/png", "jpeg": "image/jpeg"}
_KINDS = {"model_image": PictureKind.PERSON, "garment_image": PictureKind.GARMENT}


def _refusals(*codes: Code) -> dict[int | str, dict[str, Any]]:
    """The refusals of a call, for OpenAPI."""
    by_status: dict[int | str, list[Code]] = {}
    for code in (*codes, Code.UNAUTHORIZED, Code.FORBIDDEN, Code.RATE_LIMITED, Code.INVALID_REQUEST):
        by_status.setdefault(THEIRS[code].status, []).append(code)
    return {
        status: {
            "model": RefusalDocument,
            "description": f"Error: {', '.join(dict.fromkeys(THEIRS[code].refusal for code in found))}",
            "content": {
                PROBLEM_TYPE: {
                    "schema": {"$ref": "#/components/schemas/RefusalDocument"},
                    "example": problem_document(Problem(found[0]), "/v1/run"),
                }
            },
        }
        for status, found in by_status.items()
    }


@router.post(
    "/v1/run",
    summary="Run a prediction (FASHN's API)",
    responses=_refusals(
        Code.REQUEST_TIMEOUT, Code.HEADERS_TOO_LARGE, Code.OVERLOADED, Code.QUOTA_EXCEEDED, Code.STORAGE_FULL
    ),
    openapi_extra={
        "requestBody": {"required": True, "content": {"application/json": {"schema": json_schema(RunRequest)}}}
    },
    operation_id="run_prediction",
)
async def run(
    *,
    request: Request,
    gateway: TheGateway,
    user: User,
    webhook_url: Annotated[
        str | None, Query(min_length=1, max_length=2000, description="told once, when the prediction has ended")
    ] = None,
    idempotency_key: IdempotencyHeader = None,
) -> RunDocument:
    """Try a garment on, as FASHN's clients ask for it: pictures by address or data URI, `model_name` tryon-v1.6.

    A picture that cannot be used is told by the prediction's status, everything else at once.
    """
    if not is_json(request):
        raise Problem(Code.INVALID_REQUEST, "The body is application/json.")
    async with uploaded(request, user, RunRequest, files=IMAGES) as sent:
        asked = {name: values[0] for name, values in sent.fields.items()}
        options = TryOnOptions.model_validate({name: value for name, value in asked.items() if name != "model_name"})
        require_supported(asked["model_name"], options, webhook_url)
        fitting = await _accept(request, user, sent, options, webhook_url, idempotency_key)
    return RunDocument(id=fitting.id)


async def _accept(
    request: Request, user: Principal, sent: Sent, options: TryOnOptions, webhook_url: str | None, key: str | None
) -> Fitting:
    gateway: Gateway = request.app.state.gateway
    sent.fields["webhook_url"] = [webhook_url]
    plain = submission(request, user, "predictions.run", key, await sent.digest())
    receiver = await gateway.receivers.of_one(user, webhook_url) if webhook_url is not None else None

    def rows(fitting_id: str) -> list[Base]:
        prediction = Prediction(
            fitting_id=fitting_id, output_format=options.output_format, return_base64=options.return_base64,
            key_id=user.key_id, base_url=_base_url(request),
        )  # fmt: skip
        return [prediction, receiver(fitting_id)] if receiver else [prediction]

    by = replace(plain, rows=rows)

    async def make() -> Fitting:
        try:
            await gateway.photo_intake.require_room(user.market, user.buyer, photos=0)
            person, garment = await while_there(request, _read(gateway, user, sent, options))
            return await gateway.fitting_intake.create(user.market, person, garment, by)
        except Problem as problem:
            if problem.code not in OF_THE_PICTURES:
                raise
            return await gateway.fitting_intake.refuse(user.market, user.buyer, problem, by)

    return await make_once(gateway.database, by, Fitting, make)


async def _read(gateway: Gateway, user: Principal, sent: Sent, options: TryOnOptions) -> list[Upload]:
    """The person and the garment."""
    found = []
    for name, kind in _KINDS.items():
        prepared = await prepare(gateway.decoders, await sent.picture(name), kind)
        category = options.category if kind is PictureKind.GARMENT else Category.AUTO
        found.append(Upload(prepared, user.buyer, category=category))
    return found


@router.get(
    "/v1/status/{prediction_id}",
    summary="Get a prediction's status (FASHN's API)",
    responses=_refusals(Code.NOT_FOUND, Code.REQUEST_TIMEOUT, Code.HEADERS_TOO_LARGE),
    operation_id="get_prediction_status",
)
async def status(request: Request, gateway: TheGateway, user: User, prediction_id: str) -> StatusDocument:
    """Where a prediction is, with its picture or its error when it has ended; also after a restart of the gateway."""
    fitting = await gateway.fittings.get(user, prediction_id)
    prediction = await gateway.predictions.get(fitting.id)
    if fitting.state != State.SUCCEEDED:
        return status_document(fitting, None)
    if not prediction.return_base64:
        link = output_link(prediction, _base_url(request), gateway.signer, gateway.settings)
        return status_document(fitting, [link])
    media_type = _MEDIA_TYPES[prediction.output_format]

    async def read(pictures: Pictures) -> bytes:
        return await picture_file(gateway.decoders.room, pictures, _best(pictures), media_type)

    picture = base64.b64encode(await with_pictures(gateway, fitting, read)).decode()
    return status_document(fitting, [f"data:{media_type};base64,{picture}"])


@router.get(
    "/v1/predictions/{fitting_id}/output_0.{output_format}",
    summary="Get a prediction's picture",
    responses=problems(Code.NOT_FOUND, Code.NOT_READY) | {200: {"content": {t: {} for t in _MEDIA_TYPES.values()}}},
    response_class=Response,
    operation_id="get_prediction_output",
)
async def output(request: Request, gateway: TheGateway, opened: Opened, output_format: str) -> Response:
    """The picture that a prediction's status links to; the link opens it without a credential for a while."""
    _, fitting = opened
    prediction = await gateway.predictions.get(fitting.id)
    if request.url.path != output_path(prediction):
        raise Problem(Code.NOT_FOUND, "There is no such picture.")
    require_result(fitting)
    return await with_pictures(
        gateway, fitting, partial(_answer, request, media_type=_MEDIA_TYPES[prediction.output_format])
    )


async def _answer(request: Request, pictures: Pictures, *, media_type: str) -> Response:
    return await picture_response(request, pictures, _best(pictures), None, Caching.NEVER, media_type)


def _best(pictures: Pictures) -> str:
    """The result at the size of the person's photo while that is kept, else as it was made."""
    return Artifact.RESULT_FULL if Artifact.RESULT_FULL in pictures.names else Artifact.RESULT


def _base_url(request: Request) -> str:
    return str(request.base_url).rstrip("/")
