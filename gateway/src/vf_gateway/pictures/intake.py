"""Uploaded photos: read, cleaned of everything but their pixels, normalised, stored."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass

from pydantic import BaseModel

from vf_gateway.pictures.sources import ORIGINAL, PLACEMENT, Source
from vf_gateway.pictures.store import ArtifactStore, digest
from vfkit.contracts import Artifact, Image
from vfkit.pictures import PictureKind, Placement, encode_png, normalise, read_picture
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


async def prepare(data: bytes, kind: PictureKind) -> Prepared:
    """Read an untrusted file, in a thread.

    Raises:
        Problem: ``unsupported_image``, ``image_too_large``, ``image_too_small``.
    """
    return await asyncio.to_thread(_prepare, data, kind)


def new_scope(kind: PictureKind) -> str:
    """A folder for a photo and what is made from it.

    It is random, not the photo's digest: a photo that was deleted and comes again never meets the deletion of its
    former self, and equal photos of two buyers share nothing.
    """
    return f"{_FOLDERS[kind]}/{uuid.uuid4().hex}"


async def keep(prepared: Prepared, scope: str, store: ArtifactStore) -> None:
    """Store an accepted photo. Raises Problem (``storage_full``)."""
    await store.save(scope, _INPUT, prepared.files)


async def open_source(store: ArtifactStore, scope: str, kind: PictureKind) -> Source:
    """A kept photo.

    Raises:
        Problem: ``not_found``: it has been deleted.
    """
    entry = await store.find(scope, _INPUT)
    if entry is None:
        raise Problem(Code.NOT_FOUND, "The photo is not there any more.")
    artifact = Artifact.PERSON if kind is PictureKind.PERSON else Artifact.CLOTH
    return Source(entry, artifact, scope.replace(_FOLDERS[PictureKind.PERSON], _RESULTS, 1))


def _prepare(data: bytes, kind: PictureKind) -> Prepared:
    original: Image = read_picture(data)
    normal, placement = normalise(original, kind)
    artifact = Artifact.PERSON if kind is PictureKind.PERSON else Artifact.CLOTH
    files: dict[str, bytes] = {
        artifact: encode_png(normal),
        ORIGINAL: encode_png(original),
        PLACEMENT: placement.model_dump_json().encode(),
    }
    facts = PictureFacts(
        sha256=digest(files[ORIGINAL]), width=original.shape[1], height=original.shape[0], placement=placement
    )
    return Prepared(kind, files, facts)
