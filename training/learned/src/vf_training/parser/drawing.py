"""Sheets: photos beside the regions that the network sees and those that are true."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from vf_training.augmentation import IGNORE, Image
from vf_training.parser.joints import SKIN

COLOURS = np.zeros((256, 3), np.uint8)
"""Of the regions, in their order; skin of unknown place is pale, unlabelled pixels are black."""
COLOURS[:18] = [
    (60, 60, 60), (128, 0, 0), (255, 0, 0), (0, 85, 0), (170, 0, 51), (255, 85, 0), (0, 0, 180), (0, 119, 221),
    (150, 150, 0), (0, 85, 85), (52, 86, 128), (0, 128, 0), (255, 255, 0), (200, 0, 200), (120, 120, 255),
    (140, 90, 60), (51, 220, 221), (140, 255, 170),
]  # fmt: skip
COLOURS[SKIN] = (255, 220, 200)
COLOURS[IGNORE] = (0, 0, 0)
HEIGHT = 300


def sheet(tiles: Sequence[tuple[Image, Image, Image | None]], columns: int) -> Image:
    """Photos in rows: each beside its regions as found and, where they are known, as they are."""
    drawn = [_tile(*tile) for tile in tiles]
    width = max(tile.shape[1] for tile in drawn)
    drawn = [cv2.copyMakeBorder(tile, 0, 4, 0, width - tile.shape[1] + 4, cv2.BORDER_CONSTANT) for tile in drawn]
    drawn += [np.zeros_like(drawn[0])] * (-len(drawn) % columns)
    rows = [np.hstack(drawn[first : first + columns]) for first in range(0, len(drawn), columns)]
    return np.asarray(np.vstack(rows), np.uint8)


def _tile(picture: Image, found: Image, truth: Image | None) -> Image:
    size = (max(1, round(picture.shape[1] * HEIGHT / picture.shape[0])), HEIGHT)
    maps = [found] if truth is None else [found, truth]
    shown = [cv2.resize(COLOURS[labels], size, interpolation=cv2.INTER_NEAREST) for labels in maps]
    return np.hstack([cv2.resize(picture, size, interpolation=cv2.INTER_AREA), *shown])
