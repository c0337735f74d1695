"""All layers on the photo, bottom to top.

photo; what was under the old garment; the collar's back; the torso; arms in front of it; sleeves; hands; face and
hair. Pixels away from the old and the new garment stay exactly as they are.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, median_filter

from vf_hrviton.fitting.body import (
    ARMS,
    LOWER,
    PROFILE_T,
    SKIN,
    UPPER,
    Arm,
    Body,
    Point,
    distance_to_segment,
)
from vf_hrviton.fitting.dress import Dressed
from vf_hrviton.fitting.fills import dilated, eroded, over, push_pull, softened
from vf_hrviton.fitting.shading import cast, lit, rounded_edge, worn_light
from vf_hrviton.garment import SIDES
from vfkit.contracts import Image, Label

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]

UNLIKE_SKIN, SKIN_MARGIN = 12.0, 0.4
"""Distance in 8-bit Lab a, b between garment and skin from which they can be told apart; share of it that is skin."""
FRINGE = 6
"""Pixels around the old garment in which its colour still shows."""
ENOUGH = 500
SKIN_GRAIN, SKIN_CLOUDS = 1.4, 7.0
"""Strength in 8-bit levels of the fine and the broad variation that invented skin gets."""
OWN_COLOUR = (0.85, 0.45)
"""Share of the nearest seen skin's colour in invented skin, beside it and far away; the rest is the usual one."""
OWN_COLOUR_REACH = 0.35
"""Units at which a seen patch of skin has lost most of its say."""
NECK_HALF_WIDTH = 0.19
LARGEST_GAP = 0.06
"""Area of a gap at the shoulder, in squared units."""
DARKEST_ARM = 0.88
"""Lightness of invented arms over the face's, at least."""
OUTLINE_AT = (0.9, 0.75, 0.6, 0.5)
"""Fractions of the shoulder's width at which its outline is followed towards the neck."""
LIMB_EDGE, LIMB_GAIN = 0.62, 1.05
"""Light of an arm at its edge over its middle's, and a factor on both."""
WAIST_BROAD, WAIST_EDGE = 0.10, 0.24
"""Light that a bare torso loses towards its sides, and close to them."""
LIMB_SHOWS = 0.12
"""Share of a limb's cross-section that is arm in the parse, from which it shows."""
BONE_AT = np.linspace(0, 1, 33)
"""Places along a bone where it is looked for."""
SLEEVE_END = 6
"""Such places by which the invented arm reaches beyond a sleeve's end."""
SIDE_LIGHT = 0.5
"""Share of the face's difference of light between its sides that invented limbs get."""
MOST_SIDE_LIGHT = 0.12
COLLAR_SHADE = 0.72
BRIGHTER_THAN_SKIN = 32.0
"""8-bit lightness above the face's median that is cloth, not skin."""


@dataclass(frozen=True)
class _Scene:
    """What every step looks at.

    Attributes:
        t, across: body coordinates of each pixel.
        half_width: the torso's half width at each pixel's t and side.
        worn: the old garment, where it is to go.
        grain: (H, W) noise of invented surfaces.
    """

    body: Body
    dressed: Dressed
    t: Floats
    across: Floats
    half_width: Floats
    worn: Mask
    grain: Floats


@dataclass(frozen=True)
class _BareArms:
    """Arms as they would look without sleeves.

    Attributes:
        alpha: (H, W): where they are.
        light: (H, W): shading across the limbs.
    """

    alpha: Floats
    light: Floats


