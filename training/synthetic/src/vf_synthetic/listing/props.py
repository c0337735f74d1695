"""What comes with a garment: hangers, clips, price tags, mannequins. All in garment units."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vf_synthetic.listing.arrange import LimbPose, lay
from vf_synthetic.listing.others import other
from vf_synthetic.listing.pattern import (
    Ink,
    Limb,
    Panel,
    Pattern,
    affine,
    box,
    closed,
    ellipse,
    line,
    mirror,
    path,
    ribbon,
    shifted,
    spline,
    turn,
)
from vf_synthetic.noise import FloatArray
from vfkit.contracts.garment import GarmentKind, GarmentLandmark, GarmentPart, GarmentView, PhotoKind


def hanger(pattern: Pattern, rng: np.random.Generator) -> tuple[list[Panel], list[Panel]]:
    """A hanger's panels inside the garment and those over it."""
    if GarmentLandmark.LEFT_NECK in pattern.points:
        return _shoulder_hanger(pattern, rng), []
    return _clip_hanger(pattern, rng)


def tag(pattern: Pattern, rng: np.random.Generator) -> list[Panel]:
    """A price tag on a thread, from the neck, a sleeve or the waist."""
    choices = [
        GarmentLandmark.NECK_FRONT,
        GarmentLandmark.LEFT_ARMPIT,
        GarmentLandmark.RIGHT_ARMPIT,
        GarmentLandmark.LEFT_WAIST,
        GarmentLandmark.RIGHT_WAIST,
    ]
    at = [pattern.points[k].place for k in choices if k in pattern.points]
    start = at[rng.integers(len(at))] * (0.9, 1.0)
    fall = turn(rng.normal(0, 25)) @ np.array([0.0, rng.uniform(0.08, 0.3)])
    wide, tall = rng.uniform(0.1, 0.2), rng.uniform(0.15, 0.32)
    angle = rng.normal(0, 20)
    middle = start + fall + turn(angle) @ np.array([0.0, tall / 2])
    return [
        _bar(line(start, start + fall, 4), 0.008, Ink.TAG),
        Panel(box(middle, wide, tall, angle), GarmentPart.HANGER, Ink.TAG, "tag", thickness=0.3),
        Panel(
            box(middle, wide * 0.7, tall * rng.uniform(0.1, 0.4), angle),
            GarmentPart.HANGER,
            Ink.LABEL,
            "tag",
            thickness=0.0,
        ),
    ]


def mannequin(pattern: Pattern, rng: np.random.Generator) -> list[Panel]:
    """A headless body inside the garment: neck, shoulders, torso, and a stand."""
    panels = []
    if GarmentLandmark.LEFT_NECK in pattern.points:
        shoulder = pattern.points[GarmentLandmark.LEFT_SHOULDER].place
        neck = min(0.16, pattern.points[GarmentLandmark.LEFT_NECK].place[0])
        high = rng.uniform(0.15, 0.4)
        half = path(
            line((0, -high), (neck * 0.8, -high), 4),
            spline(
                [
                    (neck * 0.8, -high),
                    (neck * 0.85, -0.06),
                    (neck * 1.3, 0.02),
                    (min(shoulder[0], 0.46) * 0.96, shoulder[1] + 0.02),
                ],
                5,
            ),
            [(0.4, 0.5), (0.33, 0.9), (0.0, 0.95)],
        )
        panels.append(Panel(closed(half), GarmentPart.BACKGROUND, Ink.BODY, "body", thickness=3.0))
    else:
        waist = pattern.points[GarmentLandmark.LEFT_WAIST].place[0]
        high = rng.uniform(0.05, 0.7)
        half = path(
            line((0, -high), (waist * 0.9, -high), 3), [(waist * 0.85, -0.3 * high), (waist * 0.96, 0.06), (0, 0.06)]
        )
        panels.append(Panel(closed(half), GarmentPart.BACKGROUND, Ink.BODY, "body", thickness=3.0))
    low = max(p.place[1] for p in pattern.points.values())
    pole = ribbon(line((0, low * 0.4), (0, low + 2.0), 6), rng.uniform(0.04, 0.1))
    panels.insert(0, Panel(pole, GarmentPart.BACKGROUND, Ink.METAL, "body"))
    return panels


