"""A person's photo to a `PreparedBody`: all of a fitting that does not depend on the garment.

1. `window_around` finds what a fitting can change, `measure` the body's measures in it; `shown_arm`, `shown_leg`.
2. `worn_upper` and `worn_lower` say which pixels come off.
3. `bare_upper`, `bare_lower` and `invented_skin` draw the body below, `wall_behind` what is behind it; `replaced` puts
   that into the photo.
4. `_shown_arms` and `_front` find arms, hands and hair that lie before a new garment.
"""

from __future__ import annotations

import cv2
import numpy as np

from vf_anatomy import Floats, Mask, PictureSide, Sided
from vf_hrviton.open.body.labels import ARMS, IN_FRONT, LEGS, LOWER, UPPER
from vf_hrviton.open.body.limbs import ShownLimb, shown_arm, shown_leg
from vf_hrviton.open.body.prepared import PreparedBody, folds_of_light, light_of_folds, to_bytes
from vf_hrviton.open.body.shape import Arm, BodyShape, PersonPhoto, TorsoMaps, measure, require_torso, torso_maps
from vf_hrviton.open.body.waist import waist_of
from vf_hrviton.open.body.window import window_around
from vf_hrviton.open.body.worn import skirt_of_dress, worn_lower, worn_upper
from vf_hrviton.open.paint.fills import box_around, box_of, over, points_of, softened
from vf_hrviton.open.paint.shading import worn_light
from vf_hrviton.open.paint.skin import texture
from vf_hrviton.open.paint.undress import (
    BareBody,
    bare_lower,
    bare_upper,
    both_bare,
    invented_skin,
    replaced,
    stained_skin,
    wall_behind,
    with_lower,
    with_upper,
)
from vfkit.contracts import Clothes, Image, Label, PosePerson
from vfkit.problems import Code, Problem

WAIST_FADE = 0.1
"""Torso coordinates over which the light of the worn top gives way to that of what is worn below."""
HAIR_RADIUS = 8
"""Of the guided filter that finds hair's soft edge, in pixels."""
ENOUGH_HEM = 50
"""Pixels of the worn garment in the body's middle from which its hem is read."""


def prepare(photo: Image, parse: Image, pose: PosePerson, off: Clothes = Clothes.UPPER) -> PreparedBody:
    """Make a person ready for any garment of a kind.

    Args:
        photo: (H, W, 3) uint8 RGB.
        parse: (H, W) uint8 CIHP.
        pose: the person's joints.
        off: what the garment replaces.

    Raises:
        Problem: ``invalid_request`` when photo and parse differ in size or the pose has not 25 joints;
            ``body_not_visible`` without shoulders or hips.
    """
    if photo.shape[:2] != parse.shape:
        raise Problem(Code.INVALID_REQUEST, "The photo and its parse must have the same size.")
    require_torso(pose)
    window = window_around(parse, pose, legs=off is not Clothes.UPPER)
    person, shape = measure(window.cut(photo), window.cut(parse), window.move(pose))
    maps = torso_maps(shape, person.size)
    arms = Sided.of(PictureSide, lambda side: shown_arm(person, shape, side))
    legs = Sided.of(PictureSide, lambda side: shown_leg(person, shape, side))
    waist = waist_of(person.labels, maps.t)
    skirt = skirt_of_dress(person, shape, maps)
    worn = _worn(person, shape, maps, skirt, off)
    bare = _bare(person, shape, maps, arms, legs, waist, off)
    stained = stained_skin(person, worn, bare, maps.t, shape.unit)
    folds = folds_of_light(_folds(person, shape.unit, maps.t, waist, off))
    grain = texture(person, shape.unit)
    skin = invented_skin(person, shape, maps, bare, worn, stained, light_of_folds(folds)) + grain[..., None]
    wall = wall_behind(person, worn, grain, shape.unit)
    below = _below(person, maps, bare, skin, wall, waist, off)
    undressed = replaced(person, below, worn, stained, _kept(person, off))
    hidden = softened(np.where(worn, bare.arms.hidden, stained * bare.arms.alpha), 1.0)
    return PreparedBody(
        off=off,
        window=window,
        shape=shape,
        arms=arms,
        legs=legs,
        waist=waist,
        worn_hem_t=_worn_hem_t(person, shape, maps),
        labels=person.labels,
        silhouette=to_bytes(person.silhouette),
        undressed=_bytes(undressed),
        worn=worn,
        skirt=skirt & (off is Clothes.UPPER),
        skin=_bytes(skin * (hidden > 0)[..., None]),
        chest=to_bytes(bare.chest),
        bare_arms=to_bytes(bare.arms.alpha),
        hidden_arms=to_bytes(hidden),
        shown_arms=to_bytes(_shown_arms(person, worn, stained)),
        front=to_bytes(_front(person, shape.arms, worn)),
        folds=folds,
    )