def compose(body: Body, dressed: Dressed) -> Image:
    """The person wearing the garment: (H, W, 3) uint8 RGB."""
    scene = _look(body, dressed)
    arms = _bare_arms(scene)
    skin = _skin_colour(scene)
    picture = body.image.astype(np.float32)
    picture = _without_worn_garment(picture, scene, arms, skin)
    picture = cast(picture, dressed.torso.alpha, body, 0.45, 0.02 * body.unit, 0.012 * body.unit)
    picture = _add_collar_back(picture, scene)
    light = worn_light(body)
    picture, torso = _add_torso(picture, scene, light)
    picture = _add_arms(picture, scene, arms, skin, torso)
    picture = _add_sleeves(picture, scene, light)
    picture = _close_seams(picture, scene)
    picture = _add_hands(picture, scene)
    picture = _add_hair(picture, scene)
    untouched = ~dilated(scene.worn | (dressed.alpha() > 0.004) | (dressed.back.alpha > 0.004), 4 * FRINGE)
    out = np.clip(np.rint(picture), 0, 255).astype(np.uint8)
    out[untouched] = body.image[untouched]
    return out


def _look(body: Body, dressed: Dressed) -> _Scene:
    t, across = body.coordinates()
    half_width = np.where(
        across < 0, np.interp(t, PROFILE_T, body.profile["left"]), np.interp(t, PROFILE_T, body.profile["right"])
    ).astype(np.float32)
    worn = body.is_in(*UPPER) & ~(body.is_in(Label.DRESS) & (t > dressed.targets.hem_t - 0.03))
    unlike = _unlike_skin(body)
    worn &= ~_misread_arms(body)
    worn |= _misread_sleeves(body, worn, unlike) | _misread_collar(body, t, across, unlike)
    rng = np.random.default_rng(0)
    noise = rng.standard_normal(body.size).astype(np.float32)
    grain = gaussian_filter(noise, 1.0) * SKIN_GRAIN + gaussian_filter(noise, 6) * SKIN_CLOUDS
    return _Scene(body, dressed, t, across, half_width, worn, grain)


def _misread_sleeves(body: Body, worn: Mask, unlike: Mask) -> Mask:
    """Parts of a sleeve that the parse calls trousers or arm: on a mostly clothed forearm, unlike skin."""
    found = np.zeros(body.size, bool)
    points = _pixel_grid(body)
    for arm in body.arms.values():
        distance, place = distance_to_segment(points, arm.elbow, arm.wrist + 0.1 * (arm.wrist - arm.elbow))
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
    points = _pixel_grid(body)
    near = np.zeros(body.size, bool)
    for arm in body.arms.values():
        for a, b in ((arm.shoulder, arm.elbow), (arm.elbow, arm.wrist)):
            near |= distance_to_segment(points, a, b)[0] < 0.14 * body.unit
    found = body.is_in(*UPPER) & near & (np.linalg.norm(lab - skin, axis=-1) < SKIN_MARGIN * apart)
    found = dilated(eroded(found, 2), 3) & body.is_in(*UPPER) & near
    _, parts = cv2.connectedComponents((found | dilated(arms, 2)).astype(np.uint8))
    return np.asarray(found & np.isin(parts, np.unique(parts[arms])))


def _unlike_skin(body: Body) -> Mask:
    """Pixels whose colour is far from the face's."""
    lab = cv2.cvtColor(body.image, cv2.COLOR_RGB2LAB).astype(np.float32)
    face = body.is_in(Label.FACE)
    skin = np.median(lab[face], 0) if face.sum() > 50 else np.array([170.0, 140.0, 145.0])
    chroma = (np.abs(lab[..., 1] - skin[1]) > 11) | (np.abs(lab[..., 2] - skin[2]) > 13)
    return np.asarray(chroma | (lab[..., 0] < 0.45 * skin[0]) | (lab[..., 0] > skin[0] + BRIGHTER_THAN_SKIN))


def _misread_collar(body: Body, t: Floats, across: Floats, unlike: Mask) -> Mask:
    """Parts of a collar that the parse calls neck: unlike skin and joined to the garment."""
    if not body.is_in(*UPPER).any():
        return np.zeros(body.size, bool)
    near = (np.abs(across) < 0.5 * body.shoulder_width) & (t > -0.35) & (t < 0.3)
    candidates = body.is_in(Label.TORSO_SKIN) & near & unlike
    candidates = eroded(dilated(candidates, 2), 2)
    _, parts = cv2.connectedComponents((candidates | dilated(body.is_in(*UPPER), 2)).astype(np.uint8))
    joined = np.unique(parts[body.is_in(*UPPER)])
    return np.asarray(candidates & np.isin(parts, joined))


