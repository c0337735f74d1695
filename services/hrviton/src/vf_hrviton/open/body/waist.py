"""Trousers or skirt below a short garment: drawn up to the waist, as those who wear a crop top do."""

from __future__ import annotations

import cv2
import numpy as np

from vf_anatomy import Floats, Mask, TorsoFrame
from vf_hrviton.open.body.labels import LOWER, labelled
from vf_hrviton.open.body.shape import PersonPhoto, TorsoMaps
from vf_hrviton.open.paint.fills import dilated, eroded, push_pull, softened
from vfkit.contracts import Image

ENOUGH = 500
LEFT_BARE = 0.06
"""Height of the midriff that stays bare above the waistband, in torso lengths."""
MOST_RAISED, HIGHEST = 0.3, 0.76
"""Torso lengths by which a waistband is drawn up at most, and the torso coordinate of the highest one."""
STRETCHED = 0.45
"""Torso lengths below the old waistband over which the cloth gives way."""
COVERED = 0.5
"""Share of the strip above the waistband that the old garment must have covered: what was bare stays as it was."""
EDGE_SHADE, EDGE_WIDTH = 0.25, 0.012
"""Light lost at the new waistband's edge, and its width in torso lengths."""


def waist_of(labels: Image, t: Floats) -> float | None:
    """Torso coordinate where the lower garment begins to show; None without one.

    Args:
        labels: (H, W) uint8 CIHP.
        t: (H, W) torso coordinates.
    """
    lower = eroded(labelled(labels, *LOWER), 3)
    return float(np.percentile(t[lower], 2)) if lower.sum() >= ENOUGH else None


def raised_waist(
    photo: PersonPhoto, worn: Mask, waist: float | None, torso: TorsoFrame, maps: TorsoMaps, hem_t: float
) -> tuple[Floats, Floats] | None:
    """The lower garment where it would leave a broad strip bare, stretched upwards.

    Args:
        photo: the person.
        worn: (H, W) the worn upper garment.
        waist: torso coordinate where the lower garment begins to show.
        torso: the torso's axes.
        maps: the torso's coordinates.
        hem_t: where the new garment ends.

    Returns:
        Picture (H, W, 3) and its alpha (H, W); None when nothing is to be raised.
    """
    if waist is None:
        return None
    t = maps.t
    above = maps.inside & (t > waist - 0.06) & (t < waist)
    rise = min(waist - hem_t - LEFT_BARE, MOST_RAISED, waist - HIGHEST)
    if rise <= 0.01 or worn[above].mean() < COVERED:
        return None
    top = waist - rise
    source_t = np.interp(t, (top, waist + STRETCHED), (waist + 0.01, waist + STRETCHED))
    shift = ((source_t - t) * torso.length).astype(np.float32)
    height, width = photo.size
    map_x = np.arange(width, dtype=np.float32)[None] + shift * np.float32(torso.axis[0])
    map_y = np.arange(height, dtype=np.float32)[:, None] + shift * np.float32(torso.axis[1])
    lower = photo.is_in(*LOWER)
    cloth = cv2.remap(push_pull(photo.image, eroded(lower, 3)), map_x, map_y, cv2.INTER_LINEAR)
    moved = cv2.remap(lower.astype(np.float32), map_x, map_y, cv2.INTER_LINEAR) > 0.5
    place = (worn | dilated(lower, 2)) & (photo.silhouette > 0.4)
    zone = (t > top) & (t < waist + STRETCHED) & place & np.where(t < waist, maps.inside, moved)
    shade = 1 - EDGE_SHADE * np.exp(-np.maximum(t - top, 0) / EDGE_WIDTH)
    return np.asarray(cloth * shade[..., None], np.float32), softened(zone, 1.0)
