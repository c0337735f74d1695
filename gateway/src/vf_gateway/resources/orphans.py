"""Pictures whose rows are gone, or have not come yet: removed now or later, unless something needs them."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from vf_gateway.database.engine import Database, insert_into
from vf_gateway.database.tables import SECOND, Fitting, Orphan, Photo, now_us
from vf_gateway.pictures.store import ArtifactStore
from vf_gateway.settings import Settings

_MARGIN_SECONDS = 60
_ABANDONED_SECONDS = 3600
"""Files whose row was not written within this time are those of a gateway that died in between."""

_BATCH = 100


class OrphanedPictures:
    """Removes pictures that no row names any more; what a crash leaves is removed by the next sweep.

    Args:
        database: which pictures are orphans, and which are still needed.
        store: where they are.
        settings: how long a stopped job may still write.
    """

    def __init__(self, database: Database, store: ArtifactStore, settings: Settings) -> None:
        self._database = database
        self._store = store
        self._settings = settings

    async def add(self, session: AsyncSession, paths: Iterable[str]) -> None:
        """Note pictures in the transaction that removes their rows; `delete` follows after it.

        They are removed twice, as a job that is being stopped may still write for a while.
        """
        now = now_us()
        again = now + int((self._settings.deadline + _MARGIN_SECONDS) * SECOND)
        await self._write(session, [{"path": path, "due_at": now, "again_at": again} for path in dict.fromkeys(paths)])

    async def expect(self, session: AsyncSession, path: str) -> None:
        """Pictures are about to be written, before their row: should the gateway die in between, they are found."""
        due = now_us() + _ABANDONED_SECONDS * SECOND
        await self._write(session, [{"path": path, "due_at": due, "again_at": None}])

    async def adopt(self, session: AsyncSession, path: str) -> None:
        """The row of expected pictures is written in this transaction."""
        await session.execute(delete(Orphan).where(Orphan.path == path))

    async def delete(self, paths: Iterable[str]) -> None:
        """Remove pictures now, except those that something needs."""
        every = list(dict.fromkeys(paths))
        for start in range(0, len(every), _BATCH):
            chunk = every[start : start + _BATCH]
            needed = await self._needed(chunk)
            for path in chunk:
                if path not in needed:
                    await self._store.delete_scope(path)
            async with self._database.write() as session:
                ours = Orphan.path.in_(chunk)
                await session.execute(delete(Orphan).where(ours, Orphan.again_at.is_(None), Orphan.due_at < now_us()))
                waits = update(Orphan).where(ours, Orphan.again_at.is_not(None))
                await session.execute(waits.values(due_at=Orphan.again_at, again_at=None))

    async def sweep(self) -> None:
        """Remove whatever is due."""
        while paths := await self._due():
            await self.delete(paths)

    async def _due(self) -> list[str]:
        async with self._database.read() as session:
            return list(await session.scalars(select(Orphan.path).where(Orphan.due_at < now_us()).limit(_BATCH)))

    async def _needed(self, paths: Collection[str]) -> set[str]:
        """Two photos may share a folder, two fittings a result."""
        async with self._database.read() as session:
            scopes = await session.scalars(select(Photo.scope).where(Photo.scope.in_(paths)).distinct())
            entries = await session.scalars(
                select(Fitting.result_entry).where(Fitting.result_entry.in_(paths)).distinct()
            )
            return {*scopes, *(entry for entry in entries if entry)}

    @staticmethod
    async def _write(session: AsyncSession, rows: list[dict[str, object]]) -> None:
        if not rows:
            return
        adding = insert_into(session, Orphan).values(rows)
        told = {"due_at": adding.excluded.due_at, "again_at": adding.excluded.again_at}
        await session.execute(adding.on_conflict_do_update(index_elements=["path"], set_=told))
