"""The body as geometry: a frame of torso coordinates and the distance of every pixel to every bone.

Lengths are told in body units (`vf_anatomy.TorsoFrame`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np

from vf_anatomy import Floats, PersonSide, Point, Segment, Sided, TorsoFrame, pixel_grid
from vf_blazepose import Mark
from vf_parse.open.subject import Subject
from vfkit.contracts import Image

_CUFF = np.float32(0.3)
"""Share of the way from the wrist to the finger tips that a cuff may cover."""
_SHOE_TIP = np.float32(1.2)
"""The shoe's tip, beyond the toe landmark, in lengths from heel to toe."""
_FINGER_TIPS = np.float32(1.9)
"""The tips of the fingers, beyond the wrist, in lengths from wrist to knuckles: they are about as far again."""


@dataclass(frozen=True)
class Limb:
    """Distances in pixels, (h, w) float32, to the three bones of an arm or a leg.

    ``upper``: upper arm, thigh; ``lower``: forearm, shin; ``end``: hand (from where a cuff ends), foot.
    """

    upper: Floats
    lower: Floats
    end: Floats

    @property
    def nearest(self) -> Floats:
        """Distance to the nearest of the three bones."""
        return np.minimum(np.minimum(self.upper, self.lower), self.end)


@dataclass(frozen=True)
class Skeleton:
    """A person's geometry on a picture of h x w pixels.

    ``points``: (33, 2) landmarks; ``visibility``: (33,).
    ``t``: (h, w) torso coordinate, 0 on the shoulder line, 1 on the hip line, beyond both continued.
    ``lateral``: (h, w) distance from the torso's axis in pixels.
    ``torso``: its axes, its length and the body unit.
    """

    points: Floats
    visibility: Floats
    t: Floats
    lateral: Floats
    torso: TorsoFrame
    arms: Sided[PersonSide, Limb]
    legs: Sided[PersonSide, Limb]

    @property
    def unit(self) -> float:
        """The body unit in pixels."""
        return self.torso.unit

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width of the picture."""
        height, width = self.t.shape
        return height, width

    @property
    def arm(self) -> Floats:
        """Distance to the nearest arm bone, hands included."""
        return _least(limb.nearest for limb in self.arms.values())

    @property
    def forearm(self) -> Floats:
        """Distance to the nearest forearm."""
        return _least(limb.lower for limb in self.arms.values())

    @property
    def hand(self) -> Floats:
        """Distance to the nearest hand."""
        return _least(limb.end for limb in self.arms.values())

    @property
    def leg(self) -> Floats:
        """Distance to the nearest thigh or shin."""
        return _least(np.minimum(limb.upper, limb.lower) for limb in self.legs.values())

    @property
    def foot(self) -> Floats:
        """Distance to the nearest foot."""
        return _least(limb.end for limb in self.legs.values())

    def torso_point(self, across: float, t: float) -> Floats:
        """The point at torso coordinate t; across is -1 at the right shoulder-hip line and 1 at the left one."""
        right = self.points[Mark.R_SHOULDER] * (1 - t) + self.points[Mark.R_HIP] * t
        left = self.points[Mark.L_SHOULDER] * (1 - t) + self.points[Mark.L_HIP] * t
        point: Floats = (left + right) / 2 + (left - right) / 2 * across
        return point

    def torso_quad(self, across: tuple[float, float], t: tuple[float, float]) -> Image:
        """(h, w) uint8, 1 inside the quadrilateral of half widths ``across`` at the torso coordinates ``t``."""
        corners = [
            self.torso_point(-across[0], t[0]),
            self.torso_point(across[0], t[0]),
            self.torso_point(across[1], t[1]),
            self.torso_point(-across[1], t[1]),
        ]
        return fill(self.shape, np.stack(corners))


def build_skeleton(subject: Subject) -> Skeleton:
    """Measure a person's geometry on the grid of its mask.

    Raises:
        ValueError: shoulders and hips coincide.
    """
    points = subject.landmarks[:, :2].astype(np.float32)
    torso = TorsoFrame.of(_pair(points, "SHOULDER"), _pair(points, "HIP"))
    if np.linalg.norm(torso.down) < 1:
        raise ValueError("shoulders and hips coincide")
    height, width = subject.mask.shape
    centres = pixel_grid((height, width)) + np.float32(0.5)

    def bone(start: Point, end: Point) -> Floats:
        return np.asarray(Segment(start, end).nearest(centres)[0], np.float32)

    def arm(side: PersonSide) -> Limb:
        shoulder, elbow, wrist = (points[Mark.of(side, name)] for name in ("SHOULDER", "ELBOW", "WRIST"))
        tips = finger_tips(points, side)
        return Limb(bone(shoulder, elbow), bone(elbow, wrist), bone(wrist + _CUFF * (tips - wrist), tips))

    def leg(side: PersonSide) -> Limb:
        names = ("HIP", "KNEE", "ANKLE", "HEEL", "TOE")
        hip, knee, ankle, heel, toe = (points[Mark.of(side, name)] for name in names)
        return Limb(bone(hip, knee), bone(knee, ankle), bone(heel, heel + _SHOE_TIP * (toe - heel)))

    t, across = torso.coordinates(centres)
    return Skeleton(
        points=points,
        visibility=subject.landmarks[:, 3],
        t=t,
        lateral=np.abs(across),
        torso=torso,
        arms=Sided.of(PersonSide, arm),
        legs=Sided.of(PersonSide, leg),
    )


def _pair(points: Floats, name: str) -> Sided[PersonSide, Point]:
    return Sided.of(PersonSide, lambda side: points[Mark.of(side, name)])


def finger_tips(points: Floats, side: PersonSide) -> Floats:
    """Where the fingers end: BlazePose gives the knuckles."""
    wrist = points[Mark.of(side, "WRIST")]
    knuckles = (points[Mark.of(side, "INDEX")] + points[Mark.of(side, "LITTLE")]) / 2
    tips: Floats = wrist + (knuckles - wrist) * _FINGER_TIPS
    return tips


def palm(points: Floats, side: PersonSide) -> Floats:
    """The middle of the hand's back."""
    centre: Floats = np.mean([points[Mark.of(side, name)] for name in ("WRIST", "INDEX", "LITTLE")], axis=0)
    return centre


def fill(shape: tuple[int, int], polygon: Floats) -> Image:
    """(h, w) uint8, 1 inside the polygon (n, 2) of x, y."""
    canvas = np.zeros(shape, np.uint8)
    cv2.fillPoly(canvas, [np.round(polygon).astype(np.int32)], 1)
    return canvas


def _least(distances: Iterable[Floats]) -> Floats:
    least: Floats = np.minimum.reduce(list(distances))
    return least
