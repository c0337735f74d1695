"""The pictures of a fitting, and what the gateway itself draws when it is first asked for: grid, full-size result."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from vf_gateway.pictures.preparing import ORIGINAL
from vf_gateway.pictures.sources import Source, read_placement
from vf_gateway.pictures.store import ArtifactStore, DamagedError, Entry
from vf_gateway.resources.grid import GRID_ARTIFACTS, draw_grid
from vfkit.contracts import CONTRACTS, Artifact, Stage
from vfkit.pictures import PictureLimits, Placement, changed_mask, decode_png, encode_png, lay_back
from vfkit.problems import Code, Problem

DRAWN = (Artifact.RESULT_FULL, Artifact.GRID)
"""Artifacts that no service makes."""

_DRAWING_VERSION = "1"
"""Changes whenever the same pictures give another drawing."""

_OWN = PictureLimits(max_bytes=200_000_000, max_pixels=100_000_000, min_edge=1)
"""Our own originals are read back without the limits for files from outside."""


def grid_key(synthesis_key: str) -> str:
    """Name of the grid's entry in the person's scope: it shows the person, so it goes with the photo."""
    return f"grid-{_DRAWING_VERSION}-{synthesis_key}"


class Pictures:
    """The pictures of one fitting, person or garment, by artifact name.

    Args:
        store: where they are.
        entries: stage to scope and key, of the stages that are done.
        person: the person's source, while it is kept.
        cloth: the garment's source, while it is kept.
    """

    def __init__(
        self, store: ArtifactStore, entries: Mapping[str, tuple[str, str]], person: Source | None, cloth: Source | None
    ) -> None:
        self._store = store
        self._entries = entries
        self._person = person
        self._cloth = cloth
        self._where = {
            artifact.value: (scope, key)
            for name, (scope, key) in entries.items()
            if _is_kept(Stage(name), person, cloth)
            for artifact in CONTRACTS[Stage(name)].returns
        }

    @property
    def names(self) -> list[str]:
        """Artifacts that can be read now, drawn ones included."""
        own = {source.artifact.value for source in (self._person, self._cloth) if source}
        drawn = {artifact.value for artifact in DRAWN if self._can_draw(artifact)}
        there = own | drawn | set(self._where)
        return [artifact.value for artifact in Artifact if artifact in there]

    async def locate(self, artifact: str) -> Entry:
        """The entry that has an artifact, drawn now if need be.

        Raises:
            Problem: ``not_found``.
            DamagedError: a stored file is missing or damaged.
        """
        for source in (self._person, self._cloth):
            if source and source.artifact == artifact:
                return source.entry
        if artifact in self._where:
            scope, key = self._where[artifact]
            entry = await self._store.find(scope, key)
            if entry is None or artifact not in entry.files:  # version 0.1 kept fewer pictures of a garment
                raise DamagedError(f"{scope}/{key}")
            return entry
        if artifact not in DRAWN or not self._can_draw(Artifact(artifact)):
            raise Problem(Code.NOT_FOUND, "There is no such picture.")
        return await self._drawn(artifact)

    async def read(self, artifact: str) -> bytes:
        """One file; see `locate`."""
        return await self._store.read(await self.locate(artifact), artifact)

    def _can_draw(self, artifact: Artifact) -> bool:
        needs_cloth = artifact is Artifact.GRID
        return Stage.HRVITON in self._entries and self._person is not None and bool(self._cloth or not needs_cloth)

    async def _drawn(self, artifact: str) -> Entry:
        if self._person is None:
            raise Problem(Code.NOT_FOUND)
        scope, key = self._entries[Stage.HRVITON.value]
        if artifact == Artifact.GRID:
            scope, key = self._person.scope, grid_key(key)
        else:
            scope, key = f"{scope}/{key}", f"full-{_DRAWING_VERSION}"
        if kept := await self._store.find(scope, key):
            return kept
        if artifact == Artifact.GRID:
            names = sorted(GRID_ARTIFACTS)
            files = await asyncio.gather(*map(self.read, names))
            drawn = await asyncio.to_thread(draw_grid, dict(zip(names, files, strict=True)))
        else:
            drawn = await self._draw_full(self._person)
        return await self._store.save(scope, key, {artifact: drawn})

    async def _draw_full(self, person: Source) -> bytes:
        original = await self._store.read(person.entry, ORIGINAL)
        placement = await read_placement(self._store, person)
        normal, result = await asyncio.gather(self.read(Artifact.PERSON), self.read(Artifact.RESULT))
        return await asyncio.to_thread(_lay_back, original, placement, normal, result)


def _is_kept(stage: Stage, person: Source | None, cloth: Source | None) -> bool:
    """A stage's pictures go with the photo that they were made from; those of synthesis stay."""
    if stage is Stage.HRVITON:
        return True
    return (cloth if stage is Stage.CLOTHMASK else person) is not None


def _lay_back(original: bytes, placement: Placement, person: bytes, result: bytes) -> bytes:
    picture = decode_png(result)
    changed = changed_mask(decode_png(person), picture)
    return encode_png(lay_back(decode_png(original, _OWN), picture, placement, changed))
