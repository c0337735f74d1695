"""Skirts and trousers laid out on a body, as meshes that follow hips and legs.

Cloth that lies flat shows half of its girth; worn, it wraps around a body, so that less of it is seen across while its
length stays. One scale, from the waist, holds for lengths; widths follow the body, and wider cloth keeps its ease.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter1d

from vf_anatomy import Doubles, Floats, Mask, PictureSide, Point
from vf_hrviton.open.body.limbs import LimbPath, joined
from vf_hrviton.open.body.lower import Leg, LowerBody
from vf_hrviton.open.body.shape import BodyShape
from vf_hrviton.open.garment.lower import LEG_ROWS, SEAT_ROWS, Skirt, Trousers, mesh_between
from vf_hrviton.open.paint.fills import eroded, softened
from vf_hrviton.open.warp.strips import Strip, mesh_warp
from vfkit.contracts import GarmentKind

GIRTH = 1.15
"""Half the girth of a waist over its width as seen from the front."""
HANGS = 0.74
"""Width as seen of cloth that hangs free, over its width lying flat: a tube is round."""
FLARE = 0.8
"""The same of a skirt's hem, which falls in folds."""
CLOSE = 1.03
"""Cloth lies at least this much wider than the body."""
WIDEST_SEAT = 1.3
"""Widest seat over the hips'."""
RISE_LIMITS = (0.75, 1.35)
"""By how much the length scale by the rise may differ from the waist's."""
FULL_LENGTH = (0.8, 1.02)
"""Share of the inseam from which trousers are full-length ones, and where those end."""
STRAIGHT_INSEAM = 0.45
"""Share of a leg over which its inner edge runs straight from the crotch."""
SMOOTH_SIDE, SMOOTH_LEG = 2.0, 2.0
"""Smoothing of the side seam and of the legs' widths, in rows."""
LONGEST_SHORTS = 0.85
"""Share of the inseam at which shorts end at the latest."""
TURNS = 0.6
"""Torso lengths over which a skirt's rows turn from the waist's direction to the legs'."""
MOST_STRETCHED = 1.2
"""Widest skirt over its width lying flat, around legs that stand wide apart."""
SEEN_FROM_ABOVE = 0.045
"""Sag of a skirt's hem over its width: the camera is higher than the hem."""
WAIST_SAG = 0.03
"""The same of a waist."""
BEYOND = 2
"""Rows by which a mesh is continued, so that a hem that hangs lower than the fitted curve is not cut."""
EDGE_BLUR = 1.2


@dataclass(frozen=True)
class Meshes:
    """Where a garment's parts go: pairs of meshes, (n, m, 2) in the cloth picture and as many on the photo.

    Attributes:
        pairs: source and target of each part.
    """

    pairs: Sequence[tuple[Doubles, Doubles]]

    def maps(self, size: tuple[int, int]) -> tuple[Floats, Floats]:
        """Two (H, W) float32 maps for `cv2.remap`, x and y in the cloth picture; -1 outside all parts."""
        map_x, map_y = np.full(size, -1, np.float32), np.full(size, -1, np.float32)
        for source, target in self.pairs:
            x, y = mesh_warp(_continued(source), _continued(target), size)
            inside = x >= 0
            map_x[inside], map_y[inside] = x[inside], y[inside]
        return map_x, map_y


def scale_of(garment: Skirt | Trousers, lower: LowerBody, shape: BodyShape) -> float:
    """Pixels of the photo per pixel of the cloth picture, along the garment: from its waist, and its rise if any."""
    waist = sum(lower.half_width(lower.waist_t, side) for side in PictureSide)
    scale = waist * GIRTH / garment.waist_width
    if isinstance(garment, Trousers):
        rise = float((lower.crotch - shape.torso.at(lower.waist_t)) @ shape.torso.axis)
        ratio = float(np.clip(rise / garment.rise / scale, *RISE_LIMITS))
        scale *= float(np.sqrt(ratio))
    return scale


def lay_out_lower(
    garment: Skirt | Trousers, kind: GarmentKind, lower: LowerBody, shape: BodyShape, top_t: float, scale: float
) -> Meshes:
    """Find the target of every row of a garment for the lower body.

    Args:
        garment: what the cloth picture shows.
        kind: shorts end above the ankles.
        lower: hips and legs.
        shape: the person's measures.
        top_t: torso coordinate of the garment's upper edge.
        scale: of lengths, photo over cloth.
    """
    if isinstance(garment, Trousers):
        return _trousers(garment, kind, lower, shape, top_t, scale)
    return _skirt(garment, lower, shape, top_t, scale)


def soft_mask(mask: Mask) -> Floats:
    """(H, W) float32 in [0, 1]: the garment in its picture, without its border, which has the backdrop's colour."""
    return softened(eroded(mask, 2), EDGE_BLUR)


