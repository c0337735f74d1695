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
        iuv: the surface coordinates are wanted too; engines that have none answer ``invalid_request``.
    """

    image: Image
    iuv: bool = False


@dataclass(frozen=True)
class DensePoseAnswer:
    """The body parts.

    Attributes:
        picture: (H, W, 3) uint8 RGB of the photo's size, each part in its colour on black.
        warnings: none so far.
        iuv: (H, W, 3) uint8 of the photo's size: part 0..24, and U and V in it, 0..255; None when not asked for.
    """

    picture: Image
    warnings: tuple[AnswerWarning, ...] = ()
    iuv: Image | None = None
