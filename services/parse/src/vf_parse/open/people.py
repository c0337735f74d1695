"""Which of the people that a picture shows is parsed."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from vf_anatomy import Floats, Mask, PersonSide, Segment, pixel_grid
from vf_parse.open.chances import parts_of
from vf_parse.open.subject import Subject

_BODY = 0.5
"""Probability from which BlazePose's mask counts."""
_INSIDE = 0.7
"""Share of somebody's mask within the subject's from which that is the subject again, or a print on their clothes."""
_JOINED = 0.1
"""Share of a part of the foreground that must lie in the subject's mask: the rest is somebody else's."""


def mine(foreground: Mask, subject: Subject, others: Sequence[Subject]) -> Mask:
    """What of the foreground is the subject.

    Args:
        foreground: (h, w), where the network saw a person or their things.
        subject: who is parsed.
        others: everybody else that was found.

    Returns:
        (h, w): the foreground without what is nearer to somebody else's bones, as far as it hangs together with the
        subject. All of it when none of it does.
    """
    body, kept = subject.mask > _BODY, foreground
    for other in others:
        theirs = other.mask > _BODY
        if (theirs & body).sum() < _INSIDE * theirs.sum():
            nearer = from_bones(other) < from_bones(subject)
            kept = kept & ~(theirs & (nearer | ~body))
    parts, areas = parts_of(kept)
    joined = np.bincount(parts[body & kept], minlength=len(areas)) >= _JOINED * areas
    joined[0] = False
    return np.asarray(joined[parts]) if joined.any() else foreground


def from_bones(subject: Subject) -> Floats:
    """(h, w) float32: distance of each pixel from the nearest bone in the subject's body units."""
    centres = pixel_grid((subject.mask.shape[0], subject.mask.shape[1])) + np.float32(0.5)
    bones = []
    for side in PersonSide:
        arm = subject.points(side, "SHOULDER", "ELBOW", "WRIST")
        leg = subject.points(side, "HIP", "KNEE", "ANKLE", "TOE")
        bones += [Segment(*ends) for chain in (arm, leg) for ends in pairwise(chain)]
        bones.append(Segment(arm[0], leg[0]))
        bones.append(Segment(arm[0], subject.points(side, "EAR")[0]))
    distances = np.min([bone.nearest(centres)[0] for bone in bones], axis=0)
    return np.asarray(distances / subject.unit, np.float32)
