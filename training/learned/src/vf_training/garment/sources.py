"""Where the garment reader's examples come from.

A source gives an endless row of examples: the same number gives the same example, so that a run that was interrupted
goes on with the examples it would have had.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
from numpy.random import Generator

from vf_synthetic import listing
from vf_training.augmentation import Image, Strength
from vf_training.garment.answer import HEIGHT, KINDS, PHOTOS, WIDTH
from vf_training.garment.examples import Example
from vf_training.pictures import load, photos
from vfkit.contracts.garment import GarmentPart

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
STUDIO_SHARE = 0.15
"""How many of the rendered photos are shown as studio pictures, before white."""
CROPS = {
    "whole": ((0.0, 0.0), (1.0, 1.0), (0.55, 0.55)),
    "upper body": ((0.05, 0.22), (0.5, 0.64), (0.25, 0.42)),
    "legs": ((0.42, 0.56), (0.86, 1.0), (0.24, 0.4)),
}
"""Of somebody's photo: bounds of the top edge, the bottom edge and half the width, as fractions of the photo."""
CROP_SHARES = (0.4, 0.38, 0.22)
KEPT_QUALITY = 95
"""Of the JPEG that a rendered photo is kept as."""


class Source(Protocol):
    """Gives examples.

    Attributes:
        strength: how far its pictures may be changed.
    """

    strength: Strength

    def example(self, rng: Generator) -> Example:
        """One example, chosen with ``rng``."""


class ListingPhotos:
    """Photos of private sellers, of which the kind is known.

    Args:
        folder: with a folder for each kind of thing.
        as_often_as_sold: whether a kind comes as often as the folders have it, or every kind equally often.

    Raises:
        DataError: a folder is missing or empty.
    """

    def __init__(self, folder: Path, *, as_often_as_sold: bool = False) -> None:
        self.strength = Strength(smallest=0.85, largest=1.35)
        self._photos: dict[int, list[Path]] = {}
        for path, kind in listed(folder):
            self._photos.setdefault(kind, []).append(path)
        counts = np.array([len(photos) if as_often_as_sold else 1 for _, photos in sorted(self._photos.items())])
        self._odds = counts / counts.sum()

    def example(self, rng: Generator) -> Example:
        """A photo with its kind."""
        kinds = sorted(self._photos)
        kind = kinds[int(rng.choice(len(kinds), p=self._odds))]
        path = self._photos[kind][rng.integers(len(self._photos[kind]))]
        return Example(load(path), kind=kind)


class Worn:
    """Photos of people, whole or cut to what sellers show who wear the garment: not a garment alone.

    Args:
        folder: of photos in which somebody stands upright in the middle.

    Raises:
        DataError: there are none.
    """

    def __init__(self, folder: Path) -> None:
        self.strength = Strength(smallest=0.8, largest=1.4)
        self._photos = photos(folder)

    def example(self, rng: Generator) -> Example:
        """A photo of somebody."""
        path = self._photos[int(rng.integers(len(self._photos)))]
        picture = load(path)
        height, width = picture.shape[:2]
        name = list(CROPS)[rng.choice(len(CROPS), p=CROP_SHARES)]
        top, bottom, side = (rng.uniform(*bounds) for bounds in CROPS[name])
        middle = width * rng.normal(0.5, 0.03)
        left, right = max(0, round(middle - side * width)), min(width, round(middle + side * width))
        crop = picture[round(top * height) : round(bottom * height), left:right]
        return Example(np.ascontiguousarray(crop), kind=KINDS.index("other"), photo=PHOTOS.index("worn"))


class Fixed:
    """Examples that are given one by one, such as photos that were labelled by hand."""

    def __init__(self, examples: Sequence[Example]) -> None:
        self.strength = Strength(smallest=0.8, largest=1.35, any_angle=0.15, perspective=0.03)
        self._examples = examples

    def example(self, rng: Generator) -> Example:
        """One of them."""
        return self._examples[int(rng.integers(len(self._examples)))]


class Synthetic:
    """Rendered listing photos with exact labels, kept in a folder once they are made.

    Args:
        cache: folder for what is made.
        count: how many different ones there are.
        backgrounds: pictures of surroundings; every second garment is shown before one of them.
    """

    def __init__(self, cache: Path, count: int, backgrounds: Sequence[Path]) -> None:
        self.strength = Strength(smallest=0.85, largest=1.25, tilt=5.0, any_angle=0.05)
        self._cache = cache
        self._count = count
        self._backgrounds = backgrounds
        cache.mkdir(parents=True, exist_ok=True)

    def example(self, rng: Generator) -> Example:
        """A rendered photo with everything known of it."""
        number = int(rng.integers(self._count))
        path = self._cache / f"{number:06}.npz"
        if not path.exists():
            self._make(number, path)
        with np.load(path) as kept:
            picture, parts = (
                np.asarray(cv2.imdecode(kept[name], cv2.IMREAD_UNCHANGED), np.uint8) for name in ("picture", "parts")
            )
            landmarks, (kind, photo, view) = kept["landmarks"], kept["choices"].tolist()
        if rng.random() < STUDIO_SHARE:
            picture = _before_white(rng, picture, parts)
        return Example(
            np.ascontiguousarray(picture[..., ::-1]),
            parts,
            landmarks[:, :2].astype(np.float32),
            landmarks[:, 2].astype(np.int64),
            kind,
            photo,
            view,
        )

    def _make(self, number: int, path: Path) -> None:
        made = listing.sample(number, (WIDTH, HEIGHT), self._backgrounds if number % 2 else ())
        partial = path.with_suffix(f".{os.getpid()}.partial")
        with partial.open("wb") as file:
            np.savez(
                file,
                picture=cv2.imencode(".jpg", made.picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, KEPT_QUALITY])[1],
                parts=cv2.imencode(".png", made.parts)[1],
                landmarks=made.landmarks,
                choices=np.array([made.kind, made.photo, made.view]),
            )
        partial.replace(path)


def _before_white(rng: Generator, picture: Image, parts: Image) -> Image:
    """Everything but the garment and its hanger made white, as studios deliver their pictures."""
    share = cv2.GaussianBlur((parts != GarmentPart.BACKGROUND).astype(np.float32), (0, 0), 0.6)[..., None]
    return np.asarray(picture * share + rng.uniform(242, 255) * (1 - share) + 0.5, np.uint8)


def surroundings(photos: Sequence[Path], folder: Path) -> list[Path]:
    """What lies around the garments of listing photos, as pictures in a folder; made when the folder is not there."""
    if not folder.exists():
        partial = folder.with_suffix(".partial")
        partial.mkdir(parents=True, exist_ok=True)
        for i, path in enumerate(photos):
            for k, patch in enumerate(listing.background_patches(load(path))):
                cv2.imwrite(str(partial / f"{i:04}_{k}.jpg"), patch[..., ::-1])
        partial.replace(folder)
    return sorted(folder.iterdir())


def listed(folder: Path) -> list[tuple[Path, int]]:
    """Every listing photo below a folder with the index of its kind, in a fixed order.

    Raises:
        DataError: a folder is missing or empty.
    """
    return [(path, KINDS.index(kind)) for name, kind in sorted(FOLDER_KINDS.items()) for path in photos(folder / name)]
