"""People found, and none where there are none."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image as PILImage

from vf_blazepose import Mark, PersonFinder
from vf_blazepose.finder import disagreement, prominence, similarity, views, visible_box
from vf_blazepose.landmarks import refine
from vfkit.problems import Code, Problem


def on_backdrop(photo, height, size, at):
    """The photo, scaled, on a plain picture of (width, height) ``size``."""
    small = cv2.resize(photo, (round(photo.shape[1] * height / photo.shape[0]), height), interpolation=cv2.INTER_AREA)
    picture = np.full((size[1], size[0], 3), small[3, 3], np.uint8)
    picture[at[1] : at[1] + height, at[0] : at[0] + small.shape[1]] = small
    return picture


def test_a_person_is_read_sensibly(finder, photo):
    (person,) = finder.find(photo)
    x, y = person.landmarks[:, 0], person.landmarks[:, 1]
    assert person.landmarks.shape == (33, 4) and person.landmarks.dtype == np.float32
    assert y[Mark.NOSE] < y[Mark.L_SHOULDER] < y[Mark.L_HIP] < y[Mark.L_KNEE] < y[Mark.L_ANKLE]
    assert x[Mark.L_SHOULDER] > x[Mark.R_SHOULDER], "the person's left is the picture's right"
    assert person.presence > 0.9
    assert person.mask.shape == photo.shape[:2] and person.mask.dtype == np.float32
    left, top, right, bottom = person.box
    assert left < x[Mark.R_WRIST] and right > x[Mark.L_WRIST] and top < y[Mark.NOSE] and bottom > y[Mark.L_ANKLE]
    for mark in (Mark.NOSE, Mark.L_ELBOW, Mark.R_KNEE):
        assert person.mask[int(y[mark]), int(x[mark])] > 0.9
    assert person.mask[5, 5] < 0.1


def test_a_small_person_is_the_same_person(finder, photo):
    height, width = photo.shape[:2]
    (large,) = finder.find(photo)
    picture = on_backdrop(photo, height // 3, (width, height), (width // 2, height // 2))
    (small,) = finder.find(picture)
    expected = large.landmarks[:, :2] / 3 + (width // 2, height // 2)
    assert np.linalg.norm(small.landmarks[:, :2] - expected, axis=1).max() < 0.03 * height / 3 * 2


def test_a_head_cut_by_the_frame(finder, photo):
    (whole_person,) = finder.find(photo)
    cut = int(whole_person.landmarks[Mark.NOSE, 1])
    (person,) = finder.find(np.ascontiguousarray(photo[cut:]))
    moved = person.landmarks[:, :2] + (0, cut)
    joints = [Mark.L_SHOULDER, Mark.R_SHOULDER, Mark.L_ELBOW, Mark.R_WRIST, Mark.L_HIP, Mark.R_KNEE]
    distance = np.linalg.norm(moved[joints] - whole_person.landmarks[joints, :2], axis=1)
    assert distance.max() < 0.04 * photo.shape[0]


def test_somebody_smaller_is_found_beside(finder, photo):
    height, width = photo.shape[:2]
    small = on_backdrop(photo, round(0.45 * height), (width // 2, height), (0, round(0.5 * height)))
    picture = np.ascontiguousarray(np.hstack([photo[:, width // 4 : -width // 4], small]))
    people = finder.find(picture)
    everybody = people + finder.beside(picture, people)
    assert len(everybody) == 2
    assert {person.landmarks[Mark.NOSE, 0] > width // 2 for person in everybody} == {False, True}


def test_nobody_is_beside_one_person(finder, photo):
    (person,) = finder.find(photo)
    assert finder.beside(photo, [person]) == []
    assert finder.sightings(photo) == 1
    assert person.agreement > 0.9


def test_one_who_covers_another_is_no_single_body(finder, photo):
    width = photo.shape[1]
    picture = photo.copy()
    left, right, shift = round(0.3 * width), round(0.7 * width), round(0.27 * width)
    picture[:, left + shift : right + shift] = photo[:, left:right]
    people = finder.find(picture)
    everybody = people + finder.beside(picture, people)
    assert len(everybody) > 1 or finder.sightings(picture) > 1


def test_two_people_the_larger_first(finder, photo):
    height, width = photo.shape[:2]
    picture = np.hstack([on_backdrop(photo, round(0.7 * height), (width, height), (width // 8, height // 4)), photo])
    first, second = finder.find(picture)
    assert first.landmarks[Mark.NOSE, 0] > width > second.landmarks[Mark.NOSE, 0]
    assert first.prominence > second.prominence


@pytest.mark.parametrize(
    "picture",
    [
        np.random.default_rng(0).integers(0, 256, (512, 384, 3), dtype=np.uint8),
        np.zeros((512, 384, 3), np.uint8),
        np.tile(np.linspace(0, 255, 512).astype(np.uint8)[:, None, None], (1, 384, 3)),
        np.zeros((1, 1, 3), np.uint8),
        np.full((20, 2000, 3), 128, np.uint8),
    ],
    ids=["noise", "black", "gradient", "one pixel", "strip"],
)
def test_nobody(finder, picture):
    assert finder.find(picture) == []


def test_without_looking_closer_only_the_large_are_found(finder, photo):
    assert len(finder.find(photo, closer=False)) == 1
    small = np.full_like(photo, 200)
    height, width = photo.shape[0] // 6, photo.shape[1] // 6
    small[height : 2 * height, width : 2 * width] = cv2.resize(photo, (width, height), interpolation=cv2.INTER_AREA)
    assert finder.find(small, closer=False) == []
    assert len(finder.find(small)) == 1


@pytest.mark.parametrize("garment", ["tshirt", "longsleeve", "tank", "trousers"])
def test_a_garment_is_nobody(finder, garment):
    path = Path(__file__).parents[2] / "samples" / f"{garment}.jpg"
    assert finder.find(np.asarray(PILImage.open(path).convert("RGB"))) == []


def test_missing_weights_are_told(tmp_path):
    with pytest.raises(Problem) as told:
        PersonFinder(tmp_path)
    assert told.value.code is Code.WEIGHTS_MISSING
    assert str(tmp_path) not in told.value.detail


def test_damaged_weights_are_told(tmp_path):
    folder = tmp_path / "blazepose"
    folder.mkdir()
    for name in ("pose_detection", "pose_landmark_full"):
        (folder / f"{name}.tflite").write_bytes(b"not a model")
    with pytest.raises(Problem) as told:
        PersonFinder(tmp_path)
    assert told.value.code is Code.WEIGHTS_MISSING


def test_refine_draws_to_the_peak_and_leaves_the_unsure():
    heat = np.full((64, 64, 2), -20, np.float32)
    heat[30, 34, 0] = 10
    heat[30, 34, 1] = -5
    points = np.array([[0.5, 0.5], [0.5, 0.5]], np.float32)
    refined = refine(points, heat)
    assert refined[0] == pytest.approx((34 / 64, 30 / 64), abs=1e-3)
    assert (refined[1] == points[1]).all()


def test_views_cover_the_picture():
    regions = [region for region, _ in views((300, 1000, 3))]
    for x, y in [(1, 1), (999, 299), (500, 150), (1, 299)]:
        assert sum(abs(x - r.x) <= r.size / 2 and abs(y - r.y) <= r.size / 2 for r in regions[2:]) >= 1


def test_similarity_and_disagreement():
    rng = np.random.default_rng(1)
    one = np.concatenate([rng.uniform(0, 300, (33, 2)), np.ones((33, 2))], axis=1).astype(np.float32)
    assert similarity(one, one) == 1 and disagreement(one, one) == 0
    other = one.copy()
    other[:, 0] += 600
    assert similarity(one, other) < 0.01


def test_prominence_prefers_large_and_central():
    shape = (100, 200, 3)
    assert prominence((80, 0, 120, 100), shape) > prominence((0, 0, 40, 100), shape)
    assert prominence((80, 0, 120, 100), shape) > prominence((90, 20, 110, 80), shape)


def test_box_without_a_mask_is_the_visible_landmarks():
    landmarks = np.zeros((33, 4), np.float32)
    landmarks[0] = 10, 20, 0, 1
    landmarks[1] = 500, 30, 0, 1
    assert visible_box(landmarks, np.zeros((50, 60), np.float32)) == (10, 20, 60, 30)