def _pixel_grid(body: Body) -> Floats:
    height, width = body.size
    return np.stack(np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32)), -1)


# --- what was under the old garment ---------------------------------------------------------------------------------


def _without_worn_garment(picture: Floats, scene: _Scene, arms: _BareArms, skin: Floats) -> Floats:
    """The person in the background, the lower garment and skin, where the old garment was."""
    body = scene.body
    fill = push_pull(body.image, eroded(body.alpha < 0.02, 4)) + scene.grain[..., None] * 0.4
    fill = _fill_lower(fill, scene)
    torso_skin = skin * _torso_light(scene)[..., None] + scene.grain[..., None]
    fill = over(fill, torso_skin, _bare_waist(scene))
    fill = over(fill, torso_skin, _bare_chest(scene))
    fill = over(fill, skin * arms.light[..., None] + scene.grain[..., None], arms.alpha)
    near = dilated(scene.worn, FRINGE)
    kept = body.is_in(Label.HAIR, Label.HAT, Label.FACE, Label.SUNGLASSES, *ARMS, Label.TORSO_SKIN)
    halo = near & ~kept & ((body.alpha < 0.95) | dilated(scene.worn, 3))
    # What is left of the old colour between the garment and an arm or the neck is a mixture of both.
    halo |= dilated(scene.worn, 2) & body.is_in(*ARMS, Label.TORSO_SKIN) & (scene.t > -0.3)
    return over(picture, fill, softened(scene.worn | halo, 1.2))


def _fill_lower(fill: Floats, scene: _Scene) -> Floats:
    """Trousers or skirt carried on upwards, to where the waist is."""
    body = scene.body
    lower = eroded(body.is_in(*LOWER), 3)
    if lower.sum() < ENOUGH:
        return fill
    ys, xs = np.nonzero(lower)
    waist = np.percentile(scene.t[ys, xs], 2)
    zone = (scene.t >= waist - 0.01) & (body.alpha > 0.35) & (np.abs(scene.across) < scene.half_width + 2)
    return over(fill, push_pull(body.image, lower), softened(zone, 1.5))


def _bare_waist(scene: _Scene) -> Floats:
    """Skin between a short new garment and what is worn below."""
    t, body = scene.t, scene.body
    lower = body.is_in(*LOWER)
    waist = float(np.percentile(t[lower], 2)) if lower.sum() > ENOUGH else 1.0
    zone = (t > 0.3) & (t < max(waist, 0.6) + 0.01) & (np.abs(scene.across) < scene.half_width)
    return (zone & (body.alpha > 0.35)).astype(np.float32)


def _bare_chest(scene: _Scene) -> Floats:
    """Neck, shoulders and chest inside a wider neckline: below the shoulders' outline."""
    body = scene.body
    half_neck, half_chest = NECK_HALF_WIDTH * body.unit, 0.52 * body.shoulder_width
    outline = [body.at(0.35, -half_chest), body.shoulder_tip("left")]
    outline += [body.shoulder_point("left", fraction) for fraction in OUTLINE_AT]
    outline += [body.at(-0.45, -half_neck), body.at(-0.45, half_neck)]
    outline += [body.shoulder_point("right", fraction) for fraction in reversed(OUTLINE_AT)]
    outline += [body.shoulder_tip("right"), body.at(0.35, half_chest)]
    inside = np.zeros(body.size, np.uint8)
    cv2.fillPoly(inside, [np.rint(np.array(outline)).astype(np.int32)], 1)
    return softened(inside > 0, 1.5) * (body.alpha > 0.35)


def _torso_light(scene: _Scene) -> Floats:
    """Skin turns away from the light at the torso's sides; at the chest, where the shoulders go on, only a little."""
    side = np.clip(np.abs(scene.across) / np.maximum(scene.half_width, 1), 0, 1)
    below_chest = np.clip((scene.t - 0.3) / 0.1, 0, 1)
    return np.asarray(1 - WAIST_BROAD * side**2 - WAIST_EDGE * below_chest * side**6, np.float32)


