"""Flat catalogue pictures of garments on white, drawn in two dimensions.

Each garment is a list of panels (back, sleeves, body, neckband), painted back to front. A panel is a smooth outline
with a fabric; its folds are a height field that is lit from the upper left, as in a shop's lay-flat photograph.
Coordinates are pixels of a 768x1024 picture, x right, y down.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy import ndimage

from vf_synthetic.noise import FloatArray, fractal_noise, value_noise

WIDTH, HEIGHT = 768, 1024
SUPERSAMPLE = 2
BACKGROUND = 0.985  # shops photograph on white that is not quite clipped
LIGHT = np.array([-0.34, -0.52, 0.78], np.float32)  # towards the lamp: upper left, in front
FOLD_DEPTH = 1.55  # scales every fold: how creased the shop's garments are
SHADOW_OFFSET = (9, 4)  # rows, columns: where the cloth's shadow falls

Point = tuple[float, float]
Colour = tuple[float, float, float]
Fabric = Callable[[FloatArray, FloatArray], FloatArray]
"""(along, across), both (N,) in pixels of the panel's own axes -> linear colour (N, 3)."""


@dataclass(frozen=True)
class Fold:
    """A crease from `start` to `end`: `width` pixels wide, raised by `height` (negative: a valley)."""

    start: Point
    end: Point
    width: float
    height: float


@dataclass(frozen=True)
class Print:
    """A picture on the cloth: `art` (h, w, 4) uint8 RGBA, its middle at `centre`, `width` pixels wide."""

    art: NDArray[np.uint8]
    centre: Point
    width: float


@dataclass(frozen=True)
class Panel:
    """One piece of cloth.

    `down` is the direction of the fabric's length; `roundness` the pixels over which the edge falls away; `seams` are
    lines of stitching; `shade` darkens what lies inside the garment.
    """

    outline: FloatArray
    fabric: Fabric
    folds: Sequence[Fold] = ()
    down: Point = (0.0, 1.0)
    roundness: float = 22.0
    shade: float = 1.0
    seams: Sequence[FloatArray] = ()
    prints: Sequence[Print] = field(default=())


def curve(points: Sequence[Point], steps: int = 24) -> FloatArray:
    """The Catmull-Rom spline through `points`, (N, 2); a point given twice makes a corner.

    An end on the garment's middle line meets it at a right angle, so that mirrored halves join smoothly.
    """
    corners = [i + 1 for i in range(len(points) - 1) if points[i] == points[i + 1]]
    bounds = [0, *corners, len(points)]
    return np.concatenate([_spline(points[a:b], steps) for a, b in pairwise(bounds)])


def _spline(points: Sequence[Point], steps: int) -> FloatArray:
    """One smooth piece of a curve, (N, 2)."""
    p = np.array(points, np.float32)
    padded = np.concatenate([_beyond(p[0], p[1])[None], p, _beyond(p[-1], p[-2])[None]])
    t = np.linspace(0.0, 1.0, steps, endpoint=False, dtype=np.float32)[:, None]
    return np.concatenate([*(_catmull_rom(padded[i : i + 4], t) for i in range(len(p) - 1)), p[-1:]])


def _beyond(end: FloatArray, neighbour: FloatArray) -> FloatArray:
    """The control point past a curve's end: the neighbour mirrored on the middle line, or straight on."""
    if abs(float(end[0]) - WIDTH / 2) < 0.5:
        return np.array([WIDTH - neighbour[0], neighbour[1]], np.float32)
    return 2 * end - neighbour


def _catmull_rom(p: FloatArray, t: FloatArray) -> FloatArray:
    """One span of the spline, from p[1] to p[2]."""
    a, b, c, d = p
    return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)


def mirrored(half: FloatArray) -> FloatArray:
    """A closed outline from its left half, which runs from the middle line at the top to that at the bottom."""
    right = half[::-1] * np.array([-1, 1], np.float32) + np.array([WIDTH, 0], np.float32)
    return np.concatenate([half, right])


def mirror(points: FloatArray) -> FloatArray:
    """The same line on the garment's other side."""
    return points * np.array([-1, 1], np.float32) + np.array([WIDTH, 0], np.float32)


def draw(panels: Sequence[Panel], seed: int) -> NDArray[np.uint8]:
    """The catalogue picture (1024, 768, 3) uint8 of a garment whose `panels` are given back to front."""
    height, width = HEIGHT * SUPERSAMPLE, WIDTH * SUPERSAMPLE
    picture = np.full((height, width, 3), BACKGROUND**2.2, np.float32)
    masks = [_filled(panel.outline) for panel in panels]
    picture *= _cast_shadow(np.max(masks, axis=0))[..., None]
    for index, (panel, mask) in enumerate(zip(panels, masks, strict=True)):
        # A panel darkens what it lies on, just beside its edge: the line that makes layers readable.
        contact = ndimage.gaussian_filter(mask, 5 * SUPERSAMPLE)
        below = np.max([*masks[:index], np.zeros_like(mask)], axis=0)
        picture *= (1.0 - 0.45 * contact * below)[..., None]
        colour = _lit(panel, mask, seed + 31 * index)
        picture = picture * (1 - mask[..., None]) + colour * mask[..., None]
    small = picture.reshape(HEIGHT, SUPERSAMPLE, WIDTH, SUPERSAMPLE, 3).mean((1, 3))
    return (np.clip(small, 0, 1) ** (1 / 2.2) * 255 + 0.5).astype(np.uint8)


