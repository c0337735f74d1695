"""Parts in the right places, and their colours."""

from pathlib import Path

import numpy as np
import pytest

from vf_blazepose import Mark, Person, PersonFinder
from vf_densepose.open.body import label_body
from vf_densepose.parts import Part
from vf_densepose.visualiser import PALETTE, PlacedLabels, paint

RECORDED = np.load(Path(__file__).parent / "fixtures" / "visualiser.npz")
BOXES = RECORDED["boxes_xywh"].astype(int)


def placed(index):
    return PlacedLabels(RECORDED[f"labels_{index}"], x=int(BOXES[index, 0]), y=int(BOXES[index, 1]))


def test_palette_is_the_recorded_one():
    assert (RECORDED["palette_rgb"] == PALETTE).all()


def test_painted_as_recorded():
    assert (paint([placed(0), placed(1)], (80, 70)) == RECORDED["picture_rgb"]).all()
    assert (paint([placed(1), placed(0)], (80, 70)) == RECORDED["picture_swapped_rgb"]).all()
    assert (paint([], (10, 20)) == RECORDED["picture_none_rgb"]).all()


@pytest.mark.parametrize("x,y", [(-10, -5), (75, 60), (-100, 0), (200, 200)])
def test_labels_beyond_the_picture_are_cut(x, y):
    picture = paint([PlacedLabels(np.full((20, 30), 7, np.uint8), x, y)], (80, 70))
    expected = np.zeros((70, 80), bool)
    rows, columns = np.mgrid[:70, :80]
    expected = (rows >= y) & (rows < y + 20) & (columns >= x) & (columns < x + 30)
    assert ((picture == PALETTE[7]).all(-1) == expected).all()


@pytest.fixture(scope="module")
def person(weights, photo):
    return PersonFinder(weights).find(photo)[0]


def at(labels, point):
    return Part(int(labels[round(float(point[1])), round(float(point[0]))]))


def between(person, a, b, share=0.5):
    return person.landmarks[a, :2] * (1 - share) + person.landmarks[b, :2] * share


def test_a_person_from_the_front(person):
    labels = label_body(person)
    assert at(labels, between(person, Mark.R_SHOULDER, Mark.L_HIP)) is Part.TORSO_FRONT
    assert at(labels, between(person, Mark.R_HIP, Mark.R_KNEE, 0.6)) is Part.R_THIGH_FRONT
    assert at(labels, between(person, Mark.L_KNEE, Mark.L_ANKLE)) is Part.L_CALF_FRONT
    assert at(labels, between(person, Mark.L_ELBOW, Mark.L_WRIST)) in (Part.L_FOREARM_INNER, Part.L_FOREARM_OUTER)
    assert at(labels, between(person, Mark.R_WRIST, Mark.R_INDEX, 0.9)) is Part.R_HAND
    assert at(labels, person.landmarks[Mark.L_EYE]) is Part.L_HEAD
    assert at(labels, person.landmarks[Mark.R_EYE]) is Part.R_HEAD
    back = {Part.TORSO_BACK, Part.R_THIGH_BACK, Part.L_THIGH_BACK, Part.R_CALF_BACK, Part.L_CALF_BACK}
    assert set(np.unique(labels)) == set(range(25)) - back


def test_inner_arms_face_the_body(person):
    labels = label_body(person)
    for inner, outer, outward in [
        (Part.L_UPPER_ARM_INNER, Part.L_UPPER_ARM_OUTER, 1),
        (Part.R_UPPER_ARM_INNER, Part.R_UPPER_ARM_OUTER, -1),
        (Part.L_FOREARM_INNER, Part.L_FOREARM_OUTER, 1),
        (Part.R_FOREARM_INNER, Part.R_FOREARM_OUTER, -1),
    ]:
        difference = np.mean(np.where(labels == outer)[1]) - np.mean(np.where(labels == inner)[1])
        assert difference * outward > 0


def swapped(person):
    """The same outline seen from behind: left and right change places, the face turns away."""
    order = [0, 4, 5, 6, 1, 2, 3, 8, 7, 10, 9]
    order += [other for pair in range(11, 33, 2) for other in (pair + 1, pair)]
    return Person(person.landmarks[order], person.mask, person.presence, person.box, person.prominence)


def test_a_person_from_behind(person):
    back = label_body(swapped(person))
    assert at(back, between(person, Mark.R_SHOULDER, Mark.L_HIP)) is Part.TORSO_BACK
    assert at(back, between(person, Mark.R_HIP, Mark.R_KNEE, 0.6)) is Part.L_THIGH_BACK
    assert at(back, person.landmarks[Mark.L_EYE]) is Part.R_HEAD
    columns = np.where(back == Part.R_UPPER_ARM_INNER)[1]
    outer_columns = np.where(back == Part.R_UPPER_ARM_OUTER)[1]
    assert columns.mean() < outer_columns.mean(), "the right arm is at the picture's right, its inner side faces left"


def test_nothing_beyond_the_silhouette(person):
    labels = label_body(person)
    assert not labels[person.mask < 0.02].any()
    assert (labels > 0).sum() > 0.7 * (person.mask > 0.5).sum()
    empty = Person(person.landmarks, np.zeros_like(person.mask), 1.0, person.box, 1.0)
    assert not label_body(empty).any()


def test_hidden_limbs_are_left_out(person):
    marks = person.landmarks.copy()
    marks[[Mark.L_ELBOW, Mark.L_WRIST], 3] = 0
    labels = label_body(Person(marks, person.mask, 1.0, person.box, 1.0))
    assert not np.isin(labels, [Part.L_UPPER_ARM_INNER, Part.L_FOREARM_OUTER, Part.L_HAND]).any()


def test_any_landmarks_give_labels(person):
    for seed in range(5):
        marks = np.random.default_rng(seed).uniform(-2000, 2000, (33, 4)).astype(np.float32)
        marks[:, 3] = 1
        labels = label_body(Person(marks, np.ones((90, 60), np.float32), 1.0, (0, 0, 1, 1), 1.0))
        assert labels.shape == (90, 60) and labels.max() <= 24
    together = np.zeros((33, 4), np.float32)
    together[:, 3] = 1
    assert label_body(Person(together, np.ones((9, 6), np.float32), 1.0, (0, 0, 1, 1), 1.0)).shape == (9, 6)
