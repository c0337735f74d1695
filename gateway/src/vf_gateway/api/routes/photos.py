"""People and garments."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from starlette.requests import ClientDisconnect

from vf_gateway.access.principal import Principal
from vf_gateway.api.documents import (
    LONGEST_TEXT,
    PHOTO_EXAMPLES,
    GarmentRequest,
    PersonRequest,
    PhotoDocument,
    PhotoPage,
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
    TEXT,
    UPLOADING,
    CursorText,
    IdempotencyHeader,
    Limit,
    Prefer,
    Size,
    TheGateway,
    User,
    accepted,
    buyer_of,
    category_of,
    ended,
    exemplified,
    form_schema,
    picture_body,
    problems,
    submission,
)
from vf_gateway.api.views import COLLECTIONS, photo_document
from vf_gateway.database.tables import Photo
from vf_gateway.gateway import Gateway
from vf_gateway.pictures.intake import Prepared, prepare
from vf_gateway.pictures.store import DamagedError
from vf_gateway.resources.idempotency import make_once
from vf_gateway.resources.photos.accepting import Upload
from vf_gateway.resources.states import State
from vfkit.contracts import Artifact
from vfkit.pictures import PictureKind
from vfkit.problems import Code, Problem


def photo_routes(kind: PictureKind) -> APIRouter:
    """The routes of people, or of garments."""
    name = COLLECTIONS[kind]
    router = APIRouter(prefix=f"/v1/{name}", tags=[name])
    sold = {"category": CATEGORY} if kind is PictureKind.GARMENT else {}
    example = PHOTO_EXAMPLES[kind]
    model = PersonRequest if kind is PictureKind.PERSON else GarmentRequest
    form = form_schema(
        {"image": FILE, "buyer": NAME, "reference": TEXT, **sold},
        ["image"],
        {"image": "(a file)", "reference": "sku-1"},
    )
    extra = {"requestBody": picture_body(form, model)}

    async def take_in(request: Request, gateway: Gateway, user: Principal, idempotency_key: str | None) -> Photo:
        async with uploaded(request, user, model, files={"image"}) as sent:
            reference = sent.value("reference")
            if not sent.pictures or not _is_reference(reference):
                raise Problem(Code.INVALID_REQUEST, "Missing or not valid: image, reference.")
            buyer = buyer_of(user, sent.value("buyer"))
            category = category_of(sent)
            by = submission(request, user, f"{name}.create", idempotency_key, await sent.digest())

            async def make() -> Photo:
                await gateway.photo_intake.require_room(user.market, buyer, photos=1)
                prepared = await while_there(request, _prepare(gateway, sent, kind))
                upload = Upload(prepared, buyer, reference, category, sent.warnings("image"))
                return await gateway.photo_intake.create(user.market, upload, by)

            return await make_once(gateway.database, by, Photo, make)

    @router.post(
        "",
        status_code=202,
        response_description=ACCEPTED,
        responses=UPLOADING | ended(PhotoDocument, example) | exemplified(example, status=202),
        openapi_extra=extra,
        operation_id=f"create_{kind.value}",
        summary=f"Upload a {kind.value}'s photo",
    )
    async def create(
        *,
        request: Request,
        response: Response,
        gateway: TheGateway,
        user: User,
        prefer: Prefer = None,
        idempotency_key: IdempotencyHeader = None,
    ) -> PhotoDocument:
        """Store a photo and prepare it, so that fittings with it only synthesise."""
        photo = await take_in(request, gateway, user, idempotency_key)
        wait = partial(_when_prepared, request, gateway, user, is_keyed=idempotency_key is not None)
        photo = await wait(photo, 0)
        return photo_document(await accepted(gateway, response, prefer, photo, wait))

    @router.get(
        "",
        responses=problems() | exemplified({"items": [example], "next": None}),
        operation_id=f"list_{name}",
        summary=f"List {name}",
    )
    async def page(
        gateway: TheGateway,
        user: User,
        limit: Limit = 20,
        cursor: CursorText = None,
        reference: Annotated[str | None, Query(max_length=200)] = None,
    ) -> PhotoPage:
        """Newest first."""
        rows, more = await gateway.photos.page(user, kind, limit=limit, cursor=cursor, reference=reference)
        return PhotoPage(items=[photo_document(row) for row in rows], next=more)

    @router.get(
        "/{photo_id}",
        responses=FINDING | exemplified(example),
        operation_id=f"get_{kind.value}",
        summary=f"Get a {kind.value}",
    )
    async def get(gateway: TheGateway, user: User, photo_id: str) -> PhotoDocument:
        """Its preparation, warnings and pictures."""
        return photo_document(await gateway.photos.get(user, photo_id, kind))

    @router.get(
        "/{photo_id}/artifacts/{artifact}",
        responses=PICTURES,
        response_class=Response,
        operation_id=f"get_{kind.value}_artifact",
        summary=f"Get one of a {kind.value}'s pictures",
    )
    async def artifact(
        *, request: Request, gateway: TheGateway, user: User, photo_id: str, artifact: str, size: Size = None
    ) -> Response:
        """One of its pictures, or pose.json."""
        photo = await gateway.photos.get(user, photo_id, kind)
        caching = Caching.NEVER if kind is PictureKind.PERSON else Caching.PRIVATE
        try:
            return await picture_response(request, await gateway.photos.pictures(photo), artifact, size, caching)
        except DamagedError:
            photo = await gateway.preparation.repair(photo)
            return await picture_response(request, await gateway.photos.pictures(photo), artifact, size, caching)
        except Problem as problem:
            if problem.code is Code.NOT_FOUND and artifact in set(Artifact) and not State(photo.state).final:
                raise Problem(Code.NOT_READY, retry_after=1) from problem
            raise

    @router.delete(
        "/{photo_id}",
        status_code=204,
        responses=FINDING,
        operation_id=f"delete_{kind.value}",
        summary=f"Delete a {kind.value}",
    )
    async def delete(gateway: TheGateway, user: User, photo_id: str) -> None:
        """Remove the photo, everything computed from it, and every fitting with it."""
        await gateway.deletion.delete_photo(user, await gateway.photos.get(user, photo_id, kind))

    return router


async def _prepare(gateway: Gateway, sent: Sent, kind: PictureKind) -> Prepared:
    return await prepare(gateway.decoders, await sent.picture("image"), kind)


async def _when_prepared(
    request: Request, gateway: Gateway, user: Principal, photo: Photo, wait: float, *, is_keyed: bool
) -> Photo:
    """A new photo after this time at most. One whose caller is gone is removed: nobody knows its id."""
    try:
        return await while_there(request, gateway.photos.wait(user, photo, wait))
    except ClientDisconnect:
        if not is_keyed:  # with an Idempotency-Key the caller can ask again
            await gateway.deletion.delete_photo(user, photo)
        raise


def _is_reference(text: str | None) -> bool:
    return text is None or (len(text) <= LONGEST_TEXT and text.isprintable())
