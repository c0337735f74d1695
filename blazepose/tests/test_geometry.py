"""Regions: what is cut out comes back to where it was."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vf_blazepose.geometry import Region, sigmoid, upright, whole

regions = st.builds(
    Region,
    x=st.floats(-500, 1500),
    y=st.floats(-500, 1500),
    size=st.floats(8, 3000),
    angle=st.floats(-math.pi, math.pi),
)
points = st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=5).map(
    lambda pairs: np.array(pairs, np.float32)
)


@settings(deadline=None)
@given(regions, points)
def test_points_come_back(region, inside):
    assert np.allclose(region.to_region(region.to_picture(inside)), inside, atol=1e-2 if region.size < 30 else 2e-3)


@settings(deadline=None)
@given(regions)
def test_sides_are_as_long_as_the_size_says(region):
    corners = region.to_picture(np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32))
    sides = np.linalg.norm(corners - np.roll(corners, 1, axis=0), axis=1)
    assert np.allclose(sides, region.size, rtol=1e-3, atol=1e-2)
    assert np.allclose(corners.mean(0), (region.x, region.y), atol=1e-2)


@settings(deadline=None)
@given(st.floats(-math.pi, math.pi), st.floats(5, 500))
def test_upright_turns_the_top_straight_up(angle, radius):
    centre = np.array([200.0, 300.0], np.float32)
    top = centre + np.array([math.sin(angle), -math.cos(angle)], np.float32) * np.float32(radius)
    region = upright(centre, top, 1.25)
    x, y = region.to_region(top)
    assert x == pytest.approx(0.5, abs=1e-3)
    assert y == pytest.approx(0.5 - 0.5 / 1.25, abs=1e-3)


@settings(max_examples=25, deadline=None)
@given(st.floats(-math.pi, math.pi), st.floats(60, 160), st.floats(40, 110), st.floats(40, 80))
def test_a_mask_lies_where_it_was_cut(angle, size, x, y):
    region = Region(x, y, size, angle)
    rows, columns = np.mgrid[:120, :150]
    blob = (np.hypot(columns - x, rows - y) < size / 4).astype(np.uint8) * 255
    crop = region.cut(np.repeat(blob[..., None], 3, 2), 128, replicate=False)[..., 0].astype(np.float32) / 255
    back = region.paste(crop, (120, 150)) > 0.5
    assert (back ^ (blob > 0)).sum() < 0.15 * max(1, (blob > 0).sum()) + 40


def test_whole_holds_the_picture_and_black_beside_it():
    picture = np.full((40, 20, 3), 200, np.uint8)
    crop = whole(picture.shape).cut(picture, 40, replicate=False)
    assert (crop[:, 10:30] == 200).all()
    assert (crop[:, :9] == 0).all() and (crop[:, 31:] == 0).all()


def test_beyond_the_border_its_pixels_go_on():
    picture = np.full((40, 20, 3), 200, np.uint8)
    assert (whole(picture.shape).cut(picture, 40, replicate=True) == 200).all()


def test_sigmoid_bears_any_logit():
    assert sigmoid(np.array([-1e9, 0, 1e9], np.float32)) == pytest.approx([0, 0.5, 1])
