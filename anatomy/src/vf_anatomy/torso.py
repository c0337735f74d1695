"""The frame of a torso: its axes, its length, and the body unit.

Widths are told in body units. When a person turns, the shoulders look narrower and the torso stays as long. So the unit
is the larger of two lengths: the shoulders' width, and what that would be from the front, as the torso says.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vf_anatomy.arrays import Floats, Point, Points
from vf_anatomy.sides import Sided, SideT

_UNIT_OF_TORSO = 0.62
"""Shoulder width over torso length of an adult seen from the front."""
_LEAST = 1.0
"""Pixels that a torso is long and wide at least: its joints may coincide."""


@dataclass(frozen=True)
class TorsoFrame:
    """Coordinates of a torso: t is 0 at the shoulders, 1 at the hips, and continued beyond both.

    Attributes:
        neck: (2,) middle of the shoulders, in pixels.
        hips: (2,) middle of the hips, in pixels.
        across: (2,) unit vector that offsets to the side are measured along.
        shoulder_width: between the shoulder joints in pixels, at least 1.
    """

    neck: Point
    hips: Point
    across: Point
    shoulder_width: float

    @classmethod
    def of(cls, shoulders: Sided[SideT, Point], hips: Sided[SideT, Point]) -> TorsoFrame:
        """The frame of four joints, (2,) each.

        ``across`` is square to the axis, towards the picture's right where the person is upright.
        """
        neck, hip = (shoulders.left + shoulders.right) / 2, (hips.left + hips.right) / 2
        down = hip - neck
        square = np.array([down[1], -down[0]], down.dtype) / max(float(np.linalg.norm(down)), _LEAST)
        width = max(float(np.linalg.norm(shoulders.left - shoulders.right)), _LEAST)
        return cls(neck, hip, square, width)

    @property
    def down(self) -> Point:
        """(2,) from the neck to the hips, in pixels."""
        return self.hips - self.neck

    @property
    def length(self) -> float:
        """From the neck to the hips in pixels, at least 1."""
        return max(float(np.linalg.norm(self.down)), _LEAST)

    @property
    def axis(self) -> Point:
        """(2,) unit vector from the neck to the hips."""
        axis: Point = self.down / self.length
        return axis

    @property
    def unit(self) -> float:
        """The body unit in pixels."""
        return max(self.shoulder_width, _UNIT_OF_TORSO * self.length)

    def at(self, t: float, across: float = 0.0) -> Point:
        """(2,) the point at t, ``across`` pixels beside the axis."""
        point: Point = self.neck + self.axis * t * self.length + self.across * across
        return point

    def coordinates(self, points: Points) -> tuple[Floats, Floats]:
        """For (..., 2) float32 points: (...) float32 t, and (...) float32 pixels across."""
        x, y = points[..., 0] - np.float32(self.neck[0]), points[..., 1] - np.float32(self.neck[1])
        axis = self.axis
        t = (x * np.float32(axis[0]) + y * np.float32(axis[1])) / np.float32(self.length)
        across = x * np.float32(self.across[0]) + y * np.float32(self.across[1])
        return np.asarray(t, np.float32), np.asarray(across, np.float32)
