"""Light: the old garment's folds for the new one, darker edges, and what a layer casts on those below."""

from __future__ import annotations

import cv2
import numpy as np

from vf_anatomy import Floats, Mask
from vf_hrviton.open.body.shape import PersonPhoto
from vf_hrviton.open.paint.fills import blurred, box_of, dilated, eroded, push_pull
from vfkit.contracts import Image, Label

ENOUGH = 500
"""Pixels of the worn garment from which its light can be read."""
FOLDS, SLOPE = 0.75, 0.5
"""Strength of the old garment's small folds and of its light from side to side."""
FOLD_SPREAD, FOLD_MOST = 0.035, 0.09
"""Standard deviation and largest size of the folds' light that is carried over, before `FOLDS`."""
SLOPE_RANGE = (-0.2, 0.15)
SHEEN = 60.0
"""8-bit levels that full light adds to black."""
EVEN = 25.0
"""Spread of lightness (8-bit, 10th to 90th percentile) that folds may well have."""
MORE_THAN_FOLDS = (40.0, 110.0), (25.0, 70.0)
"""By the garment's lightness, the further spread at which brightness says nothing of folds: dark cloth has little
room for folds, so a large spread there is something seen through it."""
NEAR_COLOUR = (45.0, 9.0, 9.0)
"""8-bit Lab distance within which a pixel has the garment's main colour; prints are no folds."""


def worn_light(photo: PersonPhoto, unit: float, garments: tuple[Label, ...]) -> Floats:
    """(H, W) float32 around 1: how the worn garment's light varies, 1 where it says nothing.

    Only a plain garment tells: on a printed one brightness is print. So the strength falls with its spread of
    brightness and its fine texture.

    Args:
        photo: the person.
        unit: the body unit in pixels.
        garments: labels of the worn garment.
    """
    worn = eroded(photo.is_in(*garments), 4)
    if worn.sum() < ENOUGH:
        return np.ones(photo.size, np.float32)
    lab = cv2.cvtColor(photo.image, cv2.COLOR_RGB2LAB).astype(np.float32)
    main = (np.abs(lab - np.median(lab[worn], 0)) < NEAR_COLOUR).all(2) & worn
    if main.sum() > 0.4 * worn.sum():
        away = main & ~dilated(worn & ~main, 4)
        worn = away if away.sum() > ENOUGH else main
    lightness = lab[..., 0]
    values = lightness[worn]
    spread = float(np.percentile(values, 90) - np.percentile(values, 10))
    usual = float(np.median(values))
    texture = float(np.abs(lightness - cv2.GaussianBlur(lightness, (0, 0), 3))[worn].mean())
    plain = float(np.clip(1 - (spread - EVEN) / np.interp(usual, *MORE_THAN_FOLDS), 0, 1))
    plain *= float(np.clip(1.5 - texture / 5, 0, 1))
    filled = push_pull(lightness, worn)
    broad, fine = (blurred(filled, share * unit) for share in (0.22, 0.008))
    folds = (fine - broad) / max(usual, 60.0)
    # Satin shines and bows stand out more than folds do: what is much is made less, as on the new cloth it would be.
    folds *= min(1.0, FOLD_SPREAD / max(float(folds[worn].std()), 1e-3))
    folds = FOLD_MOST * np.tanh(folds / FOLD_MOST)
    slope = np.clip((broad - usual) / max(usual, 60.0), *SLOPE_RANGE)
    return np.asarray(1 + plain * (FOLDS * folds + SLOPE * slope), np.float32)


def lit(image: Image, light: Floats) -> Floats:
    """Cloth under light: (H, W, 3) uint8 and (H, W) around 1 to float32.

    Light multiplies; black cloth also gains a sheen, without which its folds could not be seen.
    """
    colour = image.astype(np.float32)
    sheen = SHEEN * (light - 1)[..., None] * (1 - colour / 255)
    return np.asarray(colour * light[..., None] + sheen, np.float32)


def rounded_edge(alpha: Floats, depth: float, reach: float) -> Floats:
    """(H, W) float32: 1 inside a layer, falling by ``depth`` within ``reach`` pixels of its edge."""
    distance = cv2.distanceTransform((alpha > 0.5).astype(np.uint8), cv2.DIST_L2, 5)
    shade = 1 - depth * np.exp(-distance / reach)
    return np.asarray(cv2.GaussianBlur(shade.astype(np.float32), (0, 0), 2), np.float32)


def cast(picture: Floats, alpha: Floats, person: Mask, strength: float, softness: float, drop: float) -> Floats:
    """Darken what lies just below a layer.

    Args:
        picture: (H, W, 3) float32 so far.
        alpha: (H, W) the layer.
        person: (H, W) their silhouette; shadows fall on nothing else.
        strength: share of light taken.
        softness: blur in pixels.
        drop: pixels that the shadow lies lower.
    """
    box = box_of(alpha > 0, int(5 * softness + drop) + 2)
    layer, out = alpha[box], picture.copy()
    if layer.size:
        height, width = layer.shape
        moved = cv2.warpAffine(layer, np.array([[1, 0, 0], [0, 1, drop]], np.float32), (width, height))
        shadow = np.clip(cv2.GaussianBlur(moved, (0, 0), softness) - layer, 0, 1) * person[box]
        out[box] *= 1 - strength * shadow[..., None]
    return out
