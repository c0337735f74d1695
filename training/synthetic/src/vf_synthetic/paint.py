"""Paint: the colour of skin, eyes, cloth and hair at a place on the body, in linear light."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from vf_synthetic.noise import FloatArray, fractal_noise, value_noise
from vf_synthetic.shade import Coat

Colour = tuple[float, float, float]
Attributes = dict[str, FloatArray]
Paint = Callable[[Attributes], Coat]
"""Interpolated attributes of the visible points, each (N, K), to how they reflect."""
Pattern = Callable[[FloatArray, FloatArray], FloatArray]
"""Rest coordinates (N, 3) and place along the arm (N,) to a linear colour (N, 3)."""

EYE = np.array([0.308, 7.284], np.float32)  # rest x, y of the left iris
SKIN_WRAP = (0.34, 0.20, 0.14)  # blood lets red light creep furthest


@dataclass(frozen=True)
class Face:
    """Colours of a face, and how strongly the brows, lashes, lips and stubble show (0 to 1)."""

    skin: Colour
    lips: Colour
    hair: Colour
    iris: Colour
    brow: float = 0.9
    brow_width: float = 1.0
    lashes: float = 0.8
    stubble: float = 0.0


def skin(face: Face) -> Paint:
    """Skin with lips, brows, blush, lash lines and the painted scalp below the hair."""

    def paint(at: Attributes) -> Coat:
        x, y, z = np.abs(at["rest"][:, 0]), at["rest"][:, 1], at["rest"][:, 2]
        front = _step(z, 0.55, 0.85)
        albedo = np.array(face.skin, np.float32) * (1 + 0.05 * fractal_noise(at["rest"] * 2.2, 3))[:, None]
        blush = np.exp(-(((x - 0.50) / 0.24) ** 2 + ((y - 6.98) / 0.20) ** 2)) + 0.6 * np.exp(
            -((x / 0.16) ** 2 + ((y - 7.02) / 0.12) ** 2)
        )
        albedo *= 1 - (0.22 * blush * front)[:, None] * np.array([0.1, 0.9, 0.8], np.float32)
        socket = np.exp(-(((x - 0.30) / 0.22) ** 2 + ((y - 7.33) / 0.13) ** 2)) * front
        albedo *= 1 - 0.22 * socket[:, None] * np.array([0.7, 1.0, 1.0], np.float32)
        if face.stubble:
            beard = _step(6.95 - y + 0.28 * x, 0.0, 0.3) * _step(z, 0.1, 0.5) * _step(y, 6.05, 6.35)
            grain = 0.75 + 0.25 * value_noise(at["rest"] * 40, 8)
            albedo = _mix(albedo, face.hair, face.stubble * beard * grain)
        lips = at["lips"][:, 0]
        albedo = _mix(albedo, face.lips, 0.85 * _step(lips, 0.25, 0.75))
        albedo = _mix(albedo, face.hair, face.brow * _brow(x, y, face.brow_width) * front * _hairs(at["rest"]))
        albedo = _mix(albedo, (0.02, 0.012, 0.01), face.lashes * _lash_line(x, y) * front)
        root = _step(at["hairline"][:, 0], -0.06, 0.05)
        albedo = _mix(albedo, (0.8 * face.hair[0], 0.8 * face.hair[1], 0.8 * face.hair[2]), root * 0.95)
        gloss = (0.035 + 0.10 * _step(lips, 0.3, 0.8)) * (1 - root)
        return Coat(albedo, gloss.astype(np.float32), 22.0, SKIN_WRAP)

    return paint


def eyes(face: Face) -> Paint:
    """Eyeballs: white that darkens to the corners, iris with a dark rim, pupil and a window's reflection."""

    def paint(at: Attributes) -> Coat:
        dx, dy = np.abs(at["rest"][:, 0]) - EYE[0], at["rest"][:, 1] - EYE[1]
        radius = np.hypot(dx, dy)
        albedo = np.tile(np.array([[0.62, 0.58, 0.55]], np.float32), (len(dx), 1))
        albedo *= (1 - 0.45 * _step(dy, 0.01, 0.10))[:, None]
        inside = _step(radius, 0.082, 0.068)
        iris = np.array(face.iris, np.float32) * (0.55 + 1.0 * _step(radius, 0.07, 0.03))[:, None]
        albedo = albedo * (1 - inside[:, None]) + iris * inside[:, None]
        albedo = _mix(albedo, (0.004, 0.004, 0.004), _step(radius, 0.038, 0.028))
        glint = _step(np.hypot(at["rest"][:, 0] - np.sign(at["rest"][:, 0]) * EYE[0] + 0.022, dy - 0.028), 0.022, 0.014)
        albedo = _mix(albedo, (1.6, 1.6, 1.6), glint)
        return Coat(albedo, np.full(len(dx), 0.05, np.float32), 60.0)

    return paint


