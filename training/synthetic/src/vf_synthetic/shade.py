"""Light: what colour a visible point has under a studio's soft lamps, each with its own shadow map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vf_synthetic.mesh import IntArray
from vf_synthetic.noise import FloatArray
from vf_synthetic.raster import depth_buffer

SHADOW_PIXELS = 720
SHADOW_BIAS = 0.05  # decimetres; less makes surfaces shadow themselves


@dataclass(frozen=True)
class Lamp:
    """A distant lamp in unit `direction` (3,) of `colour` (3,)."""

    direction: FloatArray
    colour: FloatArray


@dataclass(frozen=True)
class Coat:
    """How points reflect. albedo (N, 3) linear; gloss (N,) strength and `sharpness` of the highlight; `wrap` (3,): how
    far each colour of light creeps round into the shade (skin lets red through); tangent (N, 3) for hair, else None."""

    albedo: FloatArray
    gloss: FloatArray
    sharpness: float
    wrap: tuple[float, float, float] = (0.12, 0.12, 0.12)
    tangent: FloatArray | None = None


def studio() -> list[Lamp]:
    """A large softbox at the upper left, a weaker one at the right, a hair light behind and a bright room."""
    lamps = _softbox((-0.50, 0.62, 0.85), 0.20, (0.92, 0.90, 0.87), 9)
    lamps += _softbox((0.85, 0.25, 0.75), 0.25, (0.26, 0.27, 0.28), 5)
    lamps += _softbox((0.45, 0.75, -0.65), 0.15, (0.30, 0.30, 0.32), 3)
    lamps += _softbox((0.0, 0.05, 1.0), 0.40, (0.20, 0.20, 0.20), 6)
    lamps += _softbox((0.0, 1.0, 0.1), 0.75, (0.24, 0.25, 0.26), 6)
    return lamps


def _softbox(centre: tuple[float, float, float], spread: float, colour: tuple[float, ...], count: int) -> list[Lamp]:
    """`count` lamps on a sunflower pattern of radius `spread` about a direction; together they have `colour`."""
    middle = _unit(np.array(centre, np.float32))
    right, up = _frame(middle)
    lamps = []
    for k in range(count):
        radius, angle = spread * np.sqrt((k + 0.5) / count), k * 2.39996
        direction = middle + radius * (np.cos(angle) * right + np.sin(angle) * up)
        lamps.append(Lamp(_unit(direction), np.array(colour, np.float32) / count))
    return lamps


@dataclass(frozen=True)
class Spot:
    """Visible places: points (N, 3), unit normals (N, 3) and unit directions (N, 3) to the camera."""

    points: FloatArray
    normal: FloatArray
    view: FloatArray


def lit(spot: Spot, coat: Coat, maps: Sequence[ShadowMap], rng: np.random.Generator) -> FloatArray:
    """Linear colour (N, 3) that reaches the camera from the spot, painted with `coat`."""
    out = np.zeros_like(spot.points)
    wrap = np.array(coat.wrap, np.float32)
    for shadows in maps:
        lamp = shadows.lamp
        seen = shadows.seen(spot.points, spot.normal, rng)
        facing = spot.normal @ lamp.direction
        diffuse = np.clip((facing[:, None] + wrap) / (1 + wrap), 0, None)
        # Light that has crept round is not blocked by the surface's own shadow.
        soft = seen[:, None] + (1 - seen[:, None]) * wrap * 0.35
        half = lamp.direction + spot.view
        half /= np.linalg.norm(half, axis=1, keepdims=True)
        shine = _highlight(spot.normal, half, coat)
        out += lamp.colour * (coat.albedo * diffuse * soft + (coat.gloss * shine * seen)[:, None])
    return out


def _highlight(normal: FloatArray, half: FloatArray, coat: Coat) -> FloatArray:
    """Blinn's highlight, or Kajiya and Kay's (1989) along a hair."""
    if coat.tangent is None:
        return np.clip((normal * half).sum(1), 0, 1) ** coat.sharpness
    along = (coat.tangent * half).sum(1)
    return np.sqrt(np.clip(1 - along**2, 0, 1)) ** coat.sharpness


@dataclass(frozen=True)
class ShadowMap:
    """A lamp's orthographic view of the scene: `nearest` (SHADOW_PIXELS²,) depths; `axes` (3, 2), `low` and `scale` map
    points to its pixels."""

    lamp: Lamp
    axes: FloatArray
    low: FloatArray
    scale: float
    nearest: FloatArray

    def seen(self, points: FloatArray, normal: FloatArray, rng: np.random.Generator) -> FloatArray:
        """1 where the lamp's light reaches points (N, 3), 0 where something is nearer to the lamp."""
        lifted = points + normal * SHADOW_BIAS
        # A random shift inside the map's pixel turns its steps into grain, which supersampling averages.
        where = (lifted @ self.axes - self.low) * self.scale + rng.uniform(-0.9, 0.9, (len(points), 2))
        cell = np.floor(where).astype(int)
        inside = ((cell >= 0) & (cell < SHADOW_PIXELS)).all(1)
        index = np.where(inside, cell[:, 1] * SHADOW_PIXELS + cell[:, 0], 0)
        blocked = inside & (self.nearest[index] < -(lifted @ self.lamp.direction) - SHADOW_BIAS)
        return 1.0 - blocked.astype(np.float32)


def shadow_map(lamp: Lamp, points: FloatArray, triangles: IntArray) -> ShadowMap:
    """The shadow map of a scene's triangles under a lamp."""
    axes = np.stack(_frame(lamp.direction), -1)
    flat = points @ axes
    low, high = flat.min(0) - 0.1, flat.max(0) + 0.1
    scale = SHADOW_PIXELS / float((high - low).max())
    depth = -(points @ lamp.direction)
    _, nearest = depth_buffer((flat - low) * scale, depth, triangles, SHADOW_PIXELS, SHADOW_PIXELS)
    return ShadowMap(lamp, axes, low, scale, nearest)


def _unit(vector: FloatArray) -> FloatArray:
    """The vector at length 1."""
    return (vector / np.linalg.norm(vector)).astype(np.float32)


def _frame(direction: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Two unit vectors at right angles to a direction and to each other."""
    helper = np.array([0, 1, 0] if abs(direction[1]) < 0.9 else [0, 0, 1], np.float32)
    right = _unit(np.cross(helper, direction))
    return right, _unit(np.cross(direction, right))
