"""Paints panels on a background: colour, height and shade for the picture, parts and owners for the labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from vf_synthetic.listing.arrange import Warp
from vf_synthetic.listing.backgrounds import Ground
from vf_synthetic.listing.cloth import Fabric, Wardrobe
from vf_synthetic.listing.fields import grain
from vf_synthetic.listing.pattern import Ink, Mark, Panel, turn
from vf_synthetic.noise import FloatArray

COARSE = 8  # pixels between the points at which the way back to garment units is computed


@dataclass(frozen=True)
class Placement:
    """Where garment units lie in the picture: the cloth's warp, then a homography (3, 3) to pixels."""

    warp: Warp
    matrix: FloatArray

    @property
    def scale(self) -> float:
        """Pixels in a unit, about."""
        return float(np.sqrt(abs(np.linalg.det(self.matrix[:2, :2] / self.matrix[2, 2]))))

    def __call__(self, points: FloatArray) -> FloatArray:
        """The pixels (N, 2) that show these points."""
        return _project(self.matrix, self.warp(points))

    def units(self, shape: tuple[int, int]) -> FloatArray:
        """What point of the garment each pixel shows, (H, W, 2) float32."""
        h, w = -(-shape[0] // COARSE), -(-shape[1] // COARSE)
        y, x = np.mgrid[:h, :w] * COARSE + (COARSE - 1) / 2
        back = _project(np.linalg.inv(self.matrix), np.stack([x.ravel(), y.ravel()], -1))
        coarse = self.warp.inverse(back).reshape(h, w, 2).astype(np.float32)
        large = cv2.resize(coarse, (w * COARSE, h * COARSE), interpolation=cv2.INTER_LINEAR)
        return large[: shape[0], : shape[1]]


def _project(matrix: FloatArray, points: FloatArray) -> FloatArray:
    """Points (N, 2) through a homography."""
    full = np.concatenate([points, np.ones((len(points), 1))], 1) @ matrix.T
    return full[:, :2] / full[:, 2:]


@dataclass
class Canvas:
    """A picture in the making; every map is (H, W) but `colour`, which is (H, W, 3) linear."""

    colour: FloatArray
    height: FloatArray
    shade: FloatArray
    gloss: FloatArray
    parts: NDArray[np.uint8]
    owner: NDArray[np.uint8]
    owners: list[str] = field(default_factory=lambda: [""])

    @classmethod
    def on(cls, ground: Ground) -> Canvas:
        """A canvas that shows a background."""
        shape = ground.height.shape
        zeros = np.zeros(shape, np.uint8)
        shade = np.ones(shape, np.float32)
        return cls(
            ground.colour.astype(np.float32),
            ground.height.astype(np.float32),
            shade,
            np.zeros(shape, np.float32),
            zeros,
            zeros.copy(),
        )

    def owner_index(self, group: str) -> int:
        """The number of a group in the map of owners."""
        if group not in self.owners:
            self.owners.append(group)
        return self.owners.index(group)


def cast_shadow(
    canvas: Canvas, panels: Sequence[Panel], place: Placement, fall: FloatArray, soft: float, dark: float
) -> None:
    """Darkens what the `panels` throw their shadow on, moved by `fall` (2,) and `soft` pixels wide."""
    mask = np.zeros(canvas.parts.shape, np.uint8)
    for panel in panels:
        cv2.fillPoly(mask, [np.round(place(panel.outline) + fall).astype(np.int32)], 255)
    small = cv2.resize(mask, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    small = cv2.GaussianBlur(small, (0, 0), max(0.4, soft / 4))
    canvas.shade *= 1 - dark * cv2.resize(small, mask.shape[::-1])


def paint(canvas: Canvas, panel: Panel, place: Placement, units: FloatArray, wardrobe: Wardrobe, folds: FloatArray,
          rng: np.random.Generator) -> None:  # fmt: skip
    """Paints one panel over what is there; `units` is `place.units`, `folds` (H, W) the height of creases in pixels."""
    points = place(panel.outline)
    reach = max(2, round(0.05 * place.scale * max(panel.thickness, 0.3)))
    h, w = canvas.parts.shape
    low = np.maximum(np.floor(points.min(0)).astype(int) - 2 * reach, 0)
    high = np.minimum(np.ceil(points.max(0)).astype(int) + 2 * reach, (w, h))
    if (high - low < 2).any():
        return
    box = np.s_[low[1] : high[1], low[0] : high[0]]
    coverage = np.zeros((high[1] - low[1], high[0] - low[0]), np.uint8)
    cv2.fillPoly(coverage, [np.round((points - low) * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
    mask = coverage.astype(np.float32) / 255.0
    near = cv2.blur(mask, (reach | 1, reach | 1))
    # Where cloth lies on something it darkens a narrow line beside its edge.
    canvas.shade[box] *= 1 - 0.22 * min(1.0, panel.thickness) * near
    fabric = wardrobe.fabrics[panel.ink]
    layer = _layer(panel, fabric, wardrobe, units[box], folds[box])
    # An edge falls away over its thickness.
    layer.relief += (0.5 * reach * panel.thickness) * (2 * near - near * near)
    for mark in panel.marks:
        _mark(mark, place, low, layer, wardrobe)
    layer.colour *= (1 + grain(rng, mask.shape, 0.012))[..., None]
    canvas.colour[box] += (layer.colour - canvas.colour[box]) * mask[..., None]
    for target, value in (
        (canvas.height, layer.relief),
        (canvas.shade, layer.shade),
        (canvas.gloss, np.float32(fabric.gloss)),
    ):
        target[box] += (value - target[box]) * mask
    inside = coverage > 127
    canvas.parts[box][inside] = panel.part
    canvas.owner[box][inside] = canvas.owner_index(panel.group)


@dataclass
class Layer:
    """A panel's own colour (h, w, 3), relief and shade (h, w) in its box, before its outline cuts them out."""

    colour: FloatArray
    relief: FloatArray
    shade: FloatArray


def _layer(panel: Panel, fabric: Fabric, wardrobe: Wardrobe, units: FloatArray, folds: FloatArray) -> Layer:
    """The cloth of a panel."""
    colour = _dyed(fabric, units, panel.down)
    if panel.printed and wardrobe.art is not None:
        colour = _printed(colour, wardrobe, units)
    relief = folds * np.float32(fabric.roughness)
    if fabric.relief is not None:
        relief += _sampled(fabric.relief, fabric.period, units, panel.down)
    return Layer(np.array(colour, np.float32), relief, np.full(relief.shape, panel.shade, np.float32))


def _dyed(fabric: Fabric, units: FloatArray, down: float) -> FloatArray:
    """The unlit colour (h, w, 3) of cloth whose length points `down` degrees."""
    if fabric.tile.shape[0] <= 8:
        return np.broadcast_to(fabric.tile[0, 0], (*units.shape[:2], 3))
    return _sampled(fabric.tile, fabric.period, units, down)


def _sampled(tile: FloatArray, period: float, units: FloatArray, down: float) -> FloatArray:
    """A repeating tile at garment points (h, w, 2)."""
    matrix = (turn(90.0 - down) * (tile.shape[0] / period)).astype(np.float32)
    place = units @ matrix.T
    return cv2.remap(tile, place[..., 0], place[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)


def _printed(colour: FloatArray, wardrobe: Wardrobe, units: FloatArray) -> FloatArray:
    """Cloth with its print."""
    art = wardrobe.art
    if art is None:
        return colour
    x, y, width = wardrobe.art_place
    place = (units - np.array((x - width / 2, y - width / 2), np.float32)) * np.float32(art.shape[0] / width)
    seen = cv2.remap(art, place[..., 0], place[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    return colour + (seen[..., :3] - colour) * seen[..., 3:] * 0.92


def _mark(mark: Mark, place: Placement, low: NDArray[np.int_], layer: Layer, wardrobe: Wardrobe) -> None:
    """Draws a seam, a zip, a fold or a button into a layer."""
    points = place(mark.line) - low
    width = mark.width * place.scale
    margin = 2 + int(2 * width)
    h, w = layer.relief.shape
    x0, y0 = np.maximum(np.floor(points.min(0)).astype(int) - margin, 0)
    x1, y1 = np.minimum(np.ceil(points.max(0)).astype(int) + margin + 1, (w, h))
    if x1 <= x0 or y1 <= y0:
        return
    box = np.s_[y0:y1, x0:x1]
    drawn = np.zeros((y1 - y0, x1 - x0), np.uint8)
    fixed = np.round((points - (x0, y0)) * 16).astype(np.int32)
    if len(points) == 1:
        cv2.circle(drawn, tuple(int(v) for v in fixed[0]), int(16 * max(0.8, width / 2)), 255, -1, cv2.LINE_AA, 4)
    else:
        cv2.polylines(drawn, [fixed], False, 255, max(1, round(width)), cv2.LINE_AA, 4)
    share = drawn.astype(np.float32) * np.float32(min(1.0, max(width, 0.35)) / 255.0)
    if mark.ink is None:
        layer.relief[box] -= cv2.GaussianBlur(share, (0, 0), max(0.8, width * 0.45)) * np.float32(
            mark.depth * width * 0.6
        )
        return
    if mark.ink is Ink.SEAM:
        layer.shade[box] *= 1 - 0.25 * share
    ink = wardrobe.fabrics[mark.ink].mean
    layer.colour[box] += (ink - layer.colour[box]) * (share * (0.45 if mark.ink is Ink.SEAM else 1.0))[..., None]
    layer.relief[box] -= cv2.blur(share, (3, 3)) * np.float32(mark.depth * min(2.0, 0.02 * place.scale + 0.3))
