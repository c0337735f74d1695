"""Smooth fills: what was under the old garment, and colours beyond a garment's edge."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from vf_anatomy import Floats, Mask, Points, Segment, pixel_grid

SMALLEST = 2
LEAST_WEIGHT = 1e-4
"""Share of known pixels below which a level knows nothing."""
NARROW = 5.0
"""Blur in pixels that is still computed as it is: broader ones on pictures that many times smaller."""


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
    weight = known.astype(np.float32)
    levels = []
    below, share = colour * (weight if colour.ndim == 2 else weight[..., None]), weight
    while min(share.shape) > SMALLEST:
        below, share = cv2.pyrDown(below), cv2.pyrDown(share)
        levels.append((below, share))
    filled = _mean(*levels.pop()) if levels else _mean(below, share)
    for below, share in reversed(levels):
        above = cv2.pyrUp(filled, dstsize=share.shape[::-1])
        own = np.where(share > LEAST_WEIGHT, np.minimum(share, 1), 0)
        filled = above + (_mean(below, share) - above) * (own if above.ndim == 2 else own[..., None])
    filled = cv2.pyrUp(filled, dstsize=weight.shape[::-1]) if filled.shape[:2] != weight.shape else filled
    np.copyto(filled, colour, where=known if colour.ndim == 2 else known[..., None])
    return np.asarray(filled, np.float32)


def _mean(weighted: Floats, weight: Floats) -> Floats:
    divisor = np.maximum(weight, LEAST_WEIGHT)
    return np.asarray(weighted / (divisor if weighted.ndim == 2 else divisor[..., None]), np.float32)


def mirrored(picture: NDArray[np.uint8] | Floats, known: Mask) -> Floats:
    """Fill unknown pixels of every row with the known ones beside them, mirrored to and fro at their border.

    Pavements and walls keep their texture, which `push_pull` cannot give. Where both sides are known, each gives way
    to the other.

    Args:
        picture: (H, W, C).
        known: (H, W).

    Returns:
        (H, W, C) float32; rows that know nothing are as they were.
    """
    out = picture.astype(np.float32)
    width = known.shape[1]
    columns = np.arange(width)
    for row in np.flatnonzero(known.any(axis=1) & ~known.all(axis=1)):
        line = known[row]
        before = np.maximum.accumulate(np.where(line, columns, -1))
        after = np.minimum.accumulate(np.where(line, columns, width)[::-1])[::-1]
        gap_before = np.maximum.accumulate(np.where(line, -1, columns))
        gap_after = np.minimum.accumulate(np.where(line, width, columns)[::-1])[::-1]
        holes = np.flatnonzero(~line)
        first, last = before[holes], after[holes]
        left = first - _to_and_fro(holes - first, first - gap_before[first.clip(0)])
        right = last + _to_and_fro(last - holes, gap_after[last.clip(0, width - 1)] - last)
        share = (holes - first) / np.maximum(last - first, 1)
        share = np.where(first < 0, 1.0, np.where(last >= width, 0.0, share)).astype(np.float32)[:, None]
        source = out[row]
        out[row, holes] = source[left.clip(0)] * (1 - share) + source[right.clip(0, width - 1)] * share
    return out


def _to_and_fro(distance: NDArray[np.intp], run: NDArray[np.intp]) -> NDArray[np.intp]:
    """Steps into a run of that many pixels after walking a distance, turning round at its ends."""
    period = 2 * np.maximum(run - 1, 1)
    at = distance % period
    return np.asarray(np.minimum(np.minimum(at, period - at), np.maximum(run - 1, 0)))


def blurred(picture: Floats, sigma: float) -> Floats:
    """Gaussian blur of (H, W) or (H, W, C) float32; a broad one is computed on a smaller picture."""
    step = int(sigma / NARROW)
    if step < 2:
        return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), np.float32)
    height, width = picture.shape[:2]
    size = (max(1, width // step), max(1, height // step))
    small = cv2.GaussianBlur(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), (0, 0), sigma / step)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)


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
    box = box_of(alpha > 0)
    out, part = below.copy(), below[box]
    out[box] = part + (above[box].astype(np.float32, copy=False) - part) * alpha[box][..., None]
    return out


Box = tuple[slice, slice]
"""Rows and columns of a picture."""


def box_of(mask: Mask, margin: int = 0) -> Box:
    """The smallest box that holds a mask, and ``margin`` pixels around it as far as there are any; never empty."""
    left, top, width, height = cv2.boundingRect(mask.astype(np.uint8))
    if not width:
        return slice(0, 1), slice(0, 1)
    return (
        slice(max(0, top - margin), min(mask.shape[0], top + height + margin)),
        slice(max(0, left - margin), min(mask.shape[1], left + width + margin)),
    )


def points_of(box: Box) -> Floats:
    """(h, w, 2) float32: x, y of each pixel of a box."""
    rows, columns = box
    grid = pixel_grid((rows.stop - rows.start, columns.stop - columns.start))
    return grid + np.array((columns.start, rows.start), np.float32)


def near_bone(bone: Segment, radius: float, size: tuple[int, int]) -> Mask:
    """(H, W) where a picture of (height, width) is within ``radius`` pixels of a bone."""
    near = np.zeros(size, bool)
    box = box_around(np.array([bone.start, bone.end]), radius, size)
    near[box] = bone.nearest(points_of(box))[0] < radius
    return near


def box_around(points: Points, margin: float, size: tuple[int, int]) -> Box:
    """The box that holds (n, 2) points and ``margin`` pixels around them, within a picture of (height, width).

    It is never empty: of points outside the picture it is a line at its edge.
    """
    low, high = np.floor(points.min(0) - margin), np.ceil(points.max(0) + margin)
    (left, top), (right, bottom) = (np.clip(end, 0, (size[1] - 1, size[0] - 1)).astype(int) for end in (low, high))
    return slice(int(top), int(bottom) + 1), slice(int(left), int(right) + 1)


def _morphed(operation: object, mask: Mask, radius: int) -> Mask:
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    return operation(mask.astype(np.uint8), kernel) > 0  # type: ignore[operator, no-any-return]
