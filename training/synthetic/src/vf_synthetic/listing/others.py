"""What else people photograph: hats, shoes, bags, socks and scarves. All of it is background to the labels."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from vf_synthetic.listing.pattern import Ink, Mark, Panel, affine, closed, ellipse, line, path, ribbon, spline, turn
from vf_synthetic.noise import FloatArray
from vfkit.contracts.garment import GarmentPart


def other(rng: np.random.Generator) -> list[Panel]:
    """A random thing that is not clothing for the body."""
    makers: list[Callable[[np.random.Generator], list[Panel]]] = [
        _cap, _beanie, _brimmed, _shoes_above, _shoes_side, _boots, _bag, _socks, _scarf,
    ]  # fmt: skip
    share = [0.16, 0.12, 0.1, 0.17, 0.15, 0.08, 0.14, 0.05, 0.03]
    return makers[rng.choice(len(makers), p=share)](rng)


def _panel(
    outline: FloatArray,
    ink: Ink = Ink.MAIN,
    down: float = 90.0,
    thickness: float = 1.5,
    marks: list[Mark] | None = None,
    shade: float = 1.0,
) -> Panel:
    """A panel of a thing: background to the labels."""
    return Panel(
        outline, GarmentPart.BACKGROUND, ink, "other", down, thickness, shade, marks or [], printed=ink is Ink.MAIN
    )


def _cap(rng: np.random.Generator) -> list[Panel]:
    """A baseball cap from the front or from the side."""
    high = rng.uniform(0.5, 0.75)
    side = rng.random() < 0.5
    dome = spline(
        [(-0.5, 0), (-0.48, -high * 0.55), (-0.2, -high * 0.95), (0.2, -high * 0.95), (0.48, -high * 0.55), (0.5, 0)], 7
    )
    seams = [
        Mark(spline([(0, -high), (x, -high * 0.5), (1.3 * x, 0)]), 0.012, Ink.SEAM, 1.0) for x in (-0.25, 0.0, 0.25)
    ]
    shift = rng.uniform(0.4, 0.7) if side else 0.0
    drop = rng.uniform(0.2, 0.4)
    brim = path(
        spline([(-0.48 + shift, 0.0), (shift, 0.06), (0.49 + shift * 0.6, 0.0)], 7),
        spline(
            [
                (0.5 + shift, 0.1),
                (0.3 + shift, drop),
                (shift, drop * 1.15),
                (-0.35 + shift * 0.5, drop * 0.8),
                (-0.5 + shift, 0.1),
            ],
            7,
        ),
    )
    ink = Ink.MAIN if rng.random() < 0.5 else Ink.SECOND
    return [
        _panel(path(dome, spline([(0.5, 0.0), (0, 0.1), (-0.5, 0)], 7)), marks=seams),
        _panel(brim, ink, 0.0),
    ]


def _beanie(rng: np.random.Generator) -> list[Panel]:
    """A knitted cap, perhaps with a bobble."""
    high, band = rng.uniform(0.55, 0.9), rng.uniform(0.15, 0.3)
    dome = spline([(0, -high), (0.3, -high * 0.9), (0.47, -high * 0.45), (0.5, 0.1)], 7)
    panels = [_panel(closed(dome))]
    panels.append(
        _panel(
            closed(
                path(
                    spline([(0, -band * 0.6), (0.3, -band * 0.65), (0.51, -band * 0.75)], 5),
                    spline([(0.52, band * 0.4), (0.3, band * 0.5), (0, band * 0.55)], 5),
                )
            ),
            _either(rng),
        )
    )
    if rng.random() < 0.4:
        panels.append(_panel(ellipse(0, -high - 0.08, 0.16, 0.15), Ink.SECOND, thickness=3.0))
    return panels


def _brimmed(rng: np.random.Generator) -> list[Panel]:
    """A hat with a brim all around, seen from above or aslant."""
    squash = rng.uniform(0.3, 0.95)
    crown = (1 - squash) * 0.55
    panels = [_panel(ellipse(0, 0, 0.75, 0.75 * squash), thickness=1.0)]
    top = ellipse(0, -crown, 0.33, 0.33 * squash)
    low = ellipse(0, 0, 0.4, 0.38 * squash)
    wall = path(low[:21], top[20:])  # the near half of the crown's foot, the far half of its top
    panels += [_panel(low, Ink.TRIM, thickness=0.8), _panel(wall), _panel(top, thickness=1.2)]
    return panels


def _either(rng: np.random.Generator) -> Ink:
    """The same cloth or another."""
    return Ink.MAIN if rng.random() < 0.5 else Ink.TRIM


def _pair(one: list[Panel], gap: float, rng: np.random.Generator) -> list[Panel]:
    """A thing and its mirror image, each turned a little."""
    pair = []
    for side in (1, -1):
        move = affine(turn(rng.normal(0, 8)) * (side, 1), (side * gap, rng.normal(0, 0.04)))
        pair += [p.moved(move) for p in one]
    return pair


def _shoes_above(rng: np.random.Generator) -> list[Panel]:
    """A pair from above: trainers, ballerinas, sandals."""
    long, wide = rng.uniform(1.0, 1.25), rng.uniform(0.19, 0.23)
    sole = path(
        spline(
            [
                (0, -long / 2),
                (wide * 0.9, -long * 0.4),
                (wide * 0.85, 0),
                (wide * 1.15, long * 0.22),
                (wide * 0.6, long * 0.46),
                (0, long / 2),
            ],
            6,
        ),
        spline(
            [
                (-wide * 0.75, long * 0.42),
                (-wide * 0.95, long * 0.2),
                (-wide * 0.75, 0),
                (-wide * 0.85, -long * 0.4),
                (0, -long / 2),
            ],
            6,
        ),
    )
    hole = ellipse(0, -long * 0.2, wide * 0.62, long * rng.uniform(0.18, 0.27))
    panels = [_panel(sole, Ink.SECOND, thickness=1.5), _panel(sole * 0.94, Ink.MAIN, thickness=2.0)]
    if rng.random() < 0.25:  # sandals: straps over the sole
        straps = [
            _panel(ribbon(spline([(-wide, y), (0, y - 0.06), (wide, y)], 4), 0.09), Ink.TRIM)
            for y in (long * 0.2, -long * 0.1)
        ]
        return _pair([panels[0], *straps], wide * 1.35, rng)
    panels.append(_panel(hole, Ink.LINING, thickness=0.5, shade=0.55))
    if rng.random() < 0.6:
        rows = np.linspace(long * 0.02, long * 0.24, 5)
        laces = [ribbon(line((-wide * 0.5, y), (wide * 0.5, y), 3), 0.03) for y in rows]
        panels += [_panel(lace, Ink.LABEL, thickness=0.3) for lace in laces]
    return _pair(panels, wide * 1.35, rng)


def _shoes_side(rng: np.random.Generator) -> list[Panel]:
    """A pair from the side, one behind the other: trainers or heels."""
    heel = rng.uniform(0.0, 0.35) if rng.random() < 0.4 else 0.0
    upper = path(
        spline([(-0.5, 0.3 - heel), (-0.52, 0.1 - heel), (-0.46, -0.12 - heel)], 4),
        spline(
            [
                (-0.46, -0.12 - heel),
                (-0.25, -0.02 - heel),
                (-0.02, -0.1 - heel * 0.5),
                (0.2, 0.08),
                (0.52, 0.18),
                (0.6, 0.3),
            ],
            5,
        ),
    )
    sole = path(
        line((-0.52, 0.28 - heel), (0.0, 0.28), 4),
        [(0.61, 0.28), (0.6, 0.38), (0.0, 0.38)],
        line((-0.1, 0.37), (-0.5, 0.37 - heel), 3),
    )
    panels = [_panel(upper, thickness=2.5), _panel(sole, Ink.SECOND)]
    if heel > 0.1:
        panels.append(
            _panel(np.array([(-0.52, 0.3 - heel), (-0.34, 0.33 - heel), (-0.42, 0.38), (-0.5, 0.38)]), Ink.SECOND)
        )
    shift = np.array([rng.uniform(-0.35, 0.35), -rng.uniform(0.15, 0.45)])
    flip = rng.random() < 0.5
    behind = [p.moved(affine(np.diag([1.0 if flip else -1.0, 1.0]), shift)) for p in panels]
    return behind + panels


def _boots(rng: np.random.Generator) -> list[Panel]:
    """A pair of boots."""
    high = rng.uniform(0.5, 1.2)
    boot = path(
        line((-0.25, -high), (0.15, -high), 5),
        spline([(0.15, -high), (0.14, -0.1), (0.25, 0.1), (0.5, 0.22), (0.55, 0.38)], 5), [(-0.27, 0.38)],
        spline([(-0.27, 0.38), (-0.28, 0.0), (-0.25, -high)], 4),
    )  # fmt: skip
    sole = np.array([(-0.28, 0.34), (0.56, 0.34), (0.56, 0.43), (-0.28, 0.43)])
    panels = [_panel(boot, thickness=3.0), _panel(sole, Ink.SECOND)]
    if rng.random() < 0.4:
        panels.insert(
            1, _panel(np.array([(-0.27, -high), (0.17, -high), (0.17, -high + 0.2), (-0.27, -high + 0.2)]), Ink.TRIM)
        )
    shift = np.array([rng.uniform(0.25, 0.5), -rng.uniform(0.0, 0.15)])
    return [p.moved(affine(np.eye(2), shift)) for p in panels] + panels


def _bag(rng: np.random.Generator) -> list[Panel]:
    """A handbag, tote or backpack."""
    wide, tall = rng.uniform(0.35, 0.6), rng.uniform(0.5, 1.0)
    low = wide * rng.uniform(0.85, 1.15)
    half = path(
        line((0, 0), (wide, 0), 4),
        spline([(wide, 0), (low, tall * 0.7), (low * 0.94, tall), (low * 0.6, tall * 1.01), (0, tall)], 5),
    )
    rise = rng.uniform(0.2, 0.7)
    handle = spline(
        [(-wide * 0.6, 0.05), (-wide * 0.45, -rise * 0.7), (0, -rise), (wide * 0.45, -rise * 0.7), (wide * 0.6, 0.05)],
        6,
    )
    marks = (
        [Mark(line((-wide * 0.8, tall * 0.12), (wide * 0.8, tall * 0.12), 6), 0.02, Ink.METAL)]
        if rng.random() < 0.5
        else []
    )
    panels = [
        _panel(ribbon(handle, rng.uniform(0.04, 0.08)), Ink.TRIM),
        _panel(closed(half), thickness=3.0, marks=marks),
    ]
    if rng.random() < 0.4:
        flap = closed(
            spline([(0, -0.02), (wide, 0.0), (wide * 0.95, tall * 0.4), (0, tall * rng.uniform(0.45, 0.6))], 5)
        )
        panels.append(_panel(flap, _either(rng)))
    if rng.random() < 0.4:
        pocket = np.array([(0, tall * 0.55), (wide * 0.6, tall * 0.55), (wide * 0.6, tall * 0.9), (0, tall * 0.9)])
        panels.append(_panel(closed(pocket)))
    return panels


def _socks(rng: np.random.Generator) -> list[Panel]:
    """A pair of socks."""
    high = rng.uniform(0.3, 0.9)
    sock = spline(
        [
            (-0.15, -high),
            (0.15, -high),
            (0.16, 0.0),
            (0.3, 0.2),
            (0.62, 0.28),
            (0.68, 0.42),
            (0.5, 0.5),
            (0.1, 0.45),
            (-0.14, 0.2),
            (-0.15, -high),
        ],
        5,
    )
    cuff = np.array([(-0.16, -high), (0.16, -high), (0.16, -high + 0.12), (-0.16, -high + 0.12)])
    shift = np.array([0.45, 0.05])
    one = [_panel(sock), _panel(cuff, Ink.TRIM)]
    return one + [p.moved(affine(np.eye(2), shift)) for p in one]


def _scarf(rng: np.random.Generator) -> list[Panel]:
    """A scarf in a loop."""
    wide = rng.uniform(0.2, 0.35)
    track = spline([(-0.3, 0.9), (-0.35, 0.1), (-0.1, -0.5), (0.25, -0.35), (0.3, 0.2), (0.2, 1.0)], 8)
    return [_panel(ribbon(track, wide))]
