"""What a principal may see, as conditions of queries."""

from __future__ import annotations

from sqlalchemy import ColumnElement, bindparam, exists, or_
from sqlalchemy.orm import InstrumentedAttribute

from vf_gateway.access.principal import Principal
from vf_gateway.database.tables import Comparison, Fitting, Photo, Removal
from vfkit.pictures import PictureKind

Id = ColumnElement[str] | InstrumentedAttribute[str] | InstrumentedAttribute[str | None]


def viewer(principal: Principal) -> dict[str, str | None]:
    """The parameters of conditions on what a principal may see."""
    return {"viewing_market": principal.market, "viewing_buyer": principal.buyer}


def visible_to(table: type[Photo | Fitting | Comparison], of_buyer: bool) -> tuple[ColumnElement[bool], ...]:
    """A buyer sees what is theirs; a market's backend sees all of its market. See `viewer`."""
    theirs = [table.market == bindparam("viewing_market")]
    if of_buyer:
        theirs.append(table.buyer == bindparam("viewing_buyer"))
    return (*theirs, stays(table))


def visible_photos(kind: PictureKind, of_buyer: bool) -> tuple[ColumnElement[bool], ...]:
    """As `visible_to`, but that a buyer sees the market's own garments too."""
    is_kind = Photo.kind == kind.value
    if kind is PictureKind.PERSON or not of_buyer:
        return (is_kind, *visible_to(Photo, of_buyer))
    market, own, there = visible_to(Photo, of_buyer)
    return (is_kind, market, or_(own, Photo.buyer.is_(None)), there)


def stays(table: type[Photo | Fitting | Comparison]) -> ColumnElement[bool]:
    """A condition: it is not being removed."""
    if issubclass(table, Photo):
        return ~is_leaving(table.id)
    photos = (table.person_id, table.garment_id) if issubclass(table, Fitting) else (table.person_id,)
    return ~exists().where(Removal.subject.in_(photos), Removal.with_fittings)


def is_leaving(photo_id: Id) -> ColumnElement[bool]:
    """A condition: this person or garment is being removed."""
    return exists().where(Removal.subject == photo_id)
