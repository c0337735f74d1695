"""What a network answers, in the pixels of the photo that it was asked about."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from vf_training.garment import evaluation
from vf_training.garment.answer import HEIGHT, STRIDE, WIDTH, Answer
from vf_training.garment.examples import VISIBLE, Example
from vf_training.garment.hand_labels import Check, LabelledPhoto
from vf_training.garment.reading import read
from vfkit.contracts.garment import GarmentLandmark, GarmentPart

CELLS = (HEIGHT // STRIDE, WIDTH // STRIDE)
PHOTO = np.zeros((300, 600, 3), np.uint8)
"""Twice as wide as high: letterboxed, it fills 144 of 384 rows."""


def answer(pictures: np.ndarray) -> Answer:
    """Torso in the left half of the input, every landmark in its middle, a dress on a hanger from behind."""
    assert pictures.shape == (1, 3, HEIGHT, WIDTH)
    parts = np.zeros((1, len(GarmentPart), *CELLS), np.float32)
    parts[:, GarmentPart.TORSO, :, : CELLS[1] // 2] = 5
    places = np.zeros((1, len(GarmentLandmark), *CELLS), np.float32)
    places[:, :, CELLS[0] // 2 - 1 : CELLS[0] // 2 + 1, CELLS[1] // 2 - 1 : CELLS[1] // 2 + 1] = 20
    visibility = np.zeros((1, len(GarmentLandmark), 3), np.float32)
    visibility[..., VISIBLE] = 3
    kind, photo, view = (np.eye(count, dtype=np.float32)[[index]] * 9 for count, index in ((8, 2), (5, 1), (2, 1)))
    return Answer(parts, places, visibility, kind, photo, view)


def test_maps_and_points_are_the_photo_s() -> None:
    reading = read(answer, PHOTO)
    assert reading.parts.shape == (300, 600)
    assert (reading.parts[:, :290] == GarmentPart.TORSO).all()
    assert (reading.parts[:, 310:] == GarmentPart.BACKGROUND).all()
    assert reading.points == pytest.approx(np.tile([300, 150], (20, 1)), abs=0.5)
    assert reading.certainty.min() > 0.99
    assert (reading.kind.argmax(), reading.photo.argmax(), reading.view.argmax()) == (2, 1, 1)
    assert reading.kind.sum() == pytest.approx(1, abs=1e-5)


def test_evaluation_counts_what_is_right_and_what_is_wrong() -> None:
    parts = np.zeros((300, 600), np.uint8)
    parts[:, :300] = GarmentPart.TORSO
    points = np.zeros((len(GarmentLandmark), 2), np.float32)
    visibility = np.zeros(len(GarmentLandmark), np.int64)
    points[:2], visibility[:2] = [(310, 150), (100, 20)], VISIBLE
    checks = (Check(100, 100, "in"), Check(500, 100, "in"), Check(500, 10, "out"), Check(10, 10, "hanger"))
    photo = LabelledPhoto(Path(), Example(PHOTO, parts, points, visibility, 2, 1, 0), checks)
    numbers = evaluation.labels([photo], [read(answer, PHOTO)])
    assert numbers["points"] == pytest.approx(0.5)
    assert (numbers["points in"], numbers["points out"], numbers["points hanger"]) == (0.5, 1, 0)
    assert numbers["landmarks"] == pytest.approx(0.5)
    assert numbers["garment"] > 0.97
    assert (numbers["photo"], numbers["view"]) == (1, 0)


def test_kinds_are_counted_by_row() -> None:
    counts = np.diag([4] * 8)
    counts[0, 6], counts[1, 7], counts[6, 0], counts[6, 7] = 1, 1, 1, 1
    numbers = evaluation.kind_numbers(counts)
    assert numbers["kind"] == pytest.approx(32 / 36)
    assert numbers["other refused"] == pytest.approx(5 / 6)
    assert numbers["garments refused"] == pytest.approx(2 / 26)
