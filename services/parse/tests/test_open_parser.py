"""The open parser below person finding: drawn people whose labels are known."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from parse_mannequin import Outfit, draw, overlap

from vf_parse.open.engine import parse_subject, trunk_in_picture
from vf_parse.open.subject import Subject
from vfkit.contracts import Label

GARMENTS = (Label.UPPER_CLOTHES, Label.DRESS, Label.COAT)


@pytest.mark.parametrize("sleeve", [0.0, 0.6, 1.9])
def test_top_and_trousers(sleeve):
    picture, truth, subject = draw(Outfit(sleeve=sleeve))
    labels = parse_subject(picture, subject).labels
    assert labels.shape == truth.shape
    assert labels.dtype == np.uint8
    for label in (Label.UPPER_CLOTHES, Label.PANTS, Label.HAIR, Label.LEFT_ARM, Label.RIGHT_ARM, Label.LEFT_SHOE):
        assert overlap(labels, truth, label) > 0.9, label
    assert overlap(labels, truth, Label.FACE, Label.TORSO_SKIN) > 0.9


def test_left_is_the_persons_left():
    picture, _, subject = draw(Outfit())
    labels = parse_subject(picture, subject).labels
    for left, right in ((Label.LEFT_ARM, Label.RIGHT_ARM), (Label.LEFT_SHOE, Label.RIGHT_SHOE)):
        assert np.nonzero(labels == left)[1].mean() > np.nonzero(labels == right)[1].mean()


def test_skirt_ends_in_a_hem():
    picture, truth, subject = draw(Outfit(hem=360))
    labels = parse_subject(picture, subject).labels
    assert overlap(labels, truth, Label.SKIRT) > 0.9
    assert overlap(labels, truth, Label.LEFT_LEG) > 0.85
    assert not (labels == Label.PANTS).any()


@pytest.mark.parametrize("colour", [(30, 30, 34), (180, 40, 50), (240, 238, 230)])
def test_dress_is_one_piece(colour):
    picture, truth, subject = draw(Outfit(one_piece=True, hem=380, upper=colour))
    labels = parse_subject(picture, subject).labels
    assert overlap(labels, truth, Label.DRESS) > 0.9
    assert not np.isin(labels, (Label.UPPER_CLOTHES, Label.SKIRT, Label.PANTS)).any()


def test_long_hair_is_hair_on_the_chest_too():
    picture, truth, subject = draw(Outfit(long_hair=True, upper=(240, 240, 240)))
    labels = parse_subject(picture, subject).labels
    assert overlap(labels, truth, Label.HAIR) > 0.9


def test_dark_top_under_dark_hair_stays_a_top():
    picture, truth, subject = draw(Outfit(upper=(52, 36, 28)))
    labels = parse_subject(picture, subject).labels
    assert overlap(labels, truth, *GARMENTS) > 0.9


def test_pale_clothes_on_a_pale_wall():
    picture, truth, subject = draw(Outfit(upper=(238, 232, 226), lower=(226, 216, 212), wall=(245, 245, 246)))
    labels = parse_subject(picture, subject).labels
    assert overlap(labels, truth, Label.UPPER_CLOTHES) > 0.9
    assert overlap(labels, truth, Label.PANTS) > 0.9


def test_same_colours_are_told_and_still_split_near_the_hips():
    picture, truth, subject = draw(Outfit(upper=(30, 30, 34), lower=(30, 30, 34)))
    answer = parse_subject(picture, subject)
    assert [warning.code for warning in answer.warnings] == ["low_confidence"]
    assert overlap(answer.labels, truth, Label.UPPER_CLOTHES) > 0.8
    assert overlap(answer.labels, truth, Label.PANTS) > 0.8


def test_plain_case_has_no_warning():
    picture, _, subject = draw(Outfit())
    assert parse_subject(picture, subject).warnings == ()


def test_deterministic():
    picture, _, subject = draw(Outfit())
    assert np.array_equal(parse_subject(picture, subject).labels, parse_subject(picture, subject).labels)


@pytest.mark.parametrize("scale", [0.5, 2.0])
def test_any_size(scale):
    picture, truth, subject = draw(Outfit())
    size = (round(picture.shape[1] * scale), round(picture.shape[0] * scale))
    landmarks = subject.landmarks.copy()
    landmarks[:, :3] *= scale
    scaled = Subject(landmarks, cv2.resize(subject.mask, size))
    labels = parse_subject(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), scaled).labels
    assert labels.shape == size[::-1]
    expected = cv2.resize(truth, size, interpolation=cv2.INTER_NEAREST)
    assert overlap(labels, expected, Label.UPPER_CLOTHES) > 0.88


def test_frame_around_the_person_does_not_matter():
    picture, truth, subject = draw(Outfit())
    wide = cv2.copyMakeBorder(picture, 200, 60, 300, 500, cv2.BORDER_REPLICATE)
    mask = cv2.copyMakeBorder(subject.mask, 200, 60, 300, 500, cv2.BORDER_CONSTANT)
    landmarks = subject.landmarks.copy()
    landmarks[:, :2] += (300, 200)
    labels = parse_subject(wide, Subject(landmarks, mask)).labels[200:-60, 300:-500]
    assert overlap(labels, truth, Label.UPPER_CLOTHES) > 0.9
    assert overlap(labels, truth, Label.HAIR) > 0.9


def test_head_cut_at_the_mouth():
    picture, truth, subject = draw(Outfit())
    cut = 72
    landmarks = subject.landmarks.copy()
    landmarks[:, 1] -= cut
    labels = parse_subject(picture[cut:], Subject(landmarks, subject.mask[cut:])).labels
    assert overlap(labels, truth[cut:], Label.UPPER_CLOTHES) > 0.9
    assert overlap(labels, truth[cut:], Label.FACE, Label.TORSO_SKIN) > 0.7


def test_cut_at_the_hips():
    picture, truth, subject = draw(Outfit())
    labels = parse_subject(picture[:270], Subject(subject.landmarks, subject.mask[:270])).labels
    assert overlap(labels, truth[:270], Label.UPPER_CLOTHES) > 0.85


def test_trunk_outside_the_picture():
    picture, _, subject = draw(Outfit())
    assert trunk_in_picture(subject.landmarks, picture)
    assert not trunk_in_picture(subject.landmarks, picture[:220])
    beside = subject.landmarks.copy()
    beside[:, 0] -= 180
    assert not trunk_in_picture(beside, picture)


def test_hostile_subjects_do_not_crash():
    picture, _, subject = draw(Outfit())
    noise = np.random.default_rng(0)
    for _ in range(8):
        landmarks = subject.landmarks.copy()
        landmarks[:, :2] += noise.normal(0, 60, (33, 2))
        landmarks[:, 3] = noise.random(33)
        mask = subject.mask if noise.random() < 0.5 else np.zeros_like(subject.mask)
        labels = parse_subject(picture, Subject(landmarks, mask)).labels
        assert labels.shape == picture.shape[:2]
        assert labels.max() < len(Label)
