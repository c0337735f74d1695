"""Photos in the store: where they are, and where the original lies in its normalised picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from vf_gateway.pictures.preparing import PLACEMENT
from vf_gateway.pictures.store import ArtifactStore, Entry
from vfkit.contracts import Artifact
from vfkit.pictures import Placement


@dataclass(frozen=True)
class Source:
    """A normalised input picture in the store, and where what is made from it is kept.

    Attributes:
        entry: the picture's entry; what is made from it alone is kept in the same scope.
        artifact: the picture's file in the entry.
        results: scope of what synthesis makes of a person: it outlives the photo.
        words: what its stages are told beside it, by form field (`vfkit.contracts.StageContract.words`).
    """

    entry: Entry
    artifact: Artifact
    results: str
    words: Mapping[str, str]

    @property
    def scope(self) -> str:
        """Where what is made from it is kept."""
        return self.entry.scope


async def read_placement(store: ArtifactStore, source: Source) -> Placement:
    """Where the original lies in the normalised picture. Raises DamagedError."""
    return Placement.model_validate_json(await store.read(source.entry, PLACEMENT))
