"""Left and right, the person's and the picture's: two types, so that a type checker tells where they are mixed up.

The left arm of a person who faces the camera is at the picture's right.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Generic, TypeVar


class PersonSide(Enum):
    """The person's own left and right, as BlazePose, BODY_25 and the CIHP labels have them."""

    LEFT = "left"
    RIGHT = "right"

    @property
    def initial(self) -> str:
        """``L`` or ``R``, with which the names of landmarks, joints and parts begin."""
        return self.name[0]


class PictureSide(Enum):
    """Left and right as one looks at the picture."""

    LEFT = "left"
    RIGHT = "right"

    @property
    def sign(self) -> int:
        """-1 or 1: where x goes on this side."""
        return -1 if self is PictureSide.LEFT else 1

    @property
    def other(self) -> PictureSide:
        """The opposite side."""
        return PictureSide.RIGHT if self is PictureSide.LEFT else PictureSide.LEFT


SideT = TypeVar("SideT", PersonSide, PictureSide)
T_co = TypeVar("T_co", covariant=True)
OtherT = TypeVar("OtherT")


@dataclass(frozen=True)
class Sided(Generic[SideT, T_co]):
    """One thing for each side: ``Sided[PictureSide, Arm]`` is indexed by `PictureSide` alone."""

    left: T_co
    right: T_co

    @classmethod
    def of(cls, sides: type[SideT], made: Callable[[SideT], OtherT]) -> Sided[SideT, OtherT]:
        """What ``made`` gives for each side of a kind."""
        return Sided(made(sides.LEFT), made(sides.RIGHT))

    def __getitem__(self, side: SideT) -> T_co:
        return self.left if side.value == "left" else self.right

    def values(self) -> tuple[T_co, T_co]:
        """Left, then right."""
        return self.left, self.right

    def map(self, change: Callable[[T_co], OtherT]) -> Sided[SideT, OtherT]:
        """Both things changed in the same way."""
        return Sided(change(self.left), change(self.right))