# --- skirts ---------------------------------------------------------------------------------------------------------


def _skirt(garment: Skirt, lower: LowerBody, shape: BodyShape, top_t: float, scale: float) -> Meshes:
    legs = lower.legs.values()
    joints = [shape.torso.hips, *((one + other) / 2 for one, other in zip(*map(_joints, legs), strict=True))]
    path = LimbPath.through_all(np.array([shape.torso.at(top_t), *joints, 1.3 * joints[-1] - 0.3 * joints[-2]]))
    at = _within(garment.down * scale, path.project(joints[-1]))
    points = path.points(at)
    normals = _turning(shape.torso.across, path.normals(at, 1), at / (TURNS * shape.torso.length))
    down = np.clip((at - path.project(shape.torso.hips)) / (0.5 * shape.unit), 0, 1)
    seen = HANGS + (FLARE - HANGS) * down
    edges = []
    for side in PictureSide:
        own = garment.half_widths * scale
        inner = _body_reach(lower, shape, points, normals * side.sign, side)
        eased = np.minimum(own * seen, np.maximum(WIDEST_SEAT * inner, own * seen * down))
        width = np.maximum(inner * CLOSE + 1, eased)
        width = np.where(down > 0, np.minimum(width, np.maximum(MOST_STRETCHED * own, own * seen)), width)
        edges.append(points + normals * side.sign * gaussian_filter1d(width, 1.5, mode="nearest")[:, None])
    widths = np.linalg.norm(edges[1] - edges[0], axis=1)
    sag = np.linspace(WAIST_SAG, SEEN_FROM_ABOVE, len(at)) * widths
    mesh = mesh_between(edges[0], edges[1], sag)
    mesh[..., 1] -= sag[:, None] / 2
    return Meshes([(garment.mesh(), mesh)])


def _turning(first: Point, directions: Doubles, share: Doubles) -> Doubles:
    """(n, 2) unit vectors that turn from the first direction to their own as ``share`` goes from 0 to 1."""
    own = np.clip(share, 0, 1)[:, None]
    mixed = first * (1 - own) + directions * own
    return np.asarray(mixed / np.linalg.norm(mixed, axis=1, keepdims=True))


def _joints(leg: Leg) -> tuple[Point, Point]:
    return leg.knee, leg.ankle


def _within(at: Doubles, most: float) -> Doubles:
    """Lengths that end at ``most`` at the latest, shortened more and more towards the hem."""
    share = min(1.0, most / max(float(at[-1]), 1.0))
    return np.asarray(at * (1 - (1 - share) * at / max(float(at[-1]), 1.0)))


def _body_reach(lower: LowerBody, shape: BodyShape, points: Doubles, outward: Doubles, side: PictureSide) -> Doubles:
    """(n,) how far hips and legs reach to a side of a path in its points, in pixels."""
    t, _ = shape.torso.coordinates(points.astype(np.float32))
    hips = np.array([lower.half_width(float(value), side) for value in t])
    outline = np.concatenate([edge for leg in lower.legs.values() for edge in (leg.outline.outer, leg.outline.inner)])
    reach = np.zeros(len(points))
    for row, (point, direction) in enumerate(zip(points, outward, strict=True)):
        away = outline - point
        along = np.array([-direction[1], direction[0]])
        near = np.abs(away @ along) < 0.04 * shape.unit
        if near.any():
            reach[row] = max(float((away[near] @ direction).max()), 0.0)
    return np.where(t < 1.35, np.where(t < 1.15, hips, np.maximum(hips, reach)), reach)


# --- trousers -------------------------------------------------------------------------------------------------------


def _trousers(
    garment: Trousers, kind: GarmentKind, lower: LowerBody, shape: BodyShape, top_t: float, scale: float
) -> Meshes:
    pairs = []
    for side in PictureSide:
        half = garment.halves[side]
        strip = _leg_target(garment, kind, lower, shape, top_t, scale, side)
        source = mesh_between(half.outer, half.inner, np.zeros(len(half.outer)))
        pairs.append((source, mesh_between(strip.outer, strip.inner, np.zeros(len(strip.outer)))))
    return Meshes(pairs)


