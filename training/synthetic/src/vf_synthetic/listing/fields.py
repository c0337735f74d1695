"""Cheap random fields: a few random numbers, stretched by OpenCV to a picture's size."""

from __future__ import annotations

import cv2
import numpy as np

from vf_synthetic.noise import FloatArray

COARSE = 48  # nodes of a field before it repeats


def noise(rng: np.random.Generator, shape: tuple[int, int], across: float, along: float | None = None, angle: float = 0.0) -> FloatArray:
    """A smooth field (H, W) float32 about in [-1, 1] with features `across` pixels wide.

    With `along` features are that long, in a direction `angle` degrees from the rows. It repeats after 48 features.
    """
    coarse = rng.normal(0, 0.6, (COARSE, COARSE)).astype(np.float32)
    a = np.deg2rad(angle)
    step = np.array([1 / (along or across), 1 / across])[:, None]
    matrix = np.array([(np.cos(a), np.sin(a)), (-np.sin(a), np.cos(a))]) * step
    matrix = np.concatenate([matrix, rng.uniform(0, COARSE, (2, 1))], 1)
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(coarse, matrix, shape[::-1], flags=flags, borderMode=cv2.BORDER_WRAP)


def ridges(rng: np.random.Generator, shape: tuple[int, int], across: float, along: float | None = None, angle: float = 0.0) -> FloatArray:
    """Sharp crests (H, W) in [0, 1], as creased cloth has them."""
    crest = 1.0 - np.minimum(np.abs(noise(rng, shape, across, along, angle)) * 1.6, 1.0)
    return crest * crest


def grain(rng: np.random.Generator, shape: tuple[int, int], sigma: float) -> FloatArray:
    """Independent noise (H, W) of standard deviation `sigma`, cut from a small random block."""
    block = rng.normal(0, sigma, (97, 101)).astype(np.float32)
    rows, columns = -(-shape[0] // 97), -(-shape[1] // 101)
    return np.tile(block, (rows, columns))[: shape[0], : shape[1]]
