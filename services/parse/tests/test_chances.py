"""What is decided about the network's answer as a whole, and how a window lies on its input."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from parse_mannequin import Outfit, draw

from vf_parse.open.chances import chances_of, likeliest, one_outfit, settled
from vf_parse.open.window import Letterbox, window_around
from vfkit.contracts.people import PersonRegion

DRESS, UPPER, SKIRT, COAT = PersonRegion.DRESS, PersonRegion.UPPER, PersonRegion.SKIRT, PersonRegion.COAT


def cloth(rows: list[dict[PersonRegion, float]]) -> np.ndarray:
    """(18, n, 10) chances, one dictionary a row."""
    chances = np.zeros((len(PersonRegion), len(rows), 10), np.float32)
    for row, said in enumerate(rows):
        for region, chance in said.items():
            chances[region, row] = chance
    return chances


def test_chances_sum_to_one():
    logits = np.zeros((len(PersonRegion), 96, 72), np.float32)
    logits[UPPER, :48], logits[SKIRT, 48:] = 4, 3
    chances = chances_of(logits, np.full((384, 288), 0.5, np.float32))
    assert chances.shape == (len(PersonRegion), 384, 288)
    assert np.allclose(chances.sum(0), 1, atol=1e-5)
    assert (likeliest(chances)[:190] == UPPER).all()
    assert (likeliest(chances)[194:] == SKIRT).all()


def test_where_the_network_hesitates_the_body_decides():
    logits = np.zeros((len(PersonRegion), 96, 72), np.float32)
    logits[[PersonRegion.BACKGROUND, UPPER]] = 4
    body = np.full((384, 288), 0.02, np.float32)
    body[:, 144:] = 0.98
    first = likeliest(chances_of(logits, body))
    assert (first[:, :144] == PersonRegion.BACKGROUND).all()
    assert (first[:, 144:] == UPPER).all()


def test_the_likelier_outfit_takes_all():
    chances = cloth([{DRESS: 0.8, UPPER: 0.2}] * 6 + [{DRESS: 0.4, SKIRT: 0.6}] * 4)
    after = one_outfit(chances)
    assert (likeliest(after) == DRESS).all()
    assert np.allclose(after.sum(0), 1)


def test_top_and_skirt_share_what_was_called_dress():
    chances = cloth([{DRESS: 0.3, UPPER: 0.6, SKIRT: 0.1}] * 6 + [{DRESS: 0.5, UPPER: 0.1, SKIRT: 0.4}] * 4)
    first = likeliest(one_outfit(chances))
    assert (first[:6] == UPPER).all()
    assert (first[6:] == SKIRT).all()


def test_two_that_are_both_clear_stay():
    chances = cloth([{DRESS: 0.97, UPPER: 0.03}] * 5 + [{DRESS: 0.03, UPPER: 0.97}] * 5)
    assert np.array_equal(one_outfit(chances), chances)


def test_other_cloth_is_not_asked():
    chances = cloth([{DRESS: 0.6, UPPER: 0.4}] * 5 + [{DRESS: 0.45, UPPER: 0.55}] * 2 + [{COAT: 1.0}] * 3)
    first = likeliest(settled(chances, (DRESS,), (UPPER, SKIRT)))
    assert (first[:7] == DRESS).all()
    assert (first[7:] == COAT).all()


@settings(deadline=None, max_examples=25)
@given(st.integers(20, 2000), st.integers(20, 2000))
def test_a_window_lies_whole_on_the_input(width, height):
    box = Letterbox.of(np.zeros((height, width, 3), np.uint8))
    assert 0 <= box.left <= 288 - box.width
    assert 0 <= box.top <= 384 - box.height
    assert box.width == 288 or box.height == 384
    scale = min(288 / width, 384 / height)
    assert abs(box.width - width * scale) <= 1
    assert abs(box.height - height * scale) <= 1


@settings(deadline=None, max_examples=10)
@given(st.floats(0.4, 1.0), st.integers(0, 300), st.integers(0, 300))
def test_landmarks_move_with_the_picture(share, left, top):
    """A mark drawn at the nose is found at the nose of the window and of the input."""
    _, _, subject = draw(Outfit())
    mask = np.pad(subject.mask, ((top, 0), (left, 0)))
    landmarks = subject.landmarks.copy()
    landmarks[:, :2] += (left, top)
    moved = type(subject)(landmarks, mask)
    picture = np.zeros((*mask.shape, 3), np.uint8)
    x, y = landmarks[0, :2].astype(int)
    picture[y - 4 : y + 4, x - 4 : x + 4] = 255
    window = window_around(moved, round(share * mask.size))
    near, near_picture = window.move(moved), window.cut(picture)
    box = Letterbox.of(near_picture)
    for shown, who in ((near_picture, near), (box.draw(near_picture), box.move(near))):
        ys, xs = np.nonzero(shown[..., 0] > 140)
        assert np.abs(np.array([xs.mean() + 0.5, ys.mean() + 0.5]) - who.landmarks[0, :2]).max() < 1.5
