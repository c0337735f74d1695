"""Patterns of what hangs from the shoulders: tops, outerwear, dresses and jumpsuits of every cut."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vf_synthetic.listing.bottoms import leg
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
    ribbon,
    shifted,
    spline,
)
from vf_synthetic.noise import FloatArray
from vfkit.contracts.garment import GarmentKind, GarmentLandmark, GarmentPart, GarmentView

STEPS = 9  # points of a curve


@dataclass(frozen=True)
class Cut:
    """The measures of a garment's body in units, each from the middle line or from the neck points downwards."""

    neck: float
    neck_depth: float
    neck_shape: str  # round, v, square, boat
    back_depth: float
    shoulder: float
    drop: float
    armpit: float
    chest: float
    waist_at: float
    waist: float
    hem_at: float
    hem: float
    hem_curve: float
    tail: float  # how much higher the hem is at the sides
    sleeve: float  # length, 0: none
    sleeve_middle: float
    sleeve_end: float


@dataclass(frozen=True)
class Trim:
    """What is sewn to a garment's body."""

    collar: str  # none, band, shirt, stand, turtle, lapel, hood, peter
    closure: str  # none, buttons, half, zip, open
    gap: tuple[float, float]  # half width of an open front at the neck and at the hem
    raglan: bool
    cuff: float
    hem_band: float
    pockets: str  # none, chest, slanted, kangaroo, patch
    belt: bool
    legs: float  # length of a jumpsuit's legs, 0: none
    sleeve_ink: Ink
    stripe: bool
    block: float  # height at which another colour begins, 0: nowhere
    lace: bool


def upper(kind: GarmentKind, view: GarmentView, rng: np.random.Generator) -> Pattern:
    """A random top, outerwear, dress or jumpsuit."""
    cut, trim = _style(kind, view, rng)
    return _sewn(kind, view, cut, trim, rng)


def _style(kind: GarmentKind, view: GarmentView, rng: np.random.Generator) -> tuple[Cut, Trim]:
    """A plausible cut and its trims."""
    u = rng.uniform
    collar, closure = _collar(kind, rng)
    sleeves = {
        GarmentKind.TOP: [0.13, 0.36, 0.51],
        GarmentKind.OUTERWEAR: [0.07, 0.01, 0.92],
        GarmentKind.DRESS: [0.38, 0.31, 0.31],
    }[kind]
    sleeve = rng.choice(["none", "short", "long"], p=sleeves)
    straps = sleeve == "none" and collar == "none" and rng.random() < 0.75
    neck, shape = u(0.15, 0.3), str(rng.choice(["round", "v", "square", "boat"], p=[0.6, 0.25, 0.05, 0.1]))
    depth = {"round": u(0.1, 0.35), "v": u(0.2, 0.6), "square": u(0.15, 0.35), "boat": u(0.04, 0.1)}[shape]
    if collar not in {"none", "band"}:
        neck, shape, depth = u(0.15, 0.21), "round", u(0.07, 0.16)
    if collar == "lapel":
        shape, depth = "v", u(0.4, 0.85)
    if collar == "band":
        shape, depth = str(rng.choice(["round", "v"], p=[0.8, 0.2])), u(0.1, 0.24)
    if shape == "boat":
        neck = u(0.25, 0.38)
    shoulder = max(u(0.4, 0.52), neck + 0.12)
    if straps:
        neck = u(0.2, 0.32)
        shoulder, depth = neck + u(0.03, 0.14), u(0.15, 0.45)
    armpit = u(0.38, 0.56) + (0.05 if kind is GarmentKind.OUTERWEAR else 0)
    chest = u(0.46, 0.54)
    fitted = u(0.72, 1.0) if kind is GarmentKind.DRESS or rng.random() < 0.4 else u(0.93, 1.06)
    hem_at, hem = _hem(kind, chest, fitted, rng)
    boxy = rng.random() < 0.12 and kind is not GarmentKind.DRESS and not straps  # a drop shoulder or a kimono cut
    if boxy:
        shoulder, chest = u(0.54, 0.68), u(0.56, 0.7)
        hem = chest * u(0.9, 1.05)
    long = u(1.0, 1.4) if rng.random() < 0.85 else u(0.55, 0.95)
    cut = Cut(
        neck=neck, neck_depth=depth, neck_shape=shape,
        back_depth=u(0.0, 0.06) + (u(0.0, 0.25) if straps else 0), shoulder=shoulder,
        drop=u(0.06, 0.22) * (0.4 if straps else 1), armpit=armpit, chest=chest,
        waist_at=min(u(0.82, 1.0), hem_at * 0.75), waist=chest * fitted, hem_at=hem_at, hem=hem,
        hem_curve=u(-0.01, 0.05), tail=u(0.06, 0.2) if collar == "shirt" and rng.random() < 0.6 else 0.0,
        sleeve={"none": 0.0, "short": u(0.16, 0.48), "long": long - (0.25 if boxy else 0)}[str(sleeve)],
        sleeve_middle=(u(0.22, 0.3) if rng.random() < 0.08 else u(0.13, 0.2)) if sleeve == "long" else u(0.16, 0.23),
        sleeve_end=(u(0.07, 0.14) if rng.random() < 0.8 else u(0.15, 0.28)) if sleeve == "long" else u(0.14, 0.22),
    )  # fmt: skip
    sporty = collar in {"band", "hood", "stand"} or kind is GarmentKind.OUTERWEAR
    trim = Trim(
        collar=collar,
        closure=closure,
        gap=(u(0.0, 0.12), u(0.02, 0.3)) if closure == "open" else (0.0, 0.0),
        raglan=sleeve != "none" and rng.random() < (0.22 if sporty else 0.06),
        cuff=u(0.05, 0.1)
        if sleeve == "long" and rng.random() < 0.6
        else (u(0.02, 0.04) if rng.random() < 0.4 else 0.0),
        hem_band=u(0.05, 0.12) if sporty and kind is not GarmentKind.DRESS and rng.random() < 0.5 else 0.0,
        pockets=_pockets(kind, collar, rng) if view is GarmentView.FRONT else "none",
        belt=rng.random() < {GarmentKind.DRESS: 0.25, GarmentKind.OUTERWEAR: 0.15, GarmentKind.TOP: 0.02}[kind],
        legs=u(0.4, 2.2) if kind is GarmentKind.DRESS and rng.random() < 0.1 else 0.0,
        sleeve_ink=Ink.SECOND if rng.random() < 0.12 else Ink.MAIN,
        stripe=sporty and rng.random() < 0.12,
        block=u(0.3, 1.1) if rng.random() < (0.15 if sporty else 0.06) else 0.0,
        lace=kind is not GarmentKind.OUTERWEAR and not sporty and rng.random() < 0.08,
    )
    return cut, trim


