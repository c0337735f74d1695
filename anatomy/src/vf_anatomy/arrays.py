"""Arrays that geometry is made of. Points are x, y in pixels, x to the right and y down."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float32]
"""Maps, (H, W) or (H, W, C), and landmarks."""
Doubles: TypeAlias = NDArray[np.float64]
"""Measurements along a line, and points of a pose file."""
Mask: TypeAlias = NDArray[np.bool_]
"""(H, W): where something is."""
Point: TypeAlias = NDArray[np.floating[Any]]
"""(2,): a position or a direction; float32 from landmarks, float64 from a pose file."""
Points: TypeAlias = NDArray[np.floating[Any]]
"""(..., 2): positions."""


def pixel_grid(size: tuple[int, int]) -> Floats:
    """(H, W, 2) float32: x, y of each pixel of a picture of (height, width); its centre is half a pixel further."""
    height, width = size
    return np.stack(np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32)), -1)
