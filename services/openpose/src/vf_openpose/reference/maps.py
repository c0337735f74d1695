"""The network's maps at full resolution, and the peaks of the heat maps (OpenPose's resize and NMS layers)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vf_openpose.reference.variant import Variant

PARTS = 25
MAX_PEAKS = 127
WINDOW = 3
"""Pixels on each side of a peak that refine its position."""

Floats = NDArray[np.float32]


def upsample(maps: Floats, factor: int, variant: Variant) -> Floats:
    """Cubic upsampling of (C, h, w) float32 maps to (C, factor h, factor w).

    The kernel is separable, so it is two products with a matrix of weights. The CUDA build extrapolates in the first
    pixels of each row and column where usual code would replicate; that is reproduced.
    """
    rows = _weights(maps.shape[1], factor, variant)
    columns = _weights(maps.shape[2], factor, variant)
    return np.matmul(rows, np.matmul(maps, columns.T))


def peaks(heat_maps: Floats, threshold: float, offset: np.float32, variant: Variant) -> list[Floats]:
    """Local maxima of every part's map.

    Args:
        heat_maps: (25 or more, H, W) float32; only the parts' maps are looked at.
        threshold: a peak is above it.
        offset: added to x and y.
        variant: whose rule at the border.

    Returns:
        For each of the 25 parts (n, 3) float32: x, y in net pixels, value; raster order, at most 127.
    """
    found = []
    for heat in heat_maps[:PARTS]:
        is_peak = _peak_mask(heat, np.float32(threshold), variant)
        ys, xs = np.nonzero(is_peak)
        found.append(
            np.array(
                [_refined(heat, x, y, offset) for y, x in zip(ys[:MAX_PEAKS], xs[:MAX_PEAKS], strict=True)], np.float32
            ).reshape(-1, 3)
        )
    return found


def _weights(size: int, factor: int, variant: Variant) -> Floats:
    """(factor size, size): row i holds how output pixel i is made of the input's."""
    source = (np.arange(size * factor) + 0.5) / factor - 0.5
    floor = np.floor(source)
    if variant is Variant.CUDA:
        base = np.clip(floor, 0, size - 1)
        t = source - base
        upper = (1, 2)
        values = _catmull_rom(t)
        below = np.maximum(base - 1, 0)
        indices = [below, base, *(np.minimum(base + step, size - 1) for step in upper)]
    else:
        t = source - floor
        values = _opencv_cubic(t)
        indices = [np.clip(floor + step, 0, size - 1) for step in (-1, 0, 1, 2)]
    matrix = np.zeros((size * factor, size))
    for index, value in zip(indices, values, strict=True):
        np.add.at(matrix, (np.arange(size * factor), index.astype(int)), value)
    return matrix.astype(np.float32)


def _catmull_rom(t: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
    """Weights of the four samples at fraction t of a cubic with a = -0.5."""
    t2, t3 = t * t, t * t * t
    return (
        -0.5 * t3 + t2 - 0.5 * t,
        1.5 * t3 - 2.5 * t2 + 1,
        -1.5 * t3 + 2 * t2 + 0.5 * t,
        0.5 * t3 - 0.5 * t2,
    )


def _opencv_cubic(t: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
    """Weights of the four samples at fraction t of a cubic with a = -0.75."""
    a = -0.75

    def near(d: NDArray[np.float64]) -> NDArray[np.float64]:
        return ((a + 2) * d - (a + 3)) * d * d + 1

    def far(d: NDArray[np.float64]) -> NDArray[np.float64]:
        return ((a * d - 5 * a) * d + 8 * a) * d - 4 * a

    return far(1 + t), near(t), near(1 - t), far(2 - t)


def _peak_mask(heat: Floats, threshold: np.float32, variant: Variant) -> NDArray[np.bool_]:
    height, width = heat.shape
    padded = np.pad(heat, 1, constant_values=threshold)
    shifts = [(dy, dx) for dy in range(3) for dx in range(3) if (dy, dx) != (1, 1)]
    highest = np.max([padded[dy : dy + height, dx : dx + width] for dy, dx in shifts], axis=0)
    above = heat > threshold
    strict = above & (heat > highest)
    inner = np.zeros_like(above)
    if variant is Variant.CUDA:
        inner[1:-1, 1:-1] = True
        return strict & inner
    # The CPU build takes >= on the second ring, and on the eight pixels of the outer ring in line with it.
    inner[2:-2, 2:-2] = True
    second = np.zeros_like(above)
    second[[1, -2], :] = True
    second[:, [1, -2]] = True
    return (strict & inner) | (above & (heat >= highest) & second)


def _refined(heat: Floats, x: int, y: int, offset: np.float32) -> tuple[np.float32, np.float32, np.float32]:
    """Mean position of the window around a peak, weighted by its positive values."""
    y0, x0 = max(0, y - WINDOW), max(0, x - WINDOW)
    window = heat[y0 : y + WINDOW + 1, x0 : x + WINDOW + 1]
    weight = np.where(window > 0, window, 0)
    total = weight.sum()
    mean_x = (weight.sum(0) * np.arange(x0, x0 + window.shape[1], dtype=np.float32)).sum() / total
    mean_y = (weight.sum(1) * np.arange(y0, y0 + window.shape[0], dtype=np.float32)).sum() / total
    return np.float32(mean_x) + offset, np.float32(mean_y) + offset, heat[y, x]
