"""Patterns of what hangs from the waist: trousers, shorts and skirts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vf_synthetic.listing.pattern import (
    Ink,
    Limb,
    Mark,
    Panel,
    Pattern,
    Point,
    box,
    closed,
    line,
    mirror,
    path,
    shifted,
    spline,
)
from vf_synthetic.noise import FloatArray
from vfkit.contracts.garment import GarmentKind, GarmentLandmark, GarmentPart, GarmentView


def bottom(kind: GarmentKind, view: GarmentView, rng: np.random.Generator) -> Pattern:
    """Random trousers, shorts or a random skirt."""
    return _skirt(view, rng) if kind is GarmentKind.SKIRT else _trousers(kind, view, rng)


def leg(
    side: int,
    hip: FloatArray,
    crotch: FloatArray,
    length: float,
    middle: float,
    end: float,
    cuff: float = 0.0,
    cuff_ink: Ink = Ink.MAIN,
    stripe: Ink | None = None,
    cap: FloatArray | None = None,
    marks: Sequence[Mark] = (),
) -> Limb:
    """A leg from the hip and the crotch down; `middle` and `end` are half widths."""
    left = side > 0
    return Limb(
        side,
        "left_leg" if left else "right_leg",
        GarmentPart.LEFT_LEG if left else GarmentPart.RIGHT_LEG,
        line(hip, crotch, 6),
        length,
        middle,
        end,
        GarmentLandmark.LEFT_LEG_OUTER if left else GarmentLandmark.RIGHT_LEG_OUTER,
        GarmentLandmark.LEFT_LEG_INNER if left else GarmentLandmark.RIGHT_LEG_INNER,
        cuff=cuff,
        cuff_ink=cuff_ink,
        stripe=stripe,
        cap=cap,
        marks=marks,
    )


def _trousers(kind: GarmentKind, view: GarmentView, rng: np.random.Generator) -> Pattern:
    """Jeans, leggings, joggers, wide trousers, shorts."""
    u = rng.uniform
    waist, rise = u(0.3, 0.46), u(0.42, 0.72)
    hip = waist + u(0.02, 0.14)
    length = u(0.12, 0.75) if kind is GarmentKind.SHORTS else (u(1.35, 1.9) if rng.random() < 0.8 else u(0.9, 1.35))
    wide = hip * 0.5
    middle = wide * u(0.72, 1.0)
    end = u(0.1, 0.17) if rng.random() < 0.6 else u(0.17, 0.34)
    if kind is GarmentKind.SHORTS:
        middle, end = wide * u(0.95, 1.1), wide * u(0.9, 1.3)
    elif length < 1.35:
        end = max(end, 0.15)
    elastic = rng.random() < 0.4
    band = u(0.06, 0.12) if elastic else u(0.05, 0.09)
    stripe = Ink.TRIM if elastic and rng.random() < 0.3 else None
    cuff = u(0.05, 0.1) if rng.random() < 0.35 else 0.0
    cuff_ink = (
        Ink.LINING
        if kind is GarmentKind.SHORTS and not elastic
        else (Ink.TRIM if elastic and rng.random() < 0.4 else Ink.MAIN)
    )
    hip_at = rise - 0.08
    cap = path(
        line((0.0, rise), (0.0, band * 0.8), 6), line((0, band * 0.8), (waist, band * 0.8), 6),
        spline([(waist, band * 0.8), (waist + (hip - waist) * 0.75, rise * 0.5), (hip, hip_at)], 6),
    )  # fmt: skip
    marks = _fly(view, elastic, rise, band, rng) + _hip_pockets(view, waist, hip, band, rise, rng)
    marks.append(Mark(spline([(0, band), (0.004, rise * 0.6), (0, rise)]), 0.009, Ink.SEAM, 1.0))
    limbs = [
        leg(s, np.array([hip, hip_at]), np.array([0.0, rise]), length, middle, end, cuff, cuff_ink, stripe, cap, marks)
        for s in (1, -1)
    ]
    inside, above = _waistband(waist, band, elastic, view, rng)
    groups = ("left_leg", "right_leg", "waistband")
    points = {
        GarmentLandmark.LEFT_WAIST: Point(np.array([waist, 0.0]), groups),
        GarmentLandmark.RIGHT_WAIST: Point(np.array([-waist, 0.0]), groups),
        GarmentLandmark.CROTCH: Point(np.array([0.0, rise]), groups),
    }
    hang = [np.array([waist * u(0.55, 0.9), band * 0.4])]
    return Pattern(kind, view, inside, [], above, limbs, points, hang)


def _fly(view: GarmentView, elastic: bool, rise: float, band: float, rng: np.random.Generator) -> list[Mark]:
    """The fly's stitches and a button."""
    if view is GarmentView.BACK or (elastic and rng.random() < 0.7):
        return []
    bend = spline([(0.07, band), (0.07, rise * 0.55), (0.0, rise * 0.75)])
    return [Mark(bend, 0.006, Ink.SEAM, 0.6)]


