"""A photo with what is known of it: what its stages are told, and what they read of a garment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vf_gateway.database.tables import Photo
from vf_gateway.pictures.intake import open_source
from vf_gateway.pictures.sources import Source
from vf_gateway.pictures.store import ArtifactStore, DamagedError
from vfkit.contracts import Artifact, GarmentDocument, Stage
from vfkit.pictures import PictureKind

_READ = {"kind", "photo", "view"}


async def source_of(store: ArtifactStore, photo: Photo) -> Source:
    """A photo's picture. Raises Problem (``not_found``)."""
    kind = PictureKind(photo.kind)
    words = {"category": photo.category} if kind is PictureKind.GARMENT else {}
    return await open_source(store, photo.scope, kind, words)


async def read_garment(store: ArtifactStore, entries: Mapping[str, tuple[str, str]]) -> dict[str, Any] | None:
    """The column ``reading`` of a garment: kind, photo and view of its garment.json.

    Args:
        store: where garment.json is.
        entries: stage to scope and key, of the stages that are done.

    Returns:
        None when the garment has not been read, or garment.json is damaged.
    """
    if Stage.CLOTHMASK not in entries:
        return None
    entry = await store.find(*entries[Stage.CLOTHMASK])
    if entry is None:
        return None
    try:
        content = await store.read(entry, Artifact.GARMENT_JSON)
    except DamagedError:
        return None
    return GarmentDocument.model_validate_json(content).model_dump(mode="json", include=_READ)
