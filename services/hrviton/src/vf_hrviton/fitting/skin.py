"""Bare skin that the photo does not show: the person's own colour under a simple light, joined to the skin it shows."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from vf_hrviton.fitting.body import ARMS, SIGN, SKIN, Body, Floats, Mask, distance_to_segment, pixel_grid
from vf_hrviton.fitting.fills import eroded, push_pull
from vf_hrviton.garment import SIDES
from vfkit.contracts import Label

UNKNOWN = (205.0, 165.0, 140.0)
"""RGB of skin in a photo that shows none."""
DARKEST = 0.88
"""Lightness of invented skin over the face's, at least: hands are seen in shadow more often than faces are."""
DARK, OTHER_CHROMA = 0.7, 16.0
"""Lightness over the face's, and distance in Lab a, b, from which something is another thing that was called skin."""
DIFFERENCE = 0.6
"""Largest believed logarithm of shown over invented skin."""
JOIN_REACH, FAR_SHARE = 0.35, 0.5
"""Units over which shown skin loses its say, and the share that it keeps."""
WARMTH = np.array((0.85, 1.05, 1.1), np.float32)
"""Exponent of the light for red, green, blue: blood lets skin redden where it darkens."""
SMOOTH = 0.012
"""Blur of the shown skin in units: its pores and hairs are not to be carried on."""
ENOUGH = 50
WAIST_BROAD, WAIST_EDGE = 0.10, 0.24
"""Light that a bare torso loses towards its sides, and close to them."""
MIDLINE, MIDLINE_WIDTH = 0.05, 0.1
"""Light lost along the belly's middle, and its width in half widths."""
COLLARBONE, COLLARBONE_WIDTH = 0.075, 0.028
"""Light lost below a collarbone, and in units how broad its shadow is."""
ARMPIT_FOLD, ARMPIT_WIDTH = 0.16, 0.07
COARSE = 4
"""Pixels between the points at which these soft shadows are computed."""


def bare_skin(body: Body, seen: Mask, light: Floats) -> Floats:
    """The person's skin everywhere, as if nothing was worn.

    The usual colour under ``light``, times what the shown skin has over that, carried on smoothly: at the border to
    shown skin both are equal, so that no seam is seen.

    Args:
        body: the person.
        seen: (H, W) skin that the photo shows, without the face.
        light: (H, W) around 1, as the body's shape has it.

    Returns:
        (H, W, 3) float32.
    """
    lab = cv2.cvtColor(body.image.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    face = np.median(lab[body.is_in(Label.FACE)], 0) if body.is_in(Label.FACE).sum() > 4 * ENOUGH else None
    skin = _believed(body, lab, face)
    model = _usual(body, lab, face, skin) * light[..., None] ** WARMTH
    seen = seen & skin
    if seen.sum() < ENOUGH:
        return np.asarray(model, np.float32)
    shown = cv2.GaussianBlur(push_pull(body.image, seen), (0, 0), SMOOTH * body.unit)
    difference = np.clip(np.log((shown + 4) / (model + 4)), -DIFFERENCE, DIFFERENCE)
    carried = push_pull(difference, seen)
    away = cv2.distanceTransform((~seen).astype(np.uint8), cv2.DIST_L2, 3) / (JOIN_REACH * body.unit)
    share = FAR_SHARE + (1 - FAR_SHARE) * np.exp(-away)
    return np.asarray(model * np.exp(carried * share[..., None]), np.float32)


def _believed(body: Body, lab: Floats, face: NDArray[np.float32] | None) -> Mask:
    """What the parse calls skin and has about the face's colour."""
    skin = body.is_in(*SKIN)
    if face is None:
        return skin
    lightness, chroma = lab[..., 0], lab[..., 1:]
    like = (lightness > DARK * face[0]) & (np.linalg.norm(chroma - face[1:], axis=-1) < OTHER_CHROMA)
    return np.asarray(skin & like)


def _usual(body: Body, lab: Floats, face: NDArray[np.float32] | None, skin: Mask) -> NDArray[np.float32]:
    """(3,) RGB: the median skin, of the arms where they show."""
    inner = eroded(skin, 3)
    skin = inner if inner.sum() >= ENOUGH else skin
    if not skin.any():
        return np.array(UNKNOWN, np.float32)
    arms = skin & body.is_in(*ARMS)
    usual = np.median(lab[arms if arms.sum() > 8 * ENOUGH else skin], 0)
    if face is not None:
        usual[0] = max(usual[0], DARKEST * face[0])
        usual[1:] = (usual[1:] + face[1:]) / 2  # hands are redder than arms
    return np.asarray(cv2.cvtColor(usual[None, None].astype(np.float32), cv2.COLOR_LAB2RGB)[0, 0] * 255)


def torso_light(t: Floats, across: Floats, half_width: Floats) -> Floats:
    """(H, W) up to 1: below the chest, where the shoulders no longer go on, a bare torso turns from the light.

    Args:
        t, across, half_width: (H, W) body coordinates and the torso's half width.
    """
    side = np.clip(np.abs(across) / np.maximum(half_width, 1), 0, 1)
    below_chest = np.clip((t - 0.3) / 0.1, 0, 1)
    middle = MIDLINE * np.exp(-((side / MIDLINE_WIDTH) ** 2))
    return np.asarray(1 - below_chest * (WAIST_BROAD * side**2 + WAIST_EDGE * side**6 + middle), np.float32)


def creases(body: Body) -> Floats:
    """(H, W) up to 1: the soft shadows below the collarbones and at the armpits."""
    points = pixel_grid(body.size)[::COARSE, ::COARSE]
    light = np.ones(points.shape[:2], np.float32)
    for side in SIDES:
        inner = body.at(0.05, SIGN[side] * 0.07 * body.unit)
        outer = body.shoulder_point(side, 0.85) + body.axis * 0.09 * body.unit
        distance, place = distance_to_segment(points, inner, outer)
        below = np.clip(0.6 + ((points - inner) @ body.axis) / (0.05 * body.unit), 0, 1)
        light -= COLLARBONE * (1 - 0.7 * place) * np.exp(-((distance / (COLLARBONE_WIDTH * body.unit)) ** 2)) * below
        fold = np.linalg.norm(points - body.side_at(0.33, side), axis=-1) / (ARMPIT_WIDTH * body.unit)
        light -= ARMPIT_FOLD * np.exp(-(fold**2))
    height, width = body.size
    return np.asarray(cv2.resize(light, None, fx=COARSE, fy=COARSE)[:height, :width], np.float32)
