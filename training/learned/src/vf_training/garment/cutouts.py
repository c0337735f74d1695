"""Garments cut out of their photos, and how they are laid on something else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from vf_training.augmentation import IGNORE, Image, Matrix, Placement
from vf_training.garment.answer import KINDS, PHOTOS
from vf_training.garment.examples import ABSENT, GARMENT, UNKNOWN, Example, placed
from vfkit.contracts.garment import GarmentKind, GarmentLandmark, GarmentPart, PhotoKind

FloatArray = NDArray[np.float32]

MARGIN = 4
"""Pixels around a cut-out garment."""
EDGE_BLUR = 0.8
"""Softness of a cut-out's edge in pixels."""
BORDER_SHARE = 0.03
"""A garment that covers more of its photo's border is cut off by it."""
LEAST_SHARE = 0.03
"""Of a photo; what is smaller is not worth cutting out."""
LARGEST = 420
"""Pixels of a cut-out's longer side."""
COARSE = 4
"""Shadows are blurred on maps this many times smaller."""
UPRIGHT = 3.0
"""Degrees that do not matter."""
TRIES = 6
WHITE_SHARE, BLACK_SHARE, DYED_SHARE = 0.22, 0.07, 0.18
"""Of cut-outs that are shown in another colour than their own."""
UPPER_ENDS = (
    (GarmentLandmark.LEFT_NECK, GarmentLandmark.RIGHT_NECK),
    (GarmentLandmark.LEFT_WAIST, GarmentLandmark.RIGHT_WAIST),
)
LOWER_ENDS = (
    (GarmentLandmark.LEFT_HEM, GarmentLandmark.RIGHT_HEM),
    (GarmentLandmark.LEFT_LEG_INNER, GarmentLandmark.RIGHT_LEG_INNER),
)
"""Pairs of landmarks whose middles lie on a garment's middle line."""
PLAIN_PHOTOS = {PHOTOS.index(PhotoKind.FLAT), PHOTOS.index(PhotoKind.HANGER)}
GARMENT_KINDS = [i for i, kind in enumerate(KINDS) if kind not in {GarmentKind.OTHER, GarmentKind.SEVERAL}]


@dataclass(frozen=True)
class Cutout:
    """A garment without its surroundings.

    Attributes:
        example: the box around it; parts are BACKGROUND beside it.
        alpha: (H, W) float32 in [0, 1], how much of each pixel it covers.
    """

    example: Example
    alpha: FloatArray

    @property
    def parts(self) -> Image:
        """The label map.

        Raises:
            ValueError: the example has none; `cut_out` never gives such a cut-out.
        """
        if self.example.parts is None:
            raise ValueError("a cut-out has parts")
        return self.example.parts


class Gives(Protocol):
    """Anything that gives examples."""

    def example(self, rng: Generator) -> Example:
        """One example."""


def is_garment(parts: Image) -> NDArray[np.bool_]:
    """Where a label map shows the garment itself."""
    return ((parts >= GarmentPart.TORSO) & (parts < len(GarmentPart))) | (parts == GARMENT)


def cut_out(example: Example) -> Cutout | None:
    """The garment of an example with its hanger; None where it is not whole, or not alone on the photo."""
    if example.parts is None or example.kind not in GARMENT_KINDS or example.photo not in PLAIN_PHOTOS:
        return None
    garment = is_garment(example.parts)
    border = sum(int(line.sum()) for line in (garment[0], garment[-1], garment[:, 0], garment[:, -1]))
    if garment.mean() < LEAST_SHARE or border > BORDER_SHARE * sum(garment.shape):
        return None
    hanger = example.parts == GarmentPart.HANGER
    inner = cv2.erode(garment.astype(np.uint8), np.ones((3, 3), np.uint8), borderValue=0)
    alpha = cv2.GaussianBlur((inner | hanger).astype(np.float32), (0, 0), EDGE_BLUR)
    parts = np.where(garment | hanger, example.parts, GarmentPart.BACKGROUND).astype(np.uint8)
    return cropped(Cutout(replace(example, parts=parts), np.asarray(alpha, np.float32)))


def cropped(cutout: Cutout) -> Cutout:
    """The box around what is covered, with a margin of nothing."""
    rows, columns = (np.flatnonzero((cutout.alpha > 0.5).any(axis)) for axis in (1, 0))
    left, top = int(columns[0]) - MARGIN, int(rows[0]) - MARGIN
    size = (int(columns[-1]) + 1 + MARGIN - left, int(rows[-1]) + 1 + MARGIN - top)
    matrix: Matrix = np.array([[1, 0, -left], [0, 1, -top], [0, 0, 1.0]])
    return moved(cutout, Placement(matrix, size))


