"""Bare skin that the photo does not show: the person's own colour under a simple light, joined to the skin it shows."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from vf_anatomy import Floats, Mask
from vf_hrviton.open.body.labels import ARMS, LEGS, SKIN
from vf_hrviton.open.body.shape import PersonPhoto
from vf_hrviton.open.paint.fills import blurred, eroded, push_pull
from vfkit.contracts import Label

UNKNOWN = (205.0, 165.0, 140.0)
"""RGB of skin in a photo that shows none."""
DARKEST = 0.88
"""Lightness of invented skin over the face's, at least: hands are seen in shadow more often than faces are."""
DARK, OTHER_CHROMA = 0.7, 16.0
"""Lightness over the face's, and distance in Lab a, b, from which something is another thing that was called skin."""
LEAST_CHROMA = 6.0
"""Chroma in Lab that skin has at least; what covers a face often has less."""
AGREEING = 2
"""Parts that must be lighter than the face by `DARK` before they speak for it: one alone may be a light sleeve."""
DIFFERENCE = 0.6
"""Largest believed logarithm of shown over invented skin."""
JOIN_REACH, FAR_SHARE = 0.35, 0.5
"""Units over which shown skin loses its say, and the share that it keeps."""
WARMTH = np.array((0.85, 1.05, 1.1), np.float32)
"""Exponent of the light for red, green, blue: blood lets skin redden where it darkens."""
SMOOTH = 0.012
"""Blur of the shown skin in units: its pores and hairs are not to be carried on."""
ENOUGH = 50
FINE, FINE_LIMITS = 1.5, (0.5, 2.2)
"""Blur in pixels below which texture is fine, and its believed standard deviation in 8-bit levels."""
MOTTLE, MOTTLE_LIMITS, MOTTLE_SHARE = 0.02, (0.8, 4.0), 0.25
"""Blur in units below which texture is mottle, its believed standard deviation, and the share of it that is skin: the
rest is the limbs' shape."""
ENOUGH_TEXTURE = 4000
"""Pixels of shown skin from which its texture is believed: less is hands, whose shape would pass for texture."""
TO_STANDARD_DEVIATION = 1.48
"""Standard deviation of normal noise over its median deviation."""


def bare_skin(photo: PersonPhoto, unit: float, seen: Mask, light: Floats) -> Floats:
    """The person's skin everywhere, as if nothing was worn.

    The usual colour under ``light``, times what the shown skin has over that, carried on smoothly: at the border to
    shown skin both are equal, so that no seam is seen.

    Args:
        photo: the person.
        unit: the body unit in pixels.
        seen: (H, W) skin that the photo shows, without the face.
        light: (H, W) around 1, as the body's shape has it.

    Returns:
        (H, W, 3) float32.
    """
    lab = to_lab(photo.image)
    face = face_colour(photo)
    alike = np.ones(photo.size, bool) if face is None else like_face(lab, face)
    skin = photo.is_in(*SKIN) & alike
    model = _usual(photo, lab, face, skin) * light[..., None] ** WARMTH
    seen = seen & (skin | (photo.is_in(*LEGS) & alike))
    if seen.sum() < ENOUGH:
        return np.asarray(model, np.float32)
    shown = cv2.GaussianBlur(push_pull(photo.image, seen), (0, 0), SMOOTH * unit)
    difference = np.clip(np.log((shown + 4) / (model + 4)), -DIFFERENCE, DIFFERENCE)
    carried = push_pull(difference, seen)
    away = cv2.distanceTransform((~seen).astype(np.uint8), cv2.DIST_L2, 3) / (JOIN_REACH * unit)
    share = FAR_SHARE + (1 - FAR_SHARE) * np.exp(-away)
    return np.asarray(model * np.exp(carried * share[..., None]), np.float32)


def to_lab(colours: NDArray[np.uint8]) -> Floats:
    """(..., 3) RGB to Lab with lightness from 0 to 100."""
    flat = colours.reshape(1, -1, 3).astype(np.float32) / 255
    return np.asarray(cv2.cvtColor(flat, cv2.COLOR_RGB2LAB).reshape(colours.shape), np.float32)


