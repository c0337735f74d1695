"""Fabrics: a tile of colour that repeats, now and then with a relief, and prints on the chest.

Colours are linear RGB.
"""

from __future__ import annotations

import colorsys
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from vf_synthetic.listing.fields import noise, periodic
from vf_synthetic.listing.pattern import Ink
from vf_synthetic.noise import FloatArray

Colour = FloatArray
"""Linear RGB (3,)."""


@dataclass(frozen=True)
class Fabric:
    """A tile (n, n, 3) float32 of linear colour that repeats every `period` units; `relief` (n, n) is its height."""

    tile: FloatArray
    period: float
    relief: FloatArray | None = None
    gloss: float = 0.0
    roughness: float = 1.0  # how strongly it creases

    @property
    def mean(self) -> Colour:
        """Its average colour."""
        return self.tile.reshape(-1, 3).mean(0)


@dataclass(frozen=True)
class Wardrobe:
    """What each ink of a garment looks like, and the print (n, n, 4) on its front, if any."""

    fabrics: dict[Ink, Fabric]
    art: FloatArray | None
    art_place: tuple[float, float, float]  # middle x, y and width, units


def wardrobe(rng: np.random.Generator, scale: float, plain: float = 0.5) -> Wardrobe:
    """Fabrics that go together, for a picture in which a unit has `scale` pixels."""
    main = fabric(rng, scale, plain)
    base = main.mean
    other = dye(rng)
    trim = solid(base * rng.uniform(0.85, 1.1) if rng.random() < 0.6 else other)
    lining = solid(
        np.clip(base * rng.uniform(0.7, 1.2) + rng.uniform(0, 0.06), 0, 1) if rng.random() < 0.75 else dye(rng)
    )
    if main.relief is None and rng.random() < 0.4:
        lining = main  # the same cloth, as in a T-shirt
    metal = solid(
        np.full(3, rng.choice([0.03, 0.35, 0.55])) * (1.0, 0.93, 0.7 if rng.random() < 0.4 else 1.0), gloss=0.8
    )
    label = solid(np.full(3, rng.choice([0.02, 0.75, 0.85])) if rng.random() < 0.8 else dye(rng))
    hanger = solid(_hanger_colour(rng), gloss=0.4)
    fabrics = {
        Ink.MAIN: main, Ink.SECOND: fabric(rng, scale, 0.7), Ink.TRIM: trim, Ink.LINING: lining, Ink.LABEL: label,
        Ink.METAL: metal, Ink.SEAM: solid(base * rng.choice([0.35, 0.6, 1.8], p=[0.5, 0.35, 0.15]).clip(0, 1)), Ink.HANGER: hanger,
        Ink.TAG: solid(np.full(3, rng.uniform(0.6, 0.9)) if rng.random() < 0.75 else dye(rng)),
        Ink.BODY: solid(_body_colour(rng)), Ink.SKIN: solid(_skin(rng)), Ink.OTHER: fabric(rng, scale, 0.8),
        Ink.HAIR: solid(_skin(rng) * (0.12 if rng.random() < 0.8 else 0.6)),
    }  # fmt: skip
    art = emblem(rng) if rng.random() < 0.3 else None
    small = rng.random() < 0.25
    place = (
        (rng.uniform(0.15, 0.25), 0.45, rng.uniform(0.08, 0.15))
        if small
        else (0.0, rng.uniform(0.5, 0.75), rng.uniform(0.35, 0.75))
    )
    return Wardrobe(fabrics, art, place)


def linear(rgb: tuple[float, float, float]) -> Colour:
    """Linear colour of sRGB values in [0, 1]."""
    return (np.asarray(rgb, np.float32) ** 2.2).astype(np.float32)


