"""Where the landmarks of a garment go on a shape.

Width follows the shape, length follows the garment: a flat garment wraps around a shape, so its width on the photo is
less than in the picture, while its length is what it is. Both scales are kept apart.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from vf_anatomy import Doubles, PictureSide, Point, Sided
from vf_hrviton.open.body.shape import PROFILE_T, BodyShape
from vf_hrviton.open.garment import Garment

HEM_RANGE = (0.97, 1.22)
"""Where an uncropped top ends, in torso coordinates."""
CROPPED, SHORTEST = 0.72, 0.5
"""A garment whose own length ends above the first is a cropped one; none ends above the second."""
OFF_SHOULDER_T = 0.13
"""Where the upper edge of a garment that bares the shoulders lies, in torso coordinates."""
BARE_ARMPIT = 0.05
"""How much lower the armpits of such a garment lie."""
NEXT_TO = 0.03
"""Units nearer than which two landmarks would only bend the spline."""
HANGS = 0.04
"""Torso lengths by which a short garment gives way before a strip must be invented below it."""
WAIST_RANGE, MOVED_WAIST = (0.58, 0.8), (0.8, 1.25)
"""Torso coordinates between which a one-piece garment's waist lies, and limits of the change of scale for that."""
SIDE_STEPS = np.linspace(0, 1, 7)[1:]
SLACK = (1.015, 1.13)
"""How much wider than the body a garment's side may lie."""


@dataclass(frozen=True)
class Scales:
    """Pixels of the photo per pixel of the cloth picture.

    Attributes:
        across: from the chest's width.
        along: from the neck's width.
    """

    across: float
    along: float


@dataclass(frozen=True)
class Targets:
    """A garment laid out on a shape.

    Attributes:
        points: (n, 2) x, y in the photo.
        sources: (n, 2) x, y in the cloth picture.
        scales: photo over cloth.
        shoulder: where the garment's shoulder tips go.
        armpit: where its armpits go.
        armpit_t: torso coordinate of the armpits.
        hem_t: torso coordinate of the hem.
    """

    points: Doubles
    sources: Doubles
    scales: Scales
    shoulder: Sided[PictureSide, Point]
    armpit: Sided[PictureSide, Point]
    armpit_t: float
    hem_t: float


class _Pairs:
    """Control points as they are collected."""

    def __init__(self) -> None:
        self.points: list[Point] = []
        self.sources: list[Point] = []

    def add(self, target: Point, source: Point) -> None:
        self.points.append(np.asarray(target, np.float64))
        self.sources.append(np.asarray(source, np.float64))


def lay_out(garment: Garment, mask: NDArray[np.uint8], shape: BodyShape, worn_hem_t: float | None) -> Targets:
    """Find the target of every control point.

    Args:
        garment: what the cloth picture shows.
        mask: (H, W) uint8 of the cloth, 0 or 255.
        shape: the person's measures.
        worn_hem_t: torso coordinate where the worn garment ends; None when that is not seen.
    """
    scales, armpit_t = _fitted(garment, shape)
    hem_t = _hem_t(garment, shape.torso.length, worn_hem_t, scales, armpit_t)
    return _placed(garment, mask, shape, scales, armpit_t, hem_t)


def lay_out_bodice(
    garment: Garment, mask: NDArray[np.uint8], shape: BodyShape, waist_y: float | None, ends_t: float
) -> tuple[Targets, Scales]:
    """The upper part of a one-piece garment.

    Args:
        garment: what the cloth picture shows.
        mask: (H, W) uint8 of the cloth, 0 or 255.
        shape: the person's measures.
        waist_y: row of the garment's waist in the cloth picture; None when it has none.
        ends_t: torso coordinate down to which it is laid out.

    Returns:
        Its targets, and the scales below its armpits: there its waist lies at the body's.
    """
    scales, armpit_t = _fitted(garment, shape)
    top = float(garment.armpit.left[1] + garment.armpit.right[1]) / 2
    below = scales
    if waist_y is not None and waist_y > top + 1:
        natural = armpit_t + (waist_y - top) * scales.along / shape.torso.length
        waist_t = float(np.clip(natural, *WAIST_RANGE))
        along = (waist_t - armpit_t) * shape.torso.length / (waist_y - top)
        below = Scales(
            scales.across, float(np.clip(along, MOVED_WAIST[0] * scales.along, MOVED_WAIST[1] * scales.along))
        )
    bottom = top + (ends_t - armpit_t) * shape.torso.length / below.along
    row = int(np.clip(bottom, 0, len(mask) - 1))
    hem = Sided.of(PictureSide, lambda side: np.array([garment.torso[side][row], bottom]))
    cut = replace(garment, hem=hem, hem_centre=(hem.left + hem.right) / 2)
    return _placed(cut, mask, shape, scales, armpit_t, ends_t), below