def _collar(kind: GarmentKind, rng: np.random.Generator) -> tuple[str, str]:
    """A collar and the closure that goes with it."""
    names = ["none", "band", "shirt", "stand", "turtle", "lapel", "hood", "peter"]
    share = {
        GarmentKind.TOP: [0.27, 0.27, 0.28, 0.03, 0.06, 0.01, 0.06, 0.02],
        GarmentKind.OUTERWEAR: [0.08, 0.04, 0.17, 0.22, 0.0, 0.2, 0.29, 0.0],
        GarmentKind.DRESS: [0.68, 0.1, 0.11, 0.02, 0.04, 0.02, 0.01, 0.02],
    }[kind]
    collar = str(rng.choice(names, p=share))
    closures = {
        "none": ["none"] * 8 + ["buttons", "half"],
        "band": ["none"] * 9 + ["half"],
        "shirt": ["buttons"] * 7 + ["half"] * 2 + ["open"],
        "stand": ["zip", "zip", "buttons", "half"],
        "turtle": ["none"],
        "lapel": ["buttons"] * 3 + ["open"],
        "hood": ["zip", "none"],
        "peter": ["none", "buttons"],
    }[collar]
    closure = str(rng.choice(closures))
    if kind is GarmentKind.OUTERWEAR:
        closure = str(rng.choice(["zip", "buttons", "open"], p=[0.5, 0.3, 0.2]))
    return collar, closure


def _hem(kind: GarmentKind, chest: float, fitted: float, rng: np.random.Generator) -> tuple[float, float]:
    """The height and half width of the hem."""
    u = rng.uniform
    if kind is GarmentKind.TOP:
        return (u(1.15, 1.5) if rng.random() < 0.85 else u(0.8, 1.1)), chest * u(0.9, 1.1) * (0.5 + 0.5 * fitted)
    if kind is GarmentKind.OUTERWEAR:
        return (u(1.2, 1.5) if rng.random() < 0.6 else u(1.5, 2.7)), chest * u(0.95, 1.2)
    at = u(1.7, 2.4) if rng.random() < 0.7 else u(2.4, 3.1)
    flare = u(0.85, 1.1) if rng.random() < 0.4 else u(1.1, 1.5 + 0.25 * (at - 1.7))
    return at, chest * flare


def _pockets(kind: GarmentKind, collar: str, rng: np.random.Generator) -> str:
    """Where the front's pockets are."""
    if kind is GarmentKind.OUTERWEAR:
        return str(rng.choice(["none", "slanted", "patch", "chest"], p=[0.2, 0.45, 0.25, 0.1]))
    if collar == "hood":
        return str(rng.choice(["kangaroo", "none"]))
    return str(rng.choice(["none", "chest", "slanted"], p=[0.8, 0.15, 0.05]))


