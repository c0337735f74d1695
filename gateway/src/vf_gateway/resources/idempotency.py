"""Idempotency-Key: the same request sent again gets the thing that the first one made."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from vf_gateway.database.tables import IdempotencyKey, now_us
from vfkit.problems import Code, Problem


@dataclass(frozen=True)
class Once:
    """One keyed request.

    Attributes:
        owner: whose request it is; keys of two owners do not meet.
        call: which call.
        key: the header's value.
        body: a digest of everything that was asked for.
    """

    owner: str
    call: str
    key: str
    body: str

    async def earlier(self, session: AsyncSession) -> str | None:
        """What this request made before, if it was made before.

        Raises:
            Problem: ``conflict`` when the key was used for another request.
        """
        row = await session.scalar(_EARLIER, {"of": self.owner, "this_call": self.call, "this_key": self.key})
        if row is None:
            return None
        if row.body != self.body:
            raise Problem(Code.CONFLICT, "This Idempotency-Key was used for another request.")
        return row.subject

    def record(self, session: AsyncSession, subject: str) -> None:
        """Remember what it made; the transaction fails with an IntegrityError when another was faster."""
        session.add(
            IdempotencyKey(
                owner=self.owner, call=self.call, key=self.key, body=self.body, subject=subject, created_at=now_us()
            )
        )


_EARLIER = select(IdempotencyKey).where(
    IdempotencyKey.owner == bindparam("of"),
    IdempotencyKey.call == bindparam("this_call"),
    IdempotencyKey.key == bindparam("this_key"),
)
"""Built once: clients send a key with every fitting."""
