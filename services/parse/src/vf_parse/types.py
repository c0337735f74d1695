"""What the parse engines are asked and what they answer; both engines share these types."""

from __future__ import annotations

from dataclasses import dataclass

from vfkit.contracts import Image
from vfkit.engines import AnswerWarning


@dataclass(frozen=True)
class ParseRequest:
    """One photo: (H, W, 3) uint8 RGB, a person standing in it."""

    image: Image


@dataclass(frozen=True)
class ParseAnswer:
    """The human parse of one photo: (H, W) uint8 of `vfkit.contracts.Label`, at the photo's size."""

    labels: Image
    warnings: tuple[AnswerWarning, ...] = ()
