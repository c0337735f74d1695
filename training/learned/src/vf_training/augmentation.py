"""Changes of a picture that its labels follow: place, angle, perspective, light, blur, noise, compression.

NumPy and OpenCV only. Pictures are (H, W, 3) uint8 RGB, label maps (H, W) uint8, points (K, 2) float32 x, y in pixels,
where (0, 0) is the corner of the first pixel.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Points = NDArray[np.float32]
Matrix = NDArray[np.float64]
"""(3, 3): a projective map of points (x, y, 1)."""

IGNORE = 255
"""Label of pixels that no loss looks at: those outside the photo."""
PADDING = (128, 128, 128)
"""Colour outside the photo: what the network's normalisation takes to (nearly) zero."""
SAMPLES_PER_PIXEL = 1.5
"""A photo is shrunk by averaging until it has at most this many pixels for one of the target, then warped."""


@dataclass(frozen=True)
class Strength:
    """How far a picture may be changed.

    Attributes:
        smallest, largest: scale relative to the letterboxed picture.
        tilt: standard deviation of the angle in degrees.
        any_angle: probability that the angle is any angle instead.
        shift: standard deviation of the shift, as a fraction of the target's size.
        perspective: standard deviation of the corners' shifts, as a fraction of the target's size.
        light: 0 leaves colour, light, blur and noise alone; 1 is the usual strength.
    """

    smallest: float = 0.75
    largest: float = 1.3
    tilt: float = 7.0
    any_angle: float = 0.1
    shift: float = 0.04
    perspective: float = 0.02
    light: float = 1.0


@dataclass(frozen=True)
class Placement:
    """Where a source's pixels go in the target; ``mirrored`` says that left and right have changed places."""

    matrix: Matrix
    size: tuple[int, int]
    mirrored: bool = False

    def picture(self, picture: Image) -> Image:
        """The picture in the target, PADDING around it."""
        return self._warp(picture, cv2.INTER_LINEAR, PADDING)

    def labels(self, labels: Image) -> Image:
        """The label map in the target, IGNORE around it."""
        return self._warp(labels, cv2.INTER_NEAREST, IGNORE)

    def values(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """A (H, W) map of numbers in the target, its edge values repeated around it."""
        return np.asarray(
            cv2.warpPerspective(
                values, self.pixel_matrix(), self.size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
            ),
            np.float32,
        )

    def points(self, points: Points) -> Points:
        """The points in the target."""
        return np.asarray(
            cv2.perspectiveTransform(points.reshape(1, -1, 2).astype(np.float64), self.matrix)[0], np.float32
        )

    def _warp(self, source: Image, interpolation: int, border: int | tuple[int, int, int]) -> Image:
        warped = cv2.warpPerspective(
            source,
            self.pixel_matrix(),
            self.size,
            flags=interpolation,
            borderMode=cv2.BORDER_CONSTANT,
            borderValue=border,
        )
        return np.asarray(warped, np.uint8)

    def inverse(self, size: tuple[int, int]) -> Placement:
        """From the target back to a source of this size."""
        return Placement(np.asarray(np.linalg.inv(self.matrix), np.float64), size, self.mirrored)

    def pixel_matrix(self) -> Matrix:
        """OpenCV counts from the middle of the first pixel, the matrix from its corner."""
        to_corner = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])
        return np.asarray(np.linalg.inv(to_corner) @ self.matrix @ to_corner)


def letterbox(source: tuple[int, int], target: tuple[int, int]) -> Placement:
    """All of a picture in the middle of the target; sizes are (width, height)."""
    scale = min(target[0] / source[0], target[1] / source[1])
    x, y = ((t - s * scale) / 2 for s, t in zip(source, target, strict=True))
    return Placement(np.array([[scale, 0, x], [0, scale, y], [0, 0, 1]]), target)


def random_placement(rng: Generator, source: tuple[int, int], target: tuple[int, int], strength: Strength) -> Placement:
    """The letterboxed picture mirrored (every second time), scaled, turned, shifted and seen from an angle."""
    return changed(rng, letterbox(source, target), strength)


def changed(rng: Generator, placement: Placement, strength: Strength) -> Placement:
    """A placement mirrored (every second time), scaled, turned and shifted around the target's middle, and tilted."""
    width, height = placement.size
    mirrored = bool(rng.random() < 0.5)
    angle = rng.uniform(-180, 180) if rng.random() < strength.any_angle else rng.normal(0, strength.tilt)
    scale = np.exp(rng.uniform(np.log(strength.smallest), np.log(strength.largest)))
    cos, sin = scale * np.cos(np.radians(angle)), scale * np.sin(np.radians(angle))
    turn = np.array([[-cos if mirrored else cos, -sin, 0], [-sin if mirrored else sin, cos, 0], [0, 0, 1]])
    shift = rng.normal(0, strength.shift, 2) * placement.size
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    moved = corners + rng.normal(0, strength.perspective, (4, 2)) * placement.size
    view = cv2.getPerspectiveTransform(corners, moved.astype(np.float32))
    to_middle = np.array([[1, 0, -width / 2], [0, 1, -height / 2], [0, 0, 1]])
    back = np.array([[1, 0, width / 2 + shift[0]], [0, 1, height / 2 + shift[1]], [0, 0, 1]])
    return Placement(view @ back @ turn @ to_middle @ placement.matrix, placement.size, mirrored)


def shrunk(picture: Image, target: tuple[int, int]) -> Image:
    """A large picture averaged down to what the target needs; a small one as it is."""
    height, width = picture.shape[:2]
    scale = SAMPLES_PER_PIXEL * min(target[0] / width, target[1] / height)
    if scale >= 1:
        return picture
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def relit(rng: Generator, picture: Image, light: float) -> Image:
    """The picture in other light: exposure, contrast, saturation, white balance, a gradient, blur, noise, JPEG."""
    if light <= 0:
        return picture
    y = picture.astype(np.float32) / 255
    grey = y.mean(2, keepdims=True)
    y = grey + (y - grey) * rng.uniform(1 - 0.4 * light, 1 + 0.4 * light)
    y = y * np.asarray(1 + rng.normal(0, 0.06 * light, 3), np.float32)
    middle = y.mean()
    y = (y - middle) * rng.uniform(1 - 0.25 * light, 1 + 0.25 * light) + middle
    y = y * rng.uniform(1 - 0.35 * light, 1 + 0.35 * light)
    if rng.random() < 0.3 * light:
        y = y * _gradient(rng, y.shape[:2])
    if rng.random() < 0.25 * light:
        y = cv2.GaussianBlur(y, (0, 0), rng.uniform(0.3, 1.2))
    if rng.random() < 0.4 * light:
        y = y + rng.normal(0, rng.uniform(0.005, 0.03), y.shape).astype(np.float32)
    changed = np.asarray(np.clip(y * 255 + 0.5, 0, 255), np.uint8)
    if rng.random() < 0.3 * light:
        quality = int(rng.integers(35, 90))
        encoded = cv2.imencode(".jpg", changed[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
        changed = np.ascontiguousarray(np.asarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR), np.uint8)[..., ::-1])
    return changed


def _gradient(rng: Generator, shape: tuple[int, int]) -> NDArray[np.float32]:
    """(H, W, 1): light that falls off across the picture."""
    height, width = shape
    angle, depth = rng.uniform(0, 2 * np.pi), rng.uniform(0.1, 0.5)
    x, y = np.linspace(-1, 1, width), np.linspace(-1, 1, height)[:, None]
    ramp = (x * np.cos(angle) + y * np.sin(angle)) / 2
    return np.asarray(1 + depth * ramp, np.float32)[..., None]