def _fitted(garment: Garment, shape: BodyShape) -> tuple[Scales, float]:
    """The scales, and the torso coordinate of the armpits."""
    armpit_t = float(np.clip(0.36 * shape.unit / shape.torso.length, 0.2, 0.42))
    scales = _scales(garment, shape, armpit_t)
    armpit_t = _armpit_t(garment, shape, scales, armpit_t, bool(garment.sleeves))
    return scales, armpit_t + (BARE_ARMPIT if garment.bares_shoulders else 0)


def _placed(
    garment: Garment, mask: NDArray[np.uint8], shape: BodyShape, scales: Scales, armpit_t: float, hem_t: float
) -> Targets:
    sleeved = bool(garment.sleeves)
    centre = float(garment.armpit.left[0] + garment.armpit.right[0]) / 2
    pairs = _Pairs()
    neck, shoulder = _add_shoulders(pairs, garment, mask, shape, scales, centre)
    armpit = Sided.of(PictureSide, lambda side: shape.side_at(armpit_t, side, 1.0 if sleeved else 0.98))
    for side in PictureSide:
        pairs.add(armpit[side], garment.armpit[side])
    drop = (garment.neckline[1] - (garment.neck.left[1] + garment.neck.right[1]) / 2) * scales.along
    pairs.add((neck.left + neck.right) / 2 + shape.torso.axis * max(drop, 0.0), garment.neckline)
    _add_sides(pairs, garment, shape, scales, armpit_t, hem_t, centre)
    _add_armholes(pairs, garment, mask, shape, scales, shoulder, armpit, sleeved)
    return Targets(np.array(pairs.points), np.array(pairs.sources), scales, shoulder, armpit, armpit_t, hem_t)


def _scales(garment: Garment, shape: BodyShape, armpit_t: float) -> Scales:
    chest = sum(float(np.interp(armpit_t + 0.06, PROFILE_T, shape.profile[side])) for side in PictureSide)
    width = max(float(garment.armpit.right[0] - garment.armpit.left[0]), 1.0)
    across = chest / width
    neck = max(float(np.linalg.norm(garment.neck.right - garment.neck.left)), 1.0)
    along = float(np.clip(0.48 * shape.torso.shoulder_width / neck, 1.12 * across, 1.38 * across))
    if not garment.sleeves:
        along = float(np.clip(along, 1.15 * across, 1.25 * across))
    return Scales(across, along)


def _armpit_t(garment: Garment, shape: BodyShape, scales: Scales, usual: float, sleeved: bool) -> float:
    depth = sum(float(garment.armpit[side][1] - garment.shoulder[side][1]) for side in PictureSide) / 2
    lowest = usual + (0.02 if sleeved else 0.14)
    return float(np.clip(depth * scales.along * 0.9 / shape.torso.length, usual, lowest))


def _hem_t(garment: Garment, torso_length: float, worn: float | None, scales: Scales, armpit_t: float) -> float:
    length = sum(float(garment.hem[side][1] - garment.armpit[side][1]) for side in PictureSide) / 2
    natural = armpit_t + length * scales.along / torso_length
    hem = float(np.clip(natural, SHORTEST, HEM_RANGE[1]))
    if natural > CROPPED:
        hem = max(hem, HEM_RANGE[0])
    # A hem a little above the old one would show a strip that has to be invented: rather reach just below it.
    if worn is not None and worn < 1.35 and worn - 0.22 < hem < worn + 0.02:
        hem = worn + 0.025
    elif worn is not None and hem < worn:
        hem = min(hem + HANGS, worn)  # cloth hangs a little longer on a body than it lies
    return hem


def _add_shoulders(
    pairs: _Pairs, garment: Garment, mask: NDArray[np.uint8], shape: BodyShape, scales: Scales, centre: float
) -> tuple[Sided[PictureSide, Point], Sided[PictureSide, Point]]:
    """Neck points, shoulder tips and two points between them on the garment's upper edge."""
    ends = Sided.of(PictureSide, lambda side: _add_shoulder(pairs, garment, mask, shape, scales, centre, side))
    return ends.map(lambda pair: pair[0]), ends.map(lambda pair: pair[1])


def _add_shoulder(
    pairs: _Pairs, garment: Garment, mask: NDArray[np.uint8], shape: BodyShape, scales: Scales, centre: float,
    side: PictureSide,
) -> tuple[Point, Point]:  # fmt: skip
    """Neck point and shoulder tip of one side."""
    if garment.off_shoulder:
        return _below_shoulder(pairs, garment, shape, scales, side)
    half = shape.torso.shoulder_width / 2
    fraction = float(np.clip(abs(garment.neck[side][0] - centre) * scales.across / half, 0.30, 0.80))
    if garment.sleeves:
        fraction = min(fraction, 0.62)
    neck = shape.shoulder_point(side, fraction)
    pairs.add(neck, garment.neck[side])
    shoulder = _shoulder_target(garment, shape, scales, side, fraction, centre)
    pairs.add(shoulder, garment.shoulder[side])
    if garment.bares_shoulders:
        return neck, shoulder
    reach = min(abs(float((shoulder - shape.torso.neck) @ shape.shoulder_line)) / half, 1.1)
    top_of_column = np.argmax(mask > 0, 0)
    for k in (0.35, 0.7):
        at = fraction + (reach - fraction) * k
        source = garment.neck[side] * (1 - k) + garment.shoulder[side] * k
        top = top_of_column[int(np.clip(source[0], 0, mask.shape[1] - 1))]
        height = garment.box[3] - garment.box[1]
        if at < 1.0 and abs(top - source[1]) < 0.06 * height:
            pairs.add(shape.shoulder_point(side, at), np.array([source[0], top]))
    return neck, shoulder


