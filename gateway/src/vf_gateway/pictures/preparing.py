"""What becomes of an uploaded photo. It runs where untrusted pictures are decoded, so it imports only the kit."""

from __future__ import annotations

from vfkit.contracts import Artifact, Image
from vfkit.pictures import PictureKind, encode_png, normalise, read_picture

ORIGINAL = "original.png"
"""The upright photo without metadata, at its own size: what a result is laid back onto."""

PLACEMENT = "placement.json"


def artifact_of(kind: PictureKind) -> Artifact:
    """What a normalised photo is called."""
    return Artifact.PERSON if kind is PictureKind.PERSON else Artifact.GARMENT_PHOTO


def prepare_files(data: bytes, kind: PictureKind) -> dict[str, bytes]:
    """The files that are kept of a photo: normalised, at its own size, and where the one lies in the other.

    Raises:
        Problem: as `read_picture`.
    """
    original: Image = read_picture(data)
    normal, placement = normalise(original, kind)
    return {
        artifact_of(kind): encode_png(normal),
        ORIGINAL: encode_png(original),
        PLACEMENT: placement.model_dump_json().encode(),
    }
