"""Which part of a normalised picture is the photo: normalisation pads, and a garment may end where the photo does."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vfkit.contracts import Image
from vfkit.pictures.placement import FADE_PIXELS

STEP = float(np.exp(-1 / FADE_PIXELS))
"""What is left of the difference from the padding's colour, one pixel further from the photo."""
ROUNDING = 1.0
"""By how much a padded pixel, rounded as it is, may miss that."""
EVERY = 8
"""Of so many pixels of a line one is looked at."""
VISIBLE = 3.0
"""Of 255: least difference of the photo's edge from the padding's colour; without one its end is not to be seen."""


class Frame(NamedTuple):
    """A rectangle of a picture in pixels; right and bottom are the first ones outside."""

    left: int
    top: int
    right: int
    bottom: int


def photo_frame(picture: Image) -> Frame:
    """Where the photo lies in a picture that `vfkit.pictures.normalise` may have padded.

    Padding lies above and below the photo or beside it, equally thick, and fades from the photo's edges to one colour
    by a known law. What does not look so is photo.

    Args:
        picture: (H, W, 3) uint8 RGB.
    """
    height, width = picture.shape[:2]
    rows = picture.astype(np.float32)
    across, down = rows[:, ::EVERY], rows[::EVERY].swapaxes(0, 1)
    above, below, left, right = (_padded(lines) for lines in (across, across[::-1], down, down[::-1]))
    if min(above, below) > 0 and abs(above - below) <= 1:
        return Frame(0, above, width, height - below)
    if min(left, right) > 0 and abs(left - right) <= 1:
        return Frame(left, 0, width - right, height)
    return Frame(0, 0, width, height)


def _padded(lines: NDArray[np.float32]) -> int:
    """How many lines are padding, counted from the first; (n, length, 3)."""
    colour = np.median((lines[0] - STEP * lines[1]) / (1 - STEP), axis=0)
    missed = np.abs(lines[:-1] - (STEP * lines[1:] + (1 - STEP) * colour)).max(axis=(1, 2))
    off = np.flatnonzero(missed > ROUNDING)
    count = int(off[0]) if len(off) else 0
    visible = count > 0 and np.abs(lines[count - 1] - colour).max() > VISIBLE
    return count if visible else 0
