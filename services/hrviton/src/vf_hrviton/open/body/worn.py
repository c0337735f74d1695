"""Which pixels are the old garment: the parse's, and what it misread at sleeves, arms and collar."""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np

from vf_anatomy import Floats, Mask, Segment
from vf_hrviton.open.body.labels import ARMS, LOWER, UPPER
from vf_hrviton.open.body.shape import Arm, BodyShape, PersonPhoto, TorsoMaps
from vf_hrviton.open.paint.fills import box_around, dilated, eroded, near_bone, points_of, push_pull
from vfkit.contracts import Label

UNLIKE_SKIN, SKIN_MARGIN = 12.0, 0.4
"""Distance in 8-bit Lab a, b between garment and skin from which they can be told apart; share of it that is skin."""
ENOUGH = 500
BRIGHTER_THAN_SKIN, LEAST_HUE = 32.0, 0.75
"""8-bit lightness above the median skin, and share of its chroma below which that is cloth, not light on skin."""
NEUTRAL = 128.0
"""8-bit Lab a and b of grey."""
USUAL_SKIN = np.array((170.0, 140.0, 145.0), np.float32)
"""8-bit Lab of skin where no face shows."""
SLEEVE_RADIUS = 0.14
"""Around an arm's bones, in units: what may be its sleeve."""
EDGE_REACH = 0.1
"""Units from the garment within which an edge of it may have been missed."""
WAIST_OF_DRESS = 0.95
"""Torso coordinate where a dress is parted: below it hangs its skirt."""
THIGHS = 1.6
"""Torso coordinate down to which what is worn on the legs begins."""
UNLIKE, RATHER = 18.0, 0.6
"""8-bit Lab distance from skin or wall of what is neither; most of that by which it may differ from the garment."""


def worn_upper(photo: PersonPhoto, shape: BodyShape, maps: TorsoMaps, skirt: Mask) -> Mask:
    """(H, W) what is worn on the upper body and comes off with it, a whole dress included.

    Args:
        photo: the person.
        shape: the body's measures.
        maps: the torso's coordinates.
        skirt: (H, W) as `skirt_of_dress` finds it.
    """
    unlike = _unlike_skin(photo)
    low = photo.is_in(Label.DRESS) & (maps.t > WAIST_OF_DRESS)
    worn = photo.is_in(*UPPER) & ~_misread_arms(photo, shape) & ~(low & ~skirt & ~unlike)
    worn |= _misread_sleeves(photo, shape, worn, unlike) | _misread_collar(photo, shape, maps, unlike)
    if low.any():  # beside a skirt hang hands, which are no edge of it
        low &= ~_near(photo.size, shape.arms.values(), shape.unit)
    return worn | _missed_edges(photo, shape.unit, worn & ~low)


def worn_lower(photo: PersonPhoto, skirt: Mask, t: Floats) -> Mask:
    """(H, W) what is worn on the legs: trousers, a skirt, and what of a dress hangs below the waist.

    What does not reach up to the thighs is none of these: boots that were called so.

    Args:
        photo: the person.
        skirt: (H, W) as `skirt_of_dress` finds it.
        t: (H, W) torso coordinates.
    """
    worn = photo.is_in(*LOWER) | (skirt & (t > WAIST_OF_DRESS))
    _, parts = cv2.connectedComponents(worn.astype(np.uint8))
    return np.asarray(worn & np.isin(parts, np.unique(parts[worn & (t < THIGHS)])))


def skirt_of_dress(photo: PersonPhoto, shape: BodyShape, maps: TorsoMaps) -> Mask:
    """(H, W) a worn dress without its sleeves: what of it lies below a new top's hem stays."""
    dress = photo.is_in(Label.DRESS)
    if not dress.any():
        return dress
    sleeves = _near(photo.size, [arm for arm in shape.arms.values() if _is_clothed(photo, arm)], shape.unit)
    skirt = dress & ~(sleeves & ~maps.inside)
    _, parts = cv2.connectedComponents(skirt.astype(np.uint8))
    return np.asarray(skirt & np.isin(parts, np.unique(parts[skirt & maps.inside])))


def _near(size: tuple[int, int], arms: Iterable[Arm], unit: float) -> Mask:
    """What may be the arms' sleeves."""
    near = np.zeros(size, bool)
    for arm in arms:
        for bone in arm.bones:
            near |= near_bone(bone, SLEEVE_RADIUS * unit, size)
    return near


def _is_clothed(photo: PersonPhoto, arm: Arm) -> bool:
    """A sleeve covers most of the forearm."""
    bone = arm.bones[1].points(np.linspace(0, 1, 33))
    height, width = photo.size
    xs, ys = np.rint(bone).astype(int).T
    return bool(photo.is_in(*UPPER)[ys.clip(0, height - 1), xs.clip(0, width - 1)].mean() > 0.5)


