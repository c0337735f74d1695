"""Garments folded as they are stored: sleeves and sides in, the lower half up, legs over each other."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.random import Generator

from vf_training.augmentation import Matrix, Placement
from vf_training.garment.answer import KINDS
from vf_training.garment.cutouts import Cutout, FloatArray, blended, cropped, darkened, moved, upright
from vf_training.garment.examples import GARMENT, UNKNOWN
from vfkit.contracts.garment import GarmentKind, GarmentPart

EDGE = 0.012
"""Depth of the shadow line beside a fold, as a fraction of the garment's longer side."""
LEGGED = {KINDS.index(GarmentKind.TROUSERS), KINDS.index(GarmentKind.SHORTS)}
UPPER = {KINDS.index(GarmentKind.TOP), KINDS.index(GarmentKind.OUTERWEAR)}


@dataclass(frozen=True)
class Line:
    """Where cloth is folded.

    Attributes:
        place: x and y of a point on the line in pixels.
        towards: unit vector across the line, to the side that is folded over.
    """

    place: tuple[float, float]
    towards: tuple[float, float]


def folded(rng: Generator, cutout: Cutout) -> Cutout:
    """A flat garment as a parcel; its view is UNKNOWN where cloth lies over its front."""
    cutout = upright(cutout)
    if cutout.example.kind in LEGGED:
        return _legs(rng, cutout)
    if cutout.example.kind in UPPER:
        return _upper(rng, cutout)
    return _long(rng, cutout)


def _upper(rng: Generator, cutout: Cutout) -> Cutout:
    """Sides behind or over the front, then the lower half; the collar stays in sight."""
    left, right = _torso(cutout)
    over = bool(rng.random() < 0.55)
    if not over or rng.random() < 0.8:
        cutout = _sides(rng, cutout, left, right, rng.uniform(0.06, 0.24), over=bool(rng.random() < 0.25))
    share = rng.uniform(0.57, 0.7) if over else rng.uniform(0.38, 0.55)
    return _up(rng, cutout, share, over=over)


def _sides(rng: Generator, cutout: Cutout, left: float, right: float, share: float, *, over: bool) -> Cutout:
    """A ``share`` of the body's width folded in on both sides, with the sleeves."""
    depth = share * (right - left)
    cutout = fold(rng, cutout, _line(rng, right - depth, 1.0, upright=True), over=over)
    return fold(rng, cutout, _line(rng, left + depth, -1.0, upright=True), over=over)


def _legs(rng: Generator, cutout: Cutout) -> Cutout:
    """One leg over the other, then in halves or thirds."""
    if rng.random() < 0.85:
        side = float(rng.choice([-1, 1]))
        cutout = fold(rng, cutout, _line(rng, cutout.alpha.shape[1] / 2, side, upright=True), over=True)
    if cutout.example.kind == KINDS.index(GarmentKind.SHORTS) and rng.random() < 0.4:
        return cutout
    return _halves_or_thirds(rng, cutout)


def _long(rng: Generator, cutout: Cutout) -> Cutout:
    """Dresses and skirts: the sides in, then in halves or thirds."""
    left, right = _torso(cutout)
    over = bool(rng.random() < 0.4)
    if rng.random() < 0.5:
        side = float(rng.choice([-1, 1]))
        cutout = fold(rng, cutout, _line(rng, (left + right) / 2, side, upright=True), over=over)
    else:
        cutout = _sides(rng, cutout, left, right, 0.22, over=over)
    return _halves_or_thirds(rng, cutout)


def _halves_or_thirds(rng: Generator, cutout: Cutout) -> Cutout:
    over = bool(rng.random() < 0.8)
    if rng.random() < 0.55:
        return _up(rng, cutout, rng.uniform(0.48, 0.62), over=over)
    return _up(rng, _up(rng, cutout, rng.uniform(0.62, 0.7), over=over), rng.uniform(0.5, 0.6), over=over)


def _up(rng: Generator, cutout: Cutout, share: float, *, over: bool) -> Cutout:
    """The lower part folded up; ``share`` of the height stays."""
    return fold(rng, cutout, _line(rng, cutout.alpha.shape[0] * share, 1.0, upright=False), over=over)


