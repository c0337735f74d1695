"""What goes into and comes out of every clothmask engine."""

from __future__ import annotations

from dataclasses import dataclass

from vfkit.contracts import Image
from vfkit.engines import AnswerWarning


@dataclass(frozen=True)
class MaskRequest:
    """One garment photo.

    Attributes:
        image: (H, W, 3) uint8 RGB, any size.
    """

    image: Image


@dataclass(frozen=True)
class MaskAnswer:
    """The garment's pixels.

    Attributes:
        mask: (H, W) uint8 of the photo's size, 255 on the garment and 0 elsewhere.
        warnings: ``low_confidence`` when the mask may be wrong.
    """

    mask: Image
    warnings: tuple[AnswerWarning, ...] = ()
