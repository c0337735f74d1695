"""What goes into and comes out of every densepose engine."""

from __future__ import annotations

from dataclasses import dataclass

from vfkit.contracts import Image
from vfkit.engines import AnswerWarning


@dataclass(frozen=True)
class DensePoseRequest:
    """One photo of a person.

    Attributes:
        image: (H, W, 3) uint8 RGB, any size.
    """

    image: Image


@dataclass(frozen=True)
class DensePoseAnswer:
    """The body parts.

    Attributes:
        picture: (H, W, 3) uint8 RGB of the photo's size, each part in its colour on black.
        warnings: none so far.
    """

    picture: Image
    warnings: tuple[AnswerWarning, ...] = ()
