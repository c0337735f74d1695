"""From part labels to the picture that DensePose's ``dp_segm`` visualiser paints with full opacity on black."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from vfkit.contracts import Image

PALETTE: Image = np.array(
    [
        (0, 0, 0), (37, 60, 163), (20, 80, 194), (4, 97, 223), (8, 110, 221), (14, 122, 216), (20, 132, 212),
        (15, 144, 208), (11, 156, 203), (6, 166, 198), (22, 173, 185), (38, 179, 172), (55, 185, 159),
        (86, 187, 144), (114, 189, 130), (145, 191, 116), (170, 189, 105), (192, 188, 96), (216, 186, 86),
        (228, 192, 74), (240, 199, 60), (252, 206, 46), (251, 220, 36), (250, 235, 25), (249, 251, 14),
    ],
    np.uint8,
)  # fmt: skip
"""(25, 3) RGB of each label: OpenCV's PARULA at label * 255 / 24; 0 is black."""


@dataclass(frozen=True)
class PlacedLabels:
    """The parts of one person.

    Attributes:
        labels: (h, w) uint8, 0 to 24.
        x, y: of its top left pixel in the picture; it may reach beyond the picture.
    """

    labels: Image
    x: int = 0
    y: int = 0


def paint(people: Iterable[PlacedLabels], size: tuple[int, int]) -> Image:
    """Paint people in order, a later one over an earlier where it has a part.

    Args:
        people: their parts.
        size: (width, height) of the picture.

    Returns:
        (H, W, 3) uint8 RGB.
    """
    width, height = size
    picture = np.zeros((height, width, 3), np.uint8)
    for person in people:
        left, top = max(0, person.x), max(0, person.y)
        labels = person.labels[top - person.y : height - person.y, left - person.x : width - person.x]
        window = picture[top : top + labels.shape[0], left : left + labels.shape[1]]
        shown = labels > 0
        window[shown] = PALETTE[labels[shown]]
    return picture