def _sewn(kind: GarmentKind, view: GarmentView, cut: Cut, trim: Trim, rng: np.random.Generator) -> Pattern:
    """The pattern of a style."""
    neckline, back = _neckline(cut), _back_neckline(cut)
    if view is GarmentView.BACK:
        neckline = back
    neck = np.array([cut.neck, 0.0])
    shoulder, armpit = np.array([cut.shoulder, cut.drop]), np.array([cut.chest, cut.armpit])
    armhole = _armhole(shoulder, armpit, cut.sleeve > 0)
    side = _side(cut)
    hem = _hemline(cut, rng)
    half = path(neckline, spline([neck, (neck + shoulder) / 2 + (0, -0.005), shoulder], 3), armhole, side, hem)
    marks = [Mark(armhole, 0.007, Ink.SEAM, 1.0), Mark(mirror(armhole), 0.007, Ink.SEAM, 1.0)] if cut.sleeve else []
    if view is GarmentView.FRONT:
        marks += _closure_marks(cut, trim, rng)
        marks += _pocket_marks(cut, trim, rng)
    marks += _seams(cut, rng)
    body: list[Panel] = []
    if trim.closure == "open" and view is GarmentView.FRONT:
        body += _open_front(half, cut, trim, marks)
    elif trim.closure == "half" and view is GarmentView.FRONT and trim.collar != "turtle":
        body.append(_with_slit(half, cut, marks, rng.uniform(0.0, 0.06), rng.uniform(0.15, 0.35)))
    else:
        body.append(Panel(closed(half), GarmentPart.TORSO, Ink.MAIN, "torso", marks=marks, printed=True))
    body += _raglan(cut, trim, neckline, armhole) if trim.raglan else []
    body += _bands(cut, trim, half, side, hem, rng)
    inside = [*_inside(cut, trim, view, half, rng)]
    behind, above = _collar_panels(cut, trim, view, neckline, back, rng)
    limbs = _sleeves(cut, trim, armhole)
    points = _points(kind, view, cut, shoulder, armpit, side)
    if trim.legs > 0:
        limbs += _jumpsuit_legs(cut, trim, rng)
        points = {k: p for k, p in points.items() if k not in {GarmentLandmark.LEFT_HEM, GarmentLandmark.RIGHT_HEM}}
        points[GarmentLandmark.CROTCH] = Point(np.array([0.0, cut.hem_at]), ("torso", "left_leg", "right_leg"))
    hang = [np.array([0.6 * (cut.neck + cut.shoulder), cut.drop / 2])]
    return Pattern(kind, view, [*inside, *behind], body, above, limbs, points, hang)


def _neckline(cut: Cut) -> FloatArray:
    """The front neckline from the middle to the left neck point, (N, 2)."""
    s = np.sin(np.linspace(0, np.pi / 2, STEPS * 2))
    y = {
        "round": np.sqrt(np.clip(1 - s**2, 0, 1)) ** 1.15,
        "v": 1 - s,
        "square": np.clip((1 - s) * 5, 0, 1),
        "boat": 1 - s**2,
    }[cut.neck_shape]
    x = s if cut.neck_shape != "square" else np.clip(s * 1.2, 0, 0.93) + 0.07 * s**6
    return np.stack([x * cut.neck, y * cut.neck_depth], -1)


def _back_neckline(cut: Cut) -> FloatArray:
    """The back neckline likewise."""
    s = np.sin(np.linspace(0, np.pi / 2, STEPS * 2))
    return np.stack([s * cut.neck, (1 - s**2) * cut.back_depth], -1)


def _armhole(shoulder: FloatArray, armpit: FloatArray, sleeved: bool) -> FloatArray:
    """The armhole's seam from the shoulder to the armpit; deeper where no sleeve fills it."""
    deep = 0.03 if sleeved else 0.06
    inner = min(shoulder[0], armpit[0]) - deep
    if sleeved and shoulder[0] > armpit[0]:
        inner = (shoulder[0] + armpit[0]) / 2 - 0.02
    low = armpit - (0.06 if not sleeved else 0.02, 0.1)
    return spline([shoulder, (inner, shoulder[1] * 0.5 + armpit[1] * 0.5), low, armpit], 5)


def _side(cut: Cut) -> FloatArray:
    """The side seam from the armpit to the hem's corner."""
    knots = [(cut.chest, cut.armpit), (cut.waist, cut.waist_at)]
    if cut.hem_at > cut.waist_at + 0.7:  # a skirt part: hips
        share = 0.38
        hip = cut.waist + (cut.hem - cut.waist) * share + 0.04
        knots.append((hip, cut.waist_at + (cut.hem_at - cut.waist_at) * share))
    knots.append((cut.hem, cut.hem_at - cut.tail))
    return spline(knots, STEPS)


def _hemline(cut: Cut, rng: np.random.Generator) -> FloatArray:
    """The hem from its left corner to the middle."""
    s = np.linspace(1, 0, STEPS * 2)
    y = cut.hem_at + cut.hem_curve * (1 - s**2) - cut.tail * s**4
    waves = max(0.0, cut.hem / cut.chest - 1.0) * 0.06
    y = y + waves * np.sin(s * rng.uniform(9, 16) + rng.uniform(0, 6)) * s
    return np.stack([s * cut.hem, y], -1)


