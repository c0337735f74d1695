"""The person parser's data: skin told apart, crops and compositions that keep labels true, honest splits, overlaps."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from vf_training.augmentation import IGNORE
from vf_training.grounds import Grounds
from vf_training.parser import evaluation
from vf_training.parser.answer import HEIGHT, STRIDE, WIDTH
from vf_training.parser.examples import StreetPeople, rarity, varied
from vf_training.parser.joints import SKIN, Joint, Joints, person_box, split_skin
from vf_training.parser.reading import Array, read
from vf_training.parser.street import TAGS, StreetPhoto, street_photos
from vf_training.pictures import DataError
from vfkit.contracts.people import PersonRegion

STANDING = {
    "NOSE": (100, 40), "LEFT_EAR": (112, 38), "RIGHT_EAR": (88, 38), "LEFT_MOUTH": (105, 52), "RIGHT_MOUTH": (95, 52),
    "LEFT_SHOULDER": (135, 90), "RIGHT_SHOULDER": (65, 90), "LEFT_ELBOW": (160, 140), "RIGHT_ELBOW": (40, 140),
    "LEFT_WRIST": (175, 190), "RIGHT_WRIST": (25, 190), "LEFT_INDEX": (178, 205), "RIGHT_INDEX": (22, 205),
    "LEFT_HIP": (120, 200), "RIGHT_HIP": (80, 200), "LEFT_KNEE": (122, 270), "RIGHT_KNEE": (78, 270),
    "LEFT_ANKLE": (123, 340), "RIGHT_ANKLE": (77, 340), "LEFT_TOE": (128, 352), "RIGHT_TOE": (72, 352),
}  # fmt: skip
SIZE = (200, 360)
EXPECTED = {
    (100, 45): PersonRegion.FACE,
    (100, 110): PersonRegion.TORSO_SKIN,
    (168, 165): PersonRegion.ARM,
    (24, 198): PersonRegion.ARM,
    (122, 300): PersonRegion.LEG,
    (75, 345): PersonRegion.LEG,
}


def joints() -> Joints:
    """Somebody who stands upright."""
    return np.array([(*STANDING[joint.name], 1.0) for joint in Joint], np.float32)


def test_skin_is_told_apart_by_the_joints() -> None:
    regions = split_skin(np.full(SIZE[::-1], SKIN, np.uint8), joints())
    assert {point: PersonRegion(regions[point[1], point[0]]) for point in EXPECTED} == EXPECTED
    assert (regions == SKIN).any(), "between two parts of the body, only skin is known"


def test_without_joints_skin_stays_skin_and_nothing_else_is_ever_changed() -> None:
    rng = np.random.default_rng(0)
    regions = rng.choice(np.array([0, 5, 9, SKIN, IGNORE], np.uint8), SIZE[::-1])
    assert (split_skin(regions, None) == regions).all()
    changed = split_skin(regions, joints())
    assert (changed[regions != SKIN] == regions[regions != SKIN]).all()


def test_a_persons_box_holds_all_joints_and_stays_in_the_photo() -> None:
    left, top, right, bottom = person_box(joints(), SIZE)
    assert left >= 0 and top >= 0 and right <= SIZE[0] and bottom <= SIZE[1]
    assert left <= 22 and right >= 178 and top < 30 and bottom >= 352


@pytest.fixture
def street(tmp_path: Path) -> Path:
    """Twenty photos in which colour tells the region: red trousers below a green upper garment, before grey."""
    for folder in ("photos", "labels"):
        (tmp_path / folder).mkdir()
    for number in range(1, 21):
        picture = np.full((360, 200, 3), 128, np.uint8)
        tags = np.full((360, 200), TAGS.index("null"), np.uint8)
        for rows, colour, tag in ((slice(90, 200), (0, 200, 0), "sweater"), (slice(200, 340), (200, 0, 0), "jeans")):
            picture[rows, 60:140] = colour
            tags[rows, 60:140] = TAGS.index(tag)
        cv2.imwrite(str(tmp_path / "photos" / f"{number:04}.png"), picture[..., ::-1])
        cv2.imwrite(str(tmp_path / "labels" / f"{number:04}.png"), tags)
    return tmp_path


def test_no_photo_is_both_learned_from_and_judged_by(street: Path) -> None:
    train, held_out = ({photo.path for photo in street_photos(street, split)} for split in ("train", "held_out"))
    assert not train & held_out
    assert len(train) + len(held_out) == 20 and len(held_out) == 3


def test_labels_of_another_size_are_told_by_name(street: Path) -> None:
    cv2.imwrite(str(street / "labels" / "0002.png"), np.zeros((10, 10), np.uint8))
    photo = next(photo for photo in street_photos(street, "train") if photo.path.stem == "0002")
    with pytest.raises(DataError, match=r"0002\.png"):
        _ = photo.regions


def test_labels_follow_the_picture_through_every_change(street: Path) -> None:
    people = StreetPeople(street_photos(street, "train"), Grounds((), SIZE))
    shares = []
    for number in range(40):
        rng = np.random.default_rng(number)
        example = varied(rng, people.example(rng), (96, 128))
        assert example.picture.shape == (128, 96, 3) and example.regions.shape == (128, 96)
        red = example.picture[..., 0].astype(int) - example.picture[..., 1] > 40
        trousers = example.regions == PersonRegion.TROUSERS
        shares.append((red & trousers).sum() / max(trousers.sum(), 1))
    assert np.mean(shares) > 0.9


def test_photos_with_rare_regions_come_more_often(street: Path) -> None:
    photos = street_photos(street, "train")
    tags = np.full((360, 200), TAGS.index("skirt"), np.uint8)
    cv2.imwrite(str(street / "labels" / f"{photos[3].path.stem}.png"), tags)
    odds = rarity(photos)
    assert odds.sum() == pytest.approx(1)
    assert odds[3] > 3 * np.delete(odds, 3).max()


def test_an_example_is_the_same_each_time_it_is_drawn(street: Path) -> None:
    people = StreetPeople(street_photos(street, "train"), Grounds((), SIZE))
    first, again = (varied(rng, people.example(rng), (96, 128)) for rng in map(np.random.default_rng, (5, 5)))
    assert (first.picture == again.picture).all() and (first.regions == again.regions).all()


def test_overlaps_of_perfect_and_of_shifted_answers(street: Path) -> None:
    photos = street_photos(street, "held_out")
    perfect = evaluation.measure(photos, lambda photo: photo.regions)
    assert perfect["class upper"] == perfect["class trousers"] == perfect["class background"] == 1

    def shifted(photo: StreetPhoto) -> np.ndarray:
        return np.roll(photo.regions, 10, 1)

    assert evaluation.measure(photos, shifted)["class upper"] == pytest.approx(70 / 90)


def test_the_networks_answer_is_laid_back_onto_the_photo(street: Path) -> None:
    """A network that calls green upper and red trousers."""

    def network(pictures: Array) -> Array:
        cells = pictures[:, :, STRIDE // 2 :: STRIDE, STRIDE // 2 :: STRIDE]
        logits = np.zeros((1, len(PersonRegion), HEIGHT // STRIDE, WIDTH // STRIDE), np.float32)
        logits[:, PersonRegion.BACKGROUND] = 0.2
        logits[:, PersonRegion.UPPER] = cells[:, 1] - cells[:, 0]
        logits[:, PersonRegion.TROUSERS] = cells[:, 0] - cells[:, 1]
        return logits

    photo = street_photos(street, "held_out")[0]
    found = read(network, photo.picture, (55, 85, 145, 345))
    assert found.shape == photo.regions.shape
    both, either = (found == photo.regions).sum(), found.size
    assert both / either > 0.98
