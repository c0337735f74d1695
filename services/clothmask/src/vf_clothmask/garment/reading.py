"""Looks at a photo twice: as it is, then at the garment alone, closer and upright.

The network has learned from upright garments, more or less. Of others it is unsure, which tells them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np

from vf_clothmask.garment.geometry import Floats, Matrix, compose, fitted, inverse, outline, transform
from vf_clothmask.garment.network import HEIGHT, PADDING, STRIDE, WIDTH, Answer, ReaderNetwork, mean
from vf_clothmask.garment.straightening import landmark_angle
from vfkit.contracts import GarmentPart, Image

SAMPLES_PER_PIXEL = 1.5
"""A large photo is averaged down to at most this many pixels for one of the input, then warped."""
REACH = 3
"""A landmark is the mean place within so many cells around the most likely one."""
MARGIN = 0.06
"""Of the input's width and height that the second look leaves around the garment."""
FOUND = 0.5
"""Probability from which a pixel of the first look counts as garment."""
LEAST_CELLS = 40
"""Cells of garment below which there is nothing to look at more closely: 0.6 % of the picture."""

CLEAR = 0.65
"""Mean certainty of the landmarks that are there, from which a photo is taken to be upright."""
TURNS = tuple(turn for turn in range(-150, 181, 30) if turn)
"""Degrees by which a photo is turned to find a garment that lies askew, sideways or upside down."""
SURER = 1.25
"""How much surer of its landmarks the network must be for that."""


SLEEVES = [GarmentPart.LEFT_SLEEVE, GarmentPart.RIGHT_SLEEVE]


class Shares(NamedTuple):
    """Probabilities, (H, W) float32 in [0, 1], that a pixel of the photo shows the garment, a hanger, a sleeve."""

    garment: Floats
    hanger: Floats
    sleeves: Floats


@dataclass(frozen=True)
class Look:
    """What the network said of one view of a photo.

    Attributes:
        answer: probabilities.
        matrix: from the photo's pixels to the view's.
    """

    answer: Answer
    matrix: Matrix

    @property
    def turn(self) -> float:
        """Degrees by which the photo was turned clockwise for it."""
        return float(np.degrees(np.arctan2(self.matrix[1, 0], self.matrix[0, 0])))

    def cells_to(self, matrix: Matrix) -> Matrix:
        """From this look's cells to where ``matrix`` takes the photo's pixels."""
        cells = np.array([[STRIDE, 0, (STRIDE - 1) / 2], [0, STRIDE, (STRIDE - 1) / 2]])
        return compose(matrix, compose(inverse(self.matrix), cells))


@dataclass(frozen=True)
class Reading:
    """A photo as it was read.

    Attributes:
        looks: one or two, the closest last.
        points: (20, 2) float32, each `GarmentLandmark` in pixels of the photo.
        certainty: (20,) in [0, 1], probability that the landmark lies near its point.
        visibility: (20, 3), probabilities of absent, hidden, visible.
        kind, photo, view: (8,), (5,), (2,), probabilities.
    """

    looks: tuple[Look, ...]
    points: Floats
    certainty: Floats
    visibility: Floats
    kind: Floats
    photo: Floats
    view: Floats

    def parts(self, matrix: Matrix, size: tuple[int, int]) -> Floats:
        """Probability of each part where ``matrix`` takes the photo's pixels.

        Args:
            matrix: from the photo's pixels to the wanted ones.
            size: width and height in pixels.

        Returns:
            (10, height, width) float32 in [0, 1].
        """
        return np.asarray(list(self._blended([[part] for part in GarmentPart], matrix, size)))

    def shares(self, size: tuple[int, int]) -> Shares:
        """What the photo's pixels belong to.

        Args:
            size: the photo's width and height in pixels.
        """
        groups = list(GarmentPart)[GarmentPart.TORSO :], [GarmentPart.HANGER], SLEEVES
        return Shares(*self._blended(groups, np.eye(2, 3), size))

    def _blended(
        self, groups: Sequence[Sequence[GarmentPart]], matrix: Matrix, size: tuple[int, int]
    ) -> Iterator[Floats]:
        """For each group of parts the probability of being one of them, (height, width): the mean of the looks."""
        overall, *closer = [(look, look.cells_to(matrix)) for look in self.looks]
        seen = [
            (look, to_target, _warp(np.ones(look.answer.parts.shape[1:], np.float32), to_target, size))
            for look, to_target in closer
        ]
        weight = 1 + sum((share for *_, share in seen), np.zeros((size[1], size[0]), np.float32))
        for group in groups:
            look, to_target = overall
            total = _warp(look.answer.parts[group].sum(0), to_target, size, cv2.BORDER_REPLICATE)
            for look, to_target, share in seen:
                total += share * _warp(look.answer.parts[group].sum(0), to_target, size)
            yield total / weight