def face_colour(photo: PersonPhoto) -> Floats | None:
    """(3,) Lab of the face's skin in the light that the body is in; None when too little of the face shows.

    Something held before the face is no skin, and a face in the shade says too little of the arms: neck and arms, where
    they show, speak for it then.
    """
    face, *others = (_colour_of(photo, label) for label in (Label.FACE, Label.TORSO_SKIN, *ARMS))
    if face is None:
        return None
    shown = [colour for colour in others if colour is not None and _can_be_skin(colour)]
    if not _can_be_skin(face):
        return max(shown, key=lambda colour: float(colour[0]), default=face)
    lit = [colour for colour in shown if _chroma_distance(colour, face) < OTHER_CHROMA and face[0] < DARK * colour[0]]
    return np.asarray(np.mean(lit, axis=0)) if len(lit) >= AGREEING else face


def _colour_of(photo: PersonPhoto, label: Label) -> Floats | None:
    """(3,) median Lab of a part; None when too little of it shows."""
    colours = photo.image[photo.is_in(label)]
    return np.median(to_lab(colours), 0) if len(colours) > 4 * ENOUGH else None


def _can_be_skin(colour: Floats) -> bool:
    """Whether a colour has at least the chroma of pale skin: phones and masks are black, grey or white."""
    return float(np.hypot(*colour[1:])) >= LEAST_CHROMA


def _chroma_distance(lab: Floats, colour: Floats) -> Floats:
    return np.asarray(np.linalg.norm(lab[..., 1:] - colour[1:], axis=-1))


def like_face(lab: Floats, face: Floats) -> Mask:
    """Which of (..., 3) Lab colours can be skin of that face."""
    return np.asarray((lab[..., 0] > DARK * face[0]) & (_chroma_distance(lab, face) < OTHER_CHROMA))


def _usual(photo: PersonPhoto, lab: Floats, face: Floats | None, skin: Mask) -> Floats:
    """(3,) RGB: the median skin, of the arms where they show."""
    inner = eroded(skin, 3)
    skin = inner if inner.sum() >= ENOUGH else skin
    if not skin.any():
        return np.array(UNKNOWN, np.float32)
    arms = skin & photo.is_in(*ARMS)
    usual = np.median(lab[arms if arms.sum() > 8 * ENOUGH else skin], 0)
    if face is not None:
        usual[0] = max(usual[0], DARKEST * face[0])
        usual[1:] = (usual[1:] + face[1:]) / 2  # hands are redder than arms
    return np.asarray(cv2.cvtColor(usual[None, None].astype(np.float32), cv2.COLOR_LAB2RGB)[0, 0] * 255)


def texture(photo: PersonPhoto, unit: float) -> Floats:
    """(H, W) noise as strong as the texture of the skin that the photo shows, in 8-bit levels."""
    noise = np.random.default_rng(0).standard_normal(photo.size).astype(np.float32)
    fine, mottle = FINE_LIMITS[0], MOTTLE_LIMITS[0]
    shown = eroded(photo.is_in(*ARMS, Label.TORSO_SKIN), 6)
    coarse = MOTTLE * unit
    if shown.sum() > ENOUGH_TEXTURE:
        grey = cv2.cvtColor(photo.image, cv2.COLOR_RGB2GRAY).astype(np.float32)
        smooth = cv2.GaussianBlur(grey, (0, 0), FINE)
        fine = _spread((grey - smooth)[shown], FINE_LIMITS)
        mottle = MOTTLE_SHARE * _spread((smooth - blurred(grey, coarse))[shown], MOTTLE_LIMITS)
    grain, clouds = cv2.GaussianBlur(noise, (0, 0), 0.7), cv2.GaussianBlur(noise, (0, 0), coarse / 2)
    return np.asarray(grain * (fine / grain.std()) + clouds * (mottle / clouds.std()), np.float32)


def _spread(values: Floats, limits: tuple[float, float]) -> float:
    """Standard deviation of most values."""
    return float(np.clip(TO_STANDARD_DEVIATION * np.median(np.abs(values - np.median(values))), *limits))
