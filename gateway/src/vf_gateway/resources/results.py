"""The pictures of a fitting, and what the gateway itself draws when it is first asked for: grid, full-size result."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager

from vf_gateway.pictures.preparing import ORIGINAL
from vf_gateway.pictures.sources import Source, read_placement
from vf_gateway.pictures.store import ArtifactStore, DamagedError, Entry
from vf_gateway.resources.grid import DRAWING_BYTES, GRID_ARTIFACTS, GRID_PIXELS, draw_grid
from vfkit.contracts import CONTRACTS, HEIGHT, WIDTH, Artifact, Stage
from vfkit.pictures import PictureLimits, Placement, changed_mask, decode_png, encode_png, lay_back
from vfkit.problems import Code, Problem

DRAWN = (Artifact.RESULT_FULL, Artifact.GRID)
"""Artifacts that no service makes."""

_DRAWING_VERSION = "1"
"""Changes whenever the same pictures give another drawing."""

_OWN = PictureLimits(max_bytes=200_000_000, max_pixels=100_000_000, min_edge=1)
"""Our own originals are read back without the limits for files from outside."""

_LAYING_BYTES = 17
"""Of each pixel of an original, to read it, lay a result onto it and write that; measured: 16."""
_NORMAL_BYTES = 3 * WIDTH * HEIGHT
"""The largest file of a normalised picture."""

Room = Callable[[int], AbstractAsyncContextManager[None]]
"""Waits for so many bytes of memory, and holds them: `vfkit.pictures.decoding.Decoders.room`."""


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

    async def pixels(self, artifact: str) -> int:
        """How many pixels a picture has that `locate` found."""
        if artifact == Artifact.GRID:
            return GRID_PIXELS
        if artifact == Artifact.RESULT_FULL and self._person is not None:
            placement = await read_placement(self._store, self._person)
            return placement.original_width * placement.original_height
        return WIDTH * HEIGHT

    async def locate(self, artifact: str, room: Room) -> Entry:
        """The entry that has an artifact, drawn now if need be.

        Args:
            artifact: its name.
            room: holds the memory that drawing takes.

        Raises:
            Problem: ``not_found``.
            DamagedError: a stored file is missing or damaged.
        """
        if artifact not in DRAWN:
            return await self._kept(artifact)
        if not self._can_draw(Artifact(artifact)):
            raise _no_such_picture()
        return await self._drawn(artifact, room)

    async def read(self, entry: Entry, artifact: str) -> bytes:
        """The file of an entry that `locate` found. Raises DamagedError."""
        return await self._store.read(entry, artifact)

    async def _kept(self, artifact: str) -> Entry:
        for source in (self._person, self._cloth):
            if source and source.artifact == artifact:
                return source.entry
        if artifact not in self._where:
            raise _no_such_picture()
        scope, key = self._where[artifact]
        entry = await self._store.find(scope, key)
        if entry is None or artifact not in entry.files:  # version 0.1 kept fewer pictures of a garment
            raise DamagedError(f"{scope}/{key}")
        return entry

    async def _read_kept(self, artifact: str) -> bytes:
        return await self._store.read(await self._kept(artifact), artifact)

    def _can_draw(self, artifact: Artifact) -> bool:
        needs_cloth = artifact is Artifact.GRID
        return Stage.HRVITON in self._entries and self._person is not None and bool(self._cloth or not needs_cloth)

    async def _drawn(self, artifact: str, room: Room) -> Entry:
        if self._person is None:
            raise Problem(Code.NOT_FOUND)
        scope, key = self._entries[Stage.HRVITON.value]
        if artifact == Artifact.GRID:
            scope, key = self._person.scope, grid_key(key)
        else:
            scope, key = f"{scope}/{key}", f"full-{_DRAWING_VERSION}"
        if kept := await self._store.find(scope, key):
            return kept
        async with room(await self._memory(artifact, self._person)):
            if kept := await self._store.find(scope, key):  # somebody else's request drew it meanwhile
                return kept
            draw = self._draw_grid() if artifact == Artifact.GRID else self._draw_full(self._person)
            return await self._store.save(scope, key, {artifact: await draw})

    async def _memory(self, artifact: str, person: Source) -> int:
        """Bytes that drawing takes, files included."""
        if artifact == Artifact.GRID:
            return DRAWING_BYTES + len(GRID_ARTIFACTS) * _NORMAL_BYTES
        return _LAYING_BYTES * await self.pixels(artifact) + person.entry.files[ORIGINAL].size + 2 * _NORMAL_BYTES

    async def _draw_grid(self) -> bytes:
        names = sorted(GRID_ARTIFACTS)
        files = await asyncio.gather(*map(self._read_kept, names))
        return await asyncio.to_thread(draw_grid, dict(zip(names, files, strict=True)))

    async def _draw_full(self, person: Source) -> bytes:
        original = await self._store.read(person.entry, ORIGINAL)
        placement = await read_placement(self._store, person)
        normal, result = await asyncio.gather(self._read_kept(Artifact.PERSON), self._read_kept(Artifact.RESULT))
        return await asyncio.to_thread(_lay_back, original, placement, normal, result)


def _is_kept(stage: Stage, person: Source | None, cloth: Source | None) -> bool:
    """A stage's pictures go with the photo that they were made from; those of synthesis stay."""
    if stage is Stage.HRVITON:
        return True
    return (cloth if stage is Stage.CLOTHMASK else person) is not None


def _no_such_picture() -> Problem:
    return Problem(Code.NOT_FOUND, "There is no such picture.")


def _lay_back(original: bytes, placement: Placement, person: bytes, result: bytes) -> bytes:
    picture = decode_png(result)
    changed = changed_mask(decode_png(person), picture)
    return encode_png(lay_back(decode_png(original, _OWN), picture, placement, changed))
