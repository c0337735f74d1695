"""Idempotency-Key: the same request sent again gets the thing that the first one made."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import bindparam, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from vf_gateway.access.visibility import stays
from vf_gateway.database.engine import Database
from vf_gateway.database.tables import Base, Comparison, Fitting, IdempotencyKey, Photo, now_us
from vfkit.problems import Code, Problem

RowT = TypeVar("RowT", Photo, Fitting, Comparison)


@dataclass(frozen=True)
class Submission:
    """One request that makes something.

    Attributes:
        owner: whose request it is; keys of two owners do not meet.
        call: which call.
        key: its Idempotency-Key, if it has one.
        body: a digest of everything that was asked for.
        traceparent: the trace that it belongs to.
        rows: what else is written with what it makes, given the id of that.
    """

    owner: str
    call: str
    key: str | None
    body: str
    traceparent: str | None
    rows: Callable[[str], Sequence[Base]] = lambda _: ()

    def record(self, session: AsyncSession, subject: str) -> None:
        """Remember what it made; the transaction fails with an IntegrityError when an equal one was faster."""
        if self.key:
            known = {"owner": self.owner, "call": self.call, "key": self.key, "body": self.body}
            session.add(IdempotencyKey(**known, subject=subject, created_at=now_us()))
        session.add_all(self.rows(subject))


async def make_once(
    database: Database, submission: Submission, table: type[RowT], make: Callable[[], Awaitable[RowT]]
) -> RowT:
    """What `make` makes, or what an equal request made before it, or at the same time and faster.

    Raises:
        Problem: what is wrong with the request; ``conflict`` when its key was used for another one; ``not_found`` when
            what it needs is being deleted.
    """
    if (made := await _find_made(database, submission, table)) is not None:
        return made
    try:
        return await make()
    except (IntegrityError, Problem) as error:
        if (made := await _find_made(database, submission, table)) is not None:
            return made
        if isinstance(error, Problem):
            raise
        # Without a key, the only thing that can be missing is a photo that has just been deleted.
        raise Problem(Code.NOT_FOUND, "The person or a garment has just been deleted.") from error


async def _find_made(database: Database, submission: Submission, table: type[RowT]) -> RowT | None:
    if submission.key is None:
        return None
    known = {"of": submission.owner, "this_call": submission.call, "this_key": submission.key}
    async with database.read() as session:
        row = await session.scalar(_EARLIER, known)
        if row is None:
            return None
        if row.body != submission.body:
            raise Problem(Code.CONFLICT, "This Idempotency-Key was used for another request.")
        made: RowT | None = await session.scalar(select(table).where(table.id == row.subject, stays(table)))
        return made


_EARLIER = select(IdempotencyKey).where(
    IdempotencyKey.owner == bindparam("of"),
    IdempotencyKey.call == bindparam("this_call"),
    IdempotencyKey.key == bindparam("this_key"),
)
"""Built once: clients send a key with every fitting."""
