"""What the gateway itself draws from a finished fitting, when it is first asked for: the grid, the full-size result."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from vf_gateway.grid import GRID_ARTIFACTS, draw_grid
from vf_gateway.intake import ORIGINAL, read_placement
from vf_gateway.pipeline import Outcome, Source
from vf_gateway.services import CONTRACTS
from vf_gateway.store import ArtifactStore, Entry, entry_key
from vfkit.contracts import Artifact
from vfkit.pictures import PictureLimits, Placement, changed_mask, decode_png, encode_png, lay_back
from vfkit.problems import Code, Problem

DRAWN = (Artifact.RESULT_FULL, Artifact.GRID)
"""Artifacts that no service makes."""

_DRAWING_VERSION = "1"
"""Changes whenever the same pictures give another drawing."""

_OWN = PictureLimits(max_bytes=200_000_000, max_pixels=100_000_000, min_edge=1)
"""Our own originals are read back without the limits for strangers' files."""


class Pictures:
    """The pictures of one fitting, by artifact name.

    Args:
        store: where they are.
        person: the person's source.
        cloth: the garment's source.
        outcome: the entries of its stages.
    """

    def __init__(self, store: ArtifactStore, person: Source | None, cloth: Source | None, outcome: Outcome) -> None:
        self._store = store
        self._person = person
        self._where: dict[str, Entry] = {
            artifact: entry for stage, entry in outcome.entries.items() for artifact in CONTRACTS[stage].returns
        }
        for source in filter(None, (person, cloth)):
            self._where[source.artifact] = source.entry

    @property
    def names(self) -> list[str]:
        """Artifacts that can be read now, drawn ones included."""
        drawn = DRAWN if Artifact.RESULT in self._where else ()
        return [artifact.value for artifact in Artifact if artifact in self._where or artifact in drawn]

    async def locate(self, artifact: str) -> Entry:
        """The entry that has an artifact, drawn now if need be.

        Raises:
            Problem: ``not_found``.
            DamagedError: a stored file is damaged.
        """
        if artifact in self._where:
            return self._where[artifact]
        if artifact not in DRAWN or Artifact.RESULT not in self._where or self._person is None:
            raise Problem(Code.NOT_FOUND)
        inputs = GRID_ARTIFACTS if artifact == Artifact.GRID else (Artifact.PERSON, Artifact.RESULT)
        key = entry_key(artifact, {name: self._where[name].files[name].sha256 for name in inputs}, _DRAWING_VERSION, {})
        scope = self._person.scope
        return await self._store.find(scope, key) or await self._draw(scope, key, artifact)

    async def read(self, artifact: str) -> bytes:
        """One file; see `locate`."""
        return await self._store.read(await self.locate(artifact), artifact)

    async def _draw(self, scope: str, key: str, artifact: str) -> Entry:
        if artifact == Artifact.GRID:
            pictures = {name: await self.read(name) for name in GRID_ARTIFACTS}
            drawn = await asyncio.to_thread(draw_grid, pictures)
        else:
            drawn = await self._draw_full()
        return await self._store.save(scope, key, {artifact: drawn})

    async def _draw_full(self) -> bytes:
        if self._person is None:
            raise Problem(Code.NOT_FOUND)
        original = await self._store.read(self._person.entry, ORIGINAL)
        placement = await read_placement(self._store, self._person)
        files = {Artifact.PERSON: await self.read(Artifact.PERSON), Artifact.RESULT: await self.read(Artifact.RESULT)}
        return await asyncio.to_thread(_lay_back, original, placement, files)


def _lay_back(original: bytes, placement: Placement, files: Mapping[Artifact, bytes]) -> bytes:
    result = decode_png(files[Artifact.RESULT])
    changed = changed_mask(decode_png(files[Artifact.PERSON]), result)
    return encode_png(lay_back(decode_png(original, _OWN), result, placement, changed))