def dye(rng: np.random.Generator) -> Colour:
    """A colour as clothes have them: black, white, grey, navy, earth, muted or vivid."""
    u = rng.uniform
    family = rng.choice(["black", "white", "grey", "navy", "earth", "muted", "vivid", "pastel"],
                        p=[0.16, 0.13, 0.1, 0.13, 0.12, 0.14, 0.12, 0.1])  # fmt: skip
    hue = u(0, 1)
    h, s, v = {
        "black": (hue, u(0, 0.25), u(0.04, 0.16)),
        "white": (u(0.05, 0.16), u(0, 0.1), u(0.82, 0.97)),
        "grey": (hue, u(0, 0.08), u(0.25, 0.75)),
        "navy": (u(0.56, 0.68), u(0.35, 0.85), u(0.12, 0.5)),
        "earth": (u(0.02, 0.2), u(0.2, 0.6), u(0.25, 0.75)),
        "muted": (hue, u(0.2, 0.5), u(0.3, 0.7)),
        "vivid": (hue, u(0.65, 0.97), u(0.45, 0.95)),
        "pastel": (hue, u(0.12, 0.35), u(0.75, 0.95)),
    }[str(family)]
    return linear(colorsys.hsv_to_rgb(h, s, v))


def _hanger_colour(rng: np.random.Generator) -> Colour:
    """Black plastic, white plastic, wood, wire."""
    choices = [
        (0.05, 0.05, 0.06),
        (0.9, 0.9, 0.88),
        (0.62, 0.42, 0.24),
        (0.78, 0.6, 0.4),
        (0.55, 0.56, 0.58),
        (0.4, 0.1, 0.1),
        (0.2, 0.3, 0.7),
    ]
    return linear(choices[rng.choice(len(choices), p=[0.35, 0.15, 0.15, 0.1, 0.15, 0.05, 0.05])])


def _body_colour(rng: np.random.Generator) -> Colour:
    """White, black, beige mannequins."""
    choices = [(0.92, 0.91, 0.9), (0.1, 0.1, 0.1), (0.82, 0.7, 0.58), (0.5, 0.5, 0.5), (0.9, 0.75, 0.65)]
    return linear(choices[rng.integers(len(choices))])


def _skin(rng: np.random.Generator) -> Colour:
    """Skin from pale to dark."""
    return linear((0.93, 0.76, 0.66)) * np.float32(np.exp(rng.uniform(-1.8, 0.1))) ** np.array(
        [0.8, 1.0, 1.15], np.float32
    )


def solid(colour: FloatArray, gloss: float = 0.0) -> Fabric:
    """Plain cloth."""
    tile = np.broadcast_to(np.asarray(colour, np.float32), (8, 8, 3)).copy()
    return Fabric(tile, 1.0, gloss=gloss)


def fabric(rng: np.random.Generator, scale: float, plain: float = 0.5) -> Fabric:
    """A random fabric; the share `plain` has one colour."""
    u = rng.uniform
    if rng.random() < plain:
        make: _Design = _PLAIN[rng.choice(len(_PLAIN), p=_PLAIN_SHARES)]
        period = u(0.6, 1.0)
    else:
        make = _PATTERNED[rng.choice(len(_PATTERNED), p=_PATTERNED_SHARES)]
        period = float(np.exp(u(np.log(0.25), np.log(1.3))))
    size = int(np.clip(scale * period, 24, 640))
    tile, relief = make(rng, size)
    return Fabric(np.clip(tile, 0.003, 0.93).astype(np.float32), period, relief, gloss=u(0.15, 0.5) if rng.random() < 0.12 else 0.0,
                  roughness=u(0.5, 1.5))  # fmt: skip


_Tile = tuple[FloatArray, FloatArray | None]
_Design = Callable[[np.random.Generator, int], _Tile]


def _flat(rng: np.random.Generator, n: int) -> _Tile:
    """One colour."""
    return np.broadcast_to(dye(rng), (n, n, 3)) * np.ones((n, n, 1), np.float32), None


