"""All layers on the photo, bottom to top.

photo; what was under the old garment; the collar's back; the torso; arms in front of it; sleeves; hands; face and
hair. Pixels away from the old and the new garment stay exactly as they are.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from vf_anatomy import Floats, Mask, PictureSide, Segment, pixel_grid
from vf_hrviton.open.body.body import ARMS, LOWER, PROFILE_T, Body
from vf_hrviton.open.body.limbs import BareArms, bare_arms
from vf_hrviton.open.body.waist import raised_waist, waist_of
from vf_hrviton.open.body.worn import worn_garment
from vf_hrviton.open.paint.fills import blurred, dilated, eroded, even_edge, over, push_pull, softened
from vf_hrviton.open.paint.relief import chest_light, contrast, outline_light, torso_light
from vf_hrviton.open.paint.shading import cast, lit, rounded_edge, worn_light
from vf_hrviton.open.paint.skin import bare_skin, texture
from vf_hrviton.open.warp.dress import Dressed
from vfkit.contracts import Image, Label

RIM = 0.05
"""Width in units of the stripe of neck at the old collar that has its colour or its shadow."""
FRINGE = 6
"""Pixels around the old garment in which its colour still shows."""
ENOUGH = 500
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
LARGEST_GAP = 0.06
"""Area of a gap at the shoulder, in squared units."""
OUTLINE_AT = (0.9, 0.75, 0.6, 0.5)
"""Fractions of the shoulder's width at which its outline is followed towards the neck."""
COLLAR_SHADE = 0.72


@dataclass(frozen=True)
class _Scene:
    """What every step looks at.

    Attributes:
        t, across: body coordinates of each pixel.
        half_width: the torso's half width at each pixel's t and side.
        worn: the old garment, where it is to go.
        rim: (H, W) in [0, 1] on shown skin beside it, mixed with its colour and shadow: how much of it is to go.
        silhouette: the body with an even edge.
        arms: as they look without sleeves.
        chest: (H, W) in [0, 1]: bare neck, shoulders and chest, below the shoulders' outline.
        skin: (H, W, 3) the person's skin everywhere.
        raised, raised_alpha: the lower garment where it is drawn up to the waist.
        grain: (H, W) noise of invented surfaces.
        folds: (H, W) around 1: the old garment's light.
    """

    body: Body
    dressed: Dressed
    t: Floats
    across: Floats
    half_width: Floats
    worn: Mask
    rim: Floats
    silhouette: Floats
    arms: BareArms
    chest: Floats
    skin: Floats
    raised: Floats
    raised_alpha: Floats
    grain: Floats
    folds: Floats


def compose(body: Body, dressed: Dressed) -> Image:
    """The person wearing the garment: (H, W, 3) uint8 RGB."""
    scene = _look(body, dressed)
    picture = _without_worn_garment(body.image.astype(np.float32), scene)
    picture = cast(picture, dressed.torso.alpha, body.alpha, 0.45, 0.02 * body.unit, 0.012 * body.unit)
    picture = _add_collar_back(picture, scene)
    picture, torso = _add_torso(picture, scene)
    picture = _add_arms(picture, scene, torso)
    picture = _add_sleeves(picture, scene)
    picture = _close_seams(picture, scene)
    picture = _add_hands(picture, scene)
    picture = _add_hair(picture, scene)
    untouched = (scene.raised_alpha == 0) & ~dilated(
        scene.worn | (dressed.alpha() > 0.004) | (dressed.back.alpha > 0.004), 4 * FRINGE
    )
    out = np.clip(np.rint(picture), 0, 255).astype(np.uint8)
    out[untouched] = body.image[untouched]
    return out