def surroundings(panels: Sequence[Panel], photo: PhotoKind, rng: np.random.Generator) -> list[Panel]:
    """What lies or hangs about: a rail or nail, the photographer's feet, other things at the edge of the picture."""
    points = path(*(p.outline for p in panels))
    low, high = points.min(0), points.max(0)
    middle, reach = (low + high) / 2, (high - low) / 2
    found = []
    if photo is PhotoKind.HANGER and rng.random() < 0.45:
        y = low[1] + rng.uniform(0.0, 0.04)
        end = rng.uniform(0.05, 4.0) if rng.random() < 0.3 else 4.0
        track = line((-end, y), (end, y + rng.normal(0, 0.05)), 4)
        found.append(
            Panel(ribbon(track, rng.uniform(0.02, 0.09)), GarmentPart.BACKGROUND, Ink.METAL, "around", thickness=2.0)
        )
    elif photo is PhotoKind.FLAT and rng.random() < 0.12:
        for _ in range(rng.integers(1, 3)):
            way = turn(rng.uniform(0, 360)) @ np.array([1.0, 0.0])
            at = middle + way * (reach + rng.uniform(0.1, 0.5)) * rng.uniform(1.0, 1.4)
            size, spin = rng.uniform(0.3, 0.7), turn(rng.uniform(0, 360))
            found += [p.moved(affine(spin * size, at)) for p in other(rng)]
    elif photo is PhotoKind.FLAT and rng.random() < 0.07:
        for s in (1, -1):
            knots = [(-0.12, 0.7), (-0.1, 0.3), (-0.12, 0.08), (0.0, 0.0), (0.11, 0.1), (0.09, 0.3), (0.11, 0.7)]
            foot = shifted(spline(knots, 5), middle[0] + s * rng.uniform(0.15, 0.25), high[1] + rng.uniform(0.0, 0.2))
            found.append(
                Panel(
                    foot, GarmentPart.BACKGROUND, Ink.SKIN if rng.random() < 0.6 else Ink.OTHER, "around", thickness=2.5
                )
            )
    return found


def person(pattern: Pattern, poses: dict[int, LimbPose], rng: np.random.Generator) -> tuple[list[Panel], list[Panel]]:
    """Whoever wears the garment: what is behind it (neck, arms, legs, other clothes), what is over it (head, hair)."""
    upper = GarmentLandmark.LEFT_NECK in pattern.points
    shoulder = pattern.points[GarmentLandmark.LEFT_SHOULDER].place if upper else np.array([0.5, -1.05])
    armpit = pattern.points[GarmentLandmark.LEFT_ARMPIT].place if upper else np.array([0.48, -0.7])
    neck_at = 0.0 if upper else -1.2
    behind = _lower_body(pattern, rng) if upper else []
    behind += _arms(shoulder * (0.94, 1), armpit * (0.9, 1), poses, rng)
    if not upper:
        waist = pattern.points[GarmentLandmark.LEFT_WAIST].place
        top = path(
            line((0, neck_at), (0.2, neck_at), 3),
            [(0.5, neck_at + 0.12), (0.5, -0.6)],
            line((waist[0], -0.2), (waist[0] * 1.02, 0.06), 3),
            [(0, 0.08)],
        )
        behind.append(Panel(closed(top), GarmentPart.BACKGROUND, Ink.OTHER, "body", thickness=2.0))
    wide = rng.uniform(0.1, 0.13)
    chin = neck_at - rng.uniform(0.1, 0.16)
    neck = closed(
        path(
            line((0, chin - 0.1), (wide, chin - 0.1), 3),
            spline([(wide, chin), (wide * 1.1, neck_at - 0.03), (0.28, neck_at + 0.06), (0, neck_at + 0.4)], 5),
        )
    )
    head, mop = ellipse(0, chin - 0.2, 0.2, 0.28), ellipse(0, chin - 0.25, 0.235, 0.3)
    behind += [Panel(neck, GarmentPart.BACKGROUND, Ink.SKIN, "body", thickness=2.0, shade=0.85)]
    over = []
    if rng.random() < 0.6:  # else the picture ends at the neck
        over.append(Panel(mop, GarmentPart.BACKGROUND, Ink.HAIR, "body", thickness=2.0))
        if pattern.view is GarmentView.FRONT:
            cut = head[:, 1] > chin - rng.uniform(0.36, 0.42)
            over.append(Panel(head[cut], GarmentPart.BACKGROUND, Ink.SKIN, "body", thickness=3.0))
        if rng.random() < 0.4:
            for s in (1, -1):
                lock = spline(
                    [(s * 0.17, chin - 0.35), (s * 0.22, chin), (s * 0.24, neck_at + rng.uniform(0.05, 0.5))], 5
                )
                over.append(
                    Panel(ribbon(lock, rng.uniform(0.06, 0.14)), GarmentPart.BACKGROUND, Ink.HAIR, "body", 0.0, 1.5)
                )
    return behind, over