def _below_shoulder(
    pairs: _Pairs, garment: Garment, shape: BodyShape, scales: Scales, side: PictureSide
) -> tuple[Point, Point]:
    """Neck point and top corner of a garment whose upper edge runs across chest and arms."""
    corner = shape.torso.at(OFF_SHOULDER_T, side.sign * shape.half_width(0.3, side))
    own = (garment.neck[side] - garment.shoulder[side])[0] * scales.across
    most = 0.3 * shape.torso.shoulder_width
    neck = corner + shape.torso.across * float(np.clip(own, -most, most))
    pairs.add(neck, garment.neck[side])
    if np.linalg.norm(neck - corner) > NEXT_TO * shape.unit:
        pairs.add(corner, garment.shoulder[side])
    return neck, corner


def _shoulder_target(
    garment: Garment, shape: BodyShape, scales: Scales, side: PictureSide, neck_fraction: float, centre: float
) -> Point:
    if garment.bares_shoulders:
        return shape.torso.at(OFF_SHOULDER_T, side.sign * shape.half_width(0.3, side))
    if garment.sleeves:
        return shape.shoulder_tip[side]
    wanted = abs(garment.shoulder[side][0] - centre) * scales.across / (shape.torso.shoulder_width / 2)
    fraction = float(np.clip(wanted, neck_fraction + 0.1, 1.12))
    if fraction < 0.95:
        return shape.shoulder_point(side, fraction)
    return shape.shoulder_point(side, 0.92) * 0.5 + shape.shoulder_tip[side] * 0.5


def _add_sides(
    pairs: _Pairs, garment: Garment, shape: BodyShape, scales: Scales, armpit_t: float, hem_t: float,
    centre: float,
) -> None:  # fmt: skip
    """Both sides from armpit to hem, two points of the axis, and the hem's middle."""
    bottom = min(garment.hem.left[1], garment.hem.right[1])
    armpit_y = (garment.armpit.left[1] + garment.armpit.right[1]) / 2
    for number, k in enumerate(SIDE_STEPS):
        t = armpit_t + (hem_t - armpit_t) * k
        for side in PictureSide:
            y = garment.armpit[side][1] + (bottom - garment.armpit[side][1]) * k
            source = garment.hem[side] if k == 1 else np.array([garment.torso[side][int(y)], y])
            own = abs(source[0] - centre) * scales.across
            width = shape.half_width(t, side)
            pairs.add(shape.torso.at(t, side.sign * float(np.clip(own, width * SLACK[0], width * SLACK[1]))), source)
        if number in (1, 3):
            middle = (shape.side_at(t, PictureSide.LEFT) + shape.side_at(t, PictureSide.RIGHT)) / 2
            pairs.add(middle, np.array([centre, armpit_y + (bottom - armpit_y) * k]))
    sag = garment.hem_centre[1] - (garment.hem.left[1] + garment.hem.right[1]) / 2
    pairs.add(shape.torso.at(hem_t + sag * scales.along / shape.torso.length), garment.hem_centre)


def _add_armholes(
    pairs: _Pairs, garment: Garment, mask: NDArray[np.uint8], shape: BodyShape, scales: Scales,
    shoulder: Sided[PictureSide, Point], armpit: Sided[PictureSide, Point], sleeved: bool,
) -> None:  # fmt: skip
    """Between shoulder tip and armpit: the sleeve's seam, or the armhole's own curve."""
    for side in PictureSide:
        start, end = garment.shoulder[side], garment.armpit[side]
        if sleeved:
            for k in (0.35, 0.7):
                pairs.add(shoulder[side] * (1 - k) + armpit[side] * k, start * (1 - k) + end * k)
            continue
        for k in (0.3, 0.6, 0.85):
            straight = start * (1 - k) + end * k
            row = np.flatnonzero(mask[int(np.clip(straight[1], 0, mask.shape[0] - 1))])
            x = (row[0] if side is PictureSide.LEFT else row[-1]) if len(row) else straight[0]
            offset = (x - straight[0]) * scales.across * 0.9
            target = shoulder[side] * (1 - k) + armpit[side] * k
            pairs.add(target + shape.torso.across * offset, np.array([x, straight[1]]))
