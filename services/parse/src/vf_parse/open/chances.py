"""From logits to how likely each region is: one person, one outfit, no specks.

Maps are ``chances``: (18, h, w) float32 in [0, 1] by `PersonRegion`; a pixel shows the likeliest. What is ruled out
somewhere gets 0 there, and the next likeliest takes its place.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from vf_anatomy import Floats, Mask
from vf_parse.open.network import HEIGHT, WIDTH
from vfkit.contracts import Image
from vfkit.contracts.people import PersonRegion

_SPECK = 28
"""Smallest island of a region in pixels of the input: about two cells of the answer."""
_OTHER_SPECKS = {PersonRegion.EYEWEAR: 8, PersonRegion.SCARF: 60, PersonRegion.DRESS: 120, PersonRegion.COAT: 120}
"""The same for what is smaller or larger than most."""
_LEAST = 0.02
"""Chance that a region has at least: the network may be that wrong anywhere."""
_MASK_WEIGHT = 0.3
"""How much BlazePose's mask counts beside the network, which sees outlines more sharply."""
_BOTH = 0.3
"""Nats by which the cloth must on average speak for both of two explanations where one would do."""


def chances_of(logits: Floats, body: Floats) -> Floats:
    """What the network says, with BlazePose's opinion of where the person is.

    Args:
        logits: (18, 96, 72), the network's.
        body: (384, 288), BlazePose's probability of the person.

    Returns:
        (18, 384, 288) chances; they sum to 1.
    """
    large = np.stack([cv2.resize(each, (WIDTH, HEIGHT), interpolation=cv2.INTER_LINEAR) for each in logits])
    certain = np.clip(body, _LEAST, 1 - _LEAST)
    large[PersonRegion.BACKGROUND] += _MASK_WEIGHT * np.log((1 - certain) / certain)
    large -= large.max(0)
    np.exp(large, out=large)
    large /= large.sum(0)
    return large


def likeliest(chances: Floats) -> Image:
    """(h, w) uint8 of `PersonRegion`."""
    return np.asarray(chances.argmax(0), np.uint8)


def one_outfit(chances: Floats) -> Floats:
    """Decide once for a person what the network decides cell by cell.

    A dress or a top with something below it; trousers or a skirt; a coat or a top.
    """
    lower = (PersonRegion.SKIRT, PersonRegion.TROUSERS)
    chances = settled(chances, (PersonRegion.DRESS,), (PersonRegion.UPPER, *lower))
    chances = settled(chances, lower[:1], lower[1:])
    return settled(chances, (PersonRegion.COAT,), (PersonRegion.UPPER,))


def settled(chances: Floats, one: Sequence[PersonRegion], other: Sequence[PersonRegion]) -> Floats:
    """The chances after a choice between two explanations of the same cloth.

    The log-likelihoods of both are summed over all of the cloth. Each may be right in its part, such as a dress over
    trousers, but only where that is clearly likelier than either alone.
    """
    first = likeliest(chances)
    cloth = np.isin(first, (*one, *other))
    if not np.isin(first, one).any() or not np.isin(first, other).any():
        return chances
    logs = [np.log(np.maximum(chances[list(side)][:, cloth].max(0), _LEAST)) for side in (one, other)]
    means = [float(side.mean()) for side in logs]
    if float(np.maximum(*logs).mean()) - max(means) > _BOTH:
        return chances
    kept, gone = (one, other) if means[0] > means[1] else (other, one)
    out = chances.copy()
    rest, moved = out[list(kept)][:, cloth], out[list(gone)][:, cloth].sum(0)
    for region, share in zip(kept, rest / np.maximum(rest.sum(0), 1e-12), strict=True):
        out[region][cloth] += moved * share
    for region in gone:
        out[region][cloth] = 0
    return out


def only_where(chances: Floats, mine: Mask) -> Floats:
    """Background alone is left outside of ``mine``."""
    out = np.where(mine, chances, np.float32(0))
    out[PersonRegion.BACKGROUND][~mine] = 1
    return out


def without_specks(chances: Floats) -> Floats:
    """Islands too small to be what they are called become what is likeliest besides."""
    first, out = likeliest(chances), chances.copy()
    for region in np.unique(first):
        parts, areas = parts_of(first == region)
        small = areas < _OTHER_SPECKS.get(PersonRegion(region), _SPECK)
        small[0] = False
        if small.any():
            out[region][small[parts]] = 0
    return out


def parts_of(mask: Mask) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """A mask's connected parts, (h, w) from 1 (0 is outside), and the area of each number."""
    count, parts, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    return np.asarray(parts, np.int32), np.asarray(stats[:count, cv2.CC_STAT_AREA], np.int32)
