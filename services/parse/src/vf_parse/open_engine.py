"""The open engine: a pose-guided human parser without a trained network of its own.

BlazePose finds the person. Its landmarks tell where to sample each class's colours (face, torso, thighs, hair) and
where each class may lie; a waist line parts the upper from the lower garment; a guided-filter cost volume decides each
pixel. `parse_person` is that description in code.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from vf_parse.appearance import Appearance, colour_features, learn_appearance
from vf_parse.garments import judge_outfit
from vf_parse.head import find_head
from vf_parse.labels import name_labels, shoe_sides, skin_parts, upsample_regions
from vf_parse.priors import build_priors
from vf_parse.segment import cost_volume, drop_strays, smooth_and_choose
from vf_parse.skeleton import build_skeleton
from vf_parse.subject import Floats, Subject
from vf_parse.types import ParseAnswer
from vf_parse.waist import find_waist
from vfkit.contracts import Image
from vfkit.engines import AnswerWarning

GRID_HEIGHT = 320
"""Rows of the grid that the decision is made on; finer costs time and gains nothing before the upsampling."""

_FACE_BLUR = 1.2
_SAME_FABRIC = 1.0
_SAME_AS_WALL = 1.0
"""Separations in nats below which the answer is told to be uncertain."""


@dataclass(frozen=True)
class Grid:
    """A picture reduced to `GRID_HEIGHT` rows, and the person on it."""

    picture: Image
    subject: Subject


def parse_person(picture: Image, subject: Subject) -> ParseAnswer:
    """Parse one person in a picture.

    Args:
        picture: (H, W, 3) uint8 RGB.
        subject: landmarks, mask and face points at the picture's size.
    """
    subject = Subject(subject.landmarks, sharpen(subject.mask, picture), subject.face)
    grid = to_grid(picture, subject)
    mask = grid.subject.mask

    skeleton = build_skeleton(grid.subject)
    head = find_head(skeleton, grid.subject.face)
    features = colour_features(grid.picture)
    appearance = learn_appearance(features, mask, skeleton, head)

    waist = find_waist(skeleton, appearance, features, mask)
    face = cv2.GaussianBlur(head.face.astype(np.float32), (0, 0), _FACE_BLUR)
    priors = build_priors(skeleton, head, face, waist.t, appearance.bare_limbs)
    costs = cost_volume(appearance, priors, skeleton, head, mask)
    regions = drop_strays(smooth_and_choose(costs, grid.picture), costs, skeleton, head)

    outfit = judge_outfit(regions, skeleton, appearance)
    large = upsample_regions(regions, subject.mask, picture)
    labels = name_labels(large, outfit, skin_parts(skeleton, head), shoe_sides(skeleton))
    return ParseAnswer(labels, _doubts(appearance))


def sharpen(mask: Floats, picture: Image) -> Floats:
    """BlazePose's soft mask, drawn onto the picture's edges by a guided filter; (H, W) float32 in [0, 1]."""
    radius = max(4, picture.shape[0] // 160)
    guided = cv2.ximgproc.createGuidedFilter(picture, radius, (0.02 * 255) ** 2, 0.5)
    return np.clip((guided.filter(mask.astype(np.float32)) - 0.25) / 0.5, 0, 1)


def to_grid(picture: Image, subject: Subject) -> Grid:
    """Reduce a picture and its person to the grid."""
    height, width = picture.shape[:2]
    factor = GRID_HEIGHT / height
    size = (max(1, round(width * factor)), GRID_HEIGHT)
    shrink = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
    small = cv2.resize(picture, size, interpolation=shrink)
    return Grid(small, subject.scaled(factor, cv2.resize(subject.mask, size, interpolation=shrink)))


def _doubts(appearance: Appearance) -> tuple[AnswerWarning, ...]:
    doubts = []
    if appearance.upper_lower_separation < _SAME_FABRIC:
        doubts.append("the upper and the lower garment have nearly the same colours")
    if appearance.upper_background_separation < _SAME_AS_WALL:
        doubts.append("the upper garment and the background have nearly the same colours")
    return tuple(AnswerWarning(code="low_confidence", detail=f"The parse is uncertain: {doubt}.") for doubt in doubts)