def _inside(cut: Cut, trim: Trim, view: GarmentView, half: FloatArray, rng: np.random.Generator) -> list[Panel]:
    """The back's inside, which shows in the neckline and through an open front, with the maker's label."""
    if view is GarmentView.BACK:
        if rng.random() < 0.35:  # a little of the front's inside above the back's neckline
            rim = np.stack([np.linspace(0, cut.neck, 10), np.linspace(-0.03, 0.0, 10)], -1)
            rim = path(rim, shifted(_back_neckline(cut)[::-1], 0, 0.03))
            return [Panel(closed(rim), GarmentPart.INSIDE, Ink.LINING, "inside", shade=0.85)]
        return []
    # A pattern's back may reach over its front a little: the shoulder seam lies in front.
    top = shifted(_back_neckline(cut), 0, -0.012)
    low = shifted(half[_neck_index(cut) :] * (0.985, 1.0), 0, 0.02)
    if trim.closure == "open":
        outline = path(top, low)
    else:
        front = shifted(_neckline(cut)[::-1], 0, 0.5 if trim.closure == "half" else 0.05)
        outline = path(top, front)
    panels = [Panel(closed(outline), GarmentPart.INSIDE, Ink.LINING, "inside", shade=rng.uniform(0.6, 0.95))]
    if rng.random() < 0.7:
        size = rng.uniform(0.07, 0.14)
        centre = (rng.normal(0, 0.01), cut.back_depth + 0.02 + size * 0.35)
        tag = box(centre, size, size * rng.uniform(0.4, 0.8), rng.normal(0, 4))
        panels.append(Panel(tag, GarmentPart.INSIDE, Ink.LABEL, "inside", thickness=0.3))
    return panels


def _neck_index(cut: Cut) -> int:
    """How many points of a body's outline belong to the neckline."""
    return len(_neckline(cut))


def _open_front(half: FloatArray, cut: Cut, trim: Trim, marks: list[Mark]) -> list[Panel]:
    """Two fronts that leave a gap."""
    y = np.linspace(cut.neck_depth, cut.hem_at + cut.hem_curve, 20)
    gap = np.interp(y, [y[0], y[-1]], trim.gap) + 0.02 * np.sin(y * 4)
    gap = np.minimum(gap, cut.neck * 0.9 + (y - y[0]))
    edge = np.stack([np.maximum(gap, 0.004), y], -1)
    rest = half[half[:, 0] > np.interp(half[:, 1], y, gap)]
    left = path(edge[::-1], rest)
    seams = [Mark(shifted(edge, 0.03, 0), 0.007, Ink.SEAM, 0.5)]
    return [
        Panel(
            mirror(left),
            GarmentPart.TORSO,
            Ink.MAIN,
            "torso",
            marks=[*marks, *(Mark(mirror(m.line), m.width, m.ink) for m in seams)],
        ),
        Panel(left, GarmentPart.TORSO, Ink.MAIN, "torso", marks=[*marks, *seams]),
    ]


def _with_slit(half: FloatArray, cut: Cut, marks: list[Mark], gap: float, length: float) -> Panel:
    """A front that is open down to the chest."""
    low = cut.neck_depth + length
    slit = np.stack([np.linspace(0.003, gap, 6), np.linspace(low, cut.neck_depth, 6)], -1)
    rest = half[(half[:, 0] > gap) | (half[:, 1] > low)]
    seam = Mark(
        np.array([(0.035, cut.neck_depth), (0.035, low), (-0.035, low), (-0.035, cut.neck_depth)]), 0.007, Ink.SEAM, 0.5
    )
    dots = [Mark(np.array([(0.0, y)]), 0.03, Ink.TRIM, 1.0) for y in np.linspace(cut.neck_depth + 0.05, low - 0.03, 3)]
    return Panel(
        closed(path(slit, rest)), GarmentPart.TORSO, Ink.MAIN, "torso", marks=[*marks, seam, *dots], printed=True
    )


def _closure_marks(cut: Cut, trim: Trim, rng: np.random.Generator) -> list[Mark]:
    """Buttons or a zip down the middle of the front."""
    middle = line((0, cut.neck_depth), (0, cut.hem_at + cut.hem_curve), 16)
    if trim.closure == "buttons":
        overlap = rng.uniform(0.02, 0.05)
        rows = np.linspace(cut.neck_depth + 0.04, cut.hem_at - 0.12, rng.integers(3, 9))
        shift = 0.0 if rng.random() < 0.9 else 0.12  # double-breasted
        columns = [0.0] if shift == 0 else [-shift, shift]
        size, ink = rng.uniform(0.02, 0.045), Ink.METAL if rng.random() < 0.2 else Ink.TRIM
        return [
            Mark(shifted(middle, overlap, 0), 0.007, Ink.SEAM, 1.2),
            Mark(shifted(middle, -overlap, 0), 0.006, Ink.SEAM, 0.4),
            *(Mark(np.array([(x, y)]), size, ink, -1.0) for y in rows for x in columns),
        ]
    if trim.closure == "zip":
        width = rng.uniform(0.015, 0.04)
        return [
            Mark(middle, width * 2.4, Ink.SEAM, 0.8),
            Mark(middle, width, Ink.METAL if rng.random() < 0.5 else Ink.TRIM, 0.3),
        ]
    return []


