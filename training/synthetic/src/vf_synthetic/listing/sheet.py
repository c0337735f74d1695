"""Contact sheets that show samples with their labels."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from vf_synthetic.listing.photograph import ABSENT, KINDS, PHOTOS, VIEWS, VISIBLE, ListingSample
from vfkit.contracts.garment import GarmentLandmark

PALETTE = np.array(
    [
        (0, 0, 0),
        (255, 160, 0),
        (60, 120, 255),
        (255, 60, 60),
        (60, 200, 80),
        (255, 230, 60),
        (170, 90, 220),
        (255, 120, 190),
        (60, 220, 220),
        (150, 90, 40),
    ],
    np.uint8,
)
"""A colour (RGB) for each part."""


def labelled(sample: ListingSample) -> NDArray[np.uint8]:
    """The photo beside itself with parts and landmarks drawn in, (H, 2W, 3) uint8."""
    tinted = cv2.addWeighted(sample.picture, 0.45, PALETTE[sample.parts], 0.55, 0)
    tinted[sample.parts == 0] = sample.picture[sample.parts == 0] // 2
    for landmark, (x, y, seen) in zip(GarmentLandmark, sample.landmarks, strict=True):
        if seen == ABSENT:
            continue
        colour = (255, 255, 255) if seen == VISIBLE else (120, 120, 120)
        at = (int(x), int(y))
        cv2.circle(tinted, at, 3, (0, 0, 0), -1, cv2.LINE_AA)
        cv2.circle(tinted, at, 2, colour, -1, cv2.LINE_AA)
        cv2.putText(
            tinted, _short(landmark), (at[0] + 3, at[1] - 2), cv2.FONT_HERSHEY_PLAIN, 0.6, colour, 1, cv2.LINE_AA
        )
    words = f"{KINDS[sample.kind]} {PHOTOS[sample.photo]} {VIEWS[sample.view]}"
    cv2.putText(tinted, words, (4, 10), cv2.FONT_HERSHEY_PLAIN, 0.7, (255, 255, 255), 1, cv2.LINE_AA)
    return np.concatenate([sample.picture, tinted], 1)


def _short(landmark: GarmentLandmark) -> str:
    """Initials, such as `lso` for left_sleeve_outer."""
    return "".join(word[0] for word in landmark.name.lower().split("_"))


def sheet(samples: Sequence[ListingSample], columns: int = 4) -> NDArray[np.uint8]:
    """All samples, labelled, in rows."""
    tiles = [labelled(sample) for sample in samples]
    tiles += [np.zeros_like(tiles[0])] * (-len(tiles) % columns)
    return np.concatenate([np.concatenate(tiles[i : i + columns], 1) for i in range(0, len(tiles), columns)])