def moved(cutout: Cutout, placement: Placement) -> Cutout:
    """The cut-out elsewhere; what lies beside it stays BACKGROUND."""
    alpha = cv2.warpPerspective(cutout.alpha, placement.pixel_matrix(), placement.size, flags=cv2.INTER_LINEAR)
    there = Cutout(placed(cutout.example, placement), np.asarray(alpha, np.float32))
    parts = np.where(there.parts == IGNORE, GarmentPart.BACKGROUND, there.parts).astype(np.uint8)
    return replace(there, example=replace(there.example, parts=parts))


def fitted(
    rng: Generator,
    cutout: Cutout,
    size: tuple[int, int],
    area: tuple[float, float, float, float],
    fill: float,
    angle: float,
) -> Cutout:
    """The cut-out turned by ``angle`` degrees and laid into an ``area`` (x, y, width, height) of a picture of ``size``.

    Args:
        rng: decides where the room that is left goes.
        cutout: what is laid.
        size: (width, height) of the picture.
        area: where.
        fill: 1 fills the area in one direction.
        angle: in degrees.
    """
    height, width = cutout.alpha.shape
    cos, sin = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    extent = np.array([abs(width * cos) + abs(height * sin), abs(width * sin) + abs(height * cos)])
    room = np.array(area[2:])
    scale = fill * float((room / extent).min())
    middle = area[:2] + room / 2 + rng.uniform(-0.35, 0.35, 2) * np.maximum(room - extent * scale, 0)
    cutout, scale = _shrunk(cutout, scale)
    height, width = cutout.alpha.shape
    turn = np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]]) * (scale, scale, 1)
    there: Matrix = np.array([[1, 0, middle[0]], [0, 1, middle[1]], [0, 0, 1]])
    to_middle: Matrix = np.array([[1, 0, -width / 2], [0, 1, -height / 2], [0, 0, 1]])
    return moved(cutout, Placement(there @ turn @ to_middle, size))


def upright(cutout: Cutout) -> Cutout:
    """The garment turned so that its middle line is upright, where its landmarks tell."""
    upper, lower = (_middle(cutout.example, pairs) for pairs in (UPPER_ENDS, LOWER_ENDS))
    if upper is None or lower is None:
        return cutout
    down = lower - upper
    angle = float(np.degrees(np.arctan2(down[0], down[1])))
    if abs(angle) < UPRIGHT:
        return cutout
    height, width = cutout.alpha.shape
    cos, sin = abs(np.cos(np.radians(angle))), abs(np.sin(np.radians(angle)))
    size = (round(width * cos + height * sin), round(width * sin + height * cos))
    matrix: Matrix = np.eye(3)
    matrix[:2] = cv2.getRotationMatrix2D((width / 2, height / 2), -angle, 1.0)
    matrix[:2, 2] += (np.array(size) - (width, height)) / 2
    return cropped(moved(cutout, Placement(matrix, size)))


def _middle(example: Example, pairs: Sequence[tuple[GarmentLandmark, GarmentLandmark]]) -> NDArray[np.float64] | None:
    """Between the first pair of landmarks that is known."""
    if example.points is None or example.visibility is None:
        return None
    for pair in pairs:
        if all(example.visibility[mark] > ABSENT for mark in pair):
            return example.points[list(pair)].mean(0).astype(np.float64)
    return None


def _shrunk(cutout: Cutout, scale: float) -> tuple[Cutout, float]:
    """A cut-out that will be shown much smaller averaged down first, and the scale that is left."""
    return (cutout, scale) if scale > 0.7 else (_scaled(cutout, scale), 1.0)


def _limited(cutout: Cutout) -> Cutout:
    """A large cut-out as large as it will ever be shown."""
    scale = LARGEST / max(cutout.alpha.shape)
    return _scaled(cutout, scale) if scale < 1 else cutout


def _scaled(cutout: Cutout, scale: float) -> Cutout:
    """A cut-out averaged down."""
    height, width = cutout.alpha.shape
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    matrix: Matrix = np.diag([size[0] / width, size[1] / height, 1.0])
    smaller = moved(cutout, Placement(matrix, size))
    picture, alpha = (cv2.resize(a, size, interpolation=cv2.INTER_AREA) for a in (cutout.example.picture, cutout.alpha))
    example = replace(smaller.example, picture=np.asarray(picture, np.uint8))
    return Cutout(example, np.asarray(alpha, np.float32))


