import json

import cv2
import numpy as np
import pytest

from vf_synthetic import listing
from vf_synthetic.__main__ import main
from vf_synthetic.listing import KINDS, PHOTOS, VIEWS
from vfkit.contracts.garment import GarmentKind, GarmentLandmark, GarmentPart, GarmentView, PhotoKind

SIZE = (144, 192)
SEEDS = range(120)
SLEEVE_ENDS = {name for name in GarmentLandmark if "SLEEVE" in name.name}
LEG_ENDS = {name for name in GarmentLandmark if "LEG" in name.name}
BODY = {name for name in GarmentLandmark if name.name.endswith(("NECK", "NECK_FRONT", "SHOULDER", "ARMPIT"))}
WAIST = {GarmentLandmark.LEFT_WAIST, GarmentLandmark.RIGHT_WAIST}
HEM = {GarmentLandmark.LEFT_HEM, GarmentLandmark.RIGHT_HEM}
UPPER_SIDE = (GarmentLandmark.LEFT_SHOULDER, GarmentLandmark.LEFT_HEM)
LEFT_SIDES = {
    GarmentKind.TOP: UPPER_SIDE,
    GarmentKind.OUTERWEAR: UPPER_SIDE,
    GarmentKind.DRESS: UPPER_SIDE,
    GarmentKind.TROUSERS: (GarmentLandmark.LEFT_WAIST, GarmentLandmark.CROTCH),
    GarmentKind.SHORTS: (GarmentLandmark.LEFT_WAIST, GarmentLandmark.CROTCH),
    GarmentKind.SKIRT: (GarmentLandmark.LEFT_WAIST, GarmentLandmark.LEFT_HEM),
}
"""For each kind a landmark with a right twin, and one below it."""


@pytest.fixture(scope="module")
def samples():
    return [listing.sample(seed, SIZE) for seed in SEEDS]


@pytest.fixture(scope="module")
def garments(samples):
    return [s for s in samples if KINDS[s.kind] not in {GarmentKind.OTHER, GarmentKind.SEVERAL}]


def near(sample, landmark, reach=4):
    """The parts around a landmark that is seen."""
    x, y, _ = sample.landmarks[landmark].astype(int)
    return set(np.unique(sample.parts[max(0, y - reach) : y + reach + 1, max(0, x - reach) : x + reach + 1]))


def test_a_seed_gives_the_same_sample_and_another_seed_another():
    one, same, other = (listing.sample(seed, SIZE) for seed in (5, 5, 6))
    assert np.array_equal(one.picture, same.picture)
    assert np.array_equal(one.parts, same.parts)
    assert np.array_equal(one.landmarks, same.landmarks)
    assert not np.array_equal(one.picture, other.picture)


def test_samples_have_the_shapes_they_promise(samples):
    for sample in samples:
        assert sample.picture.shape == (192, 144, 3)
        assert sample.picture.dtype == np.uint8
        assert sample.parts.shape == (192, 144)
        assert sample.parts.dtype == np.uint8
        assert sample.parts.max() <= max(GarmentPart)
        assert sample.landmarks.shape == (20, 3)
        assert sample.landmarks.dtype == np.float32
        assert np.isfinite(sample.landmarks).all()
        assert set(np.unique(sample.landmarks[:, 2])) <= {0, 1, 2}


def test_every_kind_photo_view_and_part_occurs(samples):
    assert {KINDS[s.kind] for s in samples} == set(GarmentKind)
    assert {PHOTOS[s.photo] for s in samples} == set(PhotoKind) - {PhotoKind.FOLDED}
    assert {s.view for s in samples} == set(range(len(VIEWS)))
    assert set(np.unique(np.stack([s.parts for s in samples]))) == set(GarmentPart)


def test_garments_are_seen_and_do_not_fill_the_picture(garments):
    for sample in garments:
        assert 0.03 < (sample.parts > GarmentPart.HANGER).mean() < 0.98


