"""People and garments."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from starlette.requests import ClientDisconnect

from vf_gateway.access.principal import Principal
from vf_gateway.api.documents import PhotoDocument, PhotoPage, State
from vf_gateway.api.forms import uploaded
from vf_gateway.api.media import Caching, picture_response
from vf_gateway.api.presence import while_there
from vf_gateway.api.routes.common import (
    ACCEPTED,
    FILE,
    FINDING,
    LONGEST_TEXT,
    NAME,
    PICTURES,
    TEXT,
    UPLOADING,
    CursorText,
    IdempotencyHeader,
    Limit,
    Parts,
    Prefer,
    Size,
    User,
    buyer_of,
    ended,
    form_schema,
    once_of,
    problems,
    waiting,
)
from vf_gateway.api.views import COLLECTIONS, photo_document
from vf_gateway.database.tables import Photo
from vf_gateway.gateway import Gateway
from vf_gateway.pictures.intake import prepare
from vf_gateway.pictures.store import DamagedError
from vf_gateway.resources.pages import Cursor
from vf_gateway.resources.photos import Upload
from vf_gateway.resources.pictures import Pictures
from vfkit.contracts import Artifact
from vfkit.pictures import PictureKind
from vfkit.problems import Code, Problem


def photo_routes(kind: PictureKind) -> APIRouter:
    """The routes of people, or of garments."""
    name = COLLECTIONS[kind]
    router = APIRouter(prefix=f"/v1/{name}", tags=[name])
    body = form_schema({"image": FILE, "buyer": NAME, "reference": TEXT}, ["image"])
    extra = {"requestBody": {"required": True, "content": {"multipart/form-data": body}}}

    async def take_in(request: Request, gateway: Gateway, user: Principal, idempotency_key: str | None) -> Photo:
        async with uploaded(request, user, files={"image"}, fields={"buyer", "reference"}) as sent:
            image, reference = sent.file("image"), sent.value("reference")
            if image is None or not _is_reference(reference):
                raise Problem(Code.INVALID_REQUEST, "Missing or not valid: image, reference.")
            buyer = buyer_of(user, sent.value("buyer"))
            once = once_of(user, f"{name}.create", idempotency_key, sent.digest())
            if once is None:
                await gateway.photos.require_room(user.market, buyer, photos=1)
            prepared = await while_there(request, prepare(gateway.decoders, image, kind))
            return await gateway.photos.create(
                user,
                Upload(prepared, buyer, reference, sent.warnings("image")),
                once=once,
                traceparent=gateway.tracing.carry(request.headers.get("traceparent")),
            )

    @router.post(
        "",
        status_code=202,
        response_description=ACCEPTED,
        responses=UPLOADING | ended(PhotoDocument),
        openapi_extra=extra,
        operation_id=f"create_{kind.value}",
    )
    async def create(
        *,
        request: Request,
        response: Response,
        gateway: Parts,
        user: User,
        prefer: Prefer = None,
        idempotency_key: IdempotencyHeader = None,
    ) -> PhotoDocument:
        """Store a photo and prepare it, so that fittings with it only synthesise."""
        photo = await take_in(request, gateway, user, idempotency_key)
        wait = waiting(prefer, gateway, response)
        photo = await _when_prepared(request, gateway, user, photo, wait, is_keyed=idempotency_key is not None)
        if wait:
            response.status_code = 200 if State(photo.state).final else 202
        document = photo_document(photo)
        response.headers["Location"] = document.links["self"]
        return document

    @router.get("", responses=problems(), operation_id=f"list_{name}")
    async def page(
        gateway: Parts,
        user: User,
        limit: Limit = 20,
        cursor: CursorText = None,
        reference: Annotated[str | None, Query(max_length=200)] = None,
    ) -> PhotoPage:
        """Newest first."""
        after = Cursor.decode(cursor) if cursor else None
        rows = await gateway.photos.page(user, kind, limit=limit + 1, cursor=after, reference=reference)
        more = Cursor(rows[limit - 1].created_at, rows[limit - 1].id).encode() if len(rows) > limit else None
        return PhotoPage(items=[photo_document(row) for row in rows[:limit]], next=more)

    @router.get("/{photo_id}", responses=FINDING, operation_id=f"get_{kind.value}")
    async def get(gateway: Parts, user: User, photo_id: str) -> PhotoDocument:
        """Its preparation, warnings and pictures."""
        return photo_document(await gateway.photos.get(user, photo_id, kind))

    @router.get(
        "/{photo_id}/artifacts/{artifact}",
        responses=PICTURES,
        response_class=Response,
        operation_id=f"get_{kind.value}_artifact",
    )
    async def artifact(
        *, request: Request, gateway: Parts, user: User, photo_id: str, artifact: str, size: Size = None
    ) -> Response:
        """One of its pictures, or pose.json."""
        photo = await gateway.photos.get(user, photo_id, kind)
        caching = Caching.NEVER if kind is PictureKind.PERSON else Caching.PRIVATE
        try:
            return await picture_response(request, await _pictures(gateway, photo), artifact, size, caching)
        except DamagedError:
            await gateway.photos.run(photo)
            return await picture_response(request, await _pictures(gateway, photo), artifact, size, caching)
        except Problem as problem:
            if problem.code is Code.NOT_FOUND and artifact in set(Artifact) and not State(photo.state).final:
                raise Problem(Code.NOT_READY, retry_after=1) from problem
            raise

    @router.delete("/{photo_id}", status_code=204, responses=FINDING, operation_id=f"delete_{kind.value}")
    async def delete(gateway: Parts, user: User, photo_id: str) -> None:
        """Remove the photo, everything computed from it, and every fitting with it."""
        await gateway.deletion.delete_photo(user, await gateway.photos.get(user, photo_id, kind))

    return router


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


async def _pictures(gateway: Gateway, photo: Photo) -> Pictures:
    source = await gateway.photos.source(photo)
    entries = {name: (scope, key) for name, (scope, key) in photo.entries.items()}
    person = source if photo.kind == PictureKind.PERSON.value else None
    return Pictures(gateway.store, entries, person, None if person else source)
