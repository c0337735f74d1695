"""The two warps, as geometry: what goes where."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vf_hrviton.open.warp.strips import Strip, strip_warp
from vf_hrviton.open.warp.thin_plate import inverse_warp

SIZE = (240, 320)
seeds = st.integers(0, 2**31)


def control_points(seed):
    """A jittered grid, so that no two points coincide, and where each comes from."""
    rng = np.random.default_rng(seed)
    grid = np.stack(np.meshgrid(np.arange(40, 300, 80), np.arange(40, 220, 60)), -1).reshape(-1, 2)
    targets = grid + rng.uniform(-12, 12, grid.shape)
    return targets, targets * rng.uniform(0.8, 1.5) + rng.uniform(-15, 15, grid.shape)


def sampled(maps, points):
    xs, ys = np.rint(points).astype(int).T
    return np.stack([m[ys, xs] for m in maps], 1)


@settings(deadline=None, max_examples=25)
@given(seeds)
def test_spline_passes_through_its_control_points(seed):
    targets, sources = control_points(seed)
    targets = np.rint(targets)
    maps = inverse_warp(targets, sources, SIZE)
    # The spline is evaluated on a coarse grid: where it bends a lot, cubic interpolation strays a little.
    np.testing.assert_allclose(sampled(maps, targets), sources, atol=2.5)


@settings(deadline=None, max_examples=25)
@given(seeds, st.floats(0, 100))
def test_spline_of_an_affine_map_is_that_map(seed, smoothing):
    rng = np.random.default_rng(seed)
    targets, _ = control_points(seed)
    matrix, offset = np.eye(2) + rng.uniform(-0.4, 0.4, (2, 2)), rng.uniform(-50, 50, 2)
    maps = inverse_warp(targets, targets @ matrix.T + offset, SIZE, smoothing)
    pixels = np.stack(np.meshgrid(np.arange(10, 300, 30), np.arange(10, 220, 30)), -1).reshape(-1, 2)
    np.testing.assert_allclose(sampled(maps, pixels), pixels @ matrix.T + offset, atol=0.1)


def bent_strip(seed, top, length, width):
    """A sleeve-like strip: it hangs, sways by less than its width, and narrows."""
    rng = np.random.default_rng(seed)
    down = np.linspace(0, 1, 17)
    sway = np.interp(down, np.linspace(0, 1, 4), rng.uniform(-0.4, 0.4, 4)) * width
    half = width / 2 * np.linspace(1, rng.uniform(0.5, 0.9), 17)
    middle, ys = 160 + sway, top + length * down
    return Strip(np.stack([middle - half, ys], 1), np.stack([middle + half, ys], 1))


@settings(deadline=None, max_examples=25)
@given(seeds, seeds)
def test_strip_is_one_to_one_inside(one, other):
    source, target = bent_strip(one, 20, 180, 80), bent_strip(other, 15, 200, 60)
    map_x, map_y = strip_warp(source, target, SIZE)
    inside = map_x >= 0
    both = inside[1:, 1:] & inside[1:, :-1] & inside[:-1, 1:]
    by_x = np.stack([map_x[:-1, 1:] - map_x[:-1, :-1], map_y[:-1, 1:] - map_y[:-1, :-1]])
    by_y = np.stack([map_x[1:, :-1] - map_x[:-1, :-1], map_y[1:, :-1] - map_y[:-1, :-1]])
    area = by_x[0] * by_y[1] - by_x[1] * by_y[0]
    assert (area[both[:, :]] > 0).all(), "no fold, no mirror"


@settings(deadline=None, max_examples=25)
@given(seeds, seeds)
def test_strip_sends_its_middle_to_its_middle(one, other):
    source, target = bent_strip(one, 20, 180, 80), bent_strip(other, 15, 200, 60)
    maps = strip_warp(source, target, SIZE)
    middles = (target.outer + target.inner)[2:-2] / 2
    wanted = (source.outer + source.inner)[2:-2] / 2
    np.testing.assert_allclose(sampled(maps, middles), wanted, atol=3)


def test_strip_covers_its_outline_and_nothing_else():
    strip = bent_strip(3, 20, 180, 80)
    map_x, _ = strip_warp(strip, strip, SIZE)
    assert (map_x[:15] < 0).all()
    assert (map_x[:, :60] < 0).all()
    assert (sampled([map_x], (strip.outer * 0.8 + strip.inner * 0.2)[1:-1]) >= 0).all()


@pytest.mark.parametrize("shift", [(-150.0, 0.0), (300.0, 100.0), (0.0, -400.0)])
def test_strip_may_leave_the_photo(shift):
    strip = bent_strip(5, 20, 180, 80)
    moved = Strip(strip.outer + shift, strip.inner + shift)
    map_x, map_y = strip_warp(strip, moved, SIZE)
    assert map_x.shape == map_y.shape == SIZE
