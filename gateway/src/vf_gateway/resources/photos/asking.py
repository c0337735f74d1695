"""People and garments, as those see them who may."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from sqlalchemy import Select, and_, bindparam, or_, select

from vf_gateway.access.principal import Principal
from vf_gateway.access.visibility import viewer, visible_photos
from vf_gateway.database.engine import Database
from vf_gateway.database.tables import Photo
from vf_gateway.pictures.store import ArtifactStore
from vf_gateway.resources.pages import read_page
from vf_gateway.resources.photos.reading import source_of
from vf_gateway.resources.results import Pictures
from vf_gateway.resources.states import wait_for_end
from vf_gateway.work.notifications import Notifications
from vfkit.pictures import PictureKind
from vfkit.problems import Code, Problem


@dataclass(frozen=True)
class Photos:
    """Finds people and garments."""

    database: Database
    store: ArtifactStore
    notifications: Notifications

    async def get(self, principal: Principal, photo_id: str, kind: PictureKind) -> Photo:
        """A photo that the principal may see. Raises Problem (``not_found``)."""
        async with self.database.read() as session:
            photo = await session.scalar(_one(kind, principal.buyer is not None), {"id": photo_id, **viewer(principal)})
        if photo is None:
            raise Problem(Code.NOT_FOUND, f"There is no such {kind.value}.")
        return photo

    async def get_both(self, principal: Principal, person_id: str, garment_id: str) -> tuple[Photo, Photo]:
        """A person and a garment that the principal may see. Raises Problem (``not_found``)."""
        ids = {"person_id": person_id, "garment_id": garment_id}
        async with self.database.read() as session:
            rows = await session.scalars(_both(principal.buyer is not None), ids | viewer(principal))
            found = {(photo.kind, photo.id): photo for photo in rows}
        person = found.get((PictureKind.PERSON.value, person_id))
        garment = found.get((PictureKind.GARMENT.value, garment_id))
        if person is None or garment is None:
            kind = PictureKind.PERSON if person is None else PictureKind.GARMENT
            raise Problem(Code.NOT_FOUND, f"There is no such {kind.value}.")
        return person, garment

    async def get_all(self, principal: Principal, ids: Sequence[str], kind: PictureKind) -> list[Photo]:
        """Photos that the principal may see, in this order. Raises Problem (``not_found``) when one is missing."""
        query = select(Photo).where(Photo.id.in_(ids), *visible_photos(kind, principal.buyer is not None))
        async with self.database.read() as session:
            found = {photo.id: photo for photo in await session.scalars(query, viewer(principal))}
        if not found.keys() >= set(ids):
            raise Problem(Code.NOT_FOUND, f"There is no such {kind.value}.")
        return [found[photo_id] for photo_id in ids]

    async def wait(self, principal: Principal, photo: Photo, seconds: float) -> Photo:
        """The photo when it is prepared, or as it is after this time."""
        kind = PictureKind(photo.kind)
        return await wait_for_end(self.notifications, photo.id, seconds, lambda: self.get(principal, photo.id, kind))

    async def page(
        self, principal: Principal, kind: PictureKind, *, limit: int, cursor: str | None, reference: str | None
    ) -> tuple[list[Photo], str | None]:
        """Photos that the principal may see, newest first, and the cursor of the next page.

        Raises:
            Problem: ``invalid_request`` for a cursor that is none.
        """
        query = select(Photo).where(*visible_photos(kind, principal.buyer is not None)).params(viewer(principal))
        if reference is not None:
            query = query.where(Photo.reference == reference)
        return await read_page(self.database, Photo, query, limit, cursor)

    async def pictures(self, photo: Photo) -> Pictures:
        """Its pictures. Raises Problem (``not_found``)."""
        source = await source_of(self.store, photo)
        person = source if photo.kind == PictureKind.PERSON.value else None
        return Pictures(self.store, photo.entries, person, None if person else source)


@cache
def _one(kind: PictureKind, of_buyer: bool) -> Select[Photo]:
    """Built once: SQLAlchemy takes longer to build a statement than a database to run it."""
    return select(Photo).where(Photo.id == bindparam("id"), *visible_photos(kind, of_buyer))


@cache
def _both(of_buyer: bool) -> Select[Photo]:
    """As `_one`, for a person and a garment."""
    return select(Photo).where(
        or_(
            and_(Photo.id == bindparam("person_id"), *visible_photos(PictureKind.PERSON, of_buyer)),
            and_(Photo.id == bindparam("garment_id"), *visible_photos(PictureKind.GARMENT, of_buyer)),
        )
    )
