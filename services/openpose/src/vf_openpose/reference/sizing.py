"""From a picture to the network's input, and the scales back to the picture (OpenPose's `scaleAndSizeExtractor`)."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vfkit.contracts import Image

MULTIPLE = 16
WEIGHT_BITS = 15
WIDEST = 16 / 9
"""A width given as -1 follows the picture's aspect up to this one; a height up to its inverse."""


@dataclass(frozen=True)
class NetSize:
    """How a picture of one size goes through the network.

    Attributes:
        width, height: of the network's input.
        to_net: picture pixels to net pixels, corner to corner.
        to_picture: net pixels to picture pixels; not exactly the inverse, as upstream rounds in between.
        peak_offset: added to the x and y of every peak.
    """

    width: int
    height: int
    to_net: float
    to_picture: np.float32
    peak_offset: np.float32


def net_size(picture_width: int, picture_height: int, resolution: str = "-1x368", dynamic: float = 1.0) -> NetSize:
    """Size of the network's input for a picture.

    Args:
        picture_width: pixels.
        picture_height: pixels.
        resolution: ``WxH``, multiples of 16; one of them may be -1 and then follows the picture's aspect.
        dynamic: factor on that cap; 0 and below do not cap.

    Raises:
        ValueError: the resolution is malformed, or the picture so narrow that nothing is left of it.
    """
    width, height = _sides(resolution)
    if width < 0:
        width = _free_side(height, picture_width / picture_height, WIDEST * dynamic)
    elif height < 0:
        height = _free_side(width, picture_height / picture_width, dynamic / WIDEST)
    if width == 0 or height == 0:
        raise ValueError("the picture is too narrow for this resolution")
    to_net = _scale(picture_width, picture_height, width, height)
    used = int(to_net * picture_width + 0.5), int(to_net * picture_height + 0.5)
    to_picture = np.float32(_scale(*used, picture_width, picture_height))
    return NetSize(width, height, to_net, to_picture, np.float32(0.5 / float(to_picture)))


def net_input(image: Image, size: NetSize) -> NDArray[np.uint8]:
    """Resize a picture into the network's input, black to the right or below.

    Upstream asks for area interpolation when shrinking, which an affine warp does not have: it is plain bilinear.

    Args:
        image: (H, W, 3) uint8, any channel order.
        size: from `net_size`.

    Returns:
        (height, width, 3) uint8.
    """
    if size.to_net == 1.0 and image.shape[:2] == (size.height, size.width):
        return image
    columns = _samples(size.width, image.shape[1], size.to_net)
    rows = _samples(size.height, image.shape[0], size.to_net)
    across = _gather(image.astype(np.int64), columns, axis=1)
    both = _gather(across, rows, axis=0)
    return np.clip((both + (1 << 2 * WEIGHT_BITS - 1)) >> 2 * WEIGHT_BITS, 0, 255).astype(np.uint8)


@dataclass(frozen=True)
class Samples:
    """Which input pixels each output pixel of one axis is made of.

    Attributes:
        index: (taps, n) input pixel.
        weight: (taps, n) int64 in units of 2 ** -WEIGHT_BITS; 0 outside the picture, which is black.
    """

    index: NDArray[np.int64]
    weight: NDArray[np.int64]


def _samples(length: int, source_length: int, scale: float) -> Samples:
    """Where OpenCV 4's 8-bit warp samples: positions to 1/32 pixel, by way of 1/1024.

    Written out because OpenCV 5 warps in floating point, which differs by up to 5 of 255.
    """
    thousandths = np.rint(np.arange(length) * (1 / scale) * 1024).astype(np.int64)
    position = (thousandths + 16) >> 5
    first, fraction = position >> 5, (position & 31) / 32
    taps = _cubic(fraction) if scale > 1 else np.stack([1 - fraction, fraction])
    index = first + np.arange(len(taps))[:, None] - (1 if scale > 1 else 0)
    weight = np.rint(taps * (1 << WEIGHT_BITS)).astype(np.int64)
    return Samples(index.clip(0, source_length - 1), np.where((index >= 0) & (index < source_length), weight, 0))


def _cubic(t: NDArray[np.float64]) -> NDArray[np.float64]:
    """(4, n) weights of OpenCV's cubic kernel, a = -0.75."""
    a = -0.75
    before = ((a * (t + 1) - 5 * a) * (t + 1) + 8 * a) * (t + 1) - 4 * a
    here = ((a + 2) * t - (a + 3)) * t * t + 1
    after = ((a + 2) * (1 - t) - (a + 3)) * (1 - t) * (1 - t) + 1
    return np.stack([before, here, after, 1 - before - here - after])


def _gather(pixels: NDArray[np.int64], samples: Samples, axis: int) -> NDArray[np.int64]:
    shape = (-1, 1, 1) if axis == 0 else (1, -1, 1)
    taps = zip(samples.index, samples.weight, strict=True)
    return sum(  # type: ignore[return-value]
        np.take(pixels, index, axis) * weight.reshape(shape) for index, weight in taps
    )


def _sides(resolution: str) -> tuple[int, int]:
    match = re.fullmatch(r"(-1|\d+)x(-1|\d+)", resolution)
    if match is None or match[1] == match[2] == "-1":
        raise ValueError(f"net resolution {resolution!r}: WxH, one of them may be -1")
    width, height = int(match[1]), int(match[2])
    if any(side > 0 and side % MULTIPLE for side in (width, height)) or 0 in (width, height):
        raise ValueError(f"net resolution {resolution!r}: sides must be multiples of {MULTIPLE}")
    return width, height


def _free_side(given: int, aspect: float, cap: float) -> int:
    side = given * (min(aspect, cap) if cap > 0 else aspect)
    return MULTIPLE * int(np.float32(side) / np.float32(MULTIPLE) + np.float32(0.5))


def _scale(from_width: int, from_height: int, to_width: int, to_height: int) -> float:
    return min((to_width - 1) / (from_width - 1), (to_height - 1) / (from_height - 1))
