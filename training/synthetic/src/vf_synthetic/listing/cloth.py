"""Fabrics, what each piece of a garment is made of, and creases.

Colours are linear RGB.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vf_synthetic.listing.designs import Colour, dye, emblem, linear, patterned, plain
from vf_synthetic.listing.fields import noise
from vf_synthetic.listing.pattern import Ink
from vf_synthetic.noise import FloatArray
from vfkit.contracts.garment import GarmentKind


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


_PLAIN_SHARE = {
    GarmentKind.TOP: 0.5,
    GarmentKind.OUTERWEAR: 0.8,
    GarmentKind.DRESS: 0.38,
    GarmentKind.TROUSERS: 0.78,
    GarmentKind.SHORTS: 0.65,
    GarmentKind.SKIRT: 0.55,
    GarmentKind.OTHER: 0.7,
}
"""How many garments of a kind have one colour."""


def wardrobe(rng: np.random.Generator, scale: float, kind: GarmentKind) -> Wardrobe:
    """Fabrics that go together in a garment of a kind, for a picture in which a unit has `scale` pixels."""
    main = fabric(rng, scale, _PLAIN_SHARE[kind], kind)
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
        Ink.MAIN: main,
        Ink.SECOND: fabric(rng, scale, 0.7),
        Ink.TRIM: trim,
        Ink.LINING: lining,
        Ink.LABEL: label,
        Ink.METAL: metal,
        Ink.SEAM: solid(base * rng.choice([0.35, 0.6, 1.8], p=[0.5, 0.35, 0.15]).clip(0, 1)),
        Ink.HANGER: hanger,
        Ink.TAG: solid(np.full(3, rng.uniform(0.6, 0.9)) if rng.random() < 0.75 else dye(rng)),
        Ink.BODY: solid(_body_colour(rng)),
        Ink.SKIN: solid(_skin(rng)),
        Ink.OTHER: fabric(rng, scale, 0.8),
        Ink.HAIR: solid(_skin(rng) * (0.12 if rng.random() < 0.8 else 0.6)),
    }
    printed = 0.35 if kind is GarmentKind.TOP else 0.12
    art = emblem(rng) if rng.random() < printed else None
    small = rng.random() < 0.25
    place = (
        (rng.uniform(0.15, 0.25), 0.45, rng.uniform(0.08, 0.15))
        if small
        else (0.0, rng.uniform(0.5, 0.75), rng.uniform(0.35, 0.75))
    )
    return Wardrobe(fabrics, art, place)


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


def fabric(rng: np.random.Generator, scale: float, plain_share: float, kind: GarmentKind | None = None) -> Fabric:
    """A random fabric, such as garments of a kind have it; `plain_share` of them have one colour."""
    u = rng.uniform
    one = rng.random() < plain_share
    design = plain(kind, rng) if one else patterned(rng)
    period = u(0.6, 1.0) if one else float(np.exp(u(np.log(0.25), np.log(1.3))))
    tile, relief = design(rng, int(np.clip(scale * period, 24, 640)))
    shiny = rng.random() < (0.35 if kind is GarmentKind.OUTERWEAR else 0.1)
    tile = np.clip(tile, 0.003, 0.93).astype(np.float32)
    return Fabric(tile, period, relief, u(0.15, 0.5) if shiny else 0.0, u(0.5, 1.6))


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
