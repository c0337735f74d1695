"""The landmark networks ``pose_landmark_{full,heavy}.tflite``: 33 body landmarks and a mask from one region."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vf_anatomy import Floats
from vf_blazepose.geometry import Region, sigmoid, upright
from vf_blazepose.network import Network
from vfkit.contracts import Image

_COUNT = 39
"""33 of the body, two for the next region, four unused."""
_BODY = 33
_CENTRE, _TOP = 33, 34
"""Mid hip and a point on the body's circle."""
_MARGIN = 1.25

_MIRROR = np.array(
    [0, 4, 5, 6, 1, 2, 3, 8, 7, 10, 9]
    + [left for pair in range(11, _BODY, 2) for left in (pair + 1, pair)]
    + list(range(_BODY, _COUNT))
)
"""Where each landmark is found in the reading of a mirror image: left and right change places."""

_WINDOW = 3
"""Half side of the 7x7 window in which a heat map refines a landmark."""
_CONFIDENT = 0.5
"""Least peak of a heat map that is used."""


@dataclass(frozen=True)
class Reading:
    """What the network saw in one region.

    Attributes:
        region: where it looked.
        landmarks: (33, 4) float32: x, y, z in pixels of the picture, visibility in [0, 1].
        presence: in [0, 1]; below 0.5 there is nobody.
        mask: (256, 256) float32 of the region, probability of the person.
        next: the region that its own alignment points ask for.
        agreement: intersection over union of the masks of the region and its mirror image, 1 where only one was read.
    """

    region: Region
    landmarks: Floats
    presence: float
    mask: Floats
    next: Region
    agreement: float = 1.0


def refine(points: Floats, heat: Floats) -> Floats:
    """Landmarks drawn to the centre of mass of their heat map, where that is confident.

    Args:
        points: (n, 2) float32 in [0, 1].
        heat: (h, w, n) float32 logits.

    Returns:
        (n, 2) float32.
    """
    height, width, _ = heat.shape
    refined = points.copy()
    for index, (x, y) in enumerate(points):
        column, row = int(x * width), int(y * height)
        if not (0 <= column < width and 0 <= row < height):
            continue
        left, top = max(0, column - _WINDOW), max(0, row - _WINDOW)
        window = sigmoid(heat[top : row + _WINDOW + 1, left : column + _WINDOW + 1, index])
        if window.max() < _CONFIDENT:
            continue
        total = window.sum()
        refined[index] = (
            (left + window.sum(0) @ np.arange(window.shape[1]) / total) / width,
            (top + window.sum(1) @ np.arange(window.shape[0]) / total) / height,
        )
    return refined


class LandmarkNetwork:
    """Reads the landmarks of the person in a region.

    Args:
        folder: holds ``pose_landmark_<model>.tflite``.
        model: full or heavy.
        threads: of the interpreter.
    """

    def __init__(self, folder: Path, model: str, threads: int) -> None:
        self._network = Network(folder / file_of(model), threads)

    def read(self, image: Image, region: Region, *, mirrored: bool = False) -> Reading:
        """Look at one region of (H, W, 3) RGB, or at its mirror image; the answer is of the region either way."""
        pixels = self._network.pixels
        crop = region.cut(image, pixels, replicate=True)
        outputs = self._network(crop[:, ::-1] if mirrored else crop)
        values = outputs[(_COUNT * 5,)].reshape(_COUNT, 5)
        points = refine(values[:, :2] / np.float32(pixels), outputs[64, 64, _COUNT])
        mask = sigmoid(outputs[pixels, pixels, 1][:, :, 0])
        if mirrored:
            values, points = values[_MIRROR], points[_MIRROR]
            points[:, 0] = 1 - points[:, 0]
            mask = np.ascontiguousarray(mask[:, ::-1])
        placed = region.to_picture(points)
        depth = values[:, 2:3] * (region.size / pixels)
        landmarks = np.concatenate([placed, depth, sigmoid(values[:, 3:4])], axis=1)[:_BODY].astype(np.float32)
        return Reading(
            region=region,
            landmarks=landmarks,
            presence=float(outputs[(1,)][0]),
            mask=mask,
            next=upright(placed[_CENTRE], placed[_TOP], _MARGIN),
        )


def file_of(model: str) -> str:
    """The file's name."""
    return f"pose_landmark_{model}.tflite"
