"""Examples that the person parser learns from: people of street photos, cropped, composed and changed at random."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from vf_training.augmentation import IGNORE, Image, Matrix, Placement, Strength, changed, relit
from vf_training.grounds import Grounds
from vf_training.parser.joints import Joint, Joints, outlined, person_box
from vf_training.parser.street import StreetPhoto
from vfkit.contracts.people import PersonRegion

STRENGTH = Strength(smallest=0.72, largest=1.2, tilt=6.0, any_angle=0.0, shift=0.035, perspective=0.015)
MARGIN = 0.06
"""Room around a person, in their larger side."""
WIDENED_SHARE = 0.6
"""So many crops show the surroundings where the frame is wider than the person; the others are padded."""
RAREST = 0.05
"""Regions that fewer photos show count as if so many did."""
FEATHER = 0.7
"""Standard deviation in pixels of a cut-out's edge."""


@dataclass(frozen=True)
class PersonExample:
    """A picture of one person and what it shows.

    Attributes:
        picture: (H, W, 3) uint8 RGB.
        regions: (H, W) uint8, `PersonRegion`, SKIN or IGNORE.
        box: left, top, right and bottom of the person in pixels.
    """

    picture: Image
    regions: Image
    box: tuple[float, float, float, float]


@dataclass(frozen=True)
class Shares:
    """How often the people of street photos are shown otherwise.

    Attributes:
        cut: cut off by the frame between waist and knees.
        zoomed: seen from near: a part of the body fills the frame.
        moved: put before another ground.
        accompanied: with somebody else behind or beside them.
    """

    cut: float = 0.3
    zoomed: float = 0.1
    moved: float = 0.25
    accompanied: float = 0.12


USUAL = Shares()


class StreetPeople:
    """Gives people of street photos.

    Args:
        photos: to draw from.
        grounds: what else people are put before.
        shares: how often they are shown otherwise.
        odds: how often each photo is drawn, (photos,) probabilities; None: all equally often.
    """

    def __init__(
        self,
        photos: Sequence[StreetPhoto],
        grounds: Grounds,
        shares: Shares = USUAL,
        odds: NDArray[np.float64] | None = None,
    ) -> None:
        self._shares = shares
        self._photos = photos
        self._grounds = grounds
        self._odds = np.full(len(photos), 1 / len(photos)) if odds is None else odds

    def example(self, rng: Generator) -> PersonExample:
        """Somebody as a buyer's photo might show them: whole or cut, alone or not, in the street or elsewhere."""
        photo = self._photos[int(rng.choice(len(self._photos), p=self._odds))]
        example = PersonExample(photo.picture, photo.regions, _box(photo))
        if rng.random() < self._shares.moved:
            example = _before(rng, example, self._grounds)
        if rng.random() < self._shares.accompanied:
            other = self._photos[int(rng.integers(len(self._photos)))]
            example = _beside(rng, example, PersonExample(other.picture, other.regions, _box(other)))
        if rng.random() < self._shares.cut and photo.joints is not None:
            return _cut(rng, example, photo.joints)
        if rng.random() < self._shares.zoomed:
            return _zoomed(rng, example)
        return example


def rarity(photos: Sequence[StreetPhoto]) -> NDArray[np.float64]:
    """How often each photo is to be drawn so that rare regions are seen more: by the rarest region that it shows.

    Returns:
        (photos,) probabilities, proportional to the square root of one over the share of photos with that region.
    """
    shown = np.array([np.bincount(photo.regions.ravel(), minlength=256)[: len(PersonRegion)] > 0 for photo in photos])
    share = np.maximum(shown.mean(0), RAREST)
    odds = np.where(shown, share**-0.5, 0).max(1)
    return np.asarray(odds / odds.sum())


def varied(rng: Generator, example: PersonExample, size: tuple[int, int]) -> PersonExample:
    """The example cropped around the person to ``size`` (width, height) and changed at random.

    No region has a side, so a mirrored picture needs no other labels.
    """
    left, top, right, bottom = example.box
    margin = MARGIN * max(right - left, bottom - top)
    box = np.array([left - margin, top - margin, right + margin, bottom + margin])
    height, width = example.picture.shape[:2]
    if rng.random() >= WIDENED_SHARE:  # nothing beyond the box is seen
        box = np.clip(box, 0, (width, height, width, height))
        x, y, end_x, end_y = (int(side) for side in box)
        seen = np.s_[y:end_y, x:end_x]
        example = PersonExample(example.picture[seen], example.regions[seen], example.box)
        box = box - (x, y, x, y)
    placement = changed(rng, _framed(box, size), STRENGTH)
    picture = relit(rng, _smooth(example.picture, placement), STRENGTH.light)
    return PersonExample(picture, placement.labels(example.regions), (0, 0, *size))


