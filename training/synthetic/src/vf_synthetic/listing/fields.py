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
    fine = 4 if min(across, along or across) > 4 else 1
    tile = periodic(rng, COARSE * fine, COARSE)
    a = np.deg2rad(angle)
    step = np.array([fine / (along or across), fine / across])[:, None]
    matrix = np.array([(np.cos(a), np.sin(a)), (-np.sin(a), np.cos(a))]) * step
    matrix = np.concatenate([matrix, rng.uniform(0, COARSE * fine, (2, 1))], 1)
    # OpenCV's cubic interpolation does not wrap, hence the finer tile.
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(tile, matrix, shape[::-1], flags=flags, borderMode=cv2.BORDER_WRAP)


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
