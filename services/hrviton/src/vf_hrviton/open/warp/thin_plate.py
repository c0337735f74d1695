"""Inverse thin-plate spline: for every pixel of the photo, where in the cloth picture it comes from.

Bookstein, "Principal Warps", TPAMI 1989. Solved once for the control points, evaluated on a coarse grid and
interpolated cubically: the spline is smooth, a pixel-wise evaluation would show no difference.
"""

from __future__ import annotations

import numpy as np

from vf_anatomy import Doubles, Floats

STEP = 16
"""Pixels between the grid points at which the spline is evaluated."""


def inverse_warp(
    targets: Doubles, sources: Doubles, size: tuple[int, int], smoothing: float = 0.0
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
    rows, down = _grid(height)
    columns, along = _grid(width)
    grid = np.stack(np.meshgrid(columns, rows), -1).reshape(-1, 2) / scale
    values = _kernel(grid, control) @ weights + _affine(grid) @ affine
    coarse = values.reshape(len(rows), len(columns), 2).astype(np.float32)
    x, y = (down @ coarse[..., axis] @ along.T for axis in (0, 1))
    return np.asarray(x, np.float32), np.asarray(y, np.float32)


def _grid(length: int) -> tuple[Doubles, Floats]:
    """Grid points along one axis, one beyond each end, and the (length, points) weights that interpolate from them.

    Keys' cubic convolution (IEEE TASSP 1981) with a = -1/2, the one that reproduces straight lines: `cv2.remap` has
    a = -3/4, which lets the stripes of a garment waver by a pixel from grid point to grid point.
    """
    count = -(-(length - 1) // STEP) + 3
    points = np.arange(-1, count, dtype=np.float64) * STEP
    offset = np.abs(np.arange(length)[:, None] - points) / STEP
    near = 1 - 2.5 * offset**2 + 1.5 * offset**3
    far = 2 - 4 * offset + 2.5 * offset**2 - 0.5 * offset**3
    weights = np.where(offset < 1, near, np.where(offset < 2, far, 0))
    return points, np.asarray(weights, np.float32)


def _solve(control: Doubles, values: Doubles, smoothing: float) -> tuple[Doubles, Doubles]:
    n = len(control)
    system = np.zeros((n + 3, n + 3))
    system[:n, :n] = _kernel(control, control) + smoothing * np.eye(n)
    system[:n, n:] = _affine(control)
    system[n:, :n] = system[:n, n:].T
    solution = np.linalg.solve(system, np.concatenate([values, np.zeros((3, 2))]))
    return solution[:n], solution[n:]


def _kernel(points: Doubles, control: Doubles) -> Doubles:
    squared = ((points[:, None] - control[None]) ** 2).sum(-1)
    return np.where(squared > 0, 0.5 * squared * np.log(np.maximum(squared, 1e-300)), 0.0)


def _affine(points: Doubles) -> Doubles:
    return np.concatenate([np.ones((len(points), 1)), points], 1)
