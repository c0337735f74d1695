"""The skeleton picture: OpenPose's BODY_25 rendering on black.

OpenPose's CUDA and CPU builds draw differently; the pictures that try-on networks were trained with came from the CUDA
build, so `render_cuda` is the default. Both colour a limb as its second joint.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray

from vfkit.contracts import Image

Floats = NDArray[np.float32]

LIMBS: tuple[tuple[int, int], ...] = (
    (1, 8), (1, 2), (1, 5), (2, 3), (3, 4), (5, 6), (6, 7), (8, 9), (9, 10), (10, 11), (8, 12), (12, 13), (13, 14),
    (1, 0), (0, 15), (15, 17), (0, 16), (16, 18), (14, 19), (19, 20), (14, 21), (11, 22), (22, 23), (11, 24),
)  # fmt: skip
"""Pairs of BODY_25 joints, in drawing order."""

COLOURS: Image = np.array(
    [
        (255, 0, 85), (255, 0, 0), (255, 85, 0), (255, 170, 0), (255, 255, 0), (170, 255, 0), (85, 255, 0),
        (0, 255, 0), (255, 0, 0), (0, 255, 85), (0, 255, 170), (0, 255, 255), (0, 170, 255), (0, 85, 255),
        (0, 0, 255), (255, 0, 170), (170, 0, 255), (255, 0, 255), (85, 0, 255), (0, 0, 255), (0, 0, 255),
        (0, 0, 255), (0, 255, 255), (0, 255, 255), (0, 255, 255),
    ],
    np.uint8,
)  # fmt: skip
"""(25, 3) RGB of each joint."""

DRAWN = 0.05  # a joint is drawn above this confidence


class Renderer(StrEnum):
    """Which of OpenPose's two programs to draw like."""

    CUDA = "cuda"
    CPU = "cpu"


def render(people: Sequence[Floats], size: tuple[int, int], renderer: Renderer = Renderer.CUDA) -> Image:
    """Draw skeletons on black.

    Args:
        people: of each, (25, 3) x, y in pixels and confidence; drawn in order.
        size: (width, height) of the picture.
        renderer: OpenPose's variant.

    Returns:
        (H, W, 3) uint8 RGB.
    """
    draw: Callable[[Iterable[Floats], tuple[int, int]], Image] = (
        render_cuda if renderer is Renderer.CUDA else render_cpu
    )
    return draw([np.asarray(person, np.float32) for person in people], size)


_ALPHA = np.float32(0.6)  # opacity of every shape, even on black
_MARGIN = 50  # pixels around a person's joints beyond which nothing is drawn
_FULL_SIZE = 400.0  # width plus height in pixels of a person drawn in full thickness
_LEAST_SIZE = 0.33  # thickness of the smallest people, in the full one's


def render_cuda(people: Iterable[Floats], size: tuple[int, int]) -> Image:
    """As OpenPose's CUDA build: ellipses and discs, each blended over what is there, then truncated to 8 bits."""
    width, height = size
    picture = np.zeros((height, width, 3), np.float32)
    for joints in people:
        drawn = joints[:, 2] > DRAWN
        if not drawn.any():
            continue
        low, high = joints[drawn, :2].min(0), joints[drawn, :2].max(0)
        factor = np.clip((high - low).sum() / np.float32(_FULL_SIZE), _LEAST_SIZE, 1)
        canvas = _Canvas(picture, low - _MARGIN, high + _MARGIN)
        for a, b in LIMBS:
            if drawn[a] and drawn[b]:
                canvas.ellipse(joints[a, :2], joints[b, :2], factor * min(size) / 120, COLOURS[b])
        for joint in np.flatnonzero(drawn):
            canvas.disc(joints[joint, :2], factor * min(size) / 100, COLOURS[joint])
    return np.clip(picture, 0, 255).astype(np.uint8)


class _Canvas:
    """The part of a float picture that one person may touch."""

    def __init__(self, picture: Floats, low: Floats, high: Floats) -> None:
        self._picture = picture
        self._low, self._high = low, high

    def ellipse(self, a: Floats, b: Floats, radius: float, colour: Image) -> None:
        """A limb: an ellipse from a to b, half as thick as ``radius`` says; nothing when a is b."""
        along = (b - a) / 2
        half = float(np.hypot(*along))
        if half == 0:
            return
        cos, sin = along / np.float32(half)
        window, x, y = self._window((a + b) * np.float32(0.5), max(half, radius))
        across, down = (cos * x + sin * y) / np.float32(half), (sin * x - cos * y) / np.float32(radius)
        self._blend(window, across**2 + down**2 <= 1, colour)

    def disc(self, centre: Floats, radius: float, colour: Image) -> None:
        """A joint."""
        window, x, y = self._window(centre, radius)
        self._blend(window, x**2 + y**2 <= np.float32(radius) ** 2, colour)

    def _window(self, centre: Floats, reach: float) -> tuple[Floats, Floats, Floats]:
        """The pixels around a point as a view, with their x (1, w) and y (h, 1) from it."""
        height, width = self._picture.shape[:2]
        low = np.maximum(np.ceil(np.maximum(centre - reach - 1, self._low)), 0).astype(int)
        high = np.minimum(np.floor(np.minimum(centre + reach + 1, self._high)), (width - 1, height - 1)).astype(int)
        x = np.arange(low[0], high[0] + 1, dtype=np.float32)[None] - centre[0]
        y = np.arange(low[1], high[1] + 1, dtype=np.float32)[:, None] - centre[1]
        # A window wholly outside the picture is empty: negative stops must not count from the end.
        stop = np.maximum(high + 1, low)
        return self._picture[low[1] : stop[1], low[0] : stop[0]], x, y

    @staticmethod
    def _blend(window: Floats, inside: NDArray[np.bool_], colour: Image) -> None:
        window[inside] = (1 - _ALPHA) * window[inside] + _ALPHA * colour.astype(np.float32)


_BOXED = 0.1  # a joint counts for the CPU build's person size above this confidence


def render_cpu(people: Iterable[Floats], size: tuple[int, int]) -> Image:
    """As OpenPose's CPU build: solid lines and rings, no antialiasing."""
    width, height = size
    picture = np.zeros((height, width, 3), np.uint8)
    for joints in people:
        boxed = joints[joints[:, 2] > _BOXED, :2]
        extent = np.ptp(boxed, axis=0) if len(boxed) else np.zeros(2, np.float32)
        if extent.prod() <= 0:
            continue
        ratio = min(1.0, float(max(extent[0] / width, extent[1] / height)))
        thickness = max(2, int(np.sqrt(width * height) / 75 * ratio + 0.5))
        line = max(1, int(0.75 * thickness + 0.5))
        ring = thickness if ratio > 0.05 else 1
        drawn = joints[:, 2] > DRAWN
        points = [(int(x + 0.5), int(y + 0.5)) for x, y in joints[:, :2]]
        for a, b in LIMBS:
            if drawn[a] and drawn[b]:
                cv2.line(picture, points[a], points[b], COLOURS[b].tolist(), line, cv2.LINE_8)
        for joint in np.flatnonzero(drawn):
            cv2.circle(picture, points[joint], thickness // 2, COLOURS[joint].tolist(), ring, cv2.LINE_8)
    return picture
