"""The photo without what the person wears: wall, the other garment and skin where the worn one was."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from vf_anatomy import Floats, Mask, PictureSide, Sided, pixel_grid
from vf_hrviton.open.body.labels import ARMS, IN_FRONT, LOWER
from vf_hrviton.open.body.limbs import BareArms, ShownArm, bare_arms, side_light
from vf_hrviton.open.body.shape import Arm, BodyShape, PersonPhoto, TorsoMaps
from vf_hrviton.open.paint.fills import blurred, dilated, eroded, even_edge, over, push_pull, softened
from vf_hrviton.open.paint.relief import chest_light, contrast, outline_light, torso_light
from vf_hrviton.open.paint.skin import bare_skin
from vfkit.contracts import Label

RIM = 0.05
"""Width in units of the stripe of neck at the old collar that has its colour or its shadow."""
FRINGE = 6
"""Pixels around the old garment in which its colour still shows."""
STAIN_FADES = (12, 24)
"""Pixels from the old garment between which shown skin becomes what it is in the photo."""
WORN_RELIEF, WORN_BLUR = 1.2, 0.04
"""Share of the old garment's broad light that the skin below gets: it shows the body's shape; blur in units, without
which its folds would show too."""
AT_SHOULDER = 0.3
"""Units around the joint in which a shoulder is made round."""
ROUND_SHOULDER = 0.09
"""Radius in units of the sharpest corner of a bare shoulder."""
WALL_GRAIN = 0.3
"""Share of the skin's texture that invented wall gets."""
NECK_HALF_WIDTH = 0.19
OUTLINE_AT = (0.9, 0.75, 0.6, 0.5)
"""Fractions of the shoulder's width at which its outline is followed towards the neck."""


@dataclass(frozen=True)
class BareTorso:
    """The upper body without clothes.

    Attributes:
        arms: as they look without sleeves.
        bent: (H, W) in [0, 1]: arms where they are no part of the torso's surface.
        chest: (H, W) in [0, 1]: bare neck, shoulders and chest, below the shoulders' outline.
        silhouette: (H, W) in [0, 1]: the body with an even edge.
    """

    arms: BareArms
    bent: Floats
    chest: Floats
    silhouette: Floats


def bare_torso(photo: PersonPhoto, shape: BodyShape, maps: TorsoMaps, shown: Sided[PictureSide, ShownArm]) -> BareTorso:
    """Where chest and arms are below the clothes."""
    arms = bare_arms(shape, shown, side_light(photo), photo.size)
    limbs = np.clip(np.abs(maps.across) - maps.half_width + 4, 0, 3) / 3
    above_armpit = np.clip((0.38 - maps.t) / 0.06, 0, 1)
    limbs = np.maximum(np.maximum(limbs, above_armpit), _in_front_of_torso(shape, photo.size)) * (maps.t > -0.2)
    bent = arms.alpha * limbs
    chest, silhouette = _chest(shape, photo.size), even_edge(photo.silhouette > 0.4, 2.5)
    bare = ((chest > 0.5) | (bent > 0.5)) & (silhouette > 0.5)
    corners = _corners(bare, shape.arms, shape.unit) & ~photo.is_in(*ARMS, Label.TORSO_SKIN)
    silhouette *= 1 - softened(corners, 1.0)
    chest, inside = chest * silhouette, limbs * silhouette
    return BareTorso(BareArms(arms.alpha * inside, arms.hidden * inside, arms.light), bent, chest, silhouette)


def _chest(shape: BodyShape, size: tuple[int, int]) -> Floats:
    """Neck, shoulders and chest below the shoulders' outline."""
    half_neck, half_chest = NECK_HALF_WIDTH * shape.unit, 0.52 * shape.torso.shoulder_width
    outline = [shape.torso.at(0.35, -half_chest), shape.shoulder_tip.left]
    outline += [shape.shoulder_point(PictureSide.LEFT, fraction) for fraction in OUTLINE_AT]
    outline += [shape.torso.at(-0.45, -half_neck), shape.torso.at(-0.45, half_neck)]
    outline += [shape.shoulder_point(PictureSide.RIGHT, fraction) for fraction in reversed(OUTLINE_AT)]
    outline += [shape.shoulder_tip.right, shape.torso.at(0.35, half_chest)]
    inside = np.zeros(size, np.uint8)
    cv2.fillPoly(inside, [np.rint(np.array(outline)).astype(np.int32)], 1)
    return softened(inside > 0, 1.5)


def _corners(bare: Mask, arms: Sided[PictureSide, Arm], unit: float) -> Mask:
    """Where the bare body would have a corner at a shoulder: under cloth it may have one, without it is round."""
    radius = ROUND_SHOULDER * unit
    core = cv2.distanceTransform(bare.astype(np.uint8), cv2.DIST_L2, 5) > radius
    corners = bare & (cv2.distanceTransform((~core).astype(np.uint8), cv2.DIST_L2, 5) > radius)
    points = pixel_grid((bare.shape[0], bare.shape[1]))
    near = np.zeros(bare.shape, bool)
    for arm in arms.values():
        near |= np.linalg.norm(points - arm.shoulder, axis=-1) < AT_SHOULDER * unit
    return np.asarray(corners & near)