def _pocket_marks(cut: Cut, trim: Trim, rng: np.random.Generator) -> list[Mark]:
    """Outlines of pockets on the front."""
    y = cut.waist_at + 0.12
    if trim.pockets == "chest":
        w, x, top = rng.uniform(0.15, 0.22), cut.chest * 0.45, cut.armpit + 0.02
        one = np.array(
            [
                (x - w / 2, top),
                (x - w / 2, top + w),
                (x, top + w * 1.2),
                (x + w / 2, top + w),
                (x + w / 2, top),
                (x - w / 2, top),
            ]
        )
        both = [one, mirror(one)] if rng.random() < 0.4 else [one]
    elif trim.pockets == "slanted":
        one = line((cut.waist * 0.5, y - 0.12), (cut.waist * 0.75, y + 0.14))
        both = [one, mirror(one)]
    elif trim.pockets == "patch":
        one = path(box((cut.waist * 0.55, y + 0.1), 0.28, 0.3), [(cut.waist * 0.55 - 0.14, y - 0.05)])
        both = [one, mirror(one)]
    elif trim.pockets == "kangaroo":
        w = cut.waist * 0.6
        both = [np.array([(-w, y + 0.3), (-w, y + 0.18), (-w * 0.6, y), (w * 0.6, y), (w, y + 0.18), (w, y + 0.3)])]
    else:
        return []
    ink = Ink.METAL if trim.pockets == "slanted" and rng.random() < 0.4 else Ink.SEAM
    return [Mark(m, 0.014, ink, 0.8) for m in both]


def _seams(cut: Cut, rng: np.random.Generator) -> list[Mark]:
    """The stitched hem, and darts or a waist seam sometimes."""
    s = np.linspace(-1, 1, 17)
    y = cut.hem_at + cut.hem_curve * (1 - s**2) - cut.tail * s**4 - 0.035
    marks = [Mark(np.stack([s * cut.hem, y], -1), 0.006, Ink.SEAM, 0.4)]
    if cut.hem_at > cut.waist_at + 0.6 and rng.random() < 0.5:
        marks.append(Mark(line((-cut.waist, cut.waist_at), (cut.waist, cut.waist_at), 12), 0.007, Ink.SEAM, 1.0))
    if rng.random() < 0.15:
        dart = spline(
            [(cut.chest * 0.5, cut.armpit + 0.1), (cut.waist * 0.45, cut.waist_at), (cut.hem * 0.45, cut.hem_at)]
        )
        marks += [Mark(dart, 0.007, Ink.SEAM, 0.8), Mark(mirror(dart), 0.007, Ink.SEAM, 0.8)]
    return marks


def _raglan(cut: Cut, trim: Trim, neckline: FloatArray, armhole: FloatArray) -> list[Panel]:
    """Sleeve cloth that reaches up to the neck; as a part, a sleeve begins at the line from shoulder to armpit."""
    start = neckline[int(len(neckline) * 0.72)]
    seam = spline([start, (start * 0.45 + armhole[-1] * 0.55) + (-0.03, 0.0), armhole[-1]], 6)
    top = neckline[int(len(neckline) * 0.72) :][::-1]
    yoke = path(seam, shifted(armhole[::-1], 0.004, 0), top)
    seams = [Mark(seam, 0.007, Ink.SEAM, 1.0)]
    ink = trim.sleeve_ink
    return [
        Panel(yoke, GarmentPart.TORSO, ink, "left_sleeve_top", 60.0, 0.15, marks=seams),
        Panel(mirror(yoke), GarmentPart.TORSO, ink, "right_sleeve_top", 120.0, 0.15,
              marks=[Mark(mirror(seam), 0.007, Ink.SEAM, 1.0)]),
    ]  # fmt: skip


def _bands(
    cut: Cut, trim: Trim, half: FloatArray, side: FloatArray, hem: FloatArray, rng: np.random.Generator
) -> list[Panel]:
    """Another colour below or above a line, a ribbed or lace hem, a belt."""
    panels = []
    if trim.block > 0 and trim.closure != "open":
        lower = half[len(_neckline(cut)) :]
        lower = lower[lower[:, 1] > trim.block]
        middle = trim.block + rng.uniform(-0.05, 0.05)
        if len(lower):  # a cropped garment may end above the line
            edge = line((0, middle), (lower[0, 0], trim.block), 6)
            panels.append(Panel(closed(path(edge, lower)), GarmentPart.TORSO, Ink.SECOND, "torso", thickness=0.1))
    if trim.lace:
        width = rng.uniform(0.04, 0.12)
        track = np.linspace(0, 1, 80)
        low = np.stack([np.interp(track, np.linspace(0, 1, len(hem)), hem[:, k]) for k in (0, 1)], -1)
        low[:, 1] += 0.025 * np.abs(np.sin(track * rng.uniform(25, 50)))
        top = shifted(hem, 0, -width)
        outline = closed(path(top[::-1], low))
        panels.append(Panel(outline, GarmentPart.TORSO, Ink.LABEL, "torso", thickness=0.4))
    if trim.hem_band > 0:
        top = shifted(hem, 0, -trim.hem_band)
        panels.append(Panel(closed(path(top[::-1], hem)), GarmentPart.TORSO, Ink.TRIM, "torso", thickness=0.5))
    if trim.belt:
        y, w = cut.waist_at, np.interp(cut.waist_at, side[:, 1], side[:, 0])
        strap = path(line((0, y - 0.035), (w, y - 0.045)), line((w, y + 0.035), (0, y + 0.04)))
        panels.append(Panel(closed(strap), GarmentPart.TORSO, Ink.TRIM, "torso", 0.0, 0.8))
    return panels


