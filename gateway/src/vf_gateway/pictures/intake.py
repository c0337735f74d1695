"""Uploaded photos: read, cleaned of everything but their pixels, normalised, stored."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace

from pydantic import BaseModel

from vf_gateway.pictures.preparing import ORIGINAL, PLACEMENT, artifact_of, prepare_files
from vf_gateway.pictures.sources import Source
from vf_gateway.pictures.store import ArtifactStore, Entry, digest
from vfkit.contracts import Artifact
from vfkit.pictures import PictureKind, Placement
from vfkit.pictures.decoding import Decoders
from vfkit.problems import Code, Problem

_INPUT = "input"
_RESULTS = "results"
_FOLDERS = {PictureKind.PERSON: "people", PictureKind.GARMENT: "garments"}


class PictureFacts(BaseModel):
    """What the caller is told about an accepted photo."""

    sha256: str
    width: int
    height: int
    placement: Placement


@dataclass(frozen=True)
class Prepared:
    """An accepted photo, not yet stored: what is kept of it."""

    kind: PictureKind
    files: dict[str, bytes]
    facts: PictureFacts


DECODED_HERE = ("vf_gateway.pictures.preparing",)
"""Modules whose functions the gateway's decoders run."""


async def prepare(decoders: Decoders, data: bytes, kind: PictureKind) -> Prepared:
    """Read an untrusted file, in a process of its own.

    Raises:
        Problem: ``unsupported_image``, ``image_too_large``, ``image_too_small``, ``overloaded``.
    """
    files = await decoders.run(prepare_files, data, kind)
    placement = Placement.model_validate_json(files[PLACEMENT])
    facts = PictureFacts(
        sha256=await asyncio.to_thread(digest, files[ORIGINAL]), width=placement.original_width,
        height=placement.original_height, placement=placement,
    )  # fmt: skip
    return Prepared(kind, files, facts)


def new_scope(kind: PictureKind) -> str:
    """A folder for a photo and what is made from it.

    It is random, not the photo's digest: a photo that was deleted and comes again never meets the deletion of its
    former self, and equal photos of two buyers share nothing.
    """
    return f"{_FOLDERS[kind]}/{uuid.uuid4().hex}"


async def keep(prepared: Prepared, scope: str, store: ArtifactStore) -> None:
    """Store an accepted photo. Raises Problem (``storage_full``)."""
    await store.save(scope, _INPUT, prepared.files)


async def open_source(store: ArtifactStore, scope: str, kind: PictureKind, words: Mapping[str, str]) -> Source:
    """A kept photo.

    Args:
        store: where it is.
        scope: its folder.
        kind: a person or a garment.
        words: what its stages are told beside it.

    Raises:
        Problem: ``not_found``: it has been deleted.
    """
    entry = await store.find(scope, _INPUT)
    if entry is None:
        raise Problem(Code.NOT_FOUND, "The photo is not there any more.")
    results = scope.replace(_FOLDERS[PictureKind.PERSON], _RESULTS, 1)
    return Source(_with_todays_names(entry), artifact_of(kind), results, words)


def _with_todays_names(entry: Entry) -> Entry:
    """The same entry; version 0.1 kept a garment's photo as cloth.png."""
    files = dict(entry.files)
    if photo := files.pop(Artifact.CLOTH, None):
        files[Artifact.GARMENT_PHOTO] = photo
    return replace(entry, files=files)