def toned(rng: Generator, cutout: Cutout) -> Cutout:
    """The garment in other light; now and then in another colour, white or black."""
    picture = cutout.example.picture
    choice = rng.random()
    if choice < WHITE_SHARE:
        picture = whitened(rng, picture, cutout.alpha)
    elif choice < WHITE_SHARE + BLACK_SHARE:
        mean = float(picture[cutout.alpha > 0.5].mean())
        picture = cv2.convertScaleAbs(picture, alpha=min(1.0, rng.uniform(18, 45) / max(mean, 1)))
    elif choice < WHITE_SHARE + BLACK_SHARE + DYED_SHARE:
        hsv = cv2.cvtColor(picture, cv2.COLOR_RGB2HSV)
        hsv[..., 0] = (hsv[..., 0].astype(np.int32) + int(rng.integers(180))) % 180
        picture = cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB)
    gain = rng.uniform(0.8, 1.0 if choice < WHITE_SHARE else 1.15) * (1 + rng.normal(0, 0.03, 3))
    table = np.clip(np.arange(256)[:, None] * gain, 0, 255).astype(np.uint8)[None]
    return replace(cutout, example=replace(cutout.example, picture=np.asarray(cv2.LUT(picture, table), np.uint8)))


def whitened(rng: Generator, picture: Image, alpha: FloatArray) -> Image:
    """A garment as if its cloth were white: its folds and prints stay, as faint as they are on white."""
    grey = cv2.cvtColor(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    mixed = cv2.addWeighted(picture, 0.12, grey, 0.88, 0)
    level = float(np.percentile(mixed[::4, ::4][alpha[::4, ::4] > 0.5], 60))
    depth = (255 - rng.uniform(200, 238)) / max(255 - level, 1)
    return np.asarray(cv2.convertScaleAbs(mixed, alpha=min(depth, 1.0), beta=255 * (1 - min(depth, 1.0))), np.uint8)


def shade(rng: Generator, picture: Image, alpha: FloatArray, thickness: float) -> Image:
    """A picture with the soft shadow of what will lie on it, ``thickness`` pixels above."""
    height, width = alpha.shape
    small = cv2.resize(alpha, (width // COARSE, height // COARSE), interpolation=cv2.INTER_AREA)
    angle = rng.uniform(0, 2 * np.pi)
    fall = np.array([np.cos(angle), np.sin(angle)]) * thickness / COARSE
    small = cv2.warpAffine(small, np.array([[1, 0, fall[0]], [0, 1, fall[1]]]), (small.shape[1], small.shape[0]))
    small = cv2.GaussianBlur(small, (0, 0), max(0.5, thickness * rng.uniform(0.5, 1.2) / COARSE))
    return darkened(picture, 1 - rng.uniform(0.15, 0.5) * cv2.resize(small, (width, height)))


def blended(under: Image, over: Image, share: FloatArray) -> Image:
    """One picture over another; ``share`` (H, W) in [0, 1] is how much of it is seen."""
    return np.asarray(cv2.blendLinear(over, under, share, 1 - share), np.uint8)


def darkened(picture: Image, light: FloatArray) -> Image:
    """A picture in less light; ``light`` (H, W) in [0, 1]."""
    return blended(np.zeros_like(picture), picture, light)


def pasted(picture: Image, parts: Image, cutout: Cutout) -> tuple[Image, Image]:
    """A picture and its label map with a cut-out of the same size on top."""
    mixed = blended(picture, cutout.example.picture, cutout.alpha)
    shown = (cutout.alpha > 0.5) & (cutout.parts != GarmentPart.BACKGROUND)
    return mixed, np.where(shown, cutout.parts, parts)


class Wardrobe:
    """Garments to cut out: those of labelled photos, and rendered ones.

    Args:
        labelled: examples with parts.
        rendered: gives more of them; None for none.
        rendered_share: how often it is asked.
    """

    def __init__(self, labelled: Sequence[Example], rendered: Gives | None, rendered_share: float) -> None:
        found = [_limited(cutout) for example in labelled if (cutout := cut_out(example)) is not None]
        self._kinds = [
            kind for kind in ([c for c in found if c.example.kind == number] for number in GARMENT_KINDS) if kind
        ]
        self._rendered = rendered
        self._share = rendered_share

    def cutout(self, rng: Generator, *, flat: bool = False) -> Cutout:
        """A garment; every kind comes equally often. ``flat`` leaves out those on hangers."""
        if self._rendered is not None and (not self._kinds or rng.random() < self._share):
            for _ in range(TRIES):
                found = cut_out(self._rendered.example(rng))
                if found is not None and (not flat or _is_flat(found)):
                    return found
        kind = self._kinds[int(rng.integers(len(self._kinds)))]
        choices = [cutout for cutout in kind if _is_flat(cutout)] if flat else kind
        return choices[int(rng.integers(len(choices)))]


def _is_flat(cutout: Cutout) -> bool:
    return cutout.example.photo == PHOTOS.index(PhotoKind.FLAT)


def without_landmarks(example: Example) -> Example:
    """The example with nothing said of its landmarks."""
    visibility = None if example.visibility is None else np.full_like(example.visibility, UNKNOWN)
    return replace(example, visibility=visibility)
