"""Six classes from colours and priors: a cost volume, smoothed along the picture's edges, and its cheapest class.

Cost-volume filtering after Hosni et al., "Fast Cost-Volume Filtering for Visual Correspondence and Beyond" (2013), with
the guided filter of He et al. (2010): each class's cost slice is filtered with the picture as guide, which gives nearly
the boundaries of a graph cut in a fraction of the time.
"""

from __future__ import annotations

from enum import IntEnum

import cv2
import numpy as np
from numpy.typing import NDArray

from vf_anatomy import Floats, Mask
from vf_parse.open.appearance import COST_CAP, Appearance
from vf_parse.open.head import Head
from vf_parse.open.priors import Priors
from vf_parse.open.skeleton import Skeleton
from vfkit.contracts import Image

_PRIOR_WEIGHT = 3.0
_MASK_WEIGHT = 2.5
_BACKGROUND_AT_HALF = 8.0
"""Cost of background where the person mask says 1/2, about what an explained pixel of a garment costs."""
_WALL_WEIGHT, _WALL_NEUTRAL = 0.5, 6.0
"""How much the wall's colours count beside the mask, which closes narrow gaps between arm and body."""
_SHOE_COST = 9.0
"""Shoes get no colour model (too few sure pixels): they win where the other classes explain a foot badly."""
_LARGEST = 30.0
_SHOULDERS, _CLEARLY = -0.1, 2.0
"""From this torso coordinate down, hair must beat skin by this many nats: shaded skin is as dark as hair."""
_TONGUE = 0.025
"""Half the thickness of the thinnest limb in body units."""
_SPECK = 0.015
"""Smallest island of skin, in squared body units: smaller ones are seams, letters and shadows."""
_SMOOTHING = ((4, 0.05), (3, 0.04))
"""Radius in grid pixels and edge threshold (share of the value range) of the two passes of the guided filter."""


class Region(IntEnum):
    """What the colours and the skeleton tell apart; `vf_parse.open.labels` names the CIHP labels in each."""

    BACKGROUND = 0
    HAIR = 1
    SKIN = 2
    UPPER = 3
    LOWER = 4
    SHOES = 5


def cost_volume(appearance: Appearance, priors: Priors, skeleton: Skeleton, head: Head, mask: Floats) -> Floats:
    """(6, h, w) float32: the cost of each `Region` at each pixel, the cheapest 0, the dearest 30."""
    skin_like = appearance.skin_like
    costs = np.empty((len(Region), *skeleton.shape), np.float32)
    certain = np.clip(mask, 0.003, 0.997)
    wall = _WALL_WEIGHT * (appearance.background - _WALL_NEUTRAL)
    costs[Region.BACKGROUND] = _BACKGROUND_AT_HALF + _MASK_WEIGHT * np.log(certain / (1 - certain)) + wall
    costs[Region.HAIR] = _hair_cost(appearance, priors, skeleton, head)
    costs[Region.SKIN] = appearance.skin + _rarity(priors.skin, 0.12) - 4 * priors.face - 3 * priors.hands
    costs[Region.UPPER] = appearance.upper + _rarity(priors.upper, 0.02) + 6 * priors.hands * skin_like
    costs[Region.LOWER] = appearance.lower + _rarity(priors.lower, 0.01) + 3 * priors.hands * skin_like
    costs[Region.SHOES] = _SHOE_COST + _rarity(priors.shoes, 0.001)
    costs[1:] += 25 * (mask < 0.05)
    costs -= costs.min(0)
    np.minimum(costs, _LARGEST, out=costs)
    return costs


def smooth_and_choose(costs: Floats, picture: Image) -> Image:
    """(h, w) uint8 of `Region`: the cheapest class after smoothing each slice along the picture's edges."""
    volume = np.ascontiguousarray(costs.transpose(1, 2, 0))
    for radius, edge in _SMOOTHING:
        guided = cv2.ximgproc.createGuidedFilter(picture, radius, (edge * 255) ** 2)
        volume = np.dstack([guided.filter(np.ascontiguousarray(volume[..., k])) for k in range(len(costs))])
    cheapest: Image = np.argmin(volume, 2).astype(np.uint8)
    return cheapest