def _line(rng: Generator, at: float, sign: float, *, upright: bool) -> Line:
    """A line nearly upright or level: nobody folds exactly."""
    a = np.radians(rng.normal(0, 2.0))
    cos, sin = float(np.cos(a)) * sign, float(np.sin(a)) * sign
    return Line((at, 0.0), (cos, sin)) if upright else Line((0.0, at), (-sin, cos))


def _torso(cutout: Cutout) -> tuple[float, float]:
    """The left and right edge of the garment's body in pixels."""
    body = (cutout.parts == GarmentPart.TORSO).sum(0)
    columns = np.flatnonzero(body > body.max() * 0.35) if body.any() else np.arange(cutout.alpha.shape[1])
    return float(columns[0]), float(columns[-1] + 1)


def fold(rng: Generator, cutout: Cutout, line: Line, *, over: bool) -> Cutout:
    """Cloth on one side of a line mirrored onto the other: over what lies there, or behind it and out of sight.

    What is folded behind is tucked in; only its edge shows at the fold. Folded cloth is GARMENT: its part is not told.
    """
    height, width = cutout.alpha.shape
    (x, y), (across, down) = line.place, line.towards
    beyond = np.add.outer((np.arange(height) + 0.5 - y) * down, (np.arange(width) + 0.5 - x) * across).astype(
        np.float32
    )
    kept = np.clip(0.5 - beyond, 0, 1)
    edge = EDGE * max(height, width)
    bend = np.exp(np.minimum(beyond, 0) / edge)
    base = replace(
        cutout,
        example=replace(cutout.example, picture=darkened(cutout.example.picture, 1 - rng.uniform(0.15, 0.4) * bend)),
        alpha=cutout.alpha * kept,
    )
    result = _covered(rng, cutout, base, kept, bend, line) if over else _backed(rng, base, line)
    parts = np.where(result.alpha > 0.5, result.parts, GarmentPart.BACKGROUND).astype(np.uint8)
    return cropped(replace(result, example=replace(result.example, parts=parts)))


def _covered(rng: Generator, cutout: Cutout, base: Cutout, kept: FloatArray, bend: FloatArray, line: Line) -> Cutout:
    """What stays, with the cloth that is folded over it and its shadow."""
    height, width = cutout.alpha.shape
    flap = moved(cutout, Placement(_reflection(line), (width, height)))
    share = flap.alpha * kept
    around = cv2.GaussianBlur(share, (0, 0), EDGE * max(height, width) * rng.uniform(0.5, 1.5))
    shaded = darkened(base.example.picture, 1 - rng.uniform(0.2, 0.5) * around)
    cloth = darkened(flap.example.picture, rng.uniform(0.85, 1.0) * (1 - 0.25 * bend))
    parts = np.where(share > 0.5, GARMENT, base.parts).astype(np.uint8)
    example = replace(base.example, picture=blended(shaded, cloth, share), parts=parts, view=UNKNOWN)
    return Cutout(example, np.maximum(base.alpha, share))


def _backed(rng: Generator, base: Cutout, line: Line) -> Cutout:
    """What stays, with a little of the layer behind it showing beyond the fold."""
    height, width = base.alpha.shape
    depth = rng.uniform(0.005, 0.03) * max(height, width)
    slip = rng.normal(0, 0.008) * max(height, width)
    (across, down) = line.towards
    shift: Matrix = np.eye(3)
    shift[:2, 2] = (across * depth - down * slip, down * depth + across * slip)
    behind = moved(base, Placement(shift, (width, height)))
    dark = darkened(behind.example.picture, np.full(base.alpha.shape, rng.uniform(0.55, 0.85), np.float32))
    parts = np.where(base.alpha > 0.5, base.parts, GARMENT).astype(np.uint8)
    example = replace(base.example, picture=blended(dark, base.example.picture, base.alpha), parts=parts)
    return Cutout(example, np.maximum(base.alpha, behind.alpha))


def _reflection(line: Line) -> Matrix:
    """Points to the other side of a line."""
    normal, place = np.array(line.towards), np.array(line.place)
    matrix: Matrix = np.eye(3)
    matrix[:2, :2] -= 2 * np.outer(normal, normal)
    matrix[:2, 2] = 2 * normal * float(place @ normal)
    return matrix
