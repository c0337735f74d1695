"""What the parse engines are asked and what they answer; both engines share these types."""

from __future__ import annotations

from dataclasses import dataclass

from vfkit.contracts import Image
from vfkit.engines import AnswerWarning


@dataclass(frozen=True)
class ParseRequest:
    """One photo: (H, W, 3) uint8 RGB, a person standing in it.

    ``edge`` asks for the outlines between parts and people too, which only the reference engine finds; ``held`` for
    what the person holds, which only the open engine finds.
    """

    image: Image
    edge: bool = False
    held: bool = False


@dataclass(frozen=True)
class ParseAnswer:
    """The human parse of one photo.

    ``labels``: (H, W) uint8 of `vfkit.contracts.Label`, at the photo's size. ``edge``: (H, W) uint8, the probability
    of an outline in 255ths; None where it was not asked for. ``held``: (H, W) uint8, 255 on bags and what hands hold
    (background among the labels) and 0 elsewhere; None where it was not asked for.
    """

    labels: Image
    warnings: tuple[AnswerWarning, ...] = ()
    edge: Image | None = None
    held: Image | None = None