def drop_strays(regions: Image, costs: Floats, skeleton: Skeleton, head: Head) -> Image:
    """Hair must hang together with the head and the upper garment with the torso; the rest becomes the next best."""
    beside_head = (head.distance < 1.7 * head.radius) & (head.y < head.chin[1])
    on_torso = (skeleton.t > -0.2) & (skeleton.t < 0.8) & (skeleton.lateral < 0.6 * skeleton.unit)
    kept = _keep_joined(regions, costs, Region.HAIR, beside_head)
    kept = _keep_joined(kept, costs, Region.UPPER, on_torso)
    kept = _drop_tongues(kept, costs, skeleton)
    return _drop_specks(kept, costs, Region.SKIN, round(_SPECK * skeleton.unit**2))


def _hair_cost(appearance: Appearance, priors: Priors, skeleton: Skeleton, head: Head) -> Floats:
    """Hair on the head by its place; hair that hangs down only where its colour joins it with the head."""
    hair, upper = appearance.hair, appearance.upper
    shoulders = np.where(skeleton.t > _SHOULDERS, np.float32(_CLEARLY), np.float32(0))
    likely = hair < np.minimum(appearance.skin - shoulders, COST_CAP - 1)
    hanging = priors.hanging_hair * _joined_with_head(likely, head)
    prior = np.maximum(priors.hair, 0.7 * hanging)
    crown = (head.y < head.centre[1] - 0.5 * head.radius) & (head.distance < 1.8 * head.radius) & (head.face == 0)
    below_chin = (head.y > head.chin[1] - 0.1 * head.radius) & (upper < hair + 1.5)
    cost: Floats = hair + _rarity(prior, 0.004) - 2 * crown + 4 * below_chin
    return cost


def _joined_with_head(likely: Mask, head: Head) -> Mask:
    """The parts of ``likely`` that reach up beside the head; thin links (a strap under a lock) do not count."""
    opened = cv2.morphologyEx(likely.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    beside_head = (head.distance < 1.6 * head.radius) & (head.y < head.centre[1] + head.radius) & (head.face == 0)
    joined = _components_at(opened > 0, beside_head)
    grown: Mask = cv2.dilate(joined.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    return grown


def _keep_joined(regions: Image, costs: Floats, region: Region, seed: Mask) -> Image:
    present = regions == region
    stray = present & ~_components_at(present, seed)
    return _next_best(regions, costs, region, stray)


def _next_best(regions: Image, costs: Floats, region: Region, stray: Mask) -> Image:
    if not stray.any():
        return regions
    others = costs[:, stray].copy()
    others[[region, Region.HAIR]] = np.inf  # hair was judged by its connection already
    kept = regions.copy()
    kept[stray] = np.argmin(others, 0)
    return kept


def _drop_tongues(regions: Image, costs: Floats, skeleton: Skeleton) -> Image:
    """Skin that is thinner than any limb and lies between clothes is a shadowed fold."""
    unit = skeleton.unit
    skin = regions == Region.SKIN
    size = 2 * max(1, round(_TONGUE * unit)) + 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    thin = skin & (cv2.morphologyEx(skin.astype(np.uint8), cv2.MORPH_OPEN, disc) == 0)
    apart = (skeleton.hand > 0.15 * unit) & (skeleton.foot > 0.15 * unit) & (skeleton.t > 0.2)
    others = np.delete(costs, (Region.SKIN, Region.BACKGROUND), 0).min(0) < costs[Region.BACKGROUND]
    return _next_best(regions, costs, Region.SKIN, thin & apart & others)


def _drop_specks(regions: Image, costs: Floats, region: Region, smallest: int) -> Image:
    """Give components of fewer than ``smallest`` pixels to the next best region."""
    _, components, stats, _ = cv2.connectedComponentsWithStats((regions == region).astype(np.uint8), connectivity=8)
    specks = stats[:, cv2.CC_STAT_AREA] < smallest
    specks[0] = False
    return _next_best(regions, costs, region, specks[components])


def _components_at(present: Mask, seed: Mask) -> Mask:
    """The connected components of ``present`` that touch ``seed``."""
    _, components = cv2.connectedComponents(present.astype(np.uint8), connectivity=8)
    touched = np.unique(components[seed & present])
    joined: Mask = np.isin(components, touched[touched > 0])
    return joined


def _rarity(prior: NDArray[np.float32], floor: float) -> Floats:
    """Cost of being where the prior is low; ``floor`` is the chance left where the geometry says never."""
    rarity: Floats = np.float32(-_PRIOR_WEIGHT) * np.log(np.float32(floor) + np.float32(1 - floor) * prior)
    return rarity