def cloth(pattern: Pattern, inside_shade: float = 0.5) -> Paint:
    """Cloth whose colour is `pattern(rest (N, 3), along the arm (N,))`; hems and seams are a little darker."""

    def paint(at: Attributes) -> Coat:
        albedo = pattern(at["rest"], at["along"][:, 0])
        edge = at["edge"][:, 0]
        stitched = np.exp(-(((edge - 0.16) / 0.018) ** 2))
        albedo = albedo * (1 - 0.22 * stitched - 0.25 * _step(edge, 0.03, 0.0))[:, None]
        weave = 1 + 0.04 * value_noise(at["rest"] * 28, 4)
        albedo = albedo * (weave * np.where(at["back"][:, 0] > 0.5, inside_shade, 1.0))[:, None]
        return Coat(albedo.astype(np.float32), np.full(len(edge), 0.012, np.float32), 8.0)

    return paint


def strands(colour: Colour) -> Paint:
    """Hair: each strand its own shade, darker at the root, with a highlight along the strands."""

    def paint(at: Attributes) -> Coat:
        depth = 0.55 + 0.45 * _step(at["tip"][:, 0], 0.0, 0.35)
        albedo = np.array(colour, np.float32) * (at["shade"][:, 0] * depth)[:, None]
        tangent = at["tangent"] / np.maximum(np.linalg.norm(at["tangent"], axis=1, keepdims=True), 1e-6)
        gloss = (0.03 + 0.25 * float(np.mean(colour))) * at["shade"][:, 0]
        return Coat(albedo, gloss.astype(np.float32), 28.0, (0.25, 0.25, 0.25), tangent)

    return paint


def plain(colour: Colour) -> Pattern:
    """A pattern of one colour."""

    def pattern(rest: FloatArray, along: FloatArray) -> FloatArray:
        return np.tile(np.array([colour], np.float32), (len(rest), 1))

    return pattern


def stripes(ground: Colour, stripe: Colour, period: float) -> Pattern:
    """Stripes across body and sleeves, one each `period` decimetres."""

    def pattern(rest: FloatArray, along: FloatArray) -> FloatArray:
        on_arm = np.abs(rest[:, 0]) > 1.75
        down = np.where(on_arm, 5.2 - along * 4.4, rest[:, 1])
        phase = np.abs(np.mod(down, period) / period - 0.5) * 2
        inside = _step(phase, 0.60, 0.54)
        return np.array(ground, np.float32) * (1 - inside[:, None]) + np.array(stripe, np.float32) * inside[:, None]

    return pattern


def denim(colour: Colour) -> Pattern:
    """Blue jeans: paler on the thighs, darker at the side seams."""

    def pattern(rest: FloatArray, along: FloatArray) -> FloatArray:
        x, y, z = np.abs(rest[:, 0]), rest[:, 1], rest[:, 2]
        rubbed = np.exp(-(((x - 1.3) / 0.45) ** 2 + ((y + 2.0) / 1.6) ** 2)) * (z > 0)
        tone = 1 + 0.9 * rubbed + 0.12 * fractal_noise(rest * np.array([9, 2, 9], np.float32), 6)
        return np.array(colour, np.float32) * tone[:, None].astype(np.float32)

    return pattern


def shoe(upper: Colour, sole: Colour) -> Pattern:
    """A plain shoe with a pale sole."""

    def pattern(rest: FloatArray, along: FloatArray) -> FloatArray:
        low = _step(rest[:, 1], -7.98, -8.04)[:, None]
        return np.array(upper, np.float32) * (1 - low) + np.array(sole, np.float32) * low

    return pattern


def _brow(x: FloatArray, y: FloatArray, width: float) -> FloatArray:
    """How much of a brow is here: an arch that is thickest towards the nose."""
    t = np.clip((x - 0.14) / 0.46, 0, 1)
    middle = 7.515 + 0.085 * np.sin(np.pi * np.clip(t * 0.86, 0, 1)) - 0.03 * t
    half = width * (0.052 - 0.034 * t)
    return _step(np.abs(y - middle) / half, 1.25, 0.55) * _step(x, 0.11, 0.17) * _step(x, 0.62, 0.55)


def _hairs(rest: FloatArray) -> FloatArray:
    """The grain of brow hairs, about 1."""
    return 0.88 + 0.12 * value_noise(rest * np.array([38, 60, 10], np.float32), 2)


def _lash_line(x: FloatArray, y: FloatArray) -> FloatArray:
    """A thin dark arc along the upper lid."""
    t = (x - EYE[0]) / 0.17
    arc = EYE[1] + 0.078 - 0.075 * t**2 + 0.012 * t
    return _step(np.abs(y - arc), 0.024, 0.010) * _step(np.abs(t), 1.15, 0.95)


def _mix(base: FloatArray, colour: Colour, amount: FloatArray) -> FloatArray:
    """`base` (N, 3) with `amount` (N,) of a colour laid over it."""
    amount = np.clip(amount, 0, 1)[:, None].astype(np.float32)
    return base * (1 - amount) + np.array(colour, np.float32) * amount


def _step(value: FloatArray, start: float, end: float) -> FloatArray:
    """0 at `start`, 1 at `end`, smooth between; `end` may be the smaller."""
    t = np.clip((value - start) / (end - start), 0, 1)
    return t * t * (3 - 2 * t)
