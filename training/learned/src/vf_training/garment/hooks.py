"""Hangers drawn into garments that were photographed without one."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from vf_training.augmentation import Image, Points
from vf_training.garment.cutouts import Cutout, FloatArray, blended
from vf_training.garment.examples import ABSENT
from vfkit.contracts.garment import GarmentLandmark, GarmentPart

SUBPIXEL = 4
"""Bits of OpenCV's fractions of a pixel."""
COLOURS = ((235, 235, 232), (25, 25, 28), (150, 105, 60), (190, 150, 105), (120, 122, 126), (90, 40, 60))
METAL = ((150, 150, 155), (60, 60, 62), (190, 165, 100))


def hang(rng: Generator, picture: Image, parts: Image, cutout: Cutout) -> tuple[Image, Image] | None:
    """A picture with its cut-out on a hanger; None where the garment's shoulders or waist are not known.

    Args:
        rng: decides which hanger.
        picture: with the cut-out on it already.
        parts: its labels.
        cutout: of the picture's size.
    """
    known = _known(cutout)
    for left, right, draw in (
        (GarmentLandmark.LEFT_NECK, GarmentLandmark.RIGHT_NECK, _shoulders),
        (GarmentLandmark.LEFT_WAIST, GarmentLandmark.RIGHT_WAIST, _clips),
    ):
        if left in known and right in known:
            return draw(rng, picture, parts, cutout, known)
    return None


def _known(cutout: Cutout) -> dict[GarmentLandmark, NDArray[np.float64]]:
    points, visibility = cutout.example.points, cutout.example.visibility
    if points is None or visibility is None:
        return {}
    return {mark: points[mark].astype(np.float64) for mark in GarmentLandmark if visibility[mark] > ABSENT}


def _frame(
    right: NDArray[np.float64], left: NDArray[np.float64]
) -> tuple[NDArray[np.float64], float, NDArray[np.float64]]:
    """The middle, the width and the direction up of two points at the same height."""
    across = left - right
    width = float(np.hypot(*across))
    up = np.array([across[1], -across[0]]) / max(width, 1e-6)
    return (left + right) / 2, width, up if up[1] < 0 else -up


def _shoulders(
    rng: Generator, picture: Image, parts: Image, cutout: Cutout, known: dict[GarmentLandmark, NDArray[np.float64]]
) -> tuple[Image, Image]:
    """A bar inside the shoulders, seen through the neckline, and a hook above."""
    ends = [known[GarmentLandmark.RIGHT_NECK], known[GarmentLandmark.LEFT_NECK]]
    middle, width, up = _frame(ends[0], ends[1])
    apex = middle + up * width * rng.uniform(0.02, 0.25)
    for i, mark in enumerate((GarmentLandmark.RIGHT_SHOULDER, GarmentLandmark.LEFT_SHOULDER)):
        shoulder = known.get(mark, ends[i] + (ends[i] - middle))
        ends[i] = ends[i] + 0.6 * (shoulder - ends[i]) - up * width * 0.1
    thick = width * rng.choice([rng.uniform(0.025, 0.05), rng.uniform(0.08, 0.2)])
    colour = COLOURS[int(rng.integers(len(COLOURS)))]
    layer, mask = _empty(picture)
    _stroke(rng, layer, mask, np.array([ends[0], apex, ends[1]]), thick, colour)
    _stroke(rng, layer, mask, _hook(rng, apex, up, width), max(1.3, width * rng.uniform(0.025, 0.05)), _metal(rng))
    front = cutout.alpha * (cutout.parts != GarmentPart.INSIDE)
    return _over(picture, parts, layer, mask * (1 - front))


def _clips(
    rng: Generator, picture: Image, parts: Image, cutout: Cutout, known: dict[GarmentLandmark, NDArray[np.float64]]
) -> tuple[Image, Image]:
    """A bar above the waist with two clips on it, and a hook above."""
    right, left = known[GarmentLandmark.RIGHT_WAIST], known[GarmentLandmark.LEFT_WAIST]
    middle, width, up = _frame(right, left)
    lift = width * rng.uniform(0.04, 0.14)
    inset = rng.uniform(0.08, 0.25)
    layer, mask = _empty(picture)
    tone = _metal(rng)
    clip_colour = COLOURS[int(rng.integers(len(COLOURS)))]
    bar = np.array([right, left]) + up * lift
    _stroke(rng, layer, mask, bar, max(1.5, width * rng.uniform(0.02, 0.05)), tone)
    _stroke(rng, layer, mask, _hook(rng, middle + up * lift, up, width * 0.7), max(1.3, width * 0.022), tone)
    broad = width * rng.uniform(0.04, 0.09)
    for share in (inset, 1 - inset):
        place = right + (left - right) * share
        ends = np.array([place + up * lift * 1.2, place - up * width * rng.uniform(0.04, 0.1)])
        _stroke(rng, layer, mask, ends, broad, clip_colour)
    return _over(picture, parts, layer, mask)


def _hook(rng: Generator, foot: NDArray[np.float64], up: NDArray[np.float64], width: float) -> NDArray[np.float64]:
    """A stem and three quarters of a circle, (N, 2)."""
    radius = width * rng.uniform(0.1, 0.17)
    stem = foot + up * width * rng.uniform(0.12, 0.4)
    side = np.array([-up[1], up[0]]) * float(rng.choice([-1, 1]))
    angles = np.radians(np.linspace(-90, 150, 14))[:, None]
    centre = stem + up * radius
    arc = centre + radius * (np.sin(angles) * up + np.cos(angles) * side)
    return np.vstack([foot[None], arc])


def _metal(rng: Generator) -> tuple[int, int, int]:
    return METAL[int(rng.integers(len(METAL)))]


def _empty(picture: Image) -> tuple[Image, Image]:
    return np.zeros_like(picture), np.zeros(picture.shape[:2], np.uint8)


def _stroke(
    rng: Generator, layer: Image, mask: Image, track: NDArray[np.float64], thick: float, colour: tuple[int, int, int]
) -> None:
    """A rounded line with a light side on a layer, and where it is on the mask (0 to 255)."""
    lighter = tuple(min(255, round(c * 1.25 + 15)) for c in colour)
    for canvas, tone in ((layer, colour), (mask, 255)):
        _line(canvas, track, thick, tone)
    _line(layer, track - (0, thick * rng.uniform(0.15, 0.3)), max(1.0, thick * 0.35), lighter)


def _line(canvas: Image, track: Points | NDArray[np.float64], thick: float, tone: object) -> None:
    points = np.round(track * 2**SUBPIXEL).astype(np.int32)[:, None]
    cv2.polylines(canvas, [points], False, tone, max(1, round(thick)), cv2.LINE_AA, SUBPIXEL)  # type: ignore[call-overload]


def _over(picture: Image, parts: Image, layer: Image, mask: NDArray[np.floating] | Image) -> tuple[Image, Image]:
    """The layer on top where the mask (0 to 255) says; its labels are HANGER."""
    share: FloatArray = (np.asarray(mask) / 255).astype(np.float32)
    labels = np.where(share > 0.5, GarmentPart.HANGER, parts).astype(np.uint8)
    return blended(picture, layer, share), labels
