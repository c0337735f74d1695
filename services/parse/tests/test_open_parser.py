"""The open parser below person finding and network: people drawn in paint, read by a network that knows the paint."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from parse_mannequin import PAINT, Outfit, PaintNetwork, draw, overlap

from vf_parse.open.engine import parse_subject, trunk_in_picture
from vf_parse.open.subject import Subject
from vf_parse.types import ParseAnswer, ParseRequest
from vfkit.contracts import Label
from vfkit.contracts.people import PersonRegion

NETWORK = PaintNetwork()


def parse(picture: np.ndarray, subject: Subject, *others: Subject, held: bool = False) -> ParseAnswer:
    return parse_subject(NETWORK, ParseRequest(picture, held=held), subject, others)


@pytest.mark.parametrize("sleeve", [0.0, 0.6, 1.9])
def test_every_part_is_where_it_was_drawn(sleeve):
    picture, truth, subject = draw(Outfit(sleeve=sleeve))
    answer = parse(picture, subject)
    assert answer.labels.shape == truth.shape
    assert answer.labels.dtype == np.uint8
    for label in np.unique(truth):
        assert overlap(answer.labels, truth, Label(label)) > 0.85, Label(label)
    assert answer.warnings == ()
    assert answer.held is None


def test_left_is_the_persons_left():
    picture, _, subject = draw(Outfit(hem=300))
    labels = parse(picture, subject).labels
    for left, right in (
        (Label.LEFT_ARM, Label.RIGHT_ARM),
        (Label.LEFT_LEG, Label.RIGHT_LEG),
        (Label.LEFT_SHOE, Label.RIGHT_SHOE),
    ):
        assert np.nonzero(labels == left)[1].mean() > np.nonzero(labels == right)[1].mean()


@pytest.mark.parametrize("scale", [0.5, 2.0, 4.0])
def test_any_size(scale):
    picture, truth, subject = draw(Outfit())
    size = (round(picture.shape[1] * scale), round(picture.shape[0] * scale))
    landmarks = subject.landmarks.copy()
    landmarks[:, :3] *= scale
    scaled = Subject(landmarks, cv2.resize(subject.mask, size))
    labels = parse(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), scaled).labels
    assert labels.shape == size[::-1]
    expected = cv2.resize(truth, size, interpolation=cv2.INTER_NEAREST)
    for label in (Label.UPPER_CLOTHES, Label.PANTS, Label.LEFT_ARM, Label.FACE):
        assert overlap(labels, expected, label) > 0.8, label


def test_frame_around_the_person_does_not_matter():
    picture, truth, subject = draw(Outfit())
    wide = cv2.copyMakeBorder(picture, 200, 60, 300, 500, cv2.BORDER_REPLICATE)
    mask = cv2.copyMakeBorder(subject.mask, 200, 60, 300, 500, cv2.BORDER_CONSTANT)
    landmarks = subject.landmarks.copy()
    landmarks[:, :2] += (300, 200)
    labels = parse(wide, Subject(landmarks, mask)).labels
    assert not labels[:190].any()
    assert overlap(labels[200:-60, 300:-500], truth, Label.UPPER_CLOTHES) > 0.9
    assert overlap(labels[200:-60, 300:-500], truth, Label.HAIR) > 0.85


@pytest.mark.parametrize("rows", [slice(0, 270), slice(72, 512)], ids=["cut at the hips", "cut at the mouth"])
def test_cut_by_the_frame(rows):
    picture, truth, subject = draw(Outfit())
    landmarks = subject.landmarks.copy()
    landmarks[:, 1] -= rows.start
    labels = parse(picture[rows], Subject(landmarks, subject.mask[rows])).labels
    assert overlap(labels, truth[rows], Label.UPPER_CLOTHES) > 0.9


@pytest.mark.parametrize("apart", [150, 240], ids=["arm in arm", "beside"])
def test_somebody_else_is_background(apart):
    picture, truth, subject = draw(Outfit())
    height, width = truth.shape
    mask = np.pad(subject.mask, ((0, 0), (0, apart)))
    both = np.full((height, width + apart, 3), PAINT[PersonRegion.BACKGROUND], np.uint8)
    both[:, apart:] = picture
    both[:, :width][truth > 0] = picture[truth > 0]
    landmarks = subject.landmarks.copy()
    landmarks[:, 0] += apart
    other = Subject(landmarks, np.pad(subject.mask, ((0, 0), (apart, 0))))
    labels = parse(both, Subject(subject.landmarks, mask), other).labels
    assert overlap(labels[:, :width], truth, *[label for label in Label if label]) > 0.9
    assert (labels[:, width + 20 :] > 0).mean() < 0.01


def test_what_is_held_is_background_and_a_mask_of_its_own():
    picture, truth, subject = draw(Outfit())
    bag = np.zeros(truth.shape, bool)
    bag[200:300, 150:200] = True
    picture[bag] = PAINT[PersonRegion.HELD]
    answer = parse(picture, subject, held=True)
    assert answer.held.shape == truth.shape
    assert set(np.unique(answer.held)) == {0, 255}
    assert ((answer.held > 0) & bag).sum() / ((answer.held > 0) | bag).sum() > 0.85
    assert not answer.labels[answer.held > 0].any()
    assert parse(picture, subject).held is None


def test_specks_take_the_label_around_them():
    picture, _, subject = draw(Outfit())
    for region in (PersonRegion.HAIR, PersonRegion.SKIRT, PersonRegion.BACKGROUND):
        speckled = picture.copy()
        speckled[180:185, 190:195] = PAINT[region]
        labels = parse(speckled, subject).labels
        assert (labels[176:190, 186:200] == Label.UPPER_CLOTHES).all(), region


def test_the_chin_is_face_though_it_looks_like_neck():
    picture, truth, subject = draw(Outfit())
    jaw = (truth == Label.FACE) & (np.arange(512)[:, None] > 82)
    picture[jaw] = PAINT[PersonRegion.TORSO_SKIN]
    labels = parse(picture, subject).labels
    assert (labels[jaw] == Label.FACE).mean() > 0.9
    assert overlap(labels, truth, Label.TORSO_SKIN) > 0.8


def test_a_dress_is_one_thing():
    """A little of it looks like a top, a little like trousers: the network is sure of most, and so it is all dress."""
    picture, truth, subject = draw(Outfit(one_piece=True, hem=380))
    picture[150:170, 170:200] = PAINT[PersonRegion.UPPER]
    picture[310:330, 170:190] = PAINT[PersonRegion.TROUSERS]
    labels = parse(picture, subject).labels
    assert overlap(labels, truth, Label.DRESS) > 0.85
    assert (labels[150:170, 170:200] == Label.DRESS).all()
    assert not np.isin(labels, (Label.UPPER_CLOTHES, Label.SKIRT, Label.PANTS)).any()


def test_a_spot_of_dress_on_a_top_is_the_top():
    picture, truth, subject = draw(Outfit())
    picture[180:220, 160:200] = PAINT[PersonRegion.DRESS]
    labels = parse(picture, subject).labels
    assert not (labels == Label.DRESS).any()
    assert overlap(labels, truth, Label.UPPER_CLOTHES, Label.PANTS) > 0.9


def test_a_dress_over_trousers_stays():
    picture, _, subject = draw(Outfit(one_piece=True, hem=330))
    legs, _, _ = draw(Outfit())
    picture[335:] = legs[335:]
    labels = parse(picture, subject).labels
    assert (labels == Label.DRESS).sum() > 5000
    assert (labels == Label.PANTS).sum() > 2000


def test_what_is_unsure_is_told_with_its_rival():
    picture, _, subject = draw(Outfit())
    hesitant = PaintNetwork(0.5)

    class TopOrCoat:
        def logits(self, picture: np.ndarray) -> np.ndarray:
            logits = hesitant.logits(picture)
            logits[PersonRegion.COAT] = np.maximum(logits[PersonRegion.COAT], logits[PersonRegion.UPPER] - 0.1)
            return logits

    answer = parse_subject(TopOrCoat(), ParseRequest(picture), subject)
    assert {warning.code for warning in answer.warnings} == {"low_confidence"}
    assert any("taken for a top may be a coat" in warning.detail for warning in answer.warnings)


def test_a_person_whom_the_network_does_not_see_is_told():
    picture, _, subject = draw(Outfit())
    picture[250:] = PAINT[PersonRegion.BACKGROUND]
    assert any("background" in warning.detail for warning in parse(picture, subject).warnings)


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
        landmarks[:, :2] += noise.normal(0, 200, (33, 2))
        landmarks[:, 3] = noise.random(33)
        mask = subject.mask if noise.random() < 0.5 else np.zeros_like(subject.mask)
        labels = parse(picture, Subject(landmarks, mask)).labels
        assert labels.shape == picture.shape[:2]
        assert labels.max() < len(Label)
