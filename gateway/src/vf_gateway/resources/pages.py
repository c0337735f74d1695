"""Lists in pages: newest first, continued by an opaque cursor that stays right while things come and go."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, or_

from vfkit.problems import Code, Problem

_CURSOR = re.compile(r"(\d{1,18}):([a-z]{3}_[0-9a-f]{32})")


@dataclass(frozen=True)
class Cursor:
    """The last thing of a page."""

    created_at: int
    id: str

    def encode(self) -> str:
        """As it stands in a URL."""
        return base64.urlsafe_b64encode(f"{self.created_at}:{self.id}".encode()).decode().rstrip("=")

    @classmethod
    def decode(cls, text: str) -> Cursor:
        """Read a cursor. Raises Problem (``invalid_request``)."""
        try:
            plain = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
            found = _CURSOR.fullmatch(plain.decode("ascii"))
        except (binascii.Error, UnicodeError):
            found = None
        if found is None:
            raise Problem(Code.INVALID_REQUEST, "The cursor is not one of ours.")
        return cls(int(found.group(1)), found.group(2))

    def after(self, table: Any) -> ColumnElement[bool]:
        """A condition: what comes behind this, newest first."""
        older = table.created_at < self.created_at
        return or_(older, and_(table.created_at == self.created_at, table.id < self.id))
