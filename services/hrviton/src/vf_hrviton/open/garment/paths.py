"""Cheapest path through a grid, one step per row."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vf_anatomy import Doubles


def cheapest_path(cost: Doubles, slope: int = 1) -> NDArray[np.intp]:
    """Column in each row of the path from the first row to the last that costs least.

    Args:
        cost: (rows, columns) float, at least one row and one column.
        slope: columns that the path may move from one row to the next.

    Returns:
        (rows,) int.
    """
    rows, columns = cost.shape
    total = cost.astype(np.float64).copy()
    shifts = np.arange(-slope, slope + 1)
    came = np.zeros((rows, columns), np.intp)
    index = np.arange(columns)
    for row in range(1, rows):
        padded = np.pad(total[row - 1], slope, constant_values=np.inf)
        before = np.stack([padded[slope + s : slope + s + columns] for s in shifts])
        best = before.argmin(axis=0)
        total[row] += before[best, index]
        came[row] = index + shifts[best]
    path = np.zeros(rows, np.intp)
    path[-1] = int(total[-1].argmin())
    for row in range(rows - 1, 0, -1):
        path[row - 1] = came[row, path[row]]
    return path
