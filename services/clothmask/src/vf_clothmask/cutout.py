"""A garment that was cut out of its photo: its transparency is the mask."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from vfkit.contracts import Image

_OPAQUE = 128
"""What is more opaque than transparent is garment; soft shadows are not."""
_LEAST_SHARE = 0.02
"""Of the picture; less is no garment."""
_LIKE_A_FRAME = 0.97
"""Share of its bounding box that a whole photo fills when it lies on a larger canvas; corners may be round."""


def cutout_mask(alpha: Image | None) -> NDArray[np.bool_] | None:
    """The mask that a picture's transparency gives.

    Args:
        alpha: (H, W) uint8, 0 where the picture is transparent; None: it has no transparency.

    Returns:
        (H, W) bool; None: the transparency does not follow a garment's outline.
    """
    if alpha is None:
        return None
    mask = alpha >= _OPAQUE
    if mask.mean() < _LEAST_SHARE:
        return None
    return None if _is_frame(mask) else mask


def _is_frame(mask: NDArray[np.bool_]) -> bool:
    """Whether what is opaque is a rectangle."""
    left, top, width, height = cv2.boundingRect(mask.astype(np.uint8))
    return bool(mask[top : top + height, left : left + width].mean() > _LIKE_A_FRAME)
