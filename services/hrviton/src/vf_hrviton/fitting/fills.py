"""Smooth fills: what was under the old garment, and colours beyond a garment's edge."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]

SMALLEST = 2


def push_pull(picture: NDArray[np.uint8] | Floats, known: Mask) -> Floats:
    """Fill unknown pixels smoothly from the known ones (Gortler et al., The Lumigraph, 1996).

    Known pixels are averaged down a pyramid until every level is filled, and the holes are filled on the way up.

    Args:
        picture: (H, W) or (H, W, C).
        known: (H, W); at least one pixel, otherwise the picture comes back as it is.

    Returns:
        float32 of the picture's shape.
    """
    colour = picture.astype(np.float32)
    if not known.any():
        return colour
    flat = colour.ndim == 2
    if flat:
        colour = colour[..., None]
    weight = known.astype(np.float32)
    levels = [(colour * weight[..., None], weight)]
    while min(levels[-1][1].shape) > SMALLEST:
        colour, weight = levels[-1]
        levels.append((_channels(cv2.pyrDown(colour)), cv2.pyrDown(weight)))
    colour, weight = levels[-1]
    filled = colour / np.maximum(weight, 1e-6)[..., None]
    for colour, weight in reversed(levels[:-1]):
        above = _channels(cv2.pyrUp(filled, dstsize=(weight.shape[1], weight.shape[0])))
        own = colour / np.maximum(weight, 1e-4)[..., None]
        share = np.where(weight > 1e-4, np.minimum(weight, 1), 0)[..., None]
        filled = own * share + above * (1 - share)
    return np.asarray(filled[..., 0] if flat else filled, np.float32)


def eroded(mask: Mask, radius: int) -> Mask:
    """The mask without a border of ``radius`` pixels."""
    return _morphed(cv2.erode, mask, radius)


def dilated(mask: Mask, radius: int) -> Mask:
    """The mask with a border of ``radius`` pixels more."""
    return _morphed(cv2.dilate, mask, radius)


def softened(mask: Mask | Floats, sigma: float) -> Floats:
    """The mask with Gaussian edges."""
    return np.asarray(cv2.GaussianBlur(mask.astype(np.float32), (0, 0), sigma), np.float32)


def even_edge(mask: Mask, radius: float) -> Floats:
    """The mask without the steps of a coarse outline, about a pixel soft."""
    return np.asarray(np.clip((softened(mask, radius) - 0.5) * 2 * radius + 0.5, 0, 1), np.float32)


def over(below: Floats, above: NDArray[np.uint8] | Floats, alpha: Floats) -> Floats:
    """``above`` on ``below``: (H, W, 3) pictures, (H, W) alpha in [0, 1]."""
    share = alpha[..., None]
    return np.asarray(below + (above.astype(np.float32, copy=False) - below) * share, np.float32)


def _morphed(operation: object, mask: Mask, radius: int) -> Mask:
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    return operation(mask.astype(np.uint8), kernel) > 0  # type: ignore[operator, no-any-return]


def _channels(picture: NDArray[np.float32]) -> NDArray[np.float32]:
    """OpenCV drops a single channel's axis."""
    return picture[..., None] if picture.ndim == 2 else picture
