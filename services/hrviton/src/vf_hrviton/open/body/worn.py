"""Which pixels are the old garment: the parse's, and what it misread at sleeves, arms and collar."""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np

from vf_anatomy import Floats, Mask, Segment, pixel_grid
from vf_hrviton.open.body.body import ARMS, LOWER, UPPER, Arm, Body
from vf_hrviton.open.paint.fills import dilated, eroded, push_pull
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
UNLIKE, RATHER = 18.0, 0.6
"""8-bit Lab distance from skin or wall of what is neither; most of that by which it may differ from the garment."""


def worn_garment(body: Body, t: Floats, across: Floats, half_width: Floats, hem_t: float) -> Mask:
    """The old garment, where it is to go.

    Args:
        body: the person.
        t, across, half_width: (H, W) body coordinates and the torso's half width.
        hem_t: where the new garment ends; below it a dress stays, but for its sleeves.
    """
    skirt = body.is_in(Label.DRESS) & (t > hem_t - 0.03)
    if skirt.any():
        sleeves = _near(body, [arm for arm in body.arms.values() if _is_clothed(body, arm)])
        skirt &= ~(sleeves & (np.abs(across) > half_width))
    worn = body.is_in(*UPPER) & ~skirt
    unlike = _unlike_skin(body)
    worn &= ~_misread_arms(body)
    worn |= _misread_sleeves(body, worn, unlike) | _misread_collar(body, t, across, unlike)
    return worn | _missed_edges(body, worn)


def _near(body: Body, arms: Iterable[Arm]) -> Mask:
    """What may be the arms' sleeves."""
    points = pixel_grid(body.size)
    near = np.zeros(body.size, bool)
    for arm in arms:
        for bone in arm.bones:
            near |= bone.nearest(points)[0] < SLEEVE_RADIUS * body.unit
    return near


def _is_clothed(body: Body, arm: Arm) -> bool:
    """A sleeve covers most of the forearm."""
    bone = arm.bones[1].points(np.linspace(0, 1, 33))
    height, width = body.size
    xs, ys = np.rint(bone).astype(int).T
    return bool(body.is_in(*UPPER)[ys.clip(0, height - 1), xs.clip(0, width - 1)].mean() > 0.5)


def _missed_edges(body: Body, worn: Mask) -> Mask:
    """Ends of wide sleeves and edges that the parse calls arm or background: rather of the garment's colour."""
    inside, skin = eroded(worn, 4), eroded(body.is_in(*ARMS), 4)
    if min(inside.sum(), skin.sum()) < ENOUGH:
        return np.zeros(body.size, bool)
    lab = cv2.cvtColor(body.image, cv2.COLOR_RGB2LAB).astype(np.float32)
    is_arm, is_wall = body.is_in(*ARMS), body.labels == Label.BACKGROUND
    wall = push_pull(lab, eroded((body.alpha < 0.02) & ~worn, 8))
    other = np.where(is_wall[..., None], wall, np.median(lab[skin], 0))
    away, from_garment = (np.linalg.norm(lab - colour, axis=-1) for colour in (other, push_pull(lab, inside)))
    beside = dilated(worn, max(3, round(EDGE_REACH * body.unit))) & (is_arm | is_wall)
    candidates = beside & (away > UNLIKE) & (from_garment < RATHER * away)
    _, parts = cv2.connectedComponents((candidates | worn).astype(np.uint8))
    return np.asarray(dilated(candidates & np.isin(parts, np.unique(parts[worn])), 2) & beside)


def _misread_sleeves(body: Body, worn: Mask, unlike: Mask) -> Mask:
    """Parts of a sleeve that the parse calls trousers or arm: on a mostly clothed forearm, unlike skin."""
    found = np.zeros(body.size, bool)
    points = pixel_grid(body.size)
    for arm in body.arms.values():
        distance, place = Segment(arm.elbow, arm.wrist + 0.1 * (arm.wrist - arm.elbow)).nearest(points)
        near = (distance < 0.12 * body.unit) & (place > 0.02)
        # The torso's cloth beside a bare arm must not count.
        core = (distance < 0.05 * body.unit) & (place > 0.02)
        clothed = (worn & core).sum() / max(1, core.sum())
        if clothed > 0.35:
            wrong = near & body.is_in(*LOWER, *ARMS, Label.LEFT_SHOE, Label.RIGHT_SHOE) & (place < 0.97) & unlike
            found |= dilated(wrong, 2) & near
    return found


def _misread_arms(body: Body) -> Mask:
    """Parts of a bare arm that the parse calls garment: near a bone, of its colour, joined to what it calls arm."""
    arms, garment = body.is_in(*ARMS), eroded(body.is_in(*UPPER), 4)
    lab = cv2.cvtColor(body.image, cv2.COLOR_RGB2LAB).astype(np.float32)[..., 1:]
    sure = eroded(arms, 3)
    if min(sure.sum(), garment.sum()) < ENOUGH:
        return np.zeros(body.size, bool)
    skin = np.median(lab[sure], 0)
    apart = float(np.linalg.norm(np.median(lab[garment], 0) - skin))
    if apart < UNLIKE_SKIN:
        return np.zeros(body.size, bool)
    near = _near(body, body.arms.values())
    found = body.is_in(*UPPER) & near & (np.linalg.norm(lab - skin, axis=-1) < SKIN_MARGIN * apart)
    found = dilated(eroded(found, 2), 3) & body.is_in(*UPPER) & near
    _, parts = cv2.connectedComponents((found | dilated(arms, 2)).astype(np.uint8))
    return np.asarray(found & np.isin(parts, np.unique(parts[arms])))


def _unlike_skin(body: Body) -> Mask:
    """Pixels whose colour is far from the face's, and from the bare arms': a face may be in the shadow of hair."""
    lab = cv2.cvtColor(body.image, cv2.COLOR_RGB2LAB).astype(np.float32)
    face, arms = body.is_in(Label.FACE), eroded(body.is_in(*ARMS), 4)
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


def _misread_collar(body: Body, t: Floats, across: Floats, unlike: Mask) -> Mask:
    """Parts of a collar that the parse calls neck: unlike skin and joined to the garment."""
    if not body.is_in(*UPPER).any():
        return np.zeros(body.size, bool)
    near = (np.abs(across) < 0.5 * body.torso.shoulder_width) & (t > -0.35) & (t < 0.3)
    candidates = body.is_in(Label.TORSO_SKIN) & near & unlike
    candidates = eroded(dilated(candidates, 2), 2)
    _, parts = cv2.connectedComponents((candidates | dilated(body.is_in(*UPPER), 2)).astype(np.uint8))
    joined = np.unique(parts[body.is_in(*UPPER)])
    return np.asarray(candidates & np.isin(parts, joined))
