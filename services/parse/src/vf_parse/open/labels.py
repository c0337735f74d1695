"""From the six regions on the grid to the 20 CIHP labels at the picture's size."""

from __future__ import annotations

import cv2
import numpy as np

from vf_anatomy import Floats, PersonSide
from vf_parse.open.garments import Outfit
from vf_parse.open.head import Head
from vf_parse.open.segment import Region
from vf_parse.open.skeleton import Skeleton
from vfkit.contracts import Image, Label

_SKIN_PARTS = (
    Label.TORSO_SKIN,
    Label.LEFT_ARM,
    Label.RIGHT_ARM,
    Label.LEFT_LEG,
    Label.RIGHT_LEG,
    Label.FACE,
)
_UPSAMPLE_RADIUS = 1 / 170
"""Radius of the guided filter as a share of the picture's height."""
_UPSAMPLE_EDGE = 0.03


def skin_parts(skeleton: Skeleton, head: Head) -> Image:
    """(h, w) uint8 of `Label`: what a pixel would be if it were skin, by the nearest part of the body."""
    unit, t = skeleton.unit, skeleton.t
    torso = skeleton.torso_quad((0.92, 1.0), (0.0, 1.0)) > 0
    torso |= (t < 0.15) & (skeleton.lateral < 0.42 * unit)
    to_torso = cv2.distanceTransform((~torso).astype(np.uint8), cv2.DIST_L2, 5) + np.float32(0.05 * unit)
    far = np.float32(10 * unit)
    arms = [skeleton.arms[side].nearest for side in PersonSide]
    legs = [np.where(t > 1, skeleton.legs[side].nearest, far) for side in PersonSide]

    parts = np.argmin(np.stack([to_torso, *arms, *legs]), 0)
    crossing = [np.minimum(skeleton.arms[side].lower, skeleton.arms[side].end) < 0.13 * unit for side in PersonSide]
    for index in (0, 1):  # a forearm or hand in front of the torso
        nearer = arms[index] <= arms[1 - index]
        parts[crossing[index] & nearer & (t > 0.2)] = 1 + index
    is_face = (head.face > 0) | (
        (head.distance < 1.3 * head.radius) & (head.y < head.chin[1]) & (head.distance < skeleton.arm)
    )
    parts[is_face] = _SKIN_PARTS.index(Label.FACE)
    named: Image = np.array(_SKIN_PARTS, np.uint8)[parts]
    return named


def shoe_sides(skeleton: Skeleton) -> Image:
    """(h, w) uint8 of `Label`: the shoe that a pixel would belong to."""
    left = skeleton.legs[PersonSide.LEFT].end < skeleton.legs[PersonSide.RIGHT].end
    return np.where(left, np.uint8(Label.LEFT_SHOE), np.uint8(Label.RIGHT_SHOE))


def upsample_regions(regions: Image, mask: Floats, picture: Image) -> Image:
    """Bring regions to the picture's size with boundaries on the picture's edges.

    Args:
        regions: (h, w) uint8 of `Region` on the grid.
        mask: (H, W) float32 person probability at the picture's size.
        picture: (H, W, 3) uint8 RGB.

    Returns:
        (H, W) uint8 of `Region`.
    """
    height, width = picture.shape[:2]
    radius = max(2, round(height * _UPSAMPLE_RADIUS))
    guided = cv2.ximgproc.createGuidedFilter(picture, radius, (_UPSAMPLE_EDGE * 255) ** 2, 0.5)
    best = np.full((height, width), -np.inf, np.float32)
    choice = np.zeros((height, width), np.uint8)
    for region in Region:
        indicator = (regions == region).astype(np.float32)
        if not indicator.any():
            continue
        large = guided.filter(cv2.resize(indicator, (width, height), interpolation=cv2.INTER_LINEAR))
        if region is Region.BACKGROUND:
            large = 0.5 * large + 0.5 * (1 - mask)
        better = large > best
        choice[better] = region
        np.maximum(best, large, out=best)
    return choice


def name_labels(regions: Image, outfit: Outfit, skin: Image, shoes: Image) -> Image:
    """(H, W) uint8 of `Label` from regions and the part maps (any size, enlarged to that of the regions)."""
    size = (regions.shape[1], regions.shape[0])
    labels = np.zeros(regions.shape, np.uint8)
    labels[regions == Region.HAIR] = Label.HAIR
    labels[regions == Region.UPPER] = outfit.upper
    labels[regions == Region.LOWER] = outfit.lower
    for region, parts in ((Region.SKIN, skin), (Region.SHOES, shoes)):
        here = regions == region
        labels[here] = cv2.resize(parts, size, interpolation=cv2.INTER_NEAREST)[here]
    return labels