def _hip_pockets(
    view: GarmentView, waist: float, hip: float, band: float, rise: float, rng: np.random.Generator
) -> list[Mark]:
    """Slanted or round pockets in front, patches behind."""
    if rng.random() < 0.2:
        return []
    if view is GarmentView.BACK:
        x, w, y = waist * 0.55, waist * 0.42, band + rise * 0.2
        one = np.array(
            [(x - w / 2, y), (x + w / 2, y), (x + w / 2, y + w), (x, y + w * 1.25), (x - w / 2, y + w), (x - w / 2, y)]
        )
    else:
        one = spline(
            [(waist * 0.6, band), (waist * 0.68, band + rise * 0.2), (waist + (hip - waist) * 0.5, band + rise * 0.3)]
        )
    return [Mark(one, 0.007, Ink.SEAM, 0.7)]


def _waistband(
    waist: float, band: float, elastic: bool, view: GarmentView, rng: np.random.Generator
) -> tuple[list[Panel], list[Panel]]:
    """The band, and behind it the inside of its back with a label."""
    dip = rng.uniform(0.0, 0.06)
    x = np.linspace(0, 1, 8)
    top = np.stack([x * waist, dip * (1 - x**2)], -1)
    low = np.stack([x[::-1] * waist * 1.01, band + dip * (1 - x[::-1] ** 2)], -1)
    marks: list[Mark] = []
    if elastic:
        marks += [
            Mark(line((-waist, y), (waist, y), 10), 0.006, Ink.SEAM, 0.6) for y in (dip + band * 0.35, dip + band * 0.7)
        ]
        if view is GarmentView.FRONT and rng.random() < 0.6:
            for s in (1, -1):
                drop = rng.uniform(0.12, 0.4)
                marks.append(
                    Mark(
                        spline(
                            [
                                (s * 0.03, band * 0.5),
                                (s * rng.uniform(0.02, 0.09), drop * 0.6),
                                (s * rng.uniform(0.01, 0.1), drop),
                            ]
                        ),
                        0.02,
                        Ink.TRIM,
                        -0.5,
                    )
                )
    else:
        loops = [-0.75, -0.35, 0.35, 0.75]
        marks += [Mark(line((waist * s, -0.01), (waist * s, band + 0.02), 3), 0.025, Ink.MAIN, -0.8) for s in loops]
        if view is GarmentView.FRONT:
            marks.append(Mark(np.array([(0.0, dip + band / 2)]), 0.045, Ink.METAL, -1.0))
    panel = Panel(
        closed(path(top, low)),
        GarmentPart.WAISTBAND,
        Ink.TRIM if elastic and rng.random() < 0.4 else Ink.MAIN,
        "waistband",
        0.0,
        0.7,
        marks=marks,
    )
    inside = []
    if view is GarmentView.FRONT and rng.random() < 0.75:
        up = rng.uniform(0.0, 0.05)
        rear = path(np.stack([x * waist * 0.99, -up * (1 - x**4)], -1), shifted(low, 0, -0.01))
        inside.append(Panel(closed(rear), GarmentPart.INSIDE, Ink.LINING, "inside", 0.0, 0.3, 0.75))
        if rng.random() < 0.5:
            inside.append(
                Panel(
                    box((0, (dip - up) / 2), 0.1, 0.04 + (dip + up) * 0.5),
                    GarmentPart.INSIDE,
                    Ink.LABEL,
                    "inside",
                    thickness=0.2,
                )
            )
    return inside, [panel]