def _filled(outline: FloatArray) -> FloatArray:
    """Coverage (H, W) in [0, 1] of a closed outline, at the supersampled size."""
    image = Image.new("L", (WIDTH * SUPERSAMPLE, HEIGHT * SUPERSAMPLE))
    ImageDraw.Draw(image).polygon([(x * SUPERSAMPLE, y * SUPERSAMPLE) for x, y in outline.tolist()], fill=255)
    # Pillow's edges are hard: a small blur turns them into coverage.
    return ndimage.gaussian_filter(np.asarray(image, np.float32) / 255.0, 0.8)


def _cast_shadow(mask: FloatArray) -> FloatArray:
    """How much light (H, W) the white ground keeps: a near, dark and a far, soft shadow."""
    moved = ndimage.shift(mask, [SUPERSAMPLE * s for s in SHADOW_OFFSET], order=0)
    near = ndimage.gaussian_filter(moved, 5 * SUPERSAMPLE)
    far = ndimage.gaussian_filter(moved, 20 * SUPERSAMPLE)
    return 1.0 - 0.07 * near - 0.09 * far


def _lit(panel: Panel, mask: FloatArray, seed: int) -> FloatArray:
    """Linear colour (H, W, 3) of a panel, defined where its mask is set."""
    rows, columns = np.nonzero(mask > 0.002)
    box = np.s_[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    y, x = (np.mgrid[box] / SUPERSAMPLE).astype(np.float32)
    relief = _relief(panel, mask[box], x, y, seed)
    slope_y, slope_x = np.gradient(relief * SUPERSAMPLE)
    normal = np.stack([-slope_x, -slope_y, np.ones_like(slope_x)], -1)
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
    light = 0.20 + 1.04 * np.clip(normal @ LIGHT, 0, None)
    hollow = ndimage.gaussian_filter(relief, 10 * SUPERSAMPLE) - relief
    light *= 1.0 - np.clip(0.08 * hollow, -0.08, 0.3)
    colour = _dyed(panel, x + 0.35 * slope_x * 6, y + 0.35 * slope_y * 6)
    weave = 1.0 + 0.035 * value_noise(np.stack([x * 1.1, y * 1.1], -1), seed + 3)
    seams = _seam_shade(panel, mask.shape)[box]
    out = np.zeros((*mask.shape, 3), np.float32)
    out[box] = colour * (light * weave * seams * panel.shade)[..., None]
    return out


def _relief(panel: Panel, mask: FloatArray, x: FloatArray, y: FloatArray, seed: int) -> FloatArray:
    """Height of the cloth in pixels: a rounded edge, the named folds and gentle unevenness."""
    padded = np.pad(mask, 1)
    inside = ndimage.distance_transform_edt(padded > 0.5)[1:-1, 1:-1].astype(np.float32) / SUPERSAMPLE
    inside = ndimage.gaussian_filter(inside, 1.6 * SUPERSAMPLE)  # the mask's stair steps would show as ribs
    edge = 1.0 - np.clip(1.0 - inside / panel.roundness, 0, 1) ** 2
    height = 0.34 * panel.roundness * edge
    for fold in panel.folds:
        height += _fold_height(fold, x, y)
    place = np.stack([x, y], -1)
    height += 4.5 * fractal_noise(place / 115.0, seed)
    height += 0.8 * fractal_noise(place / 34.0, seed + 11)
    return height


def _fold_height(fold: Fold, x: FloatArray, y: FloatArray) -> FloatArray:
    """A ridge with a bell-shaped section that is slightly bent and fades at both ends."""
    start, end = np.array(fold.start, np.float32), np.array(fold.end, np.float32)
    along = end - start
    length = float(np.hypot(*along))
    along /= length
    t = ((x - start[0]) * along[0] + (y - start[1]) * along[1]) / length
    off = (x - start[0]) * -along[1] + (y - start[1]) * along[0]
    off += 0.05 * length * np.sin(3.0 * t + 0.01 * length)
    fade = np.clip(t * 4, 0, 1) * np.clip((1 - t) * 2.2, 0, 1)
    fade = fade * fade * (3 - 2 * fade)
    return FOLD_DEPTH * fold.height * np.exp(-((off / (fold.width * (0.6 + 0.7 * np.clip(t, 0, 1)))) ** 2)) * fade


def _dyed(panel: Panel, x: FloatArray, y: FloatArray) -> FloatArray:
    """The panel's unlit colour (H, W, 3) at picture points."""
    down = np.array(panel.down, np.float32)
    down /= np.hypot(*down)
    along = x * down[0] + y * down[1]
    across = x * down[1] - y * down[0]
    colour = panel.fabric(along.ravel(), across.ravel()).reshape(*x.shape, 3)
    for item in panel.prints:
        art = item.art.astype(np.float32) / 255.0
        scale = art.shape[1] / item.width
        place = [
            (y - item.centre[1]) * scale + art.shape[0] / 2,
            (x - item.centre[0]) * scale + art.shape[1] / 2,
        ]
        sampled = np.stack([ndimage.map_coordinates(art[..., k], place, order=1) for k in range(4)], -1)
        alpha = sampled[..., 3:] * 0.94
        colour = colour * (1 - alpha) + sampled[..., :3] ** 2.2 * alpha
    return colour


def _seam_shade(panel: Panel, shape: tuple[int, ...]) -> FloatArray:
    """Factor (H, W) that darkens the dashes of stitched seams."""
    image = Image.new("L", (shape[1], shape[0]))
    pen = ImageDraw.Draw(image)
    for seam in panel.seams:
        for a, b in zip(seam[:-1].tolist(), seam[1:].tolist(), strict=True):
            pen.line([a[0] * SUPERSAMPLE, a[1] * SUPERSAMPLE, b[0] * SUPERSAMPLE, b[1] * SUPERSAMPLE], 255, SUPERSAMPLE)
    line = ndimage.gaussian_filter(np.asarray(image, np.float32) / 255.0, 0.8)
    return 1.0 - 0.3 * np.clip(line, 0, 1)
