"""Smooth random fields, the source of every irregularity: folds, weave, skin, background."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[Any]
"""Floating-point arrays, float32 wherever they are large (NumPy promotes too freely to say so in types)."""


def value_noise(points: FloatArray, seed: int) -> FloatArray:
    """Value noise at `points` (..., D with D 2 or 3), in [-1, 1], features about one unit wide.

    Lattice values come from an integer hash, so the field is endless and the same on every machine.
    """
    cell = np.floor(points).astype(np.int64)
    fraction = (points - cell).astype(np.float32)
    weight = fraction * fraction * (3.0 - 2.0 * fraction)
    dimensions = points.shape[-1]
    total = np.zeros(points.shape[:-1], np.float32)
    for corner in range(2**dimensions):
        bits = np.array([(corner >> axis) & 1 for axis in range(dimensions)])
        blend = np.prod(np.where(bits == 1, weight, 1.0 - weight), axis=-1)
        total += blend * _lattice(cell + bits, seed)
    return total


def fractal_noise(points: FloatArray, seed: int, octaves: int = 3) -> FloatArray:
    """Sum of `octaves` of value noise, each twice as fine and half as strong; about [-1, 1]."""
    total = np.zeros(points.shape[:-1], np.float32)
    for octave in range(octaves):
        total += value_noise(points * 2.0**octave, seed + octave) * 0.5**octave
    return total / np.float32(2.0 - 0.5 ** (octaves - 1))


def ridged_noise(points: FloatArray, seed: int) -> FloatArray:
    """Noise with sharp crests, like cloth that folds: in [0, 1], 1 on a crest."""
    broad = 1.0 - np.abs(value_noise(points, seed))
    fine = 1.0 - np.abs(value_noise(points * 2.1, seed + 7))
    return (0.7 * broad + 0.3 * fine) ** 2


def _lattice(cell: NDArray[np.int64], seed: int) -> FloatArray:
    """A value in [-1, 1] for each integer lattice point (..., D)."""
    primes = np.array([73856093, 19349663, 83492791], np.int64)[: cell.shape[-1]]
    hashed = (cell * primes).sum(-1) + seed * 2654435761
    hashed = (hashed ^ (hashed >> 13)) * 1274126177
    hashed = (hashed ^ (hashed >> 16)) & 0xFFFFFF
    return (hashed.astype(np.float32) / np.float32(0x7FFFFF) - 1.0).astype(np.float32)