def _collar_panels(
    cut: Cut, trim: Trim, view: GarmentView, neckline: FloatArray, back: FloatArray, rng: np.random.Generator
) -> tuple[list[Panel], list[Panel]]:
    """What of a collar lies behind the body and what over it."""
    make = {
        "band": _band, "shirt": _shirt_collar, "stand": _stand, "turtle": _turtle, "lapel": _lapels, "hood": _hood,
        "peter": _peter,
    }.get(trim.collar)  # fmt: skip
    return make(cut, trim, view, neckline, back, rng) if make else ([], [])


_Panels = tuple[list[Panel], list[Panel]]


def _ring(inner: FloatArray, width: float) -> FloatArray:
    """A band around half a neckline, `width` wide towards the body, as a closed symmetric outline."""
    across = np.gradient(inner, axis=0)
    normal = np.stack([-across[:, 1], across[:, 0]], -1)
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True) + 1e-9
    outer = inner + normal * width
    outer[0, 0] = 0.0
    outer[:, 0] = np.maximum(outer[:, 0], 0)
    return closed(path(inner[:1], outer, inner[::-1]))


def _band(
    cut: Cut, trim: Trim, view: GarmentView, neckline: FloatArray, back: FloatArray, rng: np.random.Generator
) -> _Panels:
    """The ribbed neckband of a T-shirt or jumper: part of the body."""
    width = rng.uniform(0.025, 0.07)
    above = [Panel(_ring(neckline, width), GarmentPart.TORSO, Ink.TRIM, "torso", thickness=0.5)]
    if view is GarmentView.BACK:
        return [], above
    outline = closed(path(shifted(back, 0, -0.012), shifted(back, 0, width)[::-1]))
    return [Panel(outline, GarmentPart.INSIDE, Ink.TRIM, "inside", thickness=0.3, shade=0.85)], above


def _shirt_collar(
    cut: Cut, trim: Trim, view: GarmentView, neckline: FloatArray, back: FloatArray, rng: np.random.Generator
) -> _Panels:
    """A collar with points; its back stands up behind."""
    high, w = rng.uniform(0.06, 0.13), cut.neck
    if view is GarmentView.BACK:
        fold = spline([(0, -high), (w * 0.7, -high * 0.8), (w * 1.02, 0.0)], 5)
        low = spline([(w * 1.2, rng.uniform(0.03, 0.08)), (w * 0.6, 0.06), (0, 0.05)], 5)
        return [], [Panel(closed(path(fold, low)), GarmentPart.COLLAR, _trim_or_main(rng), "collar")]
    ring = path(
        spline([(0, -high), (w * 0.75, -high * 0.75), (w * 1.1, 0.01)], 5), [(w * 0.9, 0.06)],
        spline([(w * 0.85, 0.02), (w * 0.6, -high * 0.15), (0, -high * 0.1)], 5),
    )  # fmt: skip
    ink = _trim_or_main(rng)
    behind = [Panel(closed(ring), GarmentPart.COLLAR, ink, "collar", thickness=0.6, shade=0.9)]
    middle = np.array([rng.uniform(0.0, 0.05), cut.neck_depth + 0.01])
    tip = np.array([w * rng.uniform(0.55, 1.1), cut.neck_depth + rng.uniform(0.08, 0.2)])
    leaf = path(
        spline([middle, (w * 0.62, cut.neck_depth * 0.55), (w * 0.97, -high * 0.35)], 5),
        spline([(w * 1.1, 0.01), (w * 1.22, 0.06), tip], 4),
    )  # fmt: skip
    return behind, [
        Panel(leaf, GarmentPart.COLLAR, ink, "collar", 60.0),
        Panel(mirror(leaf), GarmentPart.COLLAR, ink, "collar", 120.0),
    ]


def _trim_or_main(rng: np.random.Generator) -> Ink:
    """A collar is mostly of the same cloth."""
    return Ink.TRIM if rng.random() < 0.2 else Ink.MAIN