def _missed_edges(photo: PersonPhoto, unit: float, worn: Mask) -> Mask:
    """Ends of wide sleeves and edges that the parse calls arm or background: rather of the garment's colour."""
    inside, skin = eroded(worn, 4), eroded(photo.is_in(*ARMS), 4)
    if min(inside.sum(), skin.sum()) < ENOUGH:
        return np.zeros(photo.size, bool)
    lab = cv2.cvtColor(photo.image, cv2.COLOR_RGB2LAB).astype(np.float32)
    is_arm, is_wall = photo.is_in(*ARMS), photo.labels == Label.BACKGROUND
    wall = push_pull(lab, eroded((photo.silhouette < 0.02) & ~worn, 8))
    other = np.where(is_wall[..., None], wall, np.median(lab[skin], 0))
    away, from_garment = (np.linalg.norm(lab - colour, axis=-1) for colour in (other, push_pull(lab, inside)))
    beside = dilated(worn, max(3, round(EDGE_REACH * unit))) & (is_arm | is_wall)
    candidates = beside & (away > UNLIKE) & (from_garment < RATHER * away)
    _, parts = cv2.connectedComponents((candidates | worn).astype(np.uint8))
    return np.asarray(dilated(candidates & np.isin(parts, np.unique(parts[worn])), 2) & beside)


def _misread_sleeves(photo: PersonPhoto, shape: BodyShape, worn: Mask, unlike: Mask) -> Mask:
    """Parts of a sleeve that the parse calls trousers or arm: on a mostly clothed forearm, unlike skin."""
    found = np.zeros(photo.size, bool)
    may_be = photo.is_in(*LOWER, *ARMS, Label.LEFT_SHOE, Label.RIGHT_SHOE) & unlike
    for arm in shape.arms.values():
        forearm = Segment(arm.elbow, arm.wrist + 0.1 * (arm.wrist - arm.elbow))
        box = box_around(np.array([forearm.start, forearm.end]), 0.12 * shape.unit + 4, photo.size)
        distance, place = forearm.nearest(points_of(box))
        near = (distance < 0.12 * shape.unit) & (place > 0.02)
        # The torso's cloth beside a bare arm must not count.
        core = (distance < 0.05 * shape.unit) & (place > 0.02)
        clothed = (worn[box] & core).sum() / max(1, core.sum())
        if clothed > 0.35:
            found[box] |= dilated(near & may_be[box] & (place < 0.97), 2) & near
    return found


def _misread_arms(photo: PersonPhoto, shape: BodyShape) -> Mask:
    """Parts of a bare arm that the parse calls garment: near a bone, of its colour, joined to what it calls arm."""
    arms, garment = photo.is_in(*ARMS), eroded(photo.is_in(*UPPER), 4)
    lab = cv2.cvtColor(photo.image, cv2.COLOR_RGB2LAB).astype(np.float32)[..., 1:]
    sure = eroded(arms, 3)
    if min(sure.sum(), garment.sum()) < ENOUGH:
        return np.zeros(photo.size, bool)
    skin = np.median(lab[sure], 0)
    apart = float(np.linalg.norm(np.median(lab[garment], 0) - skin))
    if apart < UNLIKE_SKIN:
        return np.zeros(photo.size, bool)
    near = _near(photo.size, shape.arms.values(), shape.unit)
    found = photo.is_in(*UPPER) & near & (np.linalg.norm(lab - skin, axis=-1) < SKIN_MARGIN * apart)
    found = dilated(eroded(found, 2), 3) & photo.is_in(*UPPER) & near
    _, parts = cv2.connectedComponents((found | dilated(arms, 2)).astype(np.uint8))
    return np.asarray(found & np.isin(parts, np.unique(parts[arms])))


def _unlike_skin(photo: PersonPhoto) -> Mask:
    """Pixels whose colour is far from the face's, and from the bare arms': a face may be in the shadow of hair."""
    lab = cv2.cvtColor(photo.image, cv2.COLOR_RGB2LAB).astype(np.float32)
    face, arms = photo.is_in(Label.FACE), eroded(photo.is_in(*ARMS), 4)
    skin = np.median(lab[face], 0) if face.sum() > 50 else USUAL_SKIN
    unlike = _far_from(lab, skin)
    if arms.sum() > ENOUGH and not _far_from(bare := np.median(lab[arms], 0), skin):
        unlike &= _far_from(lab, bare)
    return unlike


def _far_from(lab: Floats, skin: Floats) -> Mask:
    own, chroma = skin[1:] - NEUTRAL, lab[..., 1:] - NEUTRAL
    other = (np.abs(chroma[..., 0] - own[0]) > 11) | (np.abs(chroma[..., 1] - own[1]) > 13)
    # Light on skin keeps the skin's hue; pale cloth has none.
    pale = chroma @ own < LEAST_HUE * float(own @ own)
    bright = (lab[..., 0] > skin[0] + BRIGHTER_THAN_SKIN) & pale
    return np.asarray(other | bright | (lab[..., 0] < 0.45 * skin[0]))


def _misread_collar(photo: PersonPhoto, shape: BodyShape, maps: TorsoMaps, unlike: Mask) -> Mask:
    """Parts of a collar that the parse calls neck: unlike skin and joined to the garment."""
    if not photo.is_in(*UPPER).any():
        return np.zeros(photo.size, bool)
    near = (np.abs(maps.across) < 0.5 * shape.torso.shoulder_width) & (maps.t > -0.35) & (maps.t < 0.3)
    candidates = photo.is_in(Label.TORSO_SKIN) & near & unlike
    candidates = eroded(dilated(candidates, 2), 2)
    _, parts = cv2.connectedComponents((candidates | dilated(photo.is_in(*UPPER), 2)).astype(np.uint8))
    joined = np.unique(parts[photo.is_in(*UPPER)])
    return np.asarray(candidates & np.isin(parts, joined))