def _look(body: Body, dressed: Dressed) -> _Scene:
    t, across = body.torso.coordinates(pixel_grid(body.size))
    half_width = np.where(
        across < 0, np.interp(t, PROFILE_T, body.profile.left), np.interp(t, PROFILE_T, body.profile.right)
    ).astype(np.float32)
    worn = worn_garment(body, t, across, half_width, dressed.targets.hem_t)
    arms = bare_arms(body)
    limbs = np.clip(np.abs(across) - half_width + 4, 0, 3) / 3
    above_armpit = np.clip((0.38 - t) / 0.06, 0, 1)
    limbs = np.maximum(np.maximum(limbs, above_armpit), _in_front_of_torso(body)) * (t > -0.2)
    bent = arms.alpha * limbs
    chest, silhouette = _chest(body), even_edge(body.alpha > 0.4, 2.5)
    silhouette *= 1 - _corners(body, ((chest > 0.5) | (bent > 0.5)) & (silhouette > 0.5))
    chest, inside = chest * silhouette, limbs * silhouette
    arms = BareArms(arms.alpha * inside, arms.hidden * inside, arms.light)
    rim = _rim(body, worn, arms, t)
    seen = eroded(body.is_in(*ARMS, Label.TORSO_SKIN) & ~dilated(worn, round(0.5 * RIM * body.unit)) & (rim < 0.3), 2)
    folds = worn_light(body)
    light = (torso_light(t, across, half_width) * (1 - bent) + arms.light * bent) * chest_light(body)
    light *= outline_light(body, (chest > 0.5) | (arms.alpha > 0.5), t)
    light = light ** contrast(body) * blurred(folds, WORN_BLUR * body.unit) ** WORN_RELIEF
    grain = texture(body)
    skin = bare_skin(body, seen, light) + grain[..., None]
    raised, alpha = raised_waist(body, worn, t, np.abs(across) < half_width, dressed.targets.hem_t)
    return _Scene(
        body, dressed, t, across, half_width, worn, rim, silhouette, arms, chest, skin, raised, alpha, grain, folds
    )


def _chest(body: Body) -> Floats:
    """Neck, shoulders and chest below the shoulders' outline."""
    half_neck, half_chest = NECK_HALF_WIDTH * body.unit, 0.52 * body.torso.shoulder_width
    outline = [body.torso.at(0.35, -half_chest), body.shoulder_tip(PictureSide.LEFT)]
    outline += [body.shoulder_point(PictureSide.LEFT, fraction) for fraction in OUTLINE_AT]
    outline += [body.torso.at(-0.45, -half_neck), body.torso.at(-0.45, half_neck)]
    outline += [body.shoulder_point(PictureSide.RIGHT, fraction) for fraction in reversed(OUTLINE_AT)]
    outline += [body.shoulder_tip(PictureSide.RIGHT), body.torso.at(0.35, half_chest)]
    inside = np.zeros(body.size, np.uint8)
    cv2.fillPoly(inside, [np.rint(np.array(outline)).astype(np.int32)], 1)
    return softened(inside > 0, 1.5)


def _corners(body: Body, bare: Mask) -> Floats:
    """Where the bare body would have a corner at a shoulder: under cloth it may have one, without it is round."""
    radius = ROUND_SHOULDER * body.unit
    core = cv2.distanceTransform(bare.astype(np.uint8), cv2.DIST_L2, 5) > radius
    corners = bare & (cv2.distanceTransform((~core).astype(np.uint8), cv2.DIST_L2, 5) > radius)
    points = pixel_grid(body.size)
    near = np.zeros(body.size, bool)
    for arm in body.arms.values():
        near |= np.linalg.norm(points - arm.shoulder, axis=-1) < AT_SHOULDER * body.unit
    return softened(corners & near & ~body.is_in(*ARMS, Label.TORSO_SKIN), 1.0)


def _rim(body: Body, worn: Mask, arms: BareArms, t: Floats) -> Floats:
    """Skin beside the old garment fades into the invented: below its sleeves, and around its collar."""
    away = cv2.distanceTransform((~worn).astype(np.uint8), cv2.DIST_L2, 3)
    collar = np.clip(1.3 - away / (RIM * body.unit), 0, 1) * (body.is_in(Label.TORSO_SKIN, *ARMS) & (np.abs(t) < 0.3))
    sleeves = np.maximum(arms.hidden, away < 2.5) * arms.alpha * body.is_in(*ARMS)
    return np.asarray(np.where(worn, 0, np.maximum(collar, sleeves)), np.float32)


# --- what was under the old garment ---------------------------------------------------------------------------------


def _without_worn_garment(picture: Floats, scene: _Scene) -> Floats:
    """The person in the background, the lower garment and skin, where the old garment was."""
    body = scene.body
    fill = push_pull(body.image, eroded((body.alpha < 0.02) & ~scene.worn, 4)) + scene.grain[..., None] * WALL_GRAIN
    fill = _fill_lower(fill, scene)
    torso = np.maximum(_bare_waist(scene), scene.chest)
    fill = over(fill, scene.skin, np.maximum(torso, scene.arms.alpha))
    near = dilated(scene.worn, FRINGE)
    kept = body.is_in(Label.HAIR, Label.HAT, Label.FACE, Label.SUNGLASSES, Label.GLOVE, *ARMS, Label.TORSO_SKIN)
    halo = near & ~kept & ((body.alpha < 0.95) | dilated(scene.worn, 3))
    picture = over(picture, fill, softened(np.maximum(scene.worn | halo, scene.rim), 1.2))
    return over(picture, scene.raised, scene.raised_alpha)