def _arms(
    shoulder: FloatArray, armpit: FloatArray, poses: dict[int, LimbPose], rng: np.random.Generator
) -> list[Panel]:
    """Bare arms with hands, in the sleeves' poses."""
    thick = rng.uniform(0.075, 0.1)
    limbs = [
        Limb(
            s,
            "body",
            GarmentPart.BACKGROUND,
            line(shoulder, armpit, 4),
            1.45,
            thick,
            thick * 0.6,
            GarmentLandmark.LEFT_SLEEVE_OUTER,
            GarmentLandmark.LEFT_SLEEVE_INNER,
            Ink.SKIN,
            cuff=0.12,
            cuff_ink=Ink.SKIN,
        )
        for s in (1, -1)
    ]
    bare = Pattern(GarmentKind.OTHER, GarmentView.FRONT, [], [], [], limbs, {})
    return list(lay(bare, [poses[s] for s in (1, -1)], rng).panels)


def _lower_body(pattern: Pattern, rng: np.random.Generator) -> list[Panel]:
    """Legs, bare or in trousers, below a top or dress."""
    hip = max(0.36, min(0.46, 0.85 * pattern.points[GarmentLandmark.LEFT_ARMPIT].place[0]))
    ink = Ink.SKIN if rng.random() < (0.8 if pattern.kind is GarmentKind.DRESS else 0.2) else Ink.OTHER
    half = path(
        line((0.0, 0.9), (hip * 0.9, 0.9), 3),
        spline([(hip, 1.25), (hip * 0.9, 1.8), (hip * 0.6, 2.6), (hip * 0.5, 3.5)], 5),
        spline([(hip * 0.18, 3.5), (hip * 0.12, 2.6), (0.02, 1.6)], 5),
    )
    return [Panel(h, GarmentPart.BACKGROUND, ink, "body", thickness=2.0) for h in (half, mirror(half))]


def _bar(track: FloatArray, width: float, ink: Ink = Ink.HANGER) -> Panel:
    """A rod along a line."""
    return Panel(ribbon(track, width), GarmentPart.HANGER, ink, "hanger", thickness=0.5)


def _hook(top: float, rng: np.random.Generator, ink: Ink, width: float) -> Panel:
    """The hook above the middle."""
    r, stem = rng.uniform(0.05, 0.08), rng.uniform(0.06, 0.2)
    side = float(rng.choice([-1, 1]))
    a = np.deg2rad(np.linspace(90, 330, 16))
    arc = np.stack([r * np.cos(a), r * np.sin(a)], -1)
    track = path(line((0, top), (0, top - stem), 4), arc * (side, 1) + (0, top - stem - r))
    return _bar(track, width, ink)


def _shoulder_hanger(pattern: Pattern, rng: np.random.Generator) -> list[Panel]:
    """Wood, plastic or wire below the shoulders."""
    neck = pattern.points[GarmentLandmark.LEFT_NECK].place
    shoulder = pattern.points[GarmentLandmark.LEFT_SHOULDER].place
    reach = max(neck[0] + 0.04, shoulder[0] * rng.uniform(0.8, 0.98))
    top = rng.uniform(-0.1, 0.02)
    end = shoulder[1] + 0.03
    wire = rng.random() < 0.3
    thick = rng.uniform(0.012, 0.02) if wire else rng.uniform(0.03, 0.08)
    arm = spline([(0, top), (reach * 0.35, top + (end - top) * 0.2), (reach, end)], 6)
    panels = [_hook(top, rng, Ink.HANGER if wire or rng.random() < 0.5 else Ink.METAL, rng.uniform(0.014, 0.03))]
    if rng.random() < 0.5:  # the lower bar
        panels.append(_bar(line((-reach * 0.95, end + 0.02), (reach * 0.95, end + 0.02), 8), thick * 0.6))
    panels += [_bar(arm, thick), _bar(mirror(arm), thick)]
    return panels


def _clip_hanger(pattern: Pattern, rng: np.random.Generator) -> tuple[list[Panel], list[Panel]]:
    """A bar above the waist with two clips that hold it."""
    grip = pattern.hang[0]
    if rng.random() < 0.25:  # by its loops, on a hanger for shirts
        arm = spline([(0, -0.22), (grip[0] * 0.6, -0.16), (grip[0] * 1.1, 0.02)], 5)
        thick = rng.uniform(0.012, 0.05)
        return [_hook(-0.22, rng, Ink.METAL, 0.02), _bar(arm, thick), _bar(mirror(arm), thick)], []
    y = -rng.uniform(0.05, 0.16)
    bar = _bar(line((-grip[0] * 1.2, y), (grip[0] * 1.2, y), 6), rng.uniform(0.015, 0.035))
    below = [_hook(y, rng, Ink.METAL, rng.uniform(0.014, 0.025)), bar]
    wide = rng.uniform(0.04, 0.09)
    clips = [
        Panel(
            box((s * grip[0], (y + 0.07) / 2), wide, 0.09 + abs(y)),
            GarmentPart.HANGER,
            Ink.HANGER if rng.random() < 0.6 else Ink.METAL,
            "hanger",
        )
        for s in (1, -1)
    ]
    return below, clips
