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
_PALE = 200
"""Of 255: a garment whose median is lighter than this is hard to see on white."""
_GREY = 110
"""What it is shown on instead."""


def cutout_mask(alpha: Image) -> NDArray[np.bool_] | None:
    """The mask that a picture's transparency gives.

    Args:
        alpha: (H, W) uint8, 0 where the picture is transparent.

    Returns:
        (H, W) bool; None: the transparency does not follow a garment's outline.
    """
    mask = alpha >= _OPAQUE
    if mask.mean() < _LEAST_SHARE:
        return None
    return None if _is_frame(mask) else mask


def made_visible(photo: Image, mask: NDArray[np.bool_]) -> Image:
    """A cut-out as the garment reader is shown it: on white, as it lies already, or a pale garment on grey.

    Args:
        photo: (H, W, 3) uint8 RGB on white.
        mask: (H, W) bool, the garment; not empty.

    Returns:
        (H, W, 3) uint8 RGB.
    """
    if np.median(photo[mask]) < _PALE:
        return photo
    return np.where(mask[..., None], photo, np.uint8(_GREY))


def _is_frame(mask: NDArray[np.bool_]) -> bool:
    """Whether what is opaque is a rectangle."""
    left, top, width, height = cv2.boundingRect(mask.astype(np.uint8))
    return bool(mask[top : top + height, left : left + width].mean() > _LIKE_A_FRAME)