def _fill_lower(fill: Floats, scene: _Scene) -> Floats:
    """Trousers or skirt carried on a little upwards, to where the waist is."""
    body = scene.body
    waist = waist_of(body, scene.t)
    if waist is None:
        return fill
    zone = (scene.t >= waist - 0.01) & (body.alpha > 0.35) & (np.abs(scene.across) < scene.half_width + 2)
    zone |= dilated(body.is_in(*LOWER), 2) & (scene.t >= waist)
    return over(fill, push_pull(body.image, eroded(body.is_in(*LOWER), 3)), softened(zone, 1.5))


def _bare_waist(scene: _Scene) -> Floats:
    """Skin between a short new garment and what is worn below."""
    t = scene.t
    waist = waist_of(scene.body, t) or 1.0
    zone = (t > 0.3) & (t < max(waist, 0.6) + 0.01) & (np.abs(scene.across) < scene.half_width)
    return np.asarray(zone * scene.silhouette, np.float32)


def _in_front_of_torso(body: Body) -> Floats:
    """1 where a clothed forearm crosses the torso."""
    points, zone = pixel_grid(body.size), np.zeros(body.size, np.float32)
    torso = body.torso
    for arm in body.arms.values():
        wrist = arm.wrist - torso.neck
        inside = abs(float(wrist @ torso.across)) < 0.8 * torso.shoulder_width / 2
        if arm.wrist_seen and inside and float(wrist @ torso.axis) < 1.1 * torso.length:
            distance, _ = arm.bones[1].nearest(points)
            zone = np.maximum(zone, (distance < 0.11 * body.unit).astype(np.float32))
    return zone


# --- the new garment ------------------------------------------------------------------------------------------------


def _add_collar_back(picture: Floats, scene: _Scene) -> Floats:
    """The inside of the back beside the neck, in its own shade."""
    body, dressed = scene.body, scene.dressed
    free = softened(~body.is_in(Label.HAIR, Label.FACE, Label.TORSO_SKIN), 1.0)
    alpha = free * dressed.back.alpha * np.clip(1 - dressed.torso.alpha, 0, 1) * (scene.t < 0.1)
    alpha = alpha * (1 - scene.chest)
    return over(picture, dressed.back.image.astype(np.float32) * COLLAR_SHADE, alpha.astype(np.float32))


def _add_torso(picture: Floats, scene: _Scene) -> tuple[Floats, Floats]:
    """The torso's cloth below face and hair; also its final alpha."""
    body, layer = scene.body, scene.dressed.torso
    alpha = layer.alpha * (1 - softened(body.is_in(Label.FACE, Label.SUNGLASSES), 1.0))
    side = np.clip(np.abs(scene.across) / (0.5 * body.torso.shoulder_width), 0, 1.2)
    shade = rounded_edge(layer.alpha, 0.14, 0.07 * body.unit) * (1 - 0.05 * side**2) * scene.folds
    return over(picture, lit(layer.image, shade.astype(np.float32)), alpha.astype(np.float32)), alpha


def _add_arms(picture: Floats, scene: _Scene, torso: Floats) -> Floats:
    """Arms in front of the torso: the real ones, and invented ones where the old sleeve was."""
    body = scene.body
    below_armhole = np.clip((scene.t - 0.30) / 0.05, 0, 1)
    real = np.clip((softened(body.is_in(*ARMS) & ~scene.worn, 1.0) - 0.35) / 0.5, 0, 1) * below_armhole
    real = real * np.where(scene.worn, 0, 1 - scene.rim)
    gone = softened(np.where(scene.worn, scene.arms.hidden, scene.rim * scene.arms.alpha), 1.0)
    invented = np.minimum(gone, softened(~_under_sleeves(scene), 1.0)) * below_armhole
    picture = over(picture, scene.skin, invented.astype(np.float32))
    both = np.maximum(real, invented)
    contact = np.clip(blurred(both, 0.03 * body.unit) - both, 0, 1)
    bare_torso = scene.worn & (scene.t > 0.3) & (np.abs(scene.across) < scene.half_width + 2)
    contact = contact * np.maximum(torso, bare_torso)
    picture = picture * (1 - 0.35 * contact[..., None])
    return over(picture, body.image, real.astype(np.float32))


def _under_sleeves(scene: _Scene) -> Mask:
    covered = np.zeros(scene.body.size, bool)
    for sleeve in scene.dressed.sleeves.values():
        covered |= sleeve.alpha > 0.9
    return covered


