"""Inverse thin-plate spline: for every pixel of the photo, where in the cloth picture it comes from.

Bookstein, "Principal Warps", TPAMI 1989. Solved once for the control points, evaluated on a coarse grid and
interpolated cubically: the spline is smooth, a pixel-wise evaluation would show no difference.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
STEP = 16
"""Pixels between the grid points at which the spline is evaluated."""


def inverse_warp(
    targets: NDArray[np.float64], sources: NDArray[np.float64], size: tuple[int, int], smoothing: float = 0.0
) -> tuple[Floats, Floats]:
    """Maps for `cv2.remap`.

    Args:
        targets: (n, 2) x, y in the photo.
        sources: (n, 2) x, y in the cloth picture.
        size: (height, width) of the photo.
        smoothing: 0 passes through every control point; more bends less.

    Returns:
        Two (height, width) float32 maps, x and y in the cloth picture.
    """
    height, width = size
    # Coordinates of order one keep the system well conditioned.
    scale = float(max(height, width))
    control = targets / scale
    weights, affine = _solve(control, sources, smoothing / scale**2)
    columns, rows = np.arange(0, width + STEP, STEP), np.arange(0, height + STEP, STEP)
    grid = np.stack(np.meshgrid(columns, rows), -1).reshape(-1, 2) / scale
    values = _kernel(grid, control) @ weights + _affine(grid) @ affine
    coarse = values.reshape(len(rows), len(columns), 2).astype(np.float32)
    xs, ys = np.meshgrid(np.arange(width, dtype=np.float32) / STEP, np.arange(height, dtype=np.float32) / STEP)
    return (
        cv2.remap(np.ascontiguousarray(coarse[..., 0]), xs, ys, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE),
        cv2.remap(np.ascontiguousarray(coarse[..., 1]), xs, ys, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE),
    )


def _solve(
    control: NDArray[np.float64], values: NDArray[np.float64], smoothing: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    n = len(control)
    system = np.zeros((n + 3, n + 3))
    system[:n, :n] = _kernel(control, control) + smoothing * np.eye(n)
    system[:n, n:] = _affine(control)
    system[n:, :n] = system[:n, n:].T
    solution = np.linalg.solve(system, np.concatenate([values, np.zeros((3, 2))]))
    return solution[:n], solution[n:]


def _kernel(points: NDArray[np.float64], control: NDArray[np.float64]) -> NDArray[np.float64]:
    squared = ((points[:, None] - control[None]) ** 2).sum(-1)
    return np.where(squared > 0, 0.5 * squared * np.log(np.maximum(squared, 1e-300)), 0.0)


def _affine(points: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.concatenate([np.ones((len(points), 1)), points], 1)
