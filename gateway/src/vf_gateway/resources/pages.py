"""Lists in pages: newest first, continued by an opaque cursor that stays right while things come and go."""

from __future__ import annotations

import base64
import binascii
import re
from typing import TypeVar

from sqlalchemy import Select, and_, or_

from vf_gateway.database.engine import Database
from vf_gateway.database.tables import Fitting, Photo
from vfkit.problems import Code, Problem

RowT = TypeVar("RowT", Photo, Fitting)

_CURSOR = re.compile(r"(\d{1,18}):([a-z]{3}_[0-9a-f]{32})")


async def read_page(
    database: Database, table: type[RowT], query: Select[RowT], limit: int, cursor: str | None
) -> tuple[list[RowT], str | None]:
    """The rows of a page, and the cursor of the next one. Raises Problem (``invalid_request``)."""
    if cursor:
        created_at, last_id = decode_cursor(cursor)
        older = table.created_at < created_at
        query = query.where(or_(older, and_(table.created_at == created_at, table.id < last_id)))
    async with database.read() as session:
        rows = list(await session.scalars(query.order_by(table.created_at.desc(), table.id.desc()).limit(limit + 1)))
    last = rows[limit - 1] if len(rows) > limit else None
    return rows[:limit], encode_cursor(last.created_at, last.id) if last else None


def encode_cursor(created_at: int, last_id: str) -> str:
    """The last row of a page, as it stands in a URL."""
    return base64.urlsafe_b64encode(f"{created_at}:{last_id}".encode()).decode().rstrip("=")


def decode_cursor(cursor: str) -> tuple[int, str]:
    """The time and the id of a page's last row. Raises Problem (``invalid_request``)."""
    try:
        plain = base64.b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        found = _CURSOR.fullmatch(plain.decode("ascii"))
    except (binascii.Error, UnicodeError):
        found = None
    if found is None:
        raise Problem(Code.INVALID_REQUEST, "The cursor is not one of ours.")
    return int(found.group(1)), found.group(2)
