"""Cheap random fields: a few random numbers, stretched by OpenCV to a picture's size."""

from __future__ import annotations

import cv2
import numpy as np

from vf_synthetic.noise import FloatArray

COARSE = 48  # nodes of a field before it repeats


def noise(
    rng: np.random.Generator, shape: tuple[int, int], across: float, along: float | None = None, angle: float = 0.0
) -> FloatArray:
    """A smooth field (H, W) float32 about in [-1, 1] with features `across` pixels wide.

    With `along` features are that long, in a direction `angle` degrees from the rows. It repeats after 48 features.
    """
    narrow = min(across, along or across)
    fine = 4 if narrow > 4 else 1
    tile = periodic(rng, COARSE * fine, COARSE)
    # Broad features are computed at every second or fourth pixel.
    skip = 4 if narrow > 24 else 2 if narrow > 8 else 1
    a = np.deg2rad(angle)
    step = np.array([fine / (along or across), fine / across])[:, None] * skip
    matrix = np.array([(np.cos(a), np.sin(a)), (-np.sin(a), np.cos(a))]) * step
    matrix = np.concatenate([matrix, rng.uniform(0, COARSE * fine, (2, 1))], 1)
    # OpenCV's cubic interpolation does not wrap, hence the finer tile.
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    rows, columns = -(-shape[0] // skip), -(-shape[1] // skip)
    field = cv2.warpAffine(tile, matrix, (columns, rows), flags=flags, borderMode=cv2.BORDER_WRAP)
    return field if skip == 1 else cv2.resize(field, (columns * skip, rows * skip))[: shape[0], : shape[1]]


def periodic(rng: np.random.Generator, n: int, nodes: int) -> FloatArray:
    """Smooth noise (n, n) float32 that repeats, about in [-1, 1], with `nodes` features in each direction."""
    coarse = np.pad(rng.normal(0, 0.6, (nodes, nodes)).astype(np.float32), 2, mode="wrap")
    large = cv2.resize(coarse, None, fx=n / nodes, fy=n / nodes, interpolation=cv2.INTER_CUBIC)
    start = (large.shape[0] - n) // 2
    return large[start : start + n, start : start + n]


def grain(rng: np.random.Generator, shape: tuple[int, int], sigma: float) -> FloatArray:
    """Independent noise (H, W) of standard deviation `sigma`, cut from a small random block."""
    block = rng.normal(0, sigma, (97, 101)).astype(np.float32)
    rows, columns = -(-shape[0] // 97), -(-shape[1] // 101)
    return np.tile(block, (rows, columns))[: shape[0], : shape[1]]
