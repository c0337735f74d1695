"""Where the garment reader's examples come from.

A source gives an endless row of examples: the same number gives the same example, so that a run that was interrupted
goes on with the examples it would have had.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.random import Generator
from PIL import Image as Pillow
from PIL import ImageOps

from vf_training.augmentation import Image, Strength
from vf_training.garment.examples import Example
from vf_training.garment.vocabulary import KINDS, PHOTOS

FOLDER_KINDS = {
    "shirt": "top",
    "t-shirt": "top",
    "longsleeve": "top",
    "outwear": "outerwear",
    "dress": "dress",
    "pants": "trousers",
    "shorts": "shorts",
    "skirt": "skirt",
    "hat": "other",
    "shoes": "other",
}
"""Folders of the listing photos with the kind that they stand for."""
LISTINGS = "listing_garments"
STREET = "street_people"
SUFFIXES = (".jpg", ".jpeg", ".png")


class DataError(Exception):
    """The training data is not as documented; the message says what is wrong and where."""


class Source(Protocol):
    """Gives examples.

    Attributes:
        strength: how far its pictures may be changed.
    """

    strength: Strength

    def example(self, rng: Generator) -> Example:
        """One example, chosen with ``rng``."""


class ListingPhotos:
    """Photos of private sellers, of which the kind is known; every kind comes equally often.

    Raises:
        DataError: a folder is missing or empty.
    """

    def __init__(self, folder: Path) -> None:
        self.strength = Strength(smallest=0.85, largest=1.35)
        self._photos: dict[int, list[Path]] = {}
        for path, kind in listed(folder):
            self._photos.setdefault(kind, []).append(path)

    def example(self, rng: Generator) -> Example:
        """A photo with its kind."""
        kind = int(rng.integers(len(KINDS)))
        path = self._photos[kind][rng.integers(len(self._photos[kind]))]
        return Example(load(path), kind=kind)


class Worn:
    """Photos of people: not a garment alone.

    Raises:
        DataError: there are none.
    """

    def __init__(self, folder: Path) -> None:
        self.strength = Strength(smallest=0.8, largest=2.0)
        self._photos = photos(folder)

    def example(self, rng: Generator) -> Example:
        """A photo of somebody."""
        path = self._photos[rng.integers(len(self._photos))]
        return Example(load(path), kind=KINDS.index("other"), photo=PHOTOS.index("worn"))


def listed(folder: Path) -> list[tuple[Path, int]]:
    """Every listing photo below a folder with the index of its kind, in a fixed order.

    Raises:
        DataError: a folder is missing or empty.
    """
    return [
        (path, KINDS.index(kind)) for name, kind in sorted(FOLDER_KINDS.items()) for path in photos(folder / name)
    ]


def photos(folder: Path) -> Sequence[Path]:
    """The photos of a folder, sorted.

    Raises:
        DataError: the folder is missing or has none.
    """
    if not folder.is_dir():
        raise DataError(f"{folder} is missing; the README of training/learned says where the photos come from")
    found = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)
    if not found:
        raise DataError(f"{folder} holds no photos ({', '.join(SUFFIXES)})")
    return found


@lru_cache(maxsize=2048)
def load(path: Path) -> Image:
    """A photo as the camera was held, (H, W, 3) uint8 RGB, read-only."""
    with Pillow.open(path) as photo:
        picture = np.asarray(ImageOps.exif_transpose(photo).convert("RGB"))
    picture.flags.writeable = False
    return picture
