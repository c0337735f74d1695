"""Designs of fabrics, as tiles that repeat: plain, striped, checked, with flowers; and prints for the chest.

Colours are linear RGB.
"""

from __future__ import annotations

import colorsys
from collections.abc import Callable

import cv2
import numpy as np

from vf_synthetic.listing.fields import periodic
from vf_synthetic.noise import FloatArray
from vfkit.contracts.garment import GarmentKind

Colour = FloatArray
"""Linear RGB (3,)."""
Tile = tuple[FloatArray, FloatArray | None]
"""A repeating picture (n, n, 3) and its relief (n, n) in pixels, if it has one."""
Design = Callable[[np.random.Generator, int], Tile]
"""Draws a tile of n pixels."""


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


def _flat(rng: np.random.Generator, n: int) -> Tile:
    """One colour."""
    return np.broadcast_to(dye(rng), (n, n, 3)) * np.ones((n, n, 1), np.float32), None


def _marl(rng: np.random.Generator, n: int) -> Tile:
    """Threads of two tones."""
    thread = rng.normal(0, 1, (n, max(2, n // 4))).astype(np.float32)
    thread = cv2.resize(thread, (n, n))
    return dye(rng) * (1 + rng.uniform(0.08, 0.3) * thread)[..., None], None


def _denim(rng: np.random.Generator, n: int) -> Tile:
    """Blue twill, washed in patches."""
    blue = linear(colorsys.hsv_to_rgb(rng.uniform(0.57, 0.65), rng.uniform(0.25, 0.65), rng.uniform(0.2, 0.75)))
    wash = 1 + rng.uniform(0.1, 0.45) * periodic(rng, n, 4)
    slub = 1 + 0.18 * cv2.resize(rng.normal(0, 1, (max(2, n // 6), n)).astype(np.float32), (n, n))
    return blue * (wash * slub)[..., None], None


def _knit(rng: np.random.Generator, n: int) -> Tile:
    """Ribs along the length."""
    count = int(rng.integers(10, max(11, min(40, n // 5))))
    wave = np.sin(np.arange(n) / n * 2 * np.pi * count).astype(np.float32)
    base, _ = _marl(rng, n)
    return base * (1 + 0.12 * wave)[None, :, None], np.tile(wave, (n, 1)) * n / count * 0.08


def _puffer(rng: np.random.Generator, n: int) -> Tile:
    """Quilted cloth: broad rolls across the length."""
    count = int(rng.integers(3, 7))
    roll = np.abs(np.sin(np.arange(n) / n * np.pi * count)).astype(np.float32)
    tile, _ = _flat(rng, n)
    return tile * (0.75 + 0.25 * np.clip(roll * 3, 0, 1))[:, None, None], np.tile(
        roll[:, None], (1, n)
    ) * n / count * 0.25


def _fur(rng: np.random.Generator, n: int) -> Tile:
    """Hair along the length."""
    hair = cv2.resize(rng.normal(0, 1, (max(2, n // 8), n)).astype(np.float32), (n, n))
    clump = periodic(rng, n, 9)
    return dye(rng) * np.exp(0.35 * hair + 0.3 * clump)[..., None], clump * 2


def _stripes(rng: np.random.Generator, n: int) -> Tile:
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


def _check(rng: np.random.Generator, n: int) -> Tile:
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
        for weight in (share[:, None, None], share[None, :, None]):
            tile += (colour - tile) * weight
    return tile, None


def _dots(rng: np.random.Generator, n: int) -> Tile:
    """Dots in rows."""
    rows = int(rng.integers(2, 9))
    radius = n / rows * rng.uniform(0.1, 0.36)
    shapes = [
        _disc((i + 0.5 * (j % 2) + 0.25) * n / rows, (j + 0.5) * n / rows, radius)
        for j in range(rows)
        for i in range(rows)
    ]
    return _stamped(n, dye(rng), shapes, [dye(rng)]), None


def _flowers(rng: np.random.Generator, n: int) -> Tile:
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


def _leaves(rng: np.random.Generator, n: int) -> Tile:
    """Overlapping leaves or feathers."""
    shapes = [
        _leaf(rng.uniform(0, n), rng.uniform(0, n), n * rng.uniform(0.08, 0.3), rng.uniform(0, 6))
        for _ in range(rng.integers(12, 40))
    ]
    return _stamped(n, dye(rng), shapes, [dye(rng) for _ in range(3)]), None


def _patches(rng: np.random.Generator, n: int) -> Tile:
    """Camouflage, marble, animal skins: a field cut at levels."""
    field = periodic(rng, n, int(rng.integers(4, 14))) + 0.4 * periodic(rng, n, 16)
    colours = [dye(rng) for _ in range(4)]
    level = np.digitize(field, sorted(rng.normal(0, 0.5, rng.integers(1, 4))))
    return np.stack(colours)[level], None


def _blocks(rng: np.random.Generator, n: int) -> Tile:
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


def _ombre(rng: np.random.Generator, n: int) -> Tile:
    """Tie-dye and batik: two colours that flow into each other."""
    t = np.clip(0.5 + periodic(rng, n, int(rng.integers(3, 8))), 0, 1)[..., None]
    return dye(rng) * t + dye(rng) * (1 - t), None


_PLAIN: list[Design] = [_flat, _marl, _denim, _knit, _puffer, _fur]
_PLAIN_SHARES = {
    GarmentKind.OUTERWEAR: [0.48, 0.12, 0.12, 0.04, 0.18, 0.06],
    GarmentKind.TROUSERS: [0.43, 0.15, 0.36, 0.05, 0.0, 0.01],
    GarmentKind.SHORTS: [0.43, 0.15, 0.36, 0.05, 0.0, 0.01],
    GarmentKind.SKIRT: [0.55, 0.13, 0.2, 0.08, 0.02, 0.02],
}
_USUAL_SHARES = [0.55, 0.2, 0.06, 0.16, 0.01, 0.02]
_PATTERNED: list[Design] = [_stripes, _check, _dots, _flowers, _leaves, _patches, _blocks, _ombre]
_PATTERNED_SHARES = [0.25, 0.2, 0.1, 0.17, 0.08, 0.08, 0.06, 0.06]


def plain(kind: GarmentKind | None, rng: np.random.Generator) -> Design:
    """A design of one colour, such as garments of a kind have it."""
    shares = _PLAIN_SHARES.get(kind, _USUAL_SHARES) if kind is not None else _USUAL_SHARES
    return _PLAIN[rng.choice(len(_PLAIN), p=shares)]


def patterned(rng: np.random.Generator) -> Design:
    """A design of several colours."""
    return _PATTERNED[rng.choice(len(_PATTERNED), p=_PATTERNED_SHARES)]


def _disc(x: float, y: float, radius: float) -> FloatArray:
    """A circle\'s outline (18, 2)."""
    a = np.linspace(0, 2 * np.pi, 18, endpoint=False)
    return np.stack([x + radius * np.cos(a), y + radius * np.sin(a)], -1)


def _leaf(x: float, y: float, length: float, angle: float) -> FloatArray:
    """A leaf\'s outline (16, 2) from its foot."""
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
                    points = np.round((shape + np.array([dx, dy])) * 16).astype(np.int32)
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