def _in_front_of_torso(shape: BodyShape, size: tuple[int, int]) -> Floats:
    """1 where a clothed forearm crosses the torso."""
    points, zone = pixel_grid(size), np.zeros(size, np.float32)
    torso = shape.torso
    for arm in shape.arms.values():
        wrist = arm.wrist - torso.neck
        inside = abs(float(wrist @ torso.across)) < 0.8 * torso.shoulder_width / 2
        if arm.wrist_seen and inside and float(wrist @ torso.axis) < 1.1 * torso.length:
            distance, _ = arm.bones[1].nearest(points)
            zone = np.maximum(zone, (distance < 0.11 * shape.unit).astype(np.float32))
    return zone


def stained_skin(photo: PersonPhoto, worn: Mask, arms: BareArms, t: Floats, unit: float) -> Floats:
    """(H, W) in [0, 1]: how much of the shown skin beside the worn garment is mixed with its colour and shadow.

    Below its sleeves, and around its collar. It fades into the invented skin.

    Args:
        photo: the person.
        worn: (H, W) the worn upper garment.
        arms: without sleeves.
        t: (H, W) torso coordinates.
        unit: the body unit in pixels.
    """
    away = cv2.distanceTransform((~worn).astype(np.uint8), cv2.DIST_L2, 3)
    collar = np.clip(1.3 - away / (RIM * unit), 0, 1) * (photo.is_in(Label.TORSO_SKIN, *ARMS) & (np.abs(t) < 0.3))
    near = np.clip((STAIN_FADES[1] - away) / (STAIN_FADES[1] - STAIN_FADES[0]), 0, 1)
    sleeves = np.maximum(arms.hidden * near, away < 2.5) * arms.alpha * photo.is_in(*ARMS)
    return np.asarray(np.where(worn, 0, np.maximum(collar, sleeves)), np.float32)


def invented_skin(
    photo: PersonPhoto, shape: BodyShape, maps: TorsoMaps, bare: BareTorso, worn: Mask, stained: Floats, folds: Floats
) -> Floats:
    """(H, W, 3) float32: the person's skin everywhere, under the light that the body's shape and the photo say.

    Args:
        photo: the person.
        shape: the body's measures.
        maps: the torso's coordinates.
        bare: the upper body without clothes.
        worn: (H, W) the worn upper garment.
        stained: (H, W) as `stained_skin` finds it.
        folds: (H, W) around 1: the worn garment's light.
    """
    unit = shape.unit
    seen = photo.is_in(*ARMS, Label.TORSO_SKIN) & ~dilated(worn, round(0.5 * RIM * unit)) & (stained < 0.3)
    light = (torso_light(maps) * (1 - bare.bent) + bare.arms.light * bare.bent) * chest_light(shape, photo.size)
    light *= outline_light(photo, unit, (bare.chest > 0.5) | (bare.arms.alpha > 0.5), maps.t)
    light = light ** contrast(photo, unit) * blurred(folds, WORN_BLUR * unit) ** WORN_RELIEF
    return bare_skin(photo, unit, eroded(seen, 2), light)


def without_upper(
    photo: PersonPhoto, maps: TorsoMaps, bare: BareTorso, worn: Mask, stained: Floats, skin: Floats, grain: Floats,
    waist: float | None,
) -> Floats:  # fmt: skip
    """The photo without the worn upper garment.

    Args:
        photo: the person.
        maps: the torso's coordinates.
        bare: the upper body without clothes.
        worn: (H, W) the worn upper garment.
        stained: (H, W) as `stained_skin` finds it.
        skin: (H, W, 3) as `invented_skin` draws it, with its grain.
        grain: (H, W) noise of invented surfaces.
        waist: torso coordinate where the lower garment begins to show.

    Returns:
        (H, W, 3) float32; away from the garment the photo as it is.
    """
    fill = push_pull(photo.image, eroded((photo.silhouette < 0.02) & ~worn, 4)) + grain[..., None] * WALL_GRAIN
    if waist is not None:
        fill = _fill_lower(fill, photo, maps, waist)
    belly = (maps.t > 0.3) & (maps.t < max(waist or 1.0, 0.6) + 0.01) & maps.inside
    torso = np.maximum((belly * bare.silhouette).astype(np.float32), bare.chest)
    fill = over(fill, skin, np.maximum(torso, bare.arms.alpha))
    kept = photo.is_in(*IN_FRONT, Label.FACE, Label.SUNGLASSES, *ARMS, Label.TORSO_SKIN)
    halo = dilated(worn, FRINGE) & ~kept & ((photo.silhouette < 0.95) | dilated(worn, 3))
    return over(photo.image.astype(np.float32), fill, softened(np.maximum(worn | halo, stained), 1.2))


def _fill_lower(fill: Floats, photo: PersonPhoto, maps: TorsoMaps, waist: float) -> Floats:
    """Trousers or skirt carried on a little upwards, to where the waist is."""
    zone = (maps.t >= waist - 0.01) & (photo.silhouette > 0.35) & (np.abs(maps.across) < maps.half_width + 2)
    zone |= dilated(photo.is_in(*LOWER), 2) & (maps.t >= waist)
    return over(fill, push_pull(photo.image, eroded(photo.is_in(*LOWER), 3)), softened(zone, 1.5))
