"""The photo without what the person wears: wall, the other garment and skin where the worn one was."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from vf_anatomy import Floats, Mask, PictureSide, Segment, Sided
from vf_hrviton.open.body.labels import ARMS, LEGS, LOWER, UPPER
from vf_hrviton.open.body.limbs import BareLimbs, ShownLimb, bare_arms, bare_legs, side_light
from vf_hrviton.open.body.shape import Arm, BodyShape, PersonPhoto, TorsoMaps
from vf_hrviton.open.paint.fills import (
    blurred,
    dilated,
    eroded,
    even_edge,
    mirrored,
    near_bone,
    over,
    push_pull,
    softened,
)
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
WALL_DETAIL = 0.12
"""Blur in units below which the background's structure is mirrored."""
NECK_HALF_WIDTH = 0.19
HIPS = (0.9, 1.12)
"""Torso coordinates between which the torso goes over into the thighs."""
BESIDE_WAIST = 8
"""Pixels around trousers in which what is above them decides whether a top is tucked in."""
TUCKED_ENDS = 1.06
"""Torso coordinate where a top ends that trousers hid."""
OUTLINE_AT = (0.9, 0.75, 0.6, 0.5)
"""Fractions of the shoulder's width at which its outline is followed towards the neck."""


@dataclass(frozen=True)
class BareBody:
    """The body without clothes, where they come off; where none do, it is nowhere.

    Attributes:
        arms: as they look without sleeves.
        legs: as they look without trousers.
        limbs: (H, W) in [0, 1]: arms and legs where they are no part of the torso's surface.
        limb_light: (H, W) around 1: shading across those.
        chest: (H, W) in [0, 1]: bare neck, shoulders and chest, below the shoulders' outline.
        belly: (H, W) in [0, 1]: the torso below the chest.
    """

    arms: BareLimbs
    legs: BareLimbs
    limbs: Floats
    limb_light: Floats
    chest: Floats
    belly: Floats

    @property
    def alpha(self) -> Floats:
        """(H, W) in [0, 1]: where it is."""
        torso = np.maximum(self.belly, self.chest)
        return np.asarray(np.maximum(np.maximum(torso, self.arms.alpha), self.legs.alpha), np.float32)


def bare_upper(
    photo: PersonPhoto, shape: BodyShape, maps: TorsoMaps, shown: Sided[PictureSide, ShownLimb], belly_ends: float
) -> BareBody:
    """Chest, belly and arms below the clothes.

    Args:
        photo: the person.
        shape: the body's measures.
        maps: the torso's coordinates.
        shown: what the photo shows of the arms.
        belly_ends: torso coordinate down to which the belly may show.
    """
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
    belly = (maps.t > 0.3) & (maps.t < belly_ends) & maps.inside
    arms = BareLimbs(arms.alpha * inside, arms.hidden * inside, arms.light)
    return BareBody(arms, _no_limbs(photo.size), bent, arms.light, chest, (belly * silhouette).astype(np.float32))


def bare_lower(photo: PersonPhoto, maps: TorsoMaps, shown: Sided[PictureSide, ShownLimb]) -> BareBody:
    """Hips and legs below the clothes.

    Args:
        photo: the person.
        maps: the torso's coordinates.
        shown: what the photo shows of the legs.
    """
    legs = bare_legs(shown, side_light(photo), photo.size)
    silhouette = even_edge(photo.silhouette > 0.4, 2.5)
    legs = BareLimbs(legs.alpha * silhouette, legs.hidden * silhouette, legs.light)
    hips = (maps.t > HIPS[0]) & (maps.t < HIPS[1]) & maps.inside
    thighs = legs.alpha * np.clip((maps.t - HIPS[0]) / (HIPS[1] - HIPS[0]), 0, 1)
    nowhere = np.zeros(photo.size, np.float32)
    return BareBody(_no_limbs(photo.size), legs, thighs, legs.light, nowhere, (hips * silhouette).astype(np.float32))


def both_bare(upper: BareBody, lower: BareBody) -> BareBody:
    """The whole body; arms lie in front of legs."""
    legs = lower.limbs * (1 - upper.limbs)
    light = np.where(upper.limbs >= legs, upper.limb_light, lower.limb_light)
    belly = np.maximum(upper.belly, lower.belly)
    return BareBody(upper.arms, lower.legs, np.maximum(upper.limbs, legs), light, upper.chest, belly)


def _no_limbs(size: tuple[int, int]) -> BareLimbs:
    nowhere = np.zeros(size, np.float32)
    return BareLimbs(nowhere, nowhere, np.ones(size, np.float32))


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
    near = np.zeros(bare.shape, bool)
    for arm in arms.values():
        near |= near_bone(Segment(arm.shoulder, arm.shoulder), AT_SHOULDER * unit, (bare.shape[0], bare.shape[1]))
    return np.asarray(corners & near)


def _in_front_of_torso(shape: BodyShape, size: tuple[int, int]) -> Mask:
    """(H, W) where a clothed forearm crosses the torso."""
    zone = np.zeros(size, bool)
    torso = shape.torso
    for arm in shape.arms.values():
        wrist = arm.wrist - torso.neck
        inside = abs(float(wrist @ torso.across)) < 0.8 * torso.shoulder_width / 2
        if arm.wrist_seen and inside and float(wrist @ torso.axis) < 1.1 * torso.length:
            zone |= near_bone(arm.bones[1], 0.11 * shape.unit, size)
    return zone


