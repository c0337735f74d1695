"""Landmarks of drawn garments, whose truth is known."""

import cv2
import numpy as np
import pytest

from vf_anatomy import PictureSide
from vf_hrviton.open.garment import EDGE_POINTS, SleeveLength, draw, understand
from vfkit.problems import Code, Problem

NEAR = 16  # pixels of 768 x 1024


def distance(a, b):
    return float(np.linalg.norm(np.subtract(a, b)))


@pytest.mark.parametrize(
    ("name", "sleeve"),
    [
        ("t_shirt", SleeveLength.SHORT),
        ("long_sleeves_with_gap", SleeveLength.LONG),
        ("long_sleeves_touching", SleeveLength.LONG),
        ("tank_top", SleeveLength.NONE),
        ("camisole", SleeveLength.NONE),
        ("bodysuit", SleeveLength.NONE),
    ],
)
def test_the_length_of_a_sleeve(drawn, name, sleeve):
    picture = getattr(drawn, name)()
    assert understand(picture.cloth, picture.mask).sleeve is sleeve


@pytest.mark.parametrize("name", ["t_shirt", "long_sleeves_with_gap", "long_sleeves_touching", "tank_top", "camisole"])
def test_landmarks_are_where_they_were_drawn(drawn, name):
    picture = getattr(drawn, name)()
    garment = understand(picture.cloth, picture.mask)
    off = {point: round(distance(garment.landmarks[point], truth)) for point, truth in picture.points.items()}
    assert max(off.values()) <= NEAR, off


def test_sleeve_edges_run_from_shoulder_and_armpit_to_the_cuff(drawn):
    picture = drawn.t_shirt()
    sleeve = understand(picture.cloth, picture.mask).sleeves[PictureSide.LEFT]
    assert sleeve.outer.shape == sleeve.inner.shape == (EDGE_POINTS, 2)
    assert distance(sleeve.outer[-1], (90, 340)) <= NEAR
    assert distance(sleeve.inner[-1], (160, 400)) <= NEAR
    assert distance(sleeve.inner[0], (225, 350)) <= NEAR
    assert sleeve.mask[330, 130]
    assert not sleeve.mask[500, 384]


def test_touching_sleeves_are_cut_at_their_seam(drawn):
    picture = drawn.long_sleeves_touching()
    garment = understand(picture.cloth, picture.mask)
    assert set(garment.sleeves) == set(PictureSide)
    assert all(sleeve.touches_torso for sleeve in garment.sleeves.values())
    assert abs(garment.torso.left[600] - 228) <= 6
    assert garment.sleeves[PictureSide.LEFT].mask[600, 160]
    assert not garment.sleeves[PictureSide.LEFT].mask[600, 260]


def test_the_inside_of_the_back_ends_at_the_front_neckline(drawn):
    picture = drawn.t_shirt()
    garment = understand(picture.cloth, picture.mask)
    inside = (picture.cloth == drawn.SHADE).all(axis=2)
    overlap = (garment.inner_back & inside).sum() / (garment.inner_back | inside).sum()
    assert overlap > 0.8
    assert abs(garment.neckline[1] - 210) <= 8


def test_a_plain_top_has_no_inside_of_the_back(drawn):
    picture = drawn.tank_top()
    assert not understand(picture.cloth, picture.mask).inner_back.any()


def test_straps_are_told_from_shoulders(drawn):
    assert understand(drawn.camisole().cloth, drawn.camisole().mask).straps
    assert not understand(drawn.t_shirt().cloth, drawn.t_shirt().mask).straps


@pytest.mark.parametrize("name", ["t_shirt", "long_sleeves_with_gap", "long_sleeves_touching", "tank_top"])
def test_a_mirrored_picture_has_mirrored_landmarks(drawn, name):
    picture = getattr(drawn, name)()
    picture.cloth[400:480, 420:520] = (200, 60, 60)  # a print on one side only
    plain = understand(picture.cloth, picture.mask)
    flipped = understand(np.ascontiguousarray(picture.cloth[:, ::-1]), np.ascontiguousarray(picture.mask[:, ::-1]))
    other = {"left": "right", "right": "left"}
    for point in plain.landmarks:
        stem, _, side = point.rpartition("_")
        twin = f"{stem}_{other[side]}" if side in other else point
        x, y = flipped.landmarks[twin]
        assert distance(plain.landmarks[point], (drawn.WIDTH - 1 - x, y)) <= 8, point
    assert plain.sleeve is flipped.sleeve


@pytest.mark.parametrize("scale", [0.5, 0.75, 1.5])
def test_landmarks_scale_with_the_picture(drawn, scale):
    picture = drawn.long_sleeves_touching()
    size = (round(drawn.WIDTH * scale), round(drawn.HEIGHT * scale))
    cloth = cv2.resize(picture.cloth, size, interpolation=cv2.INTER_AREA)
    mask = cv2.resize(picture.mask, size, interpolation=cv2.INTER_AREA)
    plain, scaled = understand(picture.cloth, picture.mask), understand(cloth, mask)
    for point in plain.landmarks:
        assert distance(plain.landmarks[point] * scale, scaled.landmarks[point]) <= 10 * scale, point
    assert scaled.inner_back.shape == mask.shape
    assert scaled.torso.left.shape == (size[1],)
    assert abs(scaled.torso.left[round(600 * scale)] - scale * plain.torso.left[600]) <= 6 * scale


@pytest.mark.parametrize(("right", "down"), [(40, 0), (-40, 60), (0, -100)])
def test_landmarks_move_with_the_garment(drawn, right, down):
    picture = drawn.t_shirt()
    move = np.float32([[1, 0, right], [0, 1, down]])
    size = (drawn.WIDTH, drawn.HEIGHT)
    cloth = cv2.warpAffine(picture.cloth, move, size, borderValue=drawn.BACKDROP)
    mask = cv2.warpAffine(picture.mask, move, size)
    plain, moved = understand(picture.cloth, picture.mask), understand(cloth, mask)
    for point in plain.landmarks:
        assert distance(np.add(plain.landmarks[point], (right, down)), moved.landmarks[point]) <= 4, point


def test_an_empty_mask_is_no_garment(drawn):
    picture = drawn.t_shirt()
    with pytest.raises(Problem) as caught:
        understand(picture.cloth, np.zeros_like(picture.mask))
    assert caught.value.code is Code.NO_GARMENT_FOUND


def test_any_blob_is_answered_without_a_crash():
    rng = np.random.default_rng(7)
    for _ in range(20):
        mask = np.zeros((512, 384), np.uint8)
        for _ in range(rng.integers(1, 5)):
            x0, y0 = rng.integers(0, 330), rng.integers(0, 450)
            cv2.ellipse(mask, (int(x0), int(y0)), tuple(int(v) for v in rng.integers(20, 150, 2)), 0, 0, 360, 255, -1)
        cloth = rng.integers(0, 255, (512, 384, 3), dtype=np.uint8)
        garment = understand(cloth, mask)
        assert all(np.isfinite(point).all() for point in garment.landmarks.values())


def test_the_drawing_shows_something(drawn):
    picture = drawn.t_shirt()
    shown = draw(picture.cloth, understand(picture.cloth, picture.mask))
    assert shown.shape == picture.cloth.shape
    assert (shown != picture.cloth).any()