def _skirt(view: GarmentView, rng: np.random.Generator) -> Pattern:
    """Pencil to flared, mini to maxi."""
    u = rng.uniform
    waist = u(0.3, 0.46)
    length = u(0.6, 1.1) if rng.random() < 0.55 else u(1.1, 2.2)
    style = str(rng.choice(["pencil", "a", "flared", "gathered"], p=[0.35, 0.3, 0.2, 0.15]))
    hip = waist + u(0.04, 0.14)
    hem = {
        "pencil": hip * u(0.85, 1.08),
        "a": hip + length * u(0.08, 0.25),
        "flared": hip + length * u(0.25, 0.5),
        "gathered": hip + length * u(0.1, 0.3),
    }[style]
    band = u(0.04, 0.11)
    curve = {"pencil": u(-0.01, 0.03), "a": u(0.02, 0.08), "flared": u(0.05, 0.16), "gathered": u(0.0, 0.06)}[style]
    s = np.linspace(1, 0, 25)
    waves = {"pencil": 0.0, "a": 0.004, "flared": 0.02, "gathered": 0.012}[style]
    ripple = waves * np.sin(s * u(12, 24) + u(0, 6))
    bottom_line = np.stack([s * hem, length + curve * (1 - s**2) + ripple], -1)
    hip_at = min(0.45, length * 0.5)
    knots = (
        [(waist, band * 0.8), (hip, hip_at), (hem, length)]
        if style != "flared"
        else [(waist, band * 0.8), (hem, length)]
    )
    side = spline(knots, 9)
    marks = _pleats(style, waist, hem, band, length, rng)
    if style == "pencil" and rng.random() < 0.5:
        marks += [Mark(line((0, band), (0, length), 12), 0.014, Ink.METAL if rng.random() < 0.3 else Ink.SEAM, 0.8)]
        if rng.random() < 0.5:
            one_side = _hip_pockets(view, waist, hip, band, 0.6, rng)
            marks += one_side + [Mark(mirror(m.line), m.width, m.ink, m.depth) for m in one_side]
    if rng.random() < 0.2:
        rows = np.linspace(band + 0.06, length - 0.08, rng.integers(4, 9))
        marks += [Mark(np.array([(0.0, y)]), 0.035, Ink.TRIM, -1.0) for y in rows]
    seam = shifted(path(bottom_line, mirror(bottom_line)[::-1]), 0, -0.04)
    marks.append(Mark(seam, 0.006, Ink.SEAM, 0.4))
    outline = closed(path(line((0, band * 0.8), (waist, band * 0.8), 4), side, bottom_line))
    body = [Panel(outline, GarmentPart.TORSO, Ink.MAIN, "torso", marks=marks, printed=rng.random() < 0.3)]
    inside, above = _waistband(waist, band, style == "gathered" or rng.random() < 0.3, view, rng)
    if rng.random() < 0.2:  # tiers or a lace edge
        y = length * u(0.55, 0.9)
        w = np.interp(y, side[:, 1], side[:, 0])
        tier = closed(path(line((0, y), (w, y)), [(hem, length)], shifted(bottom_line, 0, 0.02)))
        body.append(
            Panel(tier, GarmentPart.TORSO, Ink.SECOND if rng.random() < 0.5 else Ink.MAIN, "torso", thickness=0.6)
        )
    groups = ("torso", "waistband")
    points = {
        GarmentLandmark.LEFT_WAIST: Point(np.array([waist, 0.0]), groups),
        GarmentLandmark.RIGHT_WAIST: Point(np.array([-waist, 0.0]), groups),
        GarmentLandmark.LEFT_HEM: Point(np.array([hem, length]), groups),
        GarmentLandmark.RIGHT_HEM: Point(np.array([-hem, length]), groups),
    }
    return Pattern(
        GarmentKind.SKIRT, view, inside, body, above, [], points, [np.array([waist * u(0.55, 0.9), band * 0.4])]
    )


def _pleats(style: str, waist: float, hem: float, band: float, length: float, rng: np.random.Generator) -> list[Mark]:
    """Folds that fan out from the waist."""
    if style == "pencil" or rng.random() < 0.3:
        return []
    count = int(rng.integers(5, 14))
    reach = 1.0 if style != "gathered" else rng.uniform(0.3, 1.0)
    marks = []
    for s in np.linspace(-0.92, 0.92, count) + rng.normal(0, 0.02, count):
        low = band + (length - band) * reach * rng.uniform(0.7, 1.0)
        x = s * (waist + (hem - waist) * low / length)
        marks.append(
            Mark(
                spline([(s * waist, band), ((s * waist + x) / 2 + rng.normal(0, 0.01), (band + low) / 2), (x, low)]),
                rng.uniform(0.03, 0.08),
                None,
                rng.uniform(0.5, 1.5),
            )
        )
    return marks