def read(network: ReaderNetwork, photo: Image) -> Reading:
    """Read a photo.

    Args:
        network: loaded.
        photo: (H, W, 3) uint8 RGB.
    """
    first = _uprightest(network, photo)
    points, certainty = _places(first)
    garment = first.answer.parts[GarmentPart.TORSO :].sum(0) > FOUND
    if garment.sum() < LEAST_CELLS:
        return _reading((first,), points, certainty)
    around = transform(outline(garment), first.cells_to(np.eye(2, 3)))
    turn = landmark_angle(points, certainty) or first.turn
    closer = _look(network, photo, fitted(around, turn, (WIDTH, HEIGHT), MARGIN))
    return _reading((first, closer), *_places(closer))


def _uprightest(network: ReaderNetwork, photo: Image) -> Look:
    """All of the photo as it is, or turned if the network is much surer of the landmarks then."""
    height, width = photo.shape[:2]
    corners = np.array(
        [(-0.5, -0.5), (width - 0.5, -0.5), (-0.5, height - 0.5), (width - 0.5, height - 0.5)], np.float32
    )
    straight = _look(network, photo, fitted(corners, 0, (WIDTH, HEIGHT), 0))
    certainty = _places(straight)[1]
    present = 1 - straight.answer.visibility[:, 0]
    if certainty.sum() >= CLEAR * present.sum():
        return straight
    turned = [_look(network, photo, fitted(corners, turn, (WIDTH, HEIGHT), 0)) for turn in TURNS]
    surest = max(turned, key=lambda look: float(_places(look)[1].sum()))
    return surest if _places(surest)[1].sum() > SURER * certainty.sum() else straight


def _reading(looks: tuple[Look, ...], points: Floats, certainty: Floats) -> Reading:
    """Choices are the mean of both looks; landmarks are the closer one's."""
    said = mean(looks[0].answer, looks[-1].answer)
    return Reading(looks, points, certainty, looks[-1].answer.visibility, said.kind, said.photo, said.view)


def _look(network: ReaderNetwork, photo: Image, matrix: Matrix) -> Look:
    return Look(network.answer(_view(photo, matrix)), matrix)


def _view(photo: Image, matrix: Matrix) -> Image:
    """What the network is shown: (384, 288, 3)."""
    height, width = photo.shape[:2]
    scale = SAMPLES_PER_PIXEL * float(np.hypot(*matrix[:, 0]))
    if scale < 1:
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        photo = np.asarray(cv2.resize(photo, size, interpolation=cv2.INTER_AREA), np.uint8)
        x, y = width / size[0], height / size[1]
        matrix = compose(matrix, np.array([[x, 0, (x - 1) / 2], [0, y, (y - 1) / 2]]))
    return np.asarray(
        cv2.warpAffine(
            photo, matrix, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=PADDING
        ),
        np.uint8,
    )


def _places(look: Look) -> tuple[Floats, Floats]:
    """Where each landmark is in pixels of the photo, and how likely it is near there."""
    odds = look.answer.landmarks
    count, height, width = odds.shape
    peak = odds.reshape(count, -1).argmax(1)
    y, x = np.arange(height)[:, None], np.arange(width)
    near = (abs(y - (peak // width)[:, None, None]) <= REACH) & (abs(x - (peak % width)[:, None, None]) <= REACH)
    mass = (odds * near).sum((1, 2))
    cells = np.stack([(odds * near * axis).sum((1, 2)) / mass for axis in (x, y)], 1)
    present = 1 - look.answer.visibility[:, 0]
    return transform(cells, look.cells_to(np.eye(2, 3))), np.asarray(mass * present, np.float32)


def _warp(values: Floats, matrix: Matrix, size: tuple[int, int], border: int = cv2.BORDER_CONSTANT) -> Floats:
    return np.asarray(cv2.warpAffine(values, matrix, size, flags=cv2.INTER_LINEAR, borderMode=border), np.float32)
