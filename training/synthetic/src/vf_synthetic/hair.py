"""Hair: strands that grow from the scalp, follow a style, fall, and slide over head and shoulders."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from vf_synthetic.mesh import IntArray, Piece
from vf_synthetic.noise import FloatArray

STANDING = 0.16  # decimetres above its root that a strand of falling hair may rise


@dataclass(frozen=True)
class Style:
    """A haircut.

    strands: how many; length (decimetres) and its spread (a fraction); part: rest x of the parting; sideways,
    backwards, outwards: the direction at the root; gravity: how fast strands turn down; layer: the hair's thickness in
    decimetres; wave: how curly; breadth: how far from the middle it may fall; width: of a strand; steps: its segments.
    """

    strands: int
    length: float
    spread: float
    part: float
    sideways: float
    backwards: float
    outwards: float
    gravity: float
    layer: float
    wave: float = 0.0
    breadth: float = 1.15
    width: float = 0.022
    steps: int = 14


def scalp(rest: FloatArray, ears: FloatArray) -> FloatArray:
    """How far inside the hairline vertices are (V,), positive inside: above a line that rises from nape to brow."""
    x, y, z = np.abs(rest[:, 0]), rest[:, 1], rest[:, 2]
    nape_to_brow = y - (6.72 + (z + 0.75) * 0.60)
    temple = -0.16 * np.exp(-(((x - 0.72) / 0.16) ** 2)) * (z > 0.3)
    return np.where((ears > 0.25) | (x > 1.1) | (y < 6.0), -1.0, nape_to_brow + temple).astype(np.float32)


@dataclass(frozen=True)
class Head:
    """What hair grows on and falls over: points and normals (V, 3) of head and shoulders at rest, how far inside the
    hairline each is (V,), and triangles (T, 3)."""

    points: FloatArray
    normal: FloatArray
    hairline: FloatArray
    triangles: IntArray


def grow(style: Style, head: Head, rng: np.random.Generator) -> FloatArray:
    """Strands (n, steps + 1, 3) in the head's coordinates."""
    root, out = _roots(style.strands, head, rng)
    count = style.strands
    tree = cKDTree(head.points)
    side = np.sign(root[:, 0] - style.part + rng.normal(0, 0.02, count))[:, None]
    direction = (
        np.array([1, 0, 0]) * side * style.sideways
        + np.array([0, 0, -1]) * style.backwards
        + out * style.outwards
        + rng.normal(0, 0.05, (count, 3))
    )
    length = style.length * np.clip(1 + rng.normal(0, style.spread, count), 0.35, 1.6)
    step = (length / style.steps)[:, None]
    thickness = style.layer * rng.uniform(0.15, 1.0, count)
    phase, curl = rng.uniform(0, 2 * np.pi, count), rng.uniform(0.7, 1.3, count)
    strands = np.zeros((count, style.steps + 1, 3), np.float32)
    strands[:, 0] = root
    point = root
    for k in range(1, style.steps + 1):
        direction = _unit(direction) + np.array([0, -style.gravity, 0]) + rng.normal(0, 0.03, (count, 3))
        swing = style.wave * np.sin(phase * 0.4 + k * curl)
        direction += np.stack([swing, np.zeros(count), swing * 0.6], -1)
        before = point
        point = point + _unit(direction) * step
        reach = thickness * min(1.0, k / 3)
        point = _outside(point, reach, tree, head)
        point = _off_the_face(point, side[:, 0], style)
        direction = point - before
        strands[:, k] = point
    # Where partings meet, a few strands are pushed up into loops: heavy hair does not stand.
    rise = strands[..., 1].max(1) - strands[:, 0, 1]
    return strands[rise < STANDING] if style.gravity > style.outwards else strands


def ribbons(strands: FloatArray, centre: FloatArray, width: float, rng: np.random.Generator) -> Piece:
    """Strands as ribbons that face the front, tapered to their tips."""
    count, length = strands.shape[:2]
    tangent = np.gradient(strands, axis=1)
    tangent = _unit(tangent)
    sideways = _unit(np.cross(tangent, np.array([0, 0, 1.0])))
    fraction = np.linspace(0, 1, length)[None, :, None]
    half = sideways * width * (1 - 0.75 * fraction**2) / 2
    points = np.stack([strands - half, strands + half], 2).reshape(-1, 3).astype(np.float32)
    number = np.arange(count * length * 2).reshape(count, length, 2)
    quad = np.stack([number[:, :-1, 0], number[:, :-1, 1], number[:, 1:, 1], number[:, 1:, 0]], -1).reshape(-1, 4)
    shade = np.repeat(np.clip(rng.normal(1.0, 0.22, count), 0.5, 1.6), length * 2)[:, None]
    outward = _unit(strands - centre) + np.array([0, 0, 0.25])
    return Piece(
        points,
        np.concatenate([quad[:, [0, 1, 2]], quad[:, [0, 2, 3]]]),
        {
            "normal": np.repeat(_unit(outward), 2, 1).reshape(-1, 3).astype(np.float32),
            "tangent": np.repeat(tangent, 2, 1).reshape(-1, 3).astype(np.float32),
            "shade": shade.astype(np.float32),
            "tip": np.repeat(np.broadcast_to(fraction, (count, length, 1)), 2, 1).reshape(-1, 1).astype(np.float32),
        },
    )


def _roots(count: int, head: Head, rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """Random places on the scalp (n, 3), evenly spread by area, with their normals."""
    inside = head.triangles[(head.hairline[head.triangles] > 0).all(1)]
    a, b, c = (head.points[inside[:, k]] for k in range(3))
    area = np.linalg.norm(np.cross(b - a, c - a), axis=1)
    chosen = inside[rng.choice(len(inside), count, p=area / area.sum())]
    weights = rng.dirichlet([1, 1, 1], count)[..., None]
    return (head.points[chosen] * weights).sum(1), _unit((head.normal[chosen] * weights).sum(1))


def _outside(point: FloatArray, reach: FloatArray, tree: cKDTree, head: Head) -> FloatArray:
    """Points pushed out of the body to at least `reach` from its skin."""
    _, nearest = tree.query(point, workers=1)
    normal = head.normal[nearest]
    height = ((point - head.points[nearest]) * normal).sum(1)
    return point + normal * np.maximum(reach - height, 0)[:, None]


def _off_the_face(point: FloatArray, side: FloatArray, style: Style) -> FloatArray:
    """Points below the brow and in front of the ears are swept aside, clear of the face."""
    x, y, z = point.T
    brow = 7.72 + 0.12 * np.clip(0.6 - np.abs(x - style.part), 0, 1)
    front = (y < brow) & (z > 0.35) & (y > 5.9)
    clear = 0.80 + 0.05 * np.clip(7.4 - y, 0, 1)
    moved = point.copy()
    x = np.sign(x) * np.minimum(np.abs(x), style.breadth + 0.35 * (np.abs(x) - style.breadth).clip(0, 0.3))
    moved[:, 0] = np.where(front & (np.abs(x) < clear), np.where(side == 0, 1, side) * clear, x)
    moved[:, 2] = np.where(front, np.minimum(z, 0.75), z)
    return moved


def _unit(vectors: FloatArray) -> FloatArray:
    """Vectors along the last axis, at length 1."""
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9)
