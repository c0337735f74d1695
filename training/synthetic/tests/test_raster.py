import numpy as np
import pytest

from vf_synthetic import raster
from vf_synthetic.raster import Camera, depth_buffer, see

SQUARE = np.array([[2, 2], [8, 2], [8, 8], [2, 8]], np.float32)
TWO = np.array([[0, 1, 2], [0, 2, 3]])


def test_a_square_covers_its_pixels_once_without_a_gap():
    owner, depth = depth_buffer(SQUARE, np.zeros(4, np.float32), TWO, 10, 10)
    assert (owner.reshape(10, 10)[2:8, 2:8] >= 0).all()
    assert (owner >= 0).sum() == 36
    assert np.isinf(depth[owner < 0]).all()


@pytest.mark.parametrize("chunk", [1, 50, 10_000])
def test_the_nearer_triangle_wins_whatever_the_order_and_the_chunks(monkeypatch, chunk):
    monkeypatch.setattr(raster, "CANDIDATES_PER_CHUNK", chunk)
    screen = np.concatenate([SQUARE, SQUARE])
    depth = np.array([5, 5, 5, 5, 1, 1, 1, 1], np.float32)
    for triangles in (np.concatenate([TWO, TWO + 4]), np.concatenate([TWO + 4, TWO])):
        owner, nearest = depth_buffer(screen, depth, triangles, 10, 10)
        assert (triangles[owner[owner >= 0]] >= 4).all()
        assert nearest[55] == 1


def test_interpolation_is_true_in_perspective():
    camera = Camera(np.array([0, 0, 10], np.float32), 10.0, 8.0, 64, 64)
    points = np.array([[-2, -2, 4], [2, -2, -6], [2, 2, -6], [-2, 2, 4]], np.float32)
    seen = see(points, TWO, camera)
    place = (points[TWO[seen.triangle]] * seen.weights[..., None]).sum(1)
    screen, _ = camera.project(place.astype(np.float32))
    wanted = np.stack([seen.pixel % 64 + 0.5, seen.pixel // 64 + 0.5], -1)
    assert np.abs(screen - wanted).max() < 0.01


def test_a_degenerate_triangle_draws_nothing():
    line = np.array([[1, 1], [5, 5], [9, 9]], np.float32)
    owner, _ = depth_buffer(line, np.zeros(3, np.float32), np.array([[0, 1, 2]]), 10, 10)
    assert (owner == -1).all()