def _stand(
    cut: Cut, trim: Trim, view: GarmentView, neckline: FloatArray, back: FloatArray, rng: np.random.Generator
) -> _Panels:
    """A stand-up collar, open in front as far as its zip is."""
    high, w = rng.uniform(0.08, 0.22), cut.neck
    ink = _trim_or_main(rng)
    top = rng.uniform(0.75, 1.05) * w
    if view is GarmentView.BACK:
        wall = path(line((0, -high), (top, -high * 0.9)), line((w, 0.0), (w, 0.0), 1), shifted(back[::-1], 0, 0.02))
        return [], [Panel(closed(wall), GarmentPart.COLLAR, ink, "collar", 0.0)]
    rear = path(line((0, -high), (top, -high * 0.9)), [(w, 0.02)], shifted(back[::-1], 0, 0.04))
    behind = [
        Panel(
            closed(rear), GarmentPart.COLLAR, Ink.LINING if rng.random() < 0.6 else ink, "collar_inside", 0.0, 0.5, 0.8
        )
    ]
    open_ = rng.uniform(0.0, 0.6) * w if trim.closure != "none" else 0.0
    front = path(
        shifted(neckline, 0, 0.01), [(w, 0.0), (top, -high * 0.9)],
        spline([(top * 0.9, -high * 0.75), ((top + open_) / 2, -high * 0.55), (open_ + 0.005, -high * 0.3)], 4),
    )  # fmt: skip
    sides = [Panel(p, GarmentPart.COLLAR, ink, "collar", 0.0) for p in (front, mirror(front))]
    return behind, sides


def _turtle(
    cut: Cut, trim: Trim, view: GarmentView, neckline: FloatArray, back: FloatArray, rng: np.random.Generator
) -> _Panels:
    """A polo neck."""
    high, w = rng.uniform(0.1, 0.28), cut.neck
    top = rng.uniform(0.8, 1.0) * w
    tube = path(
        spline([(0, -high), (top * 0.6, -high * 1.03), (top, -high)], 4), [(w, 0.0)], shifted(neckline[::-1], 0, 0.01)
    )
    return [], [Panel(closed(tube), GarmentPart.COLLAR, Ink.MAIN if rng.random() < 0.7 else Ink.TRIM, "collar")]


def _lapels(
    cut: Cut, trim: Trim, view: GarmentView, neckline: FloatArray, back: FloatArray, rng: np.random.Generator
) -> _Panels:
    """A jacket's or coat's collar and lapels."""
    high, w = rng.uniform(0.05, 0.12), cut.neck
    if view is GarmentView.BACK:
        return _shirt_collar(cut, trim, view, neckline, back, rng)
    ring = path(
        spline([(0, -high), (w * 0.75, -high * 0.8), (w * 1.08, 0.02)], 5),
        spline([(w * 0.85, 0.03), (w * 0.6, -high * 0.1), (0, -high * 0.05)], 5),
    )  # fmt: skip
    ink = _trim_or_main(rng)
    behind = [Panel(closed(ring), GarmentPart.COLLAR, ink, "collar", thickness=0.6, shade=0.9)]
    end = cut.neck_depth
    wide = w * rng.uniform(1.3, 1.9)
    notch = 0.12 + 0.4 * (end - 0.12)
    leaf = path(
        neckline,
        [(w * 0.97, -high * 0.4)],
        np.array([(w * 1.2, 0.05), (wide, notch * 0.62), (wide * 0.78, notch * 0.72), (wide * 1.02, notch * 0.82)]),
        spline([(wide, notch), (w * 0.8, (notch + end) * 0.52), (0.02, end + 0.01)], 5),
    )  # fmt: skip
    return behind, [
        Panel(mirror(leaf), GarmentPart.COLLAR, ink, "collar", 120.0),
        Panel(leaf, GarmentPart.COLLAR, ink, "collar", 60.0),
    ]


def _hood(
    cut: Cut, trim: Trim, view: GarmentView, neckline: FloatArray, back: FloatArray, rng: np.random.Generator
) -> _Panels:
    """A hood, laid up above the shoulders or fallen back."""
    w = cut.neck
    up = rng.random() < 0.5
    high, wide = (
        (rng.uniform(0.4, 0.65), w * rng.uniform(1.2, 1.6))
        if up
        else (rng.uniform(0.1, 0.22), w * rng.uniform(1.3, 1.8))
    )
    outer = spline([(0, -high), (wide * 0.6, -high * 0.93), (wide, -high * 0.45), (w * 1.15, 0.05)], 6)
    if view is GarmentView.BACK:
        low = spline([(w * 0.8, 0.1), (0, 0.1 if up else rng.uniform(0.2, 0.5))], 5)
        return [], [Panel(closed(path(outer, low)), GarmentPart.COLLAR, Ink.MAIN, "collar")]
    behind = [Panel(closed(path(outer, [(0, 0.05)])), GarmentPart.COLLAR, Ink.MAIN, "collar_inside", shade=0.9)]
    rim = outer * (rng.uniform(0.68, 0.8), rng.uniform(0.75, 0.88))
    behind.append(
        Panel(
            closed(path(rim, [(0, 0.06)])),
            GarmentPart.COLLAR,
            Ink.LINING,
            "collar_inside",
            thickness=0.4,
            shade=0.7,
        )
    )
    lip = path(
        spline([(0.02, cut.neck_depth + 0.06), (w * 0.6, cut.neck_depth * 0.5), (w * 0.82, -0.04)], 5),
        spline([(w * 1.15, 0.0), (w * 1.1, cut.neck_depth * 0.8), (0.02, cut.neck_depth + rng.uniform(0.12, 0.2))], 5),
    )  # fmt: skip
    cords = []
    if rng.random() < 0.6:
        x, drop = w * rng.uniform(0.3, 0.5), rng.uniform(0.2, 0.5)
        for s in (1, -1):
            cord = spline([(s * x, cut.neck_depth), (s * (x + rng.normal(0, 0.03)), cut.neck_depth + drop / 2),
                           (s * x + rng.normal(0, 0.03), cut.neck_depth + drop)])  # fmt: skip
            cords.append(ribbon(cord, 0.018))
    above = [Panel(p, GarmentPart.COLLAR, Ink.MAIN, "collar", 60.0) for p in (mirror(lip), lip)]
    return behind, above + [Panel(c, GarmentPart.TORSO, Ink.TRIM, "torso", thickness=0.3) for c in cords]