def _leg_target(
    garment: Trousers, kind: GarmentKind, lower: LowerBody, shape: BodyShape, top_t: float, scale: float,
    side: PictureSide,
) -> Strip:  # fmt: skip
    """Both edges of a leg with its half of the seat."""
    half, leg, sign = garment.halves[side], lower.legs[side], side.sign
    crotch_t = float((lower.crotch - shape.torso.neck) @ shape.torso.axis) / shape.torso.length
    share = np.linspace(0, 1, SEAT_ROWS)
    t = top_t + (crotch_t - top_t) * share
    hips = np.array([lower.half_width(float(value), side) for value in t])
    own = np.linalg.norm(half.outer - half.inner, axis=1) * scale
    width = np.clip(own[:SEAT_ROWS] * HANGS, CLOSE * hips + 1, WIDEST_SEAT * hips)
    width[0] = hips[0] * CLOSE + 1
    width = gaussian_filter1d(width, 1.0, mode="nearest")
    seat_outer = np.array([shape.torso.at(float(at), sign * float(w)) for at, w in zip(t, width, strict=True)])
    waist = shape.torso.at(top_t)
    waist = waist + shape.torso.axis * 2 * WAIST_SAG * width[0]
    seat_inner = waist + share[:, None] * (lower.crotch - waist)
    start = leg.path.project(lower.crotch)
    inseam = max(leg.length - start, 1.0)
    length = garment.leg_length * scale
    end = start + inseam * _ends(length / inseam, kind)
    at = np.linspace(start, end, LEG_ROWS + 1)
    outer, inner = _leg_edges(lower, side, at, own[SEAT_ROWS - 1 :], lower.crotch)
    outer = joined(outer, seat_outer[-1], 0.35)
    side_seam = gaussian_filter1d(np.concatenate([seat_outer, outer[1:]]), SMOOTH_SIDE, axis=0, mode="nearest")
    side_seam[[0, -1]] = seat_outer[0], outer[-1]
    return Strip(side_seam, np.concatenate([seat_inner, inner[1:]]))


def _ends(share: float, kind: GarmentKind) -> float:
    """Share of the body's inseam at which a leg of that share of it ends: full-length trousers end at the ankle."""
    if kind is GarmentKind.SHORTS:
        return min(share, LONGEST_SHORTS)
    return FULL_LENGTH[1] if share > FULL_LENGTH[0] else share


def _leg_edges(
    lower: LowerBody, side: PictureSide, at: Doubles, own: Doubles, crotch: Point
) -> tuple[Doubles, Doubles]:
    """Both edges of a trouser leg around its leg.

    Args:
        lower: hips and legs.
        side: the leg's.
        at: (n,) lengths on its path, from the crotch's height.
        own: (n,) widths of the cloth lying flat, in pixels of the photo.
        crotch: (2,) where the inner edge begins.
    """
    leg, other, sign = lower.legs[side], lower.legs[side.other], side.sign
    points, normals = leg.path.points(at), leg.path.normals(at, sign)
    outer, inner = (np.asarray(edge, np.float64) for edge in (leg.outline.outer, leg.outline.inner))
    out, into = _reach(leg.path, outer, at, sign), _reach(leg.path, inner, at, -sign)
    spare = np.maximum(own * HANGS - (out + into) * CLOSE, 0)
    spare, out, into = (gaussian_filter1d(values, SMOOTH_LEG, mode="nearest") for values in (spare, out, into))
    between = ((other.path.points(at) - points) / 2 * -normals).sum(1)
    room = np.maximum(between, 0.9 * into) + 1
    close = into * CLOSE + 1
    inner = points - normals * np.minimum(close + spare / 2, room)[:, None]
    # From the crotch the inseam runs straight, but no skin may show beside it.
    last = round(STRAIGHT_INSEAM * (len(at) - 1))
    inner[: last + 1] = crotch + (inner[last] - crotch) * np.linspace(0, 1, last + 1)[:, None]
    straight = ((inner - points) * -normals).sum(1)
    reach_in = np.minimum(np.maximum(straight, close), np.maximum(room, straight))
    reach_out = out * CLOSE + 1 + spare / 2
    inner = points - normals * gaussian_filter1d(reach_in, SMOOTH_LEG, mode="nearest")[:, None]
    inner[0] = crotch
    return points + normals * reach_out[:, None], inner


def _reach(path: LimbPath, edge: Doubles, at: Doubles, sign: int) -> Doubles:
    """(n,) distance of a bare leg's edge from its path at n lengths."""
    along = np.array([path.project(point) for point in edge])
    normals = path.normals(along, sign)
    away = ((edge - path.points(along)) * normals).sum(1)
    return np.asarray(np.interp(at, *_ascending(along, away)))


def _ascending(at: Doubles, values: Doubles) -> tuple[Doubles, Doubles]:
    order = np.argsort(at, kind="stable")
    return at[order], values[order]


def _continued(mesh: Doubles) -> Doubles:
    """The mesh with a row more at each end, as far away as `BEYOND` rows."""
    before, after = BEYOND * (mesh[:1] - mesh[1:2]), BEYOND * (mesh[-1:] - mesh[-2:-1])
    return np.concatenate([mesh[:1] + before, mesh, mesh[-1:] + after])
