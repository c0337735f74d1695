"""People in a picture, as BlazePose saw them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vf_anatomy import Floats, PersonSide, Sided, TorsoFrame
from vf_blazepose import Mark

_FINGER_TIPS = np.float32(1.9)
"""The tips of the fingers, beyond the wrist, in lengths from wrist to knuckles: they are about as far again."""


@dataclass(frozen=True)
class Subject:
    """One person in a picture of H x W pixels.

    ``landmarks``: (33, 4) float32 by `vf_blazepose.Mark`: x, y in pixels, z in the scale of x, visibility in [0, 1].
    ``mask``: (H, W) float32, the probability that a pixel is the person, soft at the outline.
    """

    landmarks: Floats
    mask: Floats

    def points(self, side: PersonSide, *names: str) -> Floats:
        """(n, 2) x, y of landmarks of one side."""
        return self.landmarks[[Mark.of(side, name) for name in names], :2]

    def finger_tips(self, side: PersonSide) -> Floats:
        """(2,) where the fingers end: BlazePose gives the knuckles."""
        wrist, *knuckles = self.points(side, "WRIST", "INDEX", "LITTLE")
        return np.asarray(wrist + (np.mean(knuckles, axis=0) - wrist) * _FINGER_TIPS, np.float32)

    @property
    def unit(self) -> float:
        """The body unit in pixels, at least 1."""
        shoulders = Sided.of(PersonSide, lambda side: self.points(side, "SHOULDER")[0])
        hips = Sided.of(PersonSide, lambda side: self.points(side, "HIP")[0])
        return TorsoFrame.of(shoulders, hips).unit