def _worn(photo: PersonPhoto, shape: BodyShape, maps: TorsoMaps, skirt: Mask, off: Clothes) -> Mask:
    """(H, W) what comes off."""
    if off is Clothes.LOWER:
        return worn_lower(photo, skirt, maps.t)
    upper = worn_upper(photo, shape, maps, skirt)
    return upper if off is Clothes.UPPER else upper | worn_lower(photo, skirt, maps.t)


def _bare(
    photo: PersonPhoto, shape: BodyShape, maps: TorsoMaps, arms: Sided[PictureSide, ShownLimb],
    legs: Sided[PictureSide, ShownLimb], waist: float | None, off: Clothes,
) -> BareBody:  # fmt: skip
    """The body where clothes come off."""
    if off is Clothes.LOWER:
        return bare_lower(photo, maps, legs)
    if off is Clothes.UPPER:
        return bare_upper(photo, shape, maps, arms, max(waist or 1.0, 0.6) + 0.01)
    return both_bare(bare_upper(photo, shape, maps, arms, 1.0), bare_lower(photo, maps, legs))


def _below(
    photo: PersonPhoto, maps: TorsoMaps, bare: BareBody, skin: Floats, wall: Floats, waist: float | None, off: Clothes
) -> Floats:
    """(H, W, 3) what was below the clothes: wall, skin, and the other garment where they hid it."""
    fill = with_lower(wall, photo, maps, waist) if off is Clothes.UPPER else wall
    fill = over(fill, skin, bare.alpha)
    return with_upper(fill, photo, maps) if off is Clothes.LOWER else fill


def _kept(photo: PersonPhoto, off: Clothes) -> Mask:
    """(H, W) what stays although it lies close to what comes off."""
    kept = photo.is_in(*IN_FRONT, Label.FACE, Label.SUNGLASSES, *ARMS, Label.TORSO_SKIN)
    if off is Clothes.UPPER:
        return kept
    kept |= photo.is_in(*LEGS, Label.GLOVE, Label.SOCKS, Label.LEFT_SHOE, Label.RIGHT_SHOE)
    return kept | photo.is_in(*UPPER) if off is Clothes.LOWER else kept


def _folds(photo: PersonPhoto, unit: float, t: Floats, waist: float | None, off: Clothes) -> Floats:
    """(H, W) around 1: the light on what comes off."""
    if off is Clothes.UPPER:
        return worn_light(photo, unit, UPPER)
    lower = worn_light(photo, unit, LOWER)
    if off is Clothes.LOWER:
        return lower
    share = np.clip((t - (waist or 1.0)) / WAIST_FADE, 0, 1)
    return np.asarray(worn_light(photo, unit, UPPER) * (1 - share) + lower * share, np.float32)


def _worn_hem_t(photo: PersonPhoto, shape: BodyShape, maps: TorsoMaps) -> float | None:
    """Torso coordinate where the worn garment ends, None when it is not seen."""
    middle = photo.is_in(*UPPER) & (np.abs(maps.across) < 0.35 * shape.torso.shoulder_width)
    return float(np.percentile(maps.t[middle], 99)) if middle.sum() > ENOUGH_HEM else None


def _shown_arms(photo: PersonPhoto, worn: Mask, stained: Floats) -> Floats:
    """The arms that the photo shows, as far as their colour is their own."""
    shown = np.clip((softened(photo.is_in(*ARMS) & ~worn, 1.0) - 0.35) / 0.5, 0, 1)
    return np.asarray(shown * np.where(worn, 0, 1 - stained), np.float32)


def _front(photo: PersonPhoto, arms: Sided[PictureSide, Arm], worn: Mask) -> Floats:
    """What lies in front of every garment: hands beyond the wrist, and hair as soft as it is in the photo."""
    bare = photo.is_in(*ARMS) & ~worn
    is_hair = photo.is_in(*IN_FRONT).astype(np.float32)
    behind, box = np.ones(photo.size, np.float32), box_of(is_hair > 0, 4 * HAIR_RADIUS)
    hair = cv2.ximgproc.guidedFilter(photo.image[box], is_hair[box], HAIR_RADIUS, (0.03 * 255) ** 2)
    behind[box] = 1 - np.clip((hair - 0.3) / 0.5, 0, 1)
    for arm in arms.values():
        reach = arm.hand - arm.wrist
        length = max(float(np.linalg.norm(reach)), 1.0)
        box = box_around(arm.hand[None], 2.2 * length + 8, photo.size)
        points = points_of(box)
        beyond = (points - arm.wrist) @ (reach / length)
        hand = bare[box] & (np.linalg.norm(points - arm.hand, axis=-1) < 2.2 * length) & (beyond > 0.1 * length)
        behind[box] *= 1 - softened(hand, 1.0)
    behind *= 1 - softened(photo.is_in(Label.GLOVE), 1.0)
    return np.asarray(1 - behind, np.float32)


def _bytes(picture: Floats) -> Image:
    return np.asarray(np.clip(np.rint(picture), 0, 255), np.uint8)
