"""How a garment lies: limbs bent or folded, layers from bottom to top, the warp of cloth that never lies straight."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from vf_synthetic.listing.pattern import Limb, Mark, Move, Panel, Pattern, Point, mirror, spline, turn
from vf_synthetic.noise import FloatArray
from vfkit.contracts.garment import GarmentLandmark, PhotoKind


@dataclass(frozen=True)
class LimbPose:
    """Directions in degrees on the wearer's left side: 0 out to the side, 90 down.

    Beyond the share `at` of its length the limb points to `end`. With `fold` it is folded over there instead, at a
    crease that is turned by `fold` degrees from straight across.
    """

    start: float
    end: float
    at: float = 0.5
    fold: float | None = None
    over: bool = False  # lies on the body instead of under it


@dataclass(frozen=True)
class Laid:
    """A garment laid out: what is seen of its inside, its other panels from bottom to top, and its named points."""

    inside: Sequence[Panel]
    panels: Sequence[Panel]
    points: dict[GarmentLandmark, Point]

    def moved(self, move: Move) -> Laid:
        """The same garment elsewhere."""
        points = {k: replace(p, place=move(p.place[None])[0]) for k, p in self.points.items()}
        return Laid([p.moved(move) for p in self.inside], [p.moved(move) for p in self.panels], points)


def lay(pattern: Pattern, poses: Sequence[LimbPose], folds: np.random.Generator) -> Laid:
    """Lays each limb in its pose, with random `folds`; the result's panels run from bottom to top."""
    below: list[Panel] = []
    over: list[Panel] = []
    points = dict(pattern.points)
    for limb, pose in zip(pattern.limbs, poses, strict=True):
        panels, ends = _limb(limb, pose, folds)
        if pose.over:
            over += panels
        else:
            # The part that a fold brings back may still lie on the body.
            below.append(panels[0])
            (over if pose.fold is not None else below).extend(panels[1:])
        points |= ends
    return Laid(pattern.inside, [*below, *pattern.body, *over, *pattern.above], points)


