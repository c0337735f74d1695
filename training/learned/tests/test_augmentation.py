"""Labels follow the picture wherever it goes."""

from __future__ import annotations

import numpy as np
import pytest

from vf_training.augmentation import IGNORE, Placement, Strength, letterbox, random_placement
from vf_training.garment.examples import UNKNOWN, VISIBLE, Example, placed, varied
from vfkit.contracts.garment import GarmentLandmark, GarmentPart

SOURCE, TARGET = (120, 200), (96, 128)


def dotted(points: np.ndarray) -> np.ndarray:
    """A black picture with a white square of five pixels around each point."""
    picture = np.zeros((SOURCE[1], SOURCE[0], 3), np.uint8)
    for x, y in points.astype(int):
        picture[y - 2 : y + 3, x - 2 : x + 3] = 255
    return picture


def example() -> Example:
    """Left and right sleeve as two halves of the picture, a landmark in each."""
    parts = np.full((SOURCE[1], SOURCE[0]), GarmentPart.LEFT_SLEEVE, np.uint8)
    parts[:, : SOURCE[0] // 2] = GarmentPart.RIGHT_SLEEVE
    points = np.zeros((len(GarmentLandmark), 2), np.float32)
    visibility = np.zeros(len(GarmentLandmark), np.int64)
    for landmark, place in ((GarmentLandmark.LEFT_SHOULDER, (90, 100)), (GarmentLandmark.RIGHT_SHOULDER, (30, 100))):
        points[landmark] = place
        visibility[landmark] = VISIBLE
    return Example(dotted(points[visibility == VISIBLE]), parts, points, visibility)


@pytest.mark.parametrize("seed", range(8))
def test_points_stay_on_what_they_mark(seed: int) -> None:
    strength = Strength(light=0, any_angle=0.5, perspective=0.03, shift=0)
    rng = np.random.default_rng(seed)
    source = example()
    moved = placed(source, random_placement(rng, SOURCE, TARGET, strength))
    assert moved.picture.shape == (TARGET[1], TARGET[0], 3)
    assert moved.points is not None and moved.visibility is not None
    for (x, y), seen in zip(moved.points, moved.visibility, strict=True):
        if seen == VISIBLE:
            near = moved.picture[max(0, int(y) - 1) : int(y) + 2, max(0, int(x) - 1) : int(x) + 2]
            assert near.max() > 200


@pytest.mark.parametrize("mirrored", [False, True])
def test_left_stays_the_wearer_s_left(mirrored: bool) -> None:
    sign = -1 if mirrored else 1
    matrix = np.array([[sign, 0, SOURCE[0] if mirrored else 0], [0, 1, 0], [0, 0, 1.0]])
    moved = placed(example(), Placement(matrix, SOURCE, mirrored))
    assert moved.parts is not None and moved.points is not None
    x, y = moved.points[GarmentLandmark.LEFT_SHOULDER]
    assert x == pytest.approx(90), "mirrored, the other sleeve is the left one and lies on the same side"
    assert moved.parts[int(y), int(x)] == GarmentPart.LEFT_SLEEVE


def test_what_falls_outside_is_not_known() -> None:
    aside = Placement(np.array([[1, 0, 60], [0, 1, 0], [0, 0, 1.0]]), SOURCE)
    moved = placed(example(), aside)
    assert moved.visibility is not None and moved.parts is not None
    assert moved.visibility[GarmentLandmark.LEFT_SHOULDER] == UNKNOWN
    assert moved.visibility[GarmentLandmark.RIGHT_SHOULDER] == VISIBLE
    assert (moved.parts[:, :60] == IGNORE).all()


def test_a_letterboxed_photo_is_whole_and_in_the_middle() -> None:
    corners = letterbox((400, 200), (100, 100)).points(np.array([[0, 0], [400, 200]], np.float32))
    assert corners == pytest.approx(np.array([[0, 25], [100, 75]]))


def test_the_same_seed_gives_the_same_photo() -> None:
    first, second, other = (varied(np.random.default_rng(seed), example(), TARGET, Strength()) for seed in (1, 1, 2))
    assert np.array_equal(first.picture, second.picture)
    assert not np.array_equal(first.picture, other.picture)