def _box(photo: StreetPhoto) -> tuple[float, float, float, float]:
    """Around joints and labels."""
    ys, xs = np.nonzero(outlined(photo.regions))
    box = (float(xs.min()), float(ys.min()), float(xs.max() + 1), float(ys.max() + 1))
    if photo.joints is None:
        return box
    height, width = photo.regions.shape
    other = person_box(photo.joints, (width, height))
    return min(box[0], other[0]), min(box[1], other[1]), max(box[2], other[2]), max(box[3], other[3])


def _framed(box: Matrix, size: tuple[int, int]) -> Placement:
    """A box of a picture in the middle of the target."""
    scale = min(size[0] / (box[2] - box[0]), size[1] / (box[3] - box[1]))
    middle = (box[:2] + box[2:]) / 2
    x, y = np.array(size) / 2 - middle * scale
    return Placement(np.array([[scale, 0, x], [0, scale, y], [0, 0, 1]]), size)


def _smooth(picture: Image, placement: Placement) -> Image:
    """The picture in the target; blurred first where it is much reduced."""
    scale = float(np.sqrt(abs(np.linalg.det(placement.matrix[:2, :2]))))
    if scale < 0.75:
        picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), 0.45 / scale), np.uint8)
    return placement.picture(picture)


def _before(rng: Generator, example: PersonExample, grounds: Grounds) -> PersonExample:
    """The person before another ground."""
    height, width = example.picture.shape[:2]
    ground = cv2.resize(grounds.draw(rng), (width, height), interpolation=cv2.INTER_LINEAR)
    inside = _cut_out(example.regions)
    picture = example.picture * inside + ground * (1 - inside)
    return PersonExample(np.asarray(picture + 0.5, np.uint8), example.regions, example.box)


def _beside(rng: Generator, example: PersonExample, other: PersonExample) -> PersonExample:
    """Somebody else, who is background, behind and beside the person."""
    height, width = example.picture.shape[:2]
    person = _cut_out(example.regions)
    scale = rng.uniform(0.55, 1.05)
    side = int(rng.choice([-1, 1])) * rng.uniform(0.25, 0.6)
    matrix = np.array(
        [[scale, 0, width * (0.5 + side - scale / 2)], [0, scale, height * rng.uniform(0.9, 1.0) - height * scale]]
    )
    ratio = np.diag([width / other.picture.shape[1], height / other.picture.shape[0], 1.0])
    matrix = matrix @ ratio
    shown = cv2.warpAffine(other.picture, matrix, (width, height))
    behind = cv2.warpAffine(_cut_out(other.regions), matrix, (width, height))[..., None] * (1 - person)
    picture = example.picture * (1 - behind) + shown * behind
    regions = np.where((behind[..., 0] > 0.5) & (example.regions == IGNORE), PersonRegion.BACKGROUND, example.regions)
    return PersonExample(np.asarray(picture + 0.5, np.uint8), regions.astype(np.uint8), example.box)


def _cut(rng: Generator, example: PersonExample, joints: Joints) -> PersonExample:
    """The person down to somewhere between waist and knees."""
    hips = float(joints[[Joint.LEFT_HIP, Joint.RIGHT_HIP], 1].mean())
    knees = float(joints[[Joint.LEFT_KNEE, Joint.RIGHT_KNEE], 1].mean())
    bottom = round(hips + (knees - hips) * rng.uniform(-0.25, 1.1))
    left, top, right, _ = example.box
    if bottom - top < 80 or bottom >= example.picture.shape[0]:
        return example
    return PersonExample(example.picture[:bottom], example.regions[:bottom], (left, top, right, float(bottom)))


def _zoomed(rng: Generator, example: PersonExample) -> PersonExample:
    """A part of the person: the frame cuts on all sides."""
    left, top, right, bottom = example.box
    height = (bottom - top) * rng.uniform(0.35, 0.6)
    width = height * 0.75
    y = rng.uniform(top, bottom - height)
    x = rng.uniform(min(left, right - width), max(left, right - width))
    box = (max(0.0, x), y, min(float(example.picture.shape[1]), x + width), y + height)
    return PersonExample(example.picture, example.regions, box)


def _cut_out(regions: Image) -> Matrix:
    """How far each pixel is the person, (H, W, 1) in [0, 1]; the edge lies a little inside the labels'."""
    inside = outlined(regions) | (regions == IGNORE)
    shrunk = cv2.erode(inside.astype(np.float32), np.ones((3, 3), np.uint8))
    return np.asarray(cv2.GaussianBlur(shrunk, (0, 0), FEATHER))[..., None]
