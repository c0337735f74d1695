"""The hand-made labels of real listing photos; `labels/README.md` describes their files."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import cv2
import numpy as np

from vf_training.augmentation import Image
from vf_training.garment.answer import KINDS, PHOTOS, VIEWS
from vf_training.garment.examples import ABSENT, Example
from vf_training.pictures import DataError, load
from vfkit.contracts.garment import GarmentLandmark, GarmentPart

Split = Literal["train", "held_out"]
CENTRE = 0.5
"""Labels count from the middle of the first pixel, examples from its corner."""


@dataclass(frozen=True)
class Check:
    """A point of which somebody said what it shows.

    Attributes:
        x, y: in pixels of the photo.
        place: ``in`` the garment, ``out`` of it, or on a ``hanger`` or tag.
    """

    x: int
    y: int
    place: str


@dataclass(frozen=True)
class LabelledPhoto:
    """A photo with its labels.

    Attributes:
        path: of the photo.
        example: picture and labels.
        checks: points in and around the garment.
    """

    path: Path
    example: Example
    checks: tuple[Check, ...]


def labelled(split: Split, folder: Path) -> list[LabelledPhoto]:
    """The photos of a split.

    Args:
        split: which.
        folder: of the listing photos, with `train` and `validation`.

    Raises:
        DataError: a photo is missing or has another size than the labels say.
    """
    text = (files("vf_training.garment") / "labels" / f"{split}.json").read_text()
    return [_photo(entry, folder) for entry in json.loads(text)["photos"]]


def _photo(entry: dict[str, Any], folder: Path) -> LabelledPhoto:
    path = folder / entry["file"]
    if not path.is_file():
        raise DataError(f"{path} is missing; the hand-made labels need it")
    picture = load(path)
    if picture.shape[:2] != (entry["height"], entry["width"]):
        size = f"{picture.shape[1]}x{picture.shape[0]}"
        raise DataError(f"{path} has {size} pixels, its labels are for {entry['width']}x{entry['height']}")
    points = np.zeros((len(GarmentLandmark), 2), np.float32)
    visibility = np.full(len(GarmentLandmark), ABSENT)
    for name, (x, y, seen) in entry["landmarks"].items():
        landmark = GarmentLandmark[name.upper()]
        points[landmark] = x + CENTRE, y + CENTRE
        visibility[landmark] = seen
    kind, photo, view = (
        names.index(entry[field]) for names, field in ((KINDS, "kind"), (PHOTOS, "photo"), (VIEWS, "view"))
    )
    parts = _filled(entry["parts"], picture.shape[:2])
    checks = tuple(Check(*check) for check in entry["checks"])
    return LabelledPhoto(path, Example(picture, parts, points, visibility, kind, photo, view), checks)


def _filled(polygons: list[dict[str, Any]], shape: tuple[int, ...]) -> Image:
    """Polygons as a label map; a later one covers an earlier one."""
    parts = np.full(shape, GarmentPart.BACKGROUND, np.uint8)
    for polygon in polygons:
        label = int(GarmentPart[polygon["part"].upper()])
        cv2.fillPoly(parts, [np.array(polygon["points"], np.int32)], label)
    return parts