def _skin_colour(scene: _Scene) -> Floats:
    """(H, W, 3) float32: the person's skin, from the nearest that is seen and the usual one."""
    body = scene.body
    seen = eroded(body.is_in(*SKIN), 3) & ~scene.worn
    if seen.sum() < 50:
        seen = body.is_in(*SKIN)
    nearest = cv2.cvtColor(push_pull(body.image, seen) / np.float32(255), cv2.COLOR_RGB2LAB)
    if not seen.any():
        return np.full((*body.size, 3), (205, 165, 140), np.float32)
    arm_skin = seen & body.is_in(*ARMS)
    reference = arm_skin if arm_skin.sum() > 400 else seen
    lab = cv2.cvtColor(body.image.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    usual = np.median(lab[reference], 0)
    face = body.is_in(Label.FACE)
    if face.sum() > 200:
        # Hands are seen in shadow more often than faces are.
        usual[0] = max(usual[0], DARKEST_ARM * np.median(lab[face][:, 0]))
    away = cv2.distanceTransform((~seen).astype(np.uint8), cv2.DIST_L2, 3) / (OWN_COLOUR_REACH * body.unit)
    own = (OWN_COLOUR[1] + (OWN_COLOUR[0] - OWN_COLOUR[1]) * np.exp(-away))[..., None]
    mixed = own * nearest + (1 - own) * usual
    return np.asarray(cv2.cvtColor(mixed.astype(np.float32), cv2.COLOR_LAB2RGB) * 255, np.float32)


def _bare_arms(scene: _Scene) -> _BareArms:
    """Arms drawn from their bones, lit like limbs."""
    body = scene.body
    alpha, light = np.zeros(body.size, np.float32), np.ones(body.size, np.float32)
    points = _pixel_grid(body)
    side_light = _side_light(body)
    for side in SIDES:
        share, limb_light = _bare_arm(body, body.arms[side], points, side_light)
        light = np.where(share > alpha, limb_light, light)
        alpha = np.maximum(alpha, share)
    outside = np.clip((np.abs(scene.across) - scene.half_width + 4) / 3, 0, 1)
    in_front = _in_front_of_torso(scene)
    alpha = alpha * (body.alpha > 0.35) * np.maximum(outside, in_front) * (scene.t > -0.2)
    return _BareArms(alpha.astype(np.float32), light.astype(np.float32))


def _bare_arm(body: Body, arm: Arm, points: Floats, side_light: float) -> tuple[Floats, Floats]:
    upper, upper_at = distance_to_segment(points, arm.shoulder, arm.elbow)
    lower, lower_at = distance_to_segment(points, arm.elbow, arm.wrist + 0.15 * (arm.wrist - arm.elbow))
    upper_radius = body.unit * (0.135 - 0.025 * upper_at)
    lower_radius = body.unit * (0.11 - 0.04 * lower_at)
    upper_place, lower_place = upper / upper_radius, lower / lower_radius
    place = np.minimum(upper_place, lower_place)
    radius = np.where(upper_place < lower_place, upper_radius, lower_radius)
    alpha = np.clip((1 - place) * radius / 2 + 0.5, 0, 1)
    upper_hidden, lower_hidden = _hidden(body, arm)
    hidden = np.where(
        upper_place < lower_place,
        np.interp(upper_at, BONE_AT, upper_hidden),
        np.interp(lower_at, BONE_AT, lower_hidden),
    )
    alpha = alpha * hidden
    light = LIMB_EDGE + (1 - LIMB_EDGE) * (1 - np.minimum(place, 1) ** 2)
    to_right = (arm.elbow - arm.shoulder)[::-1] * (1, -1) / max(float(np.linalg.norm(arm.elbow - arm.shoulder)), 1.0)
    across = ((points - arm.elbow) @ to_right) / radius
    light = light * (1 + side_light * np.clip(across, -1, 1))
    return alpha.astype(np.float32), (light * LIMB_GAIN).astype(np.float32)


def _hidden(body: Body, arm: Arm) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """1 at the places `BONE_AT` of both bones above a sleeve's end, 0 below it, where the photo shows the arm.

    All 1 when most of the forearm is clothed: single patches of arm in its parse are errors.
    """
    forearm = _shows(body, arm.elbow, arm.wrist)
    if forearm.mean() < 0.5:
        return np.ones(len(BONE_AT)), np.ones(len(BONE_AT))
    shows = np.concatenate([_shows(body, arm.shoulder, arm.elbow), forearm])
    shows = np.maximum.accumulate(median_filter(shows.astype(np.uint8), 5, mode="nearest"))
    # Some of the shown arm below the sleeve is invented too, so that no gap opens at a slanting or soft sleeve end.
    shows = np.concatenate([np.zeros(SLEEVE_END, np.uint8), shows[:-SLEEVE_END]])
    upper, lower = np.split(1.0 - shows, 2)
    return upper, lower


def _shows(body: Body, a: Point, b: Point) -> Mask:
    """Where, at `BONE_AT`, the limb's cross-section has arm in the parse."""
    normal = (b - a)[::-1] * (1, -1) / max(float(np.linalg.norm(b - a)), 1.0)
    offsets = np.linspace(-0.12, 0.12, 25) * body.unit
    stations = a + BONE_AT[:, None, None] * (b - a) + offsets[:, None] * normal
    xs, ys = np.moveaxis(np.rint(stations).astype(int), -1, 0)
    height, width = body.size
    arm = body.is_in(*ARMS)[ys.clip(0, height - 1), xs.clip(0, width - 1)]
    return np.asarray(arm.mean(1) > LIMB_SHOWS)


def _side_light(body: Body) -> float:
    """How much brighter the picture's right side of the face is than its left, as the limbs are to show it."""
    face = eroded(body.is_in(Label.FACE), 2)
    if face.sum() < ENOUGH:
        return 0.0
    xs = np.nonzero(face)[1]
    grey = cv2.cvtColor(body.image, cv2.COLOR_RGB2GRAY)[face].astype(np.float32)
    middle = np.median(xs)
    left, right = float(np.median(grey[xs < middle])), float(np.median(grey[xs >= middle]))
    return float(np.clip(SIDE_LIGHT * (right - left) / max(right + left, 1.0), -MOST_SIDE_LIGHT, MOST_SIDE_LIGHT))


def _in_front_of_torso(scene: _Scene) -> Floats:
    """1 where a clothed forearm crosses the torso."""
    body = scene.body
    points, zone = _pixel_grid(body), np.zeros(body.size, np.float32)
    for side in SIDES:
        arm = body.arms[side]
        inside = abs(float((arm.wrist - body.neck) @ body.across)) < 0.8 * body.shoulder_width / 2
        if arm.wrist_seen and inside and float((arm.wrist - body.neck) @ body.axis) < 1.1 * body.torso_length:
            distance, _ = distance_to_segment(points, arm.elbow, arm.wrist)
            zone = np.maximum(zone, (distance < 0.11 * body.unit).astype(np.float32))
    return zone


# --- the new garment ------------------------------------------------------------------------------------------------


def _add_collar_back(picture: Floats, scene: _Scene) -> Floats:
    """The inside of the back beside the neck, in its own shade."""
    body, dressed = scene.body, scene.dressed
    free = softened(~body.is_in(Label.HAIR, Label.FACE, Label.TORSO_SKIN), 1.0)
    alpha = free * dressed.back.alpha * np.clip(1 - dressed.torso.alpha, 0, 1) * (scene.t < 0.1)
    alpha = alpha * np.clip((np.abs(scene.across) - 0.16 * body.unit) / (0.03 * body.unit), 0, 1)
    return over(picture, dressed.back.image.astype(np.float32) * COLLAR_SHADE, alpha.astype(np.float32))


def _add_torso(picture: Floats, scene: _Scene, light: Floats) -> tuple[Floats, Floats]:
    """The torso's cloth below face and hair; also its final alpha."""
    body, layer = scene.body, scene.dressed.torso
    alpha = layer.alpha * (1 - softened(body.is_in(Label.FACE, Label.SUNGLASSES), 1.0))
    side = np.clip(np.abs(scene.across) / (0.5 * body.shoulder_width), 0, 1.2)
    shade = rounded_edge(layer.alpha, 0.14, 0.07 * body.unit) * (1 - 0.05 * side**2) * light
    return over(picture, lit(layer.image, shade.astype(np.float32)), alpha.astype(np.float32)), alpha


def _add_arms(picture: Floats, scene: _Scene, arms: _BareArms, skin: Floats, torso: Floats) -> Floats:
    """Arms in front of the torso: the real ones, and invented ones where the old sleeve was."""
    body = scene.body
    below_armhole = np.clip((scene.t - 0.30) / 0.05, 0, 1)
    real = np.clip((softened(body.is_in(*ARMS) & ~scene.worn, 1.0) - 0.35) / 0.5, 0, 1) * below_armhole
    bare = ~_under_sleeves(scene)
    invented = softened((arms.alpha > 0.5) & scene.worn & bare, 1.2) * below_armhole
    colour = skin * arms.light[..., None] + scene.grain[..., None]
    picture = over(picture, colour, invented.astype(np.float32))
    both = np.maximum(real, invented)
    contact = np.clip(cv2.GaussianBlur(both, (0, 0), 0.03 * body.unit) - both, 0, 1)
    bare_torso = scene.worn & (scene.t > 0.3) & (np.abs(scene.across) < scene.half_width + 2)
    contact = contact * np.maximum(torso, bare_torso)
    picture = picture * (1 - 0.35 * contact[..., None])
    return over(picture, body.image, real.astype(np.float32))


def _under_sleeves(scene: _Scene) -> Mask:
    covered = np.zeros(scene.body.size, bool)
    for sleeve in scene.dressed.sleeves.values():
        covered |= sleeve.alpha > 0.9
    return covered


def _add_sleeves(picture: Floats, scene: _Scene, light: Floats) -> Floats:
    """Sleeves over torso and arms, shaded at their edges but not at the seam."""
    body, targets = scene.body, scene.dressed.targets
    face = softened(scene.body.is_in(Label.FACE), 1.0)
    points = _pixel_grid(body)
    for side, sleeve in scene.dressed.sleeves.items():
        seam, _ = distance_to_segment(points, targets.shoulder[side], targets.armpit[side])
        at_seam = np.exp(-((seam / (0.10 * body.unit)) ** 2)).astype(np.float32)
        shade = rounded_edge(sleeve.alpha, 0.20, 0.05 * body.unit)
        shade = shade * (1 - at_seam) + 0.98 * at_seam
        colour = lit(sleeve.image, shade * (0.5 * light + 0.5))
        picture = cast(picture, sleeve.alpha, body, 0.5, 0.02 * body.unit, 0.012 * body.unit)
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
    neck = (np.abs(scene.across) < 0.30 * body.shoulder_width) & (scene.t < 0.12)
    bare = (body.alpha > 0.5) & (garment < 0.5) & ~neck & ~body.is_in(Label.HAIR, Label.FACE)
    hole = bare & closed & (scene.t > -0.45) & (scene.t < 0.36)
    if not (scene.dressed.garment.straps or scene.dressed.garment.off_shoulder):
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
    beside[np.unique(parts[bare & (np.abs(scene.across) > 0.25 * body.shoulder_width) & (scene.t > -0.3)])] = True
    small = stats[:, cv2.CC_STAT_AREA] < LARGEST_GAP * body.unit**2
    gap = (lowest < 0.33) & beside & small
    gap[0] = False
    return np.asarray(gap[parts])


def _add_hands(picture: Floats, scene: _Scene) -> Floats:
    """Real hands in front of everything, beyond the wrist."""
    body = scene.body
    points = _pixel_grid(body)
    real = body.is_in(*ARMS) & ~scene.worn
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