def test_pictures_show_what_the_labels_say(garments):
    """Across a garment's edge the picture changes more than elsewhere on the background."""
    ratios = []
    for sample in garments:
        grey = cv2.cvtColor(sample.picture, cv2.COLOR_RGB2GRAY).astype(np.float32)
        steep = np.hypot(*np.gradient(grey))
        cloth = (sample.parts > 0).astype(np.uint8)
        edge = cv2.morphologyEx(cloth, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > 0
        away = cv2.dilate(cloth, np.ones((9, 9), np.uint8)) == 0
        if away.any():
            ratios.append(steep[edge].mean() / (steep[away].mean() + 1))
    assert np.median(ratios) > 2


@pytest.mark.parametrize(
    ("landmark", "parts"),
    [
        (GarmentLandmark.LEFT_SLEEVE_OUTER, {GarmentPart.LEFT_SLEEVE}),
        (GarmentLandmark.RIGHT_SLEEVE_INNER, {GarmentPart.RIGHT_SLEEVE}),
        (GarmentLandmark.LEFT_LEG_INNER, {GarmentPart.LEFT_LEG}),
        (GarmentLandmark.RIGHT_LEG_OUTER, {GarmentPart.RIGHT_LEG}),
        (GarmentLandmark.CROTCH, {GarmentPart.LEFT_LEG, GarmentPart.RIGHT_LEG}),
        (GarmentLandmark.LEFT_HEM, {GarmentPart.TORSO}),
        (GarmentLandmark.RIGHT_ARMPIT, {GarmentPart.TORSO, GarmentPart.RIGHT_SLEEVE}),
        (GarmentLandmark.NECK_FRONT, {GarmentPart.TORSO, GarmentPart.COLLAR, GarmentPart.INSIDE}),
    ],
)
def test_a_landmark_that_is_seen_lies_on_its_part(garments, landmark, parts):
    seen = [s for s in garments if s.landmarks[landmark, 2] == 2]
    assert len(seen) > 5
    for sample in seen:
        assert near(sample, landmark) & parts


def test_a_hidden_landmark_is_covered_or_outside(garments):
    for sample in (s for s in garments if s.landmarks[GarmentLandmark.LEFT_HEM, 2] == 1):
        x, y, _ = sample.landmarks[GarmentLandmark.LEFT_HEM]
        outside = not (0 <= x < SIZE[0] and 0 <= y < SIZE[1])
        assert outside or near(sample, GarmentLandmark.LEFT_HEM, 1) != {GarmentPart.TORSO}


def test_left_is_the_wearers_left(garments):
    """Seen from the front, whoever looks from the left shoulder to the right one has the hem on the left hand."""
    for sample in garments:
        top, bottom = LEFT_SIDES[KINDS[sample.kind]]
        if not sample.landmarks[bottom, 2]:  # a jumpsuit has no hem
            continue
        xy = sample.landmarks[:, :2]
        across, down = xy[top + 1] - xy[top], xy[bottom] - xy[top]
        turning = across[0] * down[1] - across[1] * down[0]
        assert (turning < 0) == (VIEWS[sample.view] is GarmentView.FRONT)


def test_kinds_have_their_landmarks_and_no_others(garments):
    for sample in garments:
        kind = KINDS[sample.kind]
        there = {GarmentLandmark(k) for k in np.flatnonzero(sample.landmarks[:, 2])}
        assert there & SLEEVE_ENDS in (SLEEVE_ENDS, set())
        assert there & LEG_ENDS in (LEG_ENDS, set())
        if kind in {GarmentKind.TROUSERS, GarmentKind.SHORTS}:
            assert there == WAIST | LEG_ENDS | {GarmentLandmark.CROTCH}
        elif kind is GarmentKind.SKIRT:
            assert there == WAIST | HEM
        elif kind is GarmentKind.DRESS:
            assert there >= BODY | WAIST
            assert there & (HEM | LEG_ENDS) in (HEM, LEG_ENDS)
        else:
            assert there - SLEEVE_ENDS == BODY | HEM


def test_other_things_have_no_landmarks(samples):
    others = [s for s in samples if KINDS[s.kind] is GarmentKind.OTHER]
    assert all((s.landmarks == 0).all() for s in others)
    assert any((s.parts == 0).all() for s in others)


def test_several_garments_have_parts_and_no_landmarks(samples):
    several = [s for s in samples if KINDS[s.kind] is GarmentKind.SEVERAL]
    assert several
    assert all((s.landmarks == 0).all() and (s.parts > GarmentPart.HANGER).any() for s in several)


def test_a_larger_picture_is_the_same_kind_of_photo():
    small, large = listing.sample(3, (144, 192)), listing.sample(3, (288, 384))
    assert large.picture.shape == (384, 288, 3)
    assert (large.kind, large.photo, large.view) == (small.kind, small.photo, small.view)
    there = small.landmarks[:, 2] > 0
    assert np.allclose(large.landmarks[there, :2], 2 * small.landmarks[there, :2], atol=12)


def striped(height=240, width=180):
    """A photo with a brown floor around a white garment, (H, W, 3)."""
    photo = np.full((height, width, 3), (120, 80, 40), np.uint8)
    photo[60:180, 50:130] = 240
    return photo


def test_background_patches_show_the_surroundings_only():
    patches = listing.background_patches(striped())
    assert len(patches) == 4
    for patch in patches:
        assert patch.shape == (240, 180, 3)
        assert (patch == (120, 80, 40)).all()


def test_a_strip_that_something_reaches_into_is_no_background():
    photo = striped()
    photo[:90, 60:120] = 240  # a garment that touches the top
    patches = listing.background_patches(photo)
    assert len(patches) == 3
    assert all((patch == (120, 80, 40)).all() for patch in patches)


def test_given_backgrounds_are_used(tmp_path):
    file = tmp_path / "green.png"
    cv2.imwrite(str(file), np.full((50, 40, 3), (0, 200, 0), np.uint8))
    samples = [listing.sample(seed, SIZE, [file]) for seed in range(8)]
    green = [np.median(s.picture[s.parts == 0], axis=0) for s in samples]
    assert any(g > 1.5 * r and g > 1.5 * b for r, g, b in green)


def test_a_background_that_is_no_picture_is_named(tmp_path):
    file = tmp_path / "broken.jpg"
    file.write_bytes(b"not a picture")
    with pytest.raises(ValueError, match=r"broken\.jpg"):
        [listing.sample(seed, SIZE, [file]) for seed in range(8)]


def test_the_command_writes_pictures_labels_and_a_sheet(tmp_path):
    main(["listing", "--count", "2", "--seed", "7", "--size", "144", "192", "--out", str(tmp_path), "--sheet"])
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "00007.jpg", "00007_parts.png", "00008.jpg", "00008_parts.png", "labels.json", "sheet.jpg",
    ]  # fmt: skip
    labels = json.loads((tmp_path / "labels.json").read_text())
    sample = listing.sample(7, SIZE)
    assert labels["00007"]["kind"] == KINDS[sample.kind]
    assert len(labels["00007"]["landmarks"]) == 20
    assert np.array_equal(cv2.imread(str(tmp_path / "00007_parts.png"), cv2.IMREAD_UNCHANGED), sample.parts)
