"""Connected regions of masks."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray


def components(mask: NDArray[np.bool_], connectivity: int = 8) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Label map (0 = not in the mask) and each label's area in pixels."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=connectivity)
    return labels, stats[:count, cv2.CC_STAT_AREA]


def largest(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The largest connected region alone; empty stays empty."""
    labels, areas = components(mask)
    if len(areas) < 2:
        return mask
    return np.asarray(labels == 1 + int(np.argmax(areas[1:])))


def fill_small_holes(mask: NDArray[np.bool_], share: float) -> NDArray[np.bool_]:
    """With every enclosed region smaller than ``share`` of the picture filled."""
    labels, areas = components(np.pad(~mask, 1, constant_values=True), connectivity=4)
    small = areas < share * mask.size
    small[0] = small[labels[0, 0]] = False
    return np.asarray(mask | small[labels][1:-1, 1:-1])


def larger(mask: NDArray[np.bool_], share: float) -> NDArray[np.bool_]:
    """The regions of at least ``share`` of the largest one's area; empty stays empty."""
    labels, areas = components(mask)
    if len(areas) < 2:
        return mask
    kept = areas >= share * areas[1:].max()
    kept[0] = False
    return np.asarray(kept[labels])
