"""Dresses and jumpsuits: a top's layout down to the hips and a skirt's or trousers' below, in one continuous warp."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np

from vf_anatomy import Doubles, Floats, Mask, PictureSide, Sided
from vf_hrviton.open.body.lower import LowerBody
from vf_hrviton.open.body.prepared import PreparedBody
from vf_hrviton.open.body.shape import PROFILE_T, BodyShape, TorsoMaps
from vf_hrviton.open.garment import Garment
from vf_hrviton.open.garment.lower import mark, read_below, with_traced_sides
from vf_hrviton.open.paint.fills import softened
from vf_hrviton.open.warp.dress import (
    EDGE_BLUR,
    SPLINE_SMOOTHING,
    Dressed,
    Layer,
    back_of_neck,
    sleeve_layers,
    soft_torso_mask,
    stands_out,
    within,
    without_background,
)
from vf_hrviton.open.warp.lower import Meshes, lay_out_lower
from vf_hrviton.open.warp.targets import Targets, lay_out_bodice
from vf_hrviton.open.warp.thin_plate import inverse_warp
from vfkit.contracts import GarmentDocument, GarmentKind, Image

BODICE_ENDS = 0.62
"""Torso coordinate where the bodice ends and the part for the lower body begins."""
SEAM, SEAM_COLUMNS = (0.7, 1.02), 3
"""Torso coordinates between which both layouts agree, and points across for that."""
BLENDED = (0.74, 0.92)
"""Torso coordinates between which the bodice's layout gives way to the other."""
EASE_OF_OLD = 1.1
"""How much wider than the body the torso's profile may be: more was the worn garment's."""


def dress_one_piece(
    prepared: PreparedBody, maps: TorsoMaps, lower: LowerBody, cloth: Image, mask: Image, without_sleeves: Mask,
    garment: Garment, read: GarmentDocument,
) -> Dressed:  # fmt: skip
    """Lay a dress or a jumpsuit out on a body.

    Args:
        prepared: the person.
        maps: the torso's coordinates.
        lower: their hips and legs.
        cloth: (H', W', 3) uint8 RGB.
        mask: (H', W') uint8, 0 or 255.
        without_sleeves: (H', W') the garment without them, as far as it is known.
        garment: what the cloth picture shows, as of a top.
        read: its garment.json.
    """
    shape = _slender(prepared.shape, lower)
    garment = with_traced_sides(garment, read, without_sleeves)
    waist = [point for side in PictureSide if (point := mark(read, side, "waist")) is not None]
    waist_y = float(np.mean([point[1] for point in waist])) if len(waist) == 2 else None
    targets, below = lay_out_bodice(garment, mask, shape, waist_y, BODICE_ENDS)
    cut = _row_at(garment, targets.armpit_t, below.along, shape)
    top = Sided.of(PictureSide, lambda side: np.array([garment.torso[side][int(cut)], cut]))
    part, scale = read_below(read, without_sleeves, top), float(np.sqrt(below.along * targets.scales.along))
    meshes = lay_out_lower(part, GarmentKind.DRESS, lower, shape, BODICE_ENDS, scale)
    points, sources = _with_seam(targets, meshes, shape)
    upper = inverse_warp(points, sources, prepared.size, SPLINE_SMOOTHING)
    map_x, map_y = _blended(upper, meshes.maps(prepared.size), maps.t)
    fabric = without_background(cloth, mask > 0)
    picture = cv2.remap(fabric, map_x, map_y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    alpha = cv2.remap(soft_torso_mask(garment, mask), map_x, map_y, cv2.INTER_LINEAR)
    alpha = np.where((maps.t > -0.6) & (map_x >= 0), alpha, np.float32(0))
    beside = stands_out(maps, shape.torso.shoulder_width, garment)
    torso = Layer(picture, within(prepared.silhouette > 127, alpha, beside))
    back = Layer(picture, cv2.remap(softened(back_of_neck(garment, mask), EDGE_BLUR), map_x, map_y, cv2.INTER_LINEAR))
    sleeves = sleeve_layers(prepared, garment, targets, fabric, mask)
    return Dressed(torso, back, sleeves, replace(targets, hem_t=_hem_t(meshes, shape)), garment)


def _with_seam(targets: Targets, meshes: Meshes, shape: BodyShape) -> tuple[Doubles, Doubles]:
    """The bodice's control points and their sources, with points of the part below: there both layouts agree."""
    points, sources = [targets.points], [targets.sources]
    for source, target in meshes.pairs:
        t, _ = shape.torso.coordinates(target.astype(np.float32))
        rows = np.flatnonzero((t[:, t.shape[1] // 2] > SEAM[0]) & (t[:, t.shape[1] // 2] < SEAM[1]))
        columns = np.linspace(0, target.shape[1] - 1, SEAM_COLUMNS).astype(int)
        points.append(target[rows][:, columns].reshape(-1, 2))
        sources.append(source[rows][:, columns].reshape(-1, 2))
    return np.concatenate(points), np.concatenate(sources)


def _hem_t(meshes: Meshes, shape: BodyShape) -> float:
    """Torso coordinate of the garment's lower end."""
    ends = [shape.torso.coordinates(target[-1].astype(np.float32))[0].mean() for _, target in meshes.pairs]
    return float(np.mean(ends))


def _slender(shape: BodyShape, lower: LowerBody) -> BodyShape:
    """The body's measures without what the worn garment adds at waist and hips."""
    profile = Sided.of(
        PictureSide,
        lambda side: np.where(
            PROFILE_T > 0.5, np.minimum(shape.profile[side], EASE_OF_OLD * lower.pelvis[side]), shape.profile[side]
        ),
    )
    return replace(shape, profile=profile)


def _row_at(garment: Garment, armpit_t: float, along: float, shape: BodyShape) -> float:
    """Row of the cloth picture where the part for the lower body begins."""
    top = float(garment.armpit.left[1] + garment.armpit.right[1]) / 2
    row = top + (BODICE_ENDS - armpit_t) * shape.torso.length / along
    return float(np.clip(row, top + 1, garment.box[3] - 2))


def _blended(upper: Sequence[Floats], below: Sequence[Floats], t: Floats) -> tuple[Floats, Floats]:
    """Two maps of the cloth picture become one; -1 where neither reaches."""
    share = np.clip((t - BLENDED[0]) / (BLENDED[1] - BLENDED[0]), 0, 1)
    share = share * share * (3 - 2 * share)
    reached = below[0] >= 0
    share = np.where(reached, share, 0)
    out = [one * (1 - share) + other * share for one, other in zip(upper, below, strict=True)]
    nowhere = (t > BLENDED[1]) & ~reached
    x, y = (np.where(nowhere, -1, values).astype(np.float32) for values in out)
    return x, y