def stained_skin(photo: PersonPhoto, worn: Mask, bare: BareBody, t: Floats, unit: float) -> Floats:
    """(H, W) in [0, 1]: how much of the shown skin beside the worn garment is mixed with its colour and shadow.

    Below its sleeves or legs, and around its collar. It fades into the invented skin.

    Args:
        photo: the person.
        worn: (H, W) what is taken off.
        bare: the body without it.
        t: (H, W) torso coordinates.
        unit: the body unit in pixels.
    """
    away = cv2.distanceTransform((~worn).astype(np.uint8), cv2.DIST_L2, 3)
    collar = np.clip(1.3 - away / (RIM * unit), 0, 1) * (photo.is_in(Label.TORSO_SKIN, *ARMS) & (np.abs(t) < 0.3))
    near = np.clip((STAIN_FADES[1] - away) / (STAIN_FADES[1] - STAIN_FADES[0]), 0, 1)
    stained = collar
    for limbs, labels in ((bare.arms, ARMS), (bare.legs, LEGS)):
        below = np.maximum(limbs.hidden * near, away < 2.5) * limbs.alpha * photo.is_in(*labels)
        stained = np.maximum(stained, below)
    return np.asarray(np.where(worn, 0, stained), np.float32)


def invented_skin(
    photo: PersonPhoto, shape: BodyShape, maps: TorsoMaps, bare: BareBody, worn: Mask, stained: Floats, folds: Floats
) -> Floats:
    """(H, W, 3) float32: the person's skin everywhere, under the light that the body's shape and the photo say.

    Args:
        photo: the person.
        shape: the body's measures.
        maps: the torso's coordinates.
        bare: the body without clothes.
        worn: (H, W) what is taken off.
        stained: (H, W) as `stained_skin` finds it.
        folds: (H, W) around 1: the worn garment's light.
    """
    unit = shape.unit
    shown = (*ARMS, Label.TORSO_SKIN, *(LEGS if bare.legs.alpha.any() else ()))
    seen = photo.is_in(*shown) & ~dilated(worn, round(0.5 * RIM * unit)) & (stained < 0.3)
    light = (torso_light(maps) * (1 - bare.limbs) + bare.limb_light * bare.limbs) * chest_light(shape, photo.size)
    light *= outline_light(photo, unit, (bare.chest > 0.5) | (bare.arms.alpha > 0.5), maps.t)
    light = light ** contrast(photo, unit) * blurred(folds, WORN_BLUR * unit) ** WORN_RELIEF
    return bare_skin(photo, unit, eroded(seen, 2), light)


def wall_behind(photo: PersonPhoto, worn: Mask, grain: Floats, unit: float) -> Floats:
    """(H, W, 3) float32: the background carried on behind the person."""
    known = eroded((photo.silhouette < 0.02) & ~worn, 4)
    smooth = push_pull(photo.image, known)
    textured = mirrored(photo.image, known)
    # Broad light is carried on smoothly; what is mirrored gives the fine structure.
    detail = textured - np.stack([blurred(textured[..., k], WALL_DETAIL * unit) for k in range(3)], -1)
    return smooth + np.where(known[..., None], 0, detail) + grain[..., None] * WALL_GRAIN


def with_lower(picture: Floats, photo: PersonPhoto, maps: TorsoMaps, waist: float | None) -> Floats:
    """Trousers or skirt carried on a little upwards, to where the waist is."""
    if waist is None:
        return picture
    zone = (maps.t >= waist - 0.01) & (photo.silhouette > 0.35) & (np.abs(maps.across) < maps.half_width + 2)
    zone |= dilated(photo.is_in(*LOWER), 2) & (maps.t >= waist)
    return over(picture, push_pull(photo.image, eroded(photo.is_in(*LOWER), 3)), softened(zone, 1.5))


def with_upper(picture: Floats, photo: PersonPhoto, maps: TorsoMaps) -> Floats:
    """A top carried on a little downwards, to where it ends inside the trousers; not one that leaves the waist bare."""
    inner, beside = eroded(photo.is_in(*UPPER), 3), dilated(photo.is_in(*LOWER), BESIDE_WAIST)
    bare = (photo.is_in(Label.TORSO_SKIN) & beside).sum() > (photo.is_in(*UPPER) & beside & maps.inside).sum()
    if bare or not inner.any():
        return picture
    zone = (maps.t > 0.6) & (maps.t < TUCKED_ENDS) & (photo.silhouette > 0.35) & maps.inside
    return over(picture, push_pull(photo.image, inner), softened(zone, 1.5))


def replaced(photo: PersonPhoto, fill: Floats, worn: Mask, stained: Floats, kept: Mask) -> Floats:
    """The photo with other pixels where the worn garment is, and where its colour shows beside it.

    Args:
        photo: the person.
        fill: (H, W, 3) float32.
        worn: (H, W) what is taken off.
        stained: (H, W) as `stained_skin` finds it.
        kept: (H, W) what stays although it lies close to the garment.

    Returns:
        (H, W, 3) float32; away from the garment the photo as it is.
    """
    halo = dilated(worn, FRINGE) & ~kept & ((photo.silhouette < 0.95) | dilated(worn, 3))
    return over(photo.image.astype(np.float32), fill, softened(np.maximum(worn | halo, stained), 1.2))