def _marl(rng: np.random.Generator, n: int) -> _Tile:
    """Threads of two tones."""
    thread = rng.normal(0, 1, (n, max(2, n // 4))).astype(np.float32)
    thread = cv2.resize(thread, (n, n))
    return dye(rng) * (1 + rng.uniform(0.08, 0.3) * thread)[..., None], None


def _denim(rng: np.random.Generator, n: int) -> _Tile:
    """Blue twill, washed in patches."""
    blue = linear(colorsys.hsv_to_rgb(rng.uniform(0.57, 0.65), rng.uniform(0.25, 0.65), rng.uniform(0.2, 0.75)))
    wash = 1 + rng.uniform(0.1, 0.45) * periodic(rng, n, 4)
    slub = 1 + 0.18 * cv2.resize(rng.normal(0, 1, (max(2, n // 6), n)).astype(np.float32), (n, n))
    return blue * (wash * slub)[..., None], None


def _knit(rng: np.random.Generator, n: int) -> _Tile:
    """Ribs along the length."""
    count = int(rng.integers(10, max(11, min(40, n // 5))))
    wave = np.sin(np.arange(n) / n * 2 * np.pi * count).astype(np.float32)
    base, _ = _marl(rng, n)
    return base * (1 + 0.12 * wave)[None, :, None], np.tile(wave, (n, 1)) * n / count * 0.08


def _cords(rng: np.random.Generator, n: int) -> _Tile:
    """Puffed or pleated cloth: broad rolls across the length."""
    count = int(rng.integers(3, 7))
    roll = np.abs(np.sin(np.arange(n) / n * np.pi * count)).astype(np.float32)
    tile, _ = _flat(rng, n)
    return tile * (0.75 + 0.25 * np.clip(roll * 3, 0, 1))[:, None, None], np.tile(
        roll[:, None], (1, n)
    ) * n / count * 0.25


def _fur(rng: np.random.Generator, n: int) -> _Tile:
    """Hair along the length."""
    hair = cv2.resize(rng.normal(0, 1, (max(2, n // 8), n)).astype(np.float32), (n, n))
    clump = periodic(rng, n, 9)
    return dye(rng) * np.exp(0.35 * hair + 0.3 * clump)[..., None], clump * 2


def _stripes(rng: np.random.Generator, n: int) -> _Tile:
    """Stripes, mostly across."""
    colours = [dye(rng) for _ in range(rng.integers(2, 5))]
    row = np.zeros((n, 3), np.float32) + colours[0]
    count = int(rng.integers(1, 7))
    for k in range(count):
        wide = n / count * rng.uniform(0.15, 0.6)
        start = k * n / count
        row[int(start) : max(int(start) + 1, int(start + wide))] = colours[1 + k % (len(colours) - 1)]
    tile = np.broadcast_to(row[:, None], (n, n, 3))
    return (tile if rng.random() < 0.75 else tile.transpose(1, 0, 2)).copy(), None


def _check(rng: np.random.Generator, n: int) -> _Tile:
    """Tartan or gingham."""
    colours = [dye(rng) for _ in range(3)]
    tile = np.zeros((n, n, 3), np.float32) + colours[0]
    bands = [
        (rng.uniform(0, 1), rng.uniform(0.03, 0.4), colours[rng.integers(1, 3)], rng.uniform(0.4, 0.9))
        for _ in range(rng.integers(1, 5))
    ]
    share = np.zeros((n,), np.float32)
    for start, width, colour, strength in bands:
        share = ((np.arange(n) / n - start) % 1.0 < width).astype(np.float32) * strength * 0.6
        tile = tile * (1 - share[:, None, None]) + colour * share[:, None, None]
        tile = tile * (1 - share[None, :, None]) + colour * share[None, :, None]
    return tile, None


def _dots(rng: np.random.Generator, n: int) -> _Tile:
    """Dots in rows."""
    rows = int(rng.integers(2, 9))
    radius = n / rows * rng.uniform(0.1, 0.36)
    shapes = [
        _disc((i + 0.5 * (j % 2) + 0.25) * n / rows, (j + 0.5) * n / rows, radius)
        for j in range(rows)
        for i in range(rows)
    ]
    return _stamped(n, dye(rng), shapes, [dye(rng)]), None


def _flowers(rng: np.random.Generator, n: int) -> _Tile:
    """Scattered flowers and leaves."""
    colours = [dye(rng) for _ in range(4)]
    shapes = []
    for _ in range(rng.integers(8, 26)):
        x, y, r = *rng.uniform(0, n, 2), n * rng.uniform(0.03, 0.14)
        petals = int(rng.integers(4, 8))
        a = np.linspace(0, 2 * np.pi, 30) + rng.uniform(0, 6)
        radius = r * (0.7 + 0.3 * np.cos(petals * a))
        shapes.append(np.stack([x + radius * np.cos(a), y + radius * np.sin(a)], -1))
        shapes.append(_disc(x, y, r * 0.25))
        shapes.append(_leaf(x + r, y + r, r * rng.uniform(0.8, 2), rng.uniform(0, 6)))
    return _stamped(n, dye(rng), shapes, colours), None


def _leaves(rng: np.random.Generator, n: int) -> _Tile:
    """Overlapping leaves or feathers."""
    shapes = [
        _leaf(*rng.uniform(0, n, 2), n * rng.uniform(0.08, 0.3), rng.uniform(0, 6)) for _ in range(rng.integers(12, 40))
    ]
    return _stamped(n, dye(rng), shapes, [dye(rng) for _ in range(3)]), None


def _patches(rng: np.random.Generator, n: int) -> _Tile:
    """Camouflage, marble, animal skins: a field cut at levels."""
    field = periodic(rng, n, int(rng.integers(4, 14))) + 0.4 * periodic(rng, n, 16)
    colours = [dye(rng) for _ in range(4)]
    level = np.digitize(field, sorted(rng.normal(0, 0.5, rng.integers(1, 4))))
    return np.stack(colours)[level], None


def _blocks(rng: np.random.Generator, n: int) -> _Tile:
    """Geometric: random boxes and triangles on a grid, and rows of ornament."""
    m = int(rng.integers(3, 9))
    shapes = []
    step = n / m
    for j in range(m):
        form = rng.integers(3)
        for i in range(m):
            c = np.array([(i + 0.5) * step, (j + 0.5) * step])
            corners = [
                [(-1, 1), (1, 1), (0, -1)],
                [(-1, 0), (0, -1), (1, 0), (0, 1)],
                [(-1, -0.5), (1, -0.5), (1, 0.5), (-1, 0.5)],
            ][form]
            shapes.append(c + np.array(corners) * step * 0.42)
    colours = [dye(rng) for _ in range(3)]
    return _stamped(n, dye(rng), shapes, colours), None


def _ombre(rng: np.random.Generator, n: int) -> _Tile:
    """Tie-dye and batik: two colours that flow into each other."""
    t = np.clip(0.5 + periodic(rng, n, int(rng.integers(3, 8))), 0, 1)[..., None]
    return dye(rng) * t + dye(rng) * (1 - t), None


_PLAIN: list[_Design] = [_flat, _marl, _denim, _knit, _cords, _fur]
_PLAIN_SHARES = [0.5, 0.16, 0.14, 0.13, 0.05, 0.02]
_PATTERNED: list[_Design] = [_stripes, _check, _dots, _flowers, _leaves, _patches, _blocks, _ombre]
_PATTERNED_SHARES = [0.25, 0.2, 0.1, 0.17, 0.08, 0.08, 0.06, 0.06]


def _disc(x: float, y: float, radius: float) -> FloatArray:
    a = np.linspace(0, 2 * np.pi, 18, endpoint=False)
    return np.stack([x + radius * np.cos(a), y + radius * np.sin(a)], -1)


def _leaf(x: float, y: float, length: float, angle: float) -> FloatArray:
    t = np.linspace(0, 1, 8)
    width = 0.22 * np.sin(np.pi * t**0.8)
    shape = np.concatenate([np.stack([t, width], -1), np.stack([t, -width], -1)[::-1]]) * length
    c, s = np.cos(angle), np.sin(angle)
    return shape @ np.array([(c, s), (-s, c)]) + (x, y)


def _stamped(n: int, ground: Colour, shapes: list[FloatArray], colours: list[Colour]) -> FloatArray:
    """A tile with shapes that continue across its edges."""
    tile = np.zeros((n, n, 3), np.float32) + ground
    canvas = (np.clip(tile, 0, 1) * 255).astype(np.uint8)
    for k, shape in enumerate(shapes):
        colour = tuple(int(255 * c) for c in colours[k % len(colours)])
        low, high = shape.min(0), shape.max(0)
        for dx in (-n, 0, n):
            for dy in (-n, 0, n):
                if low[0] + dx < n and high[0] + dx > 0 and low[1] + dy < n and high[1] + dy > 0:
                    points = np.round((shape + (dx, dy)) * 16).astype(np.int32)
                    cv2.fillPoly(canvas, [points], colour, cv2.LINE_AA, 4)
    return canvas.astype(np.float32) / 255.0


_WORDS = [
    "NORTH",
    "SUN",
    "WILD",
    "1987",
    "RIDE",
    "HELLO",
    "OCEAN",
    "LOVE",
    "NO 7",
    "FOREST",
    "TEAM",
    "CITY",
    "DREAM",
    "GO",
    "STAR",
    "MOON",
]


def emblem(rng: np.random.Generator) -> FloatArray:
    """A print (192, 192, 4) of shapes and words: linear RGB and coverage."""
    n = 192
    art = np.zeros((n, n, 3), np.uint8)
    cover = np.zeros((n, n), np.uint8)
    colours = [tuple(int(255 * c) for c in dye(rng)) for _ in range(3)]
    for k in range(rng.integers(0, 6)):
        r = n * rng.uniform(0.08, 0.4)
        x, y = rng.uniform(r, n - r, 2)
        corners = int(rng.integers(3, 12))
        a = np.linspace(0, 2 * np.pi, corners, endpoint=False) + rng.uniform(0, 6)
        radius = r * rng.uniform(0.4, 1, corners)
        points = np.round(np.stack([x + radius * np.cos(a), y + radius * np.sin(a)], -1) * 16).astype(np.int32)
        cv2.fillPoly(art, [points], colours[k % 3], cv2.LINE_AA, 4)
        cv2.fillPoly(cover, [points], 255, cv2.LINE_AA, 4)
    for row in range(rng.integers(1, 5) if rng.random() < 0.7 else 0):
        word = _WORDS[rng.integers(len(_WORDS))]
        size = 180 / max(1, len(word)) / 20
        at = (int(rng.uniform(2, 14)), int(30 + row * 40))
        for target, colour in ((art, colours[row % 3]), (cover, 255)):
            cv2.putText(target, word, at, cv2.FONT_HERSHEY_SIMPLEX, size, colour, int(rng.integers(3, 9)), cv2.LINE_AA)
    return np.concatenate([art, cover[..., None]], -1).astype(np.float32) / 255.0


def creases(rng: np.random.Generator, shape: tuple[int, int], scale: float, amount: float) -> FloatArray:
    """The height (H, W) in pixels of cloth that was not ironed; `scale` pixels are a unit, `amount` about 1."""
    height = noise(rng, shape, scale * rng.uniform(0.2, 0.4), angle=rng.uniform(0, 90)) * 0.06
    angle = rng.uniform(0, 180)
    for _ in range(2):  # drag folds in two directions
        across, along = scale * rng.uniform(0.06, 0.16), scale * rng.uniform(0.35, 0.8)
        fold = _crest(noise(rng, shape, across, along, angle))
        where = np.clip(noise(rng, shape, scale * 0.4) + rng.uniform(-0.2, 0.4), 0, 1)
        height += fold * where * 0.035
        angle += rng.uniform(40, 120)
    fine = _crest(
        noise(rng, shape, scale * rng.uniform(0.04, 0.08), scale * rng.uniform(0.08, 0.2), rng.uniform(0, 180))
    )
    height += fine * rng.uniform(0.001, 0.008)
    return height * np.float32(scale * amount)


def _crest(field: FloatArray) -> FloatArray:
    """Turns smooth noise into crests with round tops and broad valleys."""
    crest = 1.0 - np.minimum(np.abs(field) * 1.4, 1.0)
    return crest * crest * (3 - 2 * crest)
