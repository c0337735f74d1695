"""What becomes of an uploaded photo. It runs where untrusted pictures are decoded, so it imports only the kit."""

from __future__ import annotations

import cv2
import numpy as np
from pydantic import BaseModel

from vfkit.contracts import Artifact, Image
from vfkit.engines import AnswerWarning
from vfkit.pictures import PictureKind, ReadPhoto, encode_png, normalise, read_photo

ORIGINAL = "original.png"
"""The upright photo without metadata, at its own size: what a result is laid back onto."""

PLACEMENT = "placement.json"
NOTES = "notes.json"
"""`PhotoNotes`: told to the caller, not kept among the files."""

_DARK, _BRIGHTEST = 64, 0.05
"""A photo is very dark when all but its brightest 5 % have less than a quarter of full brightness. Somebody in light
before a dark background takes up more than that."""


class PhotoNotes(BaseModel):
    """What there is to know about a photo besides its files."""

    width: int
    height: int
    warnings: list[AnswerWarning]


def artifact_of(kind: PictureKind) -> Artifact:
    """What a normalised photo is called."""
    return Artifact.PERSON if kind is PictureKind.PERSON else Artifact.GARMENT_PHOTO


def prepare_files(data: bytes, kind: PictureKind) -> dict[str, bytes]:
    """The files that are kept of a photo: normalised, at its own size, where the one lies in the other; and `NOTES`.

    A garment that was cut out keeps its alpha in both pictures.

    Raises:
        Problem: as `read_photo`.
    """
    photo = read_photo(data, with_alpha=kind is PictureKind.GARMENT)
    normal, placement = normalise(photo.pixels, kind)
    warnings = [*photo.warnings, *(_warnings_of_person(photo, normal) if kind is PictureKind.PERSON else ())]
    notes = PhotoNotes(width=photo.width, height=photo.height, warnings=warnings)
    return {
        artifact_of(kind): encode_png(normal),
        ORIGINAL: encode_png(photo.pixels),
        PLACEMENT: placement.model_dump_json().encode(),
        NOTES: notes.model_dump_json().encode(),
    }


def _warnings_of_person(photo: ReadPhoto, normal: Image) -> list[AnswerWarning]:
    warnings = []
    if photo.is_reduced:
        height, width = photo.pixels.shape[:2]
        detail = (
            f"The photo has {photo.width} x {photo.height} pixels. It is kept at {width} x {height}, and results at"
            " full size have that size."
        )
        warnings.append(AnswerWarning(code="photo_reduced", detail=detail))
    if np.mean(cv2.cvtColor(normal, cv2.COLOR_RGB2GRAY) >= _DARK) < _BRIGHTEST:
        detail = "The photo is very dark. Take it in more light, or the garment will look too bright on it."
        warnings.append(AnswerWarning(code="too_dark", detail=detail))
    return warnings
