"""Examples put together from cut-out garments: one on other surroundings, several in one photo, folded ones."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.random import Generator

from vf_training.augmentation import Image, Strength
from vf_training.garment.answer import KINDS, PHOTOS
from vf_training.garment.cutouts import (
    Cutout,
    Wardrobe,
    fitted,
    pasted,
    shade,
    toned,
    upright,
    without_landmarks,
)
from vf_training.garment.examples import UNKNOWN, Example
from vf_training.garment.folding import folded
from vf_training.garment.hooks import hang
from vf_training.grounds import Grounds
from vfkit.contracts.garment import GarmentPart, PhotoKind

FLAT, HANGER, FOLDED = (PHOTOS.index(kind) for kind in (PhotoKind.FLAT, PhotoKind.HANGER, PhotoKind.FOLDED))
HANG_SHARE = 0.3
"""How many of the garments that lie flat get a hanger."""
HOOK_ROOM = 0.16
"""Room above a garment for its hook, as a fraction of the picture's height."""
NO_SHADOW_SHARE = 0.25
STRENGTH = Strength(smallest=0.85, largest=1.25, tilt=4.0, any_angle=0.05, light=0.8)
WHOLE = Strength(smallest=0.8, largest=1.1, tilt=4.0, any_angle=0.05, shift=0.02, light=0.8)
"""Where nothing may be cut off: half of several garments is one."""


class _Composite:
    """Garments laid on other surroundings.

    Args:
        wardrobe: where garments come from.
        grounds: what they are laid on.
    """

    strength = WHOLE

    def __init__(self, wardrobe: Wardrobe, grounds: Grounds) -> None:
        self._wardrobe = wardrobe
        self._grounds = grounds


class Pasted(_Composite):
    """One garment on other surroundings, with its parts and landmarks."""

    strength = STRENGTH

    def example(self, rng: Generator) -> Example:
        """A garment elsewhere."""
        cutout = toned(rng, self._wardrobe.cutout(rng))
        width, height = self._grounds.size
        lies = cutout.example.photo == FLAT
        hung = lies and rng.random() < HANG_SHARE
        if hung:
            cutout = upright(cutout)
        angle = rng.normal(0, 6) if lies and not hung else rng.normal(0, 2)
        top = HOOK_ROOM * height if hung else 0.0
        area = (0.0, top, float(width), height - top)
        cutout = fitted(rng, cutout, self._grounds.size, area, rng.uniform(0.6, 0.98), angle)
        picture, parts = _laid(rng, self._grounds.draw(rng), cutout, rng.uniform(2, 12))
        held = hang(rng, picture, parts, cutout) if hung else None
        if held is None:
            return replace(cutout.example, picture=picture, parts=parts)
        return replace(cutout.example, picture=held[0], parts=held[1], photo=HANGER)


class Several(_Composite):
    """Two to four garments in one photo, side by side or over each other; nothing is said of landmarks."""

    def example(self, rng: Generator) -> Example:
        """Several garments."""
        picture = self._grounds.draw(rng)
        parts = np.full(picture.shape[:2], GarmentPart.BACKGROUND, np.uint8)
        photos = set()
        for area in _areas(rng, self._grounds.size):
            cutout = toned(rng, self._wardrobe.cutout(rng))
            photos.add(cutout.example.photo)
            angle = rng.normal(0, 8) if cutout.example.photo == FLAT else rng.normal(0, 2)
            cutout = fitted(rng, cutout, self._grounds.size, area, rng.uniform(0.75, 1.1), angle)
            picture, parts = pasted(shade(rng, picture, cutout.alpha, rng.uniform(2, 8)), parts, cutout)
        photo = photos.pop() if len(photos) == 1 else UNKNOWN
        return replace(without_landmarks(cutout.example), picture=picture, parts=parts, kind=SEVERAL, photo=photo)


class Folded(_Composite):
    """Folded garments; nothing is said of landmarks."""

    def example(self, rng: Generator) -> Example:
        """A garment as a parcel."""
        cutout = folded(rng, toned(rng, self._wardrobe.cutout(rng, flat=True)))
        width, height = self._grounds.size
        angle = rng.uniform(-180, 180) if rng.random() < 0.12 else rng.normal(0, 8)
        area = (0.0, 0.0, float(width), float(height))
        cutout = fitted(rng, cutout, self._grounds.size, area, rng.uniform(0.5, 0.95), angle)
        picture, parts = _laid(rng, self._grounds.draw(rng), cutout, rng.uniform(4, 16))
        return replace(without_landmarks(cutout.example), picture=picture, parts=parts, photo=FOLDED)


SEVERAL = KINDS.index("several")


def _laid(rng: Generator, ground: Image, cutout: Cutout, thickness: float) -> tuple[Image, Image]:
    """A background with a cut-out on it, mostly with a shadow, and its label map."""
    if rng.random() >= NO_SHADOW_SHARE:
        ground = shade(rng, ground, cutout.alpha, thickness)
    return pasted(ground, np.full(ground.shape[:2], GarmentPart.BACKGROUND, np.uint8), cutout)


def _areas(rng: Generator, size: tuple[int, int]) -> list[tuple[float, float, float, float]]:
    """Where several garments lie: boxes (x, y, width, height) that may overlap a little."""
    width, height = size
    count = int(rng.choice([2, 3, 4], p=[0.6, 0.3, 0.1]))
    columns = 1 if count == 2 and rng.random() < 0.4 else 2
    rows = -(-count // columns)
    cells = [(x / columns, y / rows) for y in range(rows) for x in range(columns)][:count]
    loose = rng.uniform(0.95, 1.25)
    wide, high = width / columns * loose, height / rows * loose
    return [
        (x * width - (wide * (1 - 1 / loose)) / 2, y * height - (high * (1 - 1 / loose)) / 2, wide, high)
        for x, y in cells
    ]
