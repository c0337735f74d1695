"""A garment as flat panels: outlines with part labels, limbs that can be laid in many ways, and named points.

Garment units: the chest of a top is about one unit wide. x points to the wearer's left, y down; the neck points of a
top and the waist of trousers lie at y = 0. A back view is mirrored when it is photographed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum, auto

import numpy as np

from vf_synthetic.noise import FloatArray
from vfkit.contracts.garment import GarmentKind, GarmentLandmark, GarmentPart, GarmentView

Move = Callable[[FloatArray], FloatArray]
"""Moves points (N, 2)."""


class Ink(Enum):
    """What a panel or mark is made of; the garment's wardrobe says how each looks."""

    MAIN = auto()
    SECOND = auto()
    TRIM = auto()
    LINING = auto()
    LABEL = auto()
    METAL = auto()
    SEAM = auto()
    HANGER = auto()
    TAG = auto()
    BODY = auto()  # a mannequin
    SKIN = auto()
    HAIR = auto()
    OTHER = auto()  # clothes that are not the subject


@dataclass(frozen=True)
class Mark:
    """A line (N, 2) on a panel, `width` units wide: a seam, a zip, without ink a fold; one point is a button."""

    line: FloatArray
    width: float
    ink: Ink | None
    depth: float = 0.0  # how far it sinks into the cloth: seams pull it in


@dataclass(frozen=True)
class Panel:
    """One piece of cloth: a closed outline (N, 2) of one part.

    `group` names the piece that it belongs to (torso, left_sleeve ...), `down` is the direction of the cloth's length
    in degrees (90: down the picture), `thickness` how much its edge stands out.
    """

    outline: FloatArray
    part: GarmentPart
    ink: Ink
    group: str
    down: float = 90.0
    thickness: float = 1.0
    shade: float = 1.0
    marks: Sequence[Mark] = ()
    printed: bool = False

    def moved(self, move: Move) -> Panel:
        """The same panel elsewhere."""
        marks = tuple(replace(mark, line=move(mark.line)) for mark in self.marks)
        return replace(self, outline=move(self.outline), marks=marks)


@dataclass(frozen=True)
class Point:
    """A landmark's place (2,) and the groups that cannot hide it."""

    place: FloatArray
    groups: tuple[str, ...]
    seen: bool = True


@dataclass(frozen=True)
class Limb:
    """A sleeve or leg, described on the wearer's left side (x > 0).

    `root` (N, 2) runs along the seam from the outer end (shoulder, hip) to the inner one (armpit, crotch). `middle` and
    `end` are half widths. `cap` (N, 2) leads from the inner end back to the outer one: a leg reaches up to the waist.
    """

    side: int  # 1: the wearer's left, -1: right
    name: str
    part: GarmentPart
    root: FloatArray
    length: float
    middle: float
    end: float
    outer: GarmentLandmark
    inner: GarmentLandmark
    ink: Ink = Ink.MAIN
    cuff: float = 0.0  # length of the band at the end, units
    cuff_ink: Ink = Ink.TRIM
    cuff_part: GarmentPart | None = None
    stripe: Ink | None = None  # a line down the outer side
    cap: FloatArray | None = None  # by default the root, backwards
    marks: Sequence[Mark] = ()


@dataclass(frozen=True)
class Pattern:
    """A garment before it is laid out: `below` lies under the limbs, `above` over them."""

    kind: GarmentKind
    view: GarmentView
    inside: Sequence[Panel]
    body: Sequence[Panel]
    above: Sequence[Panel]
    limbs: Sequence[Limb]
    points: dict[GarmentLandmark, Point]
    hang: Sequence[FloatArray] = field(default=())  # where it hangs: shoulders' inner ends, or clips at the waist


Place = Sequence[float] | FloatArray
"""A point (2,)."""


def spline(points: Sequence[Place], steps: int = 8) -> FloatArray:
    """The Catmull-Rom curve through `points`, (N, 2)."""
    p = np.asarray(points, np.float64)
    p = np.concatenate([2 * p[:1] - p[1:2], p, 2 * p[-1:] - p[-2:-1]])
    t = np.linspace(0, 1, steps, endpoint=False)[:, None]
    spans = [
        0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
        for a, b, c, d in zip(p[:-3], p[1:-2], p[2:-1], p[3:], strict=True)
    ]
    return np.concatenate([*spans, p[-2:-1]])


def line(start: Place, end: Place, steps: int = 8) -> FloatArray:
    """A straight line that can be bent later, (steps, 2)."""
    return np.linspace(np.asarray(start, np.float64), np.asarray(end, np.float64), steps)


def path(*pieces: FloatArray | Sequence[Place]) -> FloatArray:
    """One line (N, 2) of several in a row."""
    return np.concatenate([np.asarray(piece, np.float64).reshape(-1, 2) for piece in pieces])


def ellipse(x: float, y: float, wide: float, tall: float) -> FloatArray:
    """An ellipse's outline (40, 2), clockwise on the picture from its right end; `wide` and `tall` are half axes."""
    a = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    return np.stack([x + wide * np.cos(a), y + tall * np.sin(a)], -1)


def shifted(points: FloatArray, x: float, y: float) -> FloatArray:
    """The same points elsewhere."""
    return points + np.array([x, y])


def mirror(points: FloatArray) -> FloatArray:
    """The same points on the garment's other side."""
    return points * np.array([-1.0, 1.0])


def closed(half: FloatArray) -> FloatArray:
    """A symmetric outline from its left half, which begins and ends on the middle line."""
    return np.concatenate([half, mirror(half)[::-1]])


def box(centre: Place, width: float, height: float, angle: float = 0.0) -> FloatArray:
    """A rectangle's outline (4, 2), turned by `angle` degrees."""
    corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * (width / 2, height / 2)
    return corners @ turn(angle).T + np.asarray(centre)


def affine(matrix: FloatArray, shift: Place) -> Move:
    """Moves points by a matrix (2, 2) and a shift (2,)."""
    return lambda points: points @ matrix.T + np.asarray(shift)


def turn(degrees: float) -> FloatArray:
    """The matrix (2, 2) that turns points clockwise on the picture."""
    a = np.deg2rad(degrees)
    return np.array([(np.cos(a), -np.sin(a)), (np.sin(a), np.cos(a))])


def ribbon(track: FloatArray, width: float) -> FloatArray:
    """The outline of a strip along a line: a cord, a strap, a rod."""
    d = np.gradient(track, axis=0)
    n = np.stack([-d[:, 1], d[:, 0]], -1)
    n *= width / 2 / (np.linalg.norm(n, axis=-1, keepdims=True) + 1e-9)
    return np.concatenate([track + n, (track - n)[::-1]])
