"""Uploaded photos: read, cleaned of everything but their pixels, normalised, stored."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass

from pydantic import BaseModel

from vf_gateway.pipeline import Source
from vf_gateway.store import ArtifactStore, digest
from vfkit.contracts import Artifact, Image
from vfkit.pictures import PictureKind, Placement, encode_png, normalise, read_picture

ORIGINAL = "original.png"
"""The upright photo without metadata, at its own size: what a result is laid back onto."""

_PLACEMENT = "placement.json"
_INPUT = "input"


class PictureFacts(BaseModel):
    """What the caller is told about an accepted photo."""

    sha256: str
    width: int
    height: int
    placement: Placement


@dataclass(frozen=True)
class Taken:
    """An accepted photo in the store."""

    source: Source
    facts: PictureFacts


async def take_picture(data: bytes, kind: PictureKind, owner: str, store: ArtifactStore) -> Taken:
    """Read an untrusted file and store what is kept of it.

    The scope depends on the owner, so that deleting one buyer's photo never touches another's equal one, and nobody
    learns from a fast answer that somebody else has the same photo.

    Args:
        data: the uploaded file.
        kind: what it shows.
        owner: whose it is; any string.
        store: where it goes.

    Raises:
        Problem: ``unsupported_image``, ``image_too_large``, ``image_too_small``, ``storage_full``.
    """
    files, facts = await asyncio.to_thread(_prepare, data, kind)
    folder = "people" if kind is PictureKind.PERSON else "garments"
    scope = f"{folder}/{digest(json.dumps([owner, facts.sha256]).encode())}"
    artifact = Artifact.PERSON if kind is PictureKind.PERSON else Artifact.CLOTH
    entry = await store.find(scope, _INPUT) or await store.save(scope, _INPUT, files)
    return Taken(Source(entry, artifact), facts)


async def open_source(store: ArtifactStore, scope: str, kind: PictureKind) -> Source | None:
    """A photo taken earlier, None when it is gone."""
    entry = await store.find(scope, _INPUT)
    return Source(entry, Artifact.PERSON if kind is PictureKind.PERSON else Artifact.CLOTH) if entry else None


async def read_placement(store: ArtifactStore, source: Source) -> Placement:
    """Where the original lies in the normalised picture."""
    return Placement.model_validate_json(await store.read(source.entry, _PLACEMENT))


def _prepare(data: bytes, kind: PictureKind) -> tuple[dict[str, bytes], PictureFacts]:
    original: Image = read_picture(data)
    normal, placement = normalise(original, kind)
    artifact = Artifact.PERSON if kind is PictureKind.PERSON else Artifact.CLOTH
    files: dict[str, bytes] = {
        artifact: encode_png(normal),
        ORIGINAL: encode_png(original),
        _PLACEMENT: placement.model_dump_json().encode(),
    }
    facts = PictureFacts(
        sha256=digest(files[ORIGINAL]), width=original.shape[1], height=original.shape[0], placement=placement
    )
    return files, facts