def _limb(limb: Limb, pose: LimbPose, rng: np.random.Generator) -> tuple[list[Panel], dict[GarmentLandmark, Point]]:
    """The panels and end points of one limb."""
    t = np.linspace(0.0, 1.0, 25)
    angles = np.full_like(t, pose.start)
    if pose.fold is None:
        s = np.clip((t - pose.at + 0.15) / 0.3, 0, 1)
        angles += (pose.end - pose.start) * s * s * (3 - 2 * s)
    outer, inner = _edges(limb, t, np.deg2rad(angles))
    side = (lambda p: p) if limb.side > 0 else mirror
    down = float(angles[len(t) // 2])
    down = down if limb.side > 0 else 180.0 - down
    cut = len(t) - 1 if pose.fold is None else int(np.clip(round(pose.at * 24), 2, 22))
    over = _folding(outer, inner, cut, pose.fold) if pose.fold is not None else (lambda p: p)
    group = limb.name
    root = limb.root[::-1] if limb.cap is None else limb.cap
    marks = [Mark(side(m.line), m.width, m.ink, m.depth) for m in limb.marks]
    marks += [Mark(side(fold), width, None, depth) for fold, width, depth in _limb_folds(outer, inner, limb, pose, rng)]
    if limb.stripe:
        marks.append(Mark(side((outer + (inner - outer) * 0.25)[: cut + 1]), 0.05, limb.stripe))
    first = Panel(
        side(np.concatenate([outer[: cut + 1], inner[cut::-1], root])), limb.part, limb.ink, group, down,
        marks=marks,
    )  # fmt: skip
    panels = [first]
    if pose.fold is not None:
        strip = np.concatenate([outer[cut:], inner[: cut - 1 : -1]])
        panels.append(Panel(side(over(strip)), limb.part, limb.ink, group + "_end", down + 120.0))
    if limb.cuff > 0:
        start = max(cut if pose.fold is not None else 1, 24 - max(1, round(24 * limb.cuff / limb.length)))
        strip = np.concatenate([outer[start:], inner[: start - 1 : -1]])
        name = panels[-1].group
        panels.append(Panel(side(over(strip)), limb.cuff_part or limb.part, limb.cuff_ink, name, down, 0.6))
    groups = (panels[-1].group,)
    ends = {
        limb.outer: Point(side(over(outer[-1:]))[0], groups),
        limb.inner: Point(side(over(inner[-1:]))[0], groups),
    }
    return panels, ends


def _edges(limb: Limb, t: FloatArray, angles: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The outer and inner edge (len(t), 2) of a limb whose centre line has these directions (radians)."""
    heading = np.stack([np.cos(angles), np.sin(angles)], -1)
    outward = np.stack([np.sin(angles), -np.cos(angles)], -1)
    top, bottom = limb.root[0], limb.root[-1]
    step = limb.length / (len(t) - 1)
    centre = (top + bottom) / 2 + np.concatenate(
        [np.zeros((1, 2)), np.cumsum((heading[1:] + heading[:-1]) / 2, 0)]
    ) * step
    start = min(float(np.linalg.norm(top - bottom)) / 2, 1.35 * limb.middle)
    half = np.interp(t, [0, 0.5, 1], [start, limb.middle, limb.end])[:, None]
    outer, inner = centre + outward * half, centre - outward * half
    # Near the seam the edges come from the seam's ends.
    reach = min(0.9, 0.5 / limb.length)
    fade = (np.clip(1 - t / reach, 0, 1) ** 2)[:, None]
    return outer + (top - outer[0]) * fade, inner + (bottom - inner[0]) * fade


def _limb_folds(outer: FloatArray, inner: FloatArray, limb: Limb, pose: LimbPose,
                rng: np.random.Generator) -> list[tuple[FloatArray, float, float]]:  # fmt: skip
    """Folds of a limb: line, width, depth. Those across gather where it bends, others run along it."""
    folds = []
    bent = min(1.0, abs(pose.end - pose.start) / 60.0) if pose.fold is None else 0.5
    for _ in range(rng.poisson((2 + 4 * bent) * min(1.0, limb.length))):
        t = rng.normal(pose.at, 0.1) if rng.random() < bent else rng.uniform(0.05, 0.9)
        i = int(np.clip(t * 24, 0, 24))
        j = int(np.clip(i + rng.normal(0, 3), 0, 24))
        a, b = outer[i], inner[j]
        start, end = np.sort(rng.uniform(-0.1, 1.1, 2))
        bow = np.array([-(b - a)[1], (b - a)[0]]) * rng.normal(0, 0.12)
        fold = spline([a + (b - a) * start, a + (b - a) * (start + end) / 2 + bow, a + (b - a) * end], 4)
        folds.append((fold, rng.uniform(0.02, 0.06), rng.normal(0, 0.9)))
    for _ in range(rng.poisson(1.2)):
        i, j = np.sort(rng.integers(0, 25, 2))
        if j - i > 4:
            share = rng.uniform(0.2, 0.8, 2)
            track = (
                outer[i : j + 1]
                + (inner[i : j + 1] - outer[i : j + 1]) * np.linspace(share[0], share[1], j - i + 1)[:, None]
            )
            folds.append((track, rng.uniform(0.03, 0.08), rng.normal(0, 0.7)))
    return folds


def body_folds(pattern: Pattern, photo: PhotoKind, rng: np.random.Generator) -> list[Mark]:
    """Folds of the body: from armpits and crotch towards the middle, and down, more of them where it hangs."""
    marks = []
    for name, count in (
        (GarmentLandmark.LEFT_ARMPIT, 2.0),
        (GarmentLandmark.RIGHT_ARMPIT, 2.0),
        (GarmentLandmark.CROTCH, 3.0),
    ):
        if name not in pattern.points:
            continue
        start = pattern.points[name].place
        for _ in range(rng.poisson(count)):
            inward = -np.sign(start[0]) if start[0] else rng.choice([-1, 1])
            way = np.array([inward * rng.uniform(0.3, 1), rng.uniform(-0.5, 1.0)]) * rng.uniform(0.2, 0.6)
            marks.append(_fold(start + way * 0.15, start + way, rng))
    wide = max(abs(p.place[0]) for p in pattern.points.values())
    low = max(p.place[1] for p in pattern.points.values())
    for _ in range(rng.poisson(4.0 if photo is PhotoKind.HANGER else 1.5)):
        x, y = rng.uniform(-0.8, 0.8) * wide, rng.uniform(0.1, 0.6) * low
        marks.append(
            _fold(np.array([x, y]), np.array([x * 1.15 + rng.normal(0, 0.05), rng.uniform(y + 0.2, low + 0.1)]), rng)
        )
    return marks


def _fold(start: FloatArray, end: FloatArray, rng: np.random.Generator) -> Mark:
    """A bent fold."""
    bow = np.array([-(end - start)[1], (end - start)[0]]) * rng.normal(0, 0.08)
    return Mark(spline([start, (start + end) / 2 + bow, end], 5), rng.uniform(0.025, 0.09), None, rng.normal(0, 0.8))


def _folding(outer: FloatArray, inner: FloatArray, cut: int, degrees: float) -> Move:
    """The mirroring at a crease across the limb."""
    middle = (outer[cut] + inner[cut]) / 2
    crease = (outer[cut] - inner[cut]) @ turn(degrees).T
    crease /= np.linalg.norm(crease)
    flip = 2 * np.outer(crease, crease) - np.eye(2)
    return lambda p: (p - middle) @ flip.T + middle


def posed(pattern: Pattern, sleeves: dict[int, LimbPose], legs: dict[int, LimbPose]) -> list[LimbPose]:
    """The pose of each limb, from those of the left (1) and right (-1) ones."""
    return [legs[limb.side] if "leg" in limb.name else sleeves[limb.side] for limb in pattern.limbs]


def sleeve_poses(pattern: Pattern, photo: PhotoKind, rng: np.random.Generator) -> dict[int, LimbPose]:
    """Poses of the left (1) and right (-1) sleeve, much the same on both sides."""
    length = max([limb.length for limb in pattern.limbs if "sleeve" in limb.name], default=0.0)
    if photo is PhotoKind.WORN:
        return {s: _arm(rng) for s in (1, -1)}
    if photo is not PhotoKind.FLAT:
        start = rng.uniform(66, 88)
        return {s: LimbPose(start + rng.normal(0, 3), start + rng.uniform(0, 14), rng.uniform(0.3, 0.6),
                            over=rng.random() < 0.3) for s in (1, -1)}  # fmt: skip
    if length < 0.55:
        start = rng.uniform(20, 75)
        return {s: LimbPose(start + rng.normal(0, 6), start + rng.normal(0, 8)) for s in (1, -1)}
    style = rng.choice(["out", "down", "bent", "crossed", "folded", "mixed"], p=[0.25, 0.33, 0.14, 0.09, 0.09, 0.1])
    if style == "mixed":
        return {s: _sleeve(str(rng.choice(["out", "down", "bent", "crossed", "folded"])), rng) for s in (1, -1)}
    first = _sleeve(style, rng)
    return {s: _shaken(first, rng) for s in (1, -1)}


def _sleeve(style: str, rng: np.random.Generator) -> LimbPose:
    """One long sleeve on a bed or floor."""
    if style == "out":
        start = rng.uniform(15, 60)
        return LimbPose(start, start + rng.uniform(-15, 30))
    if style == "down":
        start = rng.uniform(62, 84)
        return LimbPose(start, start + rng.uniform(-4, 16), over=rng.random() < 0.35)
    if style == "bent":
        return LimbPose(rng.uniform(40, 75), rng.uniform(95, 150), rng.uniform(0.4, 0.6), over=True)
    if style == "crossed":
        return LimbPose(rng.uniform(60, 85), rng.uniform(150, 190), rng.uniform(0.3, 0.5), over=True)
    return LimbPose(rng.uniform(35, 80), 0.0, rng.uniform(0.35, 0.6), fold=rng.uniform(8, 50), over=rng.random() < 0.5)


def _arm(rng: np.random.Generator) -> LimbPose:
    """An arm that hangs, is akimbo, or is raised to hold the phone."""
    if rng.random() < 0.6:
        start = rng.uniform(70, 88)
        return LimbPose(start, start + rng.uniform(-3, 12), 0.5)
    return LimbPose(rng.uniform(55, 80), rng.uniform(120, 235), 0.45, over=True)


def _shaken(pose: LimbPose, rng: np.random.Generator) -> LimbPose:
    """Nearly the same pose, as the other side has it."""
    fold = None if pose.fold is None else pose.fold + rng.normal(0, 8)
    return replace(pose, start=pose.start + rng.normal(0, 5), end=pose.end + rng.normal(0, 8), fold=fold)


def leg_poses(photo: PhotoKind, rng: np.random.Generator) -> dict[int, LimbPose]:
    """Poses of the left (1) and right (-1) leg."""
    spread = (
        rng.uniform(86, 91) if photo is not PhotoKind.FLAT else rng.choice([rng.uniform(84, 91), rng.uniform(70, 86)])
    )
    pose = {s: LimbPose(spread + rng.normal(0, 1.5), spread + rng.normal(2, 3), rng.uniform(0.3, 0.6)) for s in (1, -1)}
    if photo is PhotoKind.FLAT and rng.random() < 0.06:
        s = int(rng.choice([1, -1]))
        pose[s] = replace(pose[s], fold=rng.uniform(-25, 25), at=rng.uniform(0.4, 0.7))
    return pose


@dataclass(frozen=True)
class Warp:
    """A smooth displacement of garment points: `field` (h, w, 2) in units over the box `low`..`high`."""

    field: FloatArray
    low: FloatArray
    high: FloatArray

    def offset(self, points: FloatArray) -> FloatArray:
        """How far each point (N, 2) moves."""
        h, w = self.field.shape[:2]
        place = (points - self.low) / (self.high - self.low) * (w - 1, h - 1)
        x, y = place.astype(np.float32).T
        return cv2.remap(self.field, x[None], y[None], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)[0].astype(
            np.float64
        )

    def __call__(self, points: FloatArray) -> FloatArray:
        """Where the points lie."""
        return points + self.offset(points)

    def inverse(self, points: FloatArray) -> FloatArray:
        """Which points lie here, to within a small fraction of the displacement."""
        guess = points - self.offset(points)
        return points - self.offset(guess)


def smooth_warp(rng: np.random.Generator, low: FloatArray, high: FloatArray, broad: float, fine: float) -> Warp:
    """A random displacement: `broad` (units) bends the whole, `fine` makes edges wavy."""
    field = np.zeros((40, 40, 2), np.float32)
    for nodes, size in ((4, broad), (7, broad * 0.5), (14, fine)):
        coarse = rng.normal(0, size, (nodes, nodes, 2)).astype(np.float32)
        field += cv2.resize(coarse, (40, 40), interpolation=cv2.INTER_CUBIC)
    return Warp(field, np.asarray(low), np.asarray(high))


def sag(width: float, depth: float) -> Move:
    """How a garment hangs from narrow shoulders: what lies beyond `width` units from the middle droops."""

    def move(points: FloatArray) -> FloatArray:
        beyond = np.clip(np.abs(points[:, 0]) - width, 0, None)
        high = np.clip(1 - points[:, 1] / 0.8, 0, 1)
        return points + np.stack([-np.sign(points[:, 0]) * beyond * 0.25 * high, beyond * depth * high], -1)

    return move