def _add_sleeves(picture: Floats, scene: _Scene) -> Floats:
    """Sleeves over torso and arms, shaded at their edges but not at the seam."""
    body, targets = scene.body, scene.dressed.targets
    face = softened(scene.body.is_in(Label.FACE), 1.0)
    points = pixel_grid(body.size)
    for side, sleeve in scene.dressed.sleeves.items():
        seam, _ = Segment(targets.shoulder[side], targets.armpit[side]).nearest(points)
        at_seam = np.exp(-((seam / (0.10 * body.unit)) ** 2)).astype(np.float32)
        shade = rounded_edge(sleeve.alpha, 0.20, 0.05 * body.unit)
        shade = shade * (1 - at_seam) + 0.98 * at_seam
        colour = lit(sleeve.image, shade * (0.5 * scene.folds + 0.5))
        picture = cast(picture, sleeve.alpha, body.alpha, 0.5, 0.02 * body.unit, 0.012 * body.unit)
        # At the seam the sleeve fades into the torso's cloth, which lies below it.
        inner = (scene.dressed.torso.alpha > 0.9) & (seam < 0.05 * body.unit)
        fade = np.where(inner, np.clip(seam / (0.05 * body.unit), 0, 1), 1).astype(np.float32)
        picture = over(picture, colour, sleeve.alpha * (1 - face) * fade)
    return picture


def _close_seams(picture: Floats, scene: _Scene) -> Floats:
    """Holes between sleeve and torso take the cloth's colour."""
    if not scene.dressed.sleeves:
        return picture
    body = scene.body
    garment = scene.dressed.alpha()
    width = int(0.17 * body.unit) | 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (width, width))
    closed = cv2.morphologyEx((garment > 0.5).astype(np.uint8), cv2.MORPH_CLOSE, kernel) > 0
    neck = (np.abs(scene.across) < 0.30 * body.torso.shoulder_width) & (scene.t < 0.12)
    neck |= dilated(scene.dressed.back.alpha > 0.05, 5)  # a wide neckline is no hole
    # Where only the old garment was, there is wall now.
    is_body = (np.maximum(scene.arms.alpha, scene.chest) > 0.5) | ~scene.worn
    is_body |= (scene.t > 0.3) & (np.abs(scene.across) < scene.half_width)
    bare = (body.alpha > 0.5) & is_body & (garment < 0.5) & ~neck & ~body.is_in(Label.HAIR, Label.FACE)
    hole = bare & closed & (scene.t > -0.45) & (scene.t < 0.36)
    if not scene.dressed.garment.bares_shoulders:
        hole |= _shoulder_gaps(scene, bare)
    alpha = np.clip(softened(hole, 1.0) - garment, 0, 1)
    return over(picture, push_pull(picture, eroded(garment > 0.9, 2)) * 0.93, alpha)


def _shoulder_gaps(scene: _Scene, bare: Mask) -> Mask:
    """Patches of the shoulder that no cloth reached: small, and not joined to the arm below."""
    body = scene.body
    count, parts, stats, _ = cv2.connectedComponentsWithStats(bare.astype(np.uint8))
    lowest = np.full(count, -np.inf)
    np.maximum.at(lowest, parts[bare], scene.t[bare])
    beside = np.zeros(count, bool)
    beside[np.unique(parts[bare & (np.abs(scene.across) > 0.25 * body.torso.shoulder_width) & (scene.t > -0.3)])] = True
    small = stats[:, cv2.CC_STAT_AREA] < LARGEST_GAP * body.unit**2
    gap = (lowest < 0.33) & beside & small
    gap[0] = False
    return np.asarray(gap[parts])


def _add_hands(picture: Floats, scene: _Scene) -> Floats:
    """Real hands in front of everything, beyond the wrist."""
    body = scene.body
    points = pixel_grid(body.size)
    real = body.is_in(*ARMS, Label.GLOVE) & ~scene.worn
    for arm in body.arms.values():
        reach = arm.hand - arm.wrist
        length = max(float(np.linalg.norm(reach)), 1.0)
        beyond = (points - arm.wrist) @ (reach / length)
        hand = real & (np.linalg.norm(points - arm.hand, axis=-1) < 2.2 * length) & (beyond > 0.1 * length)
        picture = over(picture, body.image, softened(hand, 1.0))
    return picture


def _add_hair(picture: Floats, scene: _Scene) -> Floats:
    """Hair in front, as soft as it is in the photo."""
    body = scene.body
    hair = cv2.ximgproc.guidedFilter(body.image, body.is_in(Label.HAIR).astype(np.float32), 8, (0.03 * 255) ** 2)
    return over(picture, body.image, np.clip((hair - 0.3) / 0.5, 0, 1).astype(np.float32))