def _peter(
    cut: Cut, trim: Trim, view: GarmentView, neckline: FloatArray, back: FloatArray, rng: np.random.Generator
) -> _Panels:
    """A flat collar with round ends."""
    width = rng.uniform(0.08, 0.14)
    edge = back if view is GarmentView.BACK else neckline
    leaf = path(
        edge, spline([(cut.neck + width, 0.03), (cut.neck * 0.8 + width, edge[0, 1] * 0.7 + width * 0.6),
                      (cut.neck * 0.45, edge[0, 1] + width * 1.2), (0.02, edge[0, 1] + width * 0.6)], 5))  # fmt: skip
    return [], [Panel(p, GarmentPart.COLLAR, Ink.TRIM, "collar") for p in (leaf, mirror(leaf))]


def _sleeves(cut: Cut, trim: Trim, armhole: FloatArray) -> list[Limb]:
    """Both sleeves, as described on the wearer's left."""
    if cut.sleeve == 0:
        return []
    return [
        Limb(
            side,
            name,
            part,
            armhole,
            cut.sleeve,
            cut.sleeve_middle,
            cut.sleeve_end,
            outer,
            inner,
            ink=trim.sleeve_ink,
            cuff=trim.cuff,
            cuff_ink=Ink.TRIM if trim.cuff < 0.05 or trim.hem_band else trim.sleeve_ink,
            stripe=Ink.TRIM if trim.stripe else None,
        )
        for side, name, part, outer, inner in (
            (
                1,
                "left_sleeve",
                GarmentPart.LEFT_SLEEVE,
                GarmentLandmark.LEFT_SLEEVE_OUTER,
                GarmentLandmark.LEFT_SLEEVE_INNER,
            ),
            (
                -1,
                "right_sleeve",
                GarmentPart.RIGHT_SLEEVE,
                GarmentLandmark.RIGHT_SLEEVE_OUTER,
                GarmentLandmark.RIGHT_SLEEVE_INNER,
            ),
        )
    ]


def _jumpsuit_legs(cut: Cut, trim: Trim, rng: np.random.Generator) -> list[Limb]:
    """Legs below the body of a jumpsuit."""
    hip, crotch = np.array([cut.hem, cut.hem_at - 0.12]), np.array([0.0, cut.hem_at])
    end = rng.uniform(0.4, 0.7) * cut.hem
    return [
        leg(side, hip, crotch, trim.legs, cut.hem * 0.5, min(end, cut.hem * 0.6) * (1 if trim.legs > 1 else 1.2))
        for side in (1, -1)
    ]


def _points(
    kind: GarmentKind, view: GarmentView, cut: Cut, shoulder: FloatArray, armpit: FloatArray, side: FloatArray
) -> dict[GarmentLandmark, Point]:
    """The named points of the body; only dresses have a waist."""
    torso = ("torso", "left_sleeve", "right_sleeve", "left_sleeve_top", "right_sleeve_top")
    worn = (*torso, "collar", "collar_inside")
    waist = np.array([np.interp(cut.waist_at, side[:, 1], side[:, 0]), cut.waist_at])
    left = {
        GarmentLandmark.LEFT_NECK: Point(np.array([cut.neck, 0.0]), worn),
        GarmentLandmark.LEFT_SHOULDER: Point(shoulder, worn),
        GarmentLandmark.LEFT_ARMPIT: Point(armpit, torso),
        GarmentLandmark.LEFT_HEM: Point(side[-1], ("torso",)),
    }
    if kind is GarmentKind.DRESS:
        left[GarmentLandmark.LEFT_WAIST] = Point(waist, ("torso",))
    points = dict(left)
    for name, point in left.items():
        points[GarmentLandmark(name + 1)] = Point(mirror(point.place[None])[0], point.groups)
    points[GarmentLandmark.NECK_FRONT] = Point(_neckline(cut)[0], worn, seen=view is GarmentView.FRONT)
    return points
