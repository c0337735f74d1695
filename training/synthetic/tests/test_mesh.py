import numpy as np
import pytest

from vf_synthetic.mesh import Piece, cut, normals, surface

CUBE_POINTS = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], np.float32)
CUBE = np.array([[0, 1, 3, 2], [4, 6, 7, 5], [0, 4, 5, 1], [2, 3, 7, 6], [0, 2, 6, 4], [1, 5, 7, 3]])


def area(piece):
    a, b, c = (piece.points[piece.triangles[:, k]] for k in range(3))
    return np.linalg.norm(np.cross(b - a, c - a), axis=1).sum() / 2


def test_subdividing_a_cube_gives_catmull_and_clarks_points():
    once = surface(CUBE, 8, 1)
    points = once.carry(CUBE_POINTS)
    assert once.quads.shape == (24, 4)
    assert len(points) == 8 + 12 + 6
    # The corner rule for valence 3: (F + 2R) / 3, with F at 1/3 and R at 2/3 of the corner.
    assert np.abs(points[:8]).max() == pytest.approx((1 / 3 + 2 * 2 / 3) / 3, abs=1e-6)


def test_subdividing_turns_a_cube_into_a_ball_and_keeps_its_normals_outwards():
    fine = surface(CUBE, 8, 4)
    points = fine.carry(CUBE_POINTS)
    radius = np.linalg.norm(points, axis=1)
    assert radius.max() / radius.min() < 1.1
    outward = (normals(points, fine.triangles) * points).sum(1) / radius
    assert abs(outward.mean()) > 0.98


def test_a_flat_sheet_keeps_its_border():
    grid = np.arange(16).reshape(4, 4)
    quads = np.stack([grid[:-1, :-1], grid[1:, :-1], grid[1:, 1:], grid[:-1, 1:]], -1).reshape(-1, 4)
    y, x = np.mgrid[:4, :4].astype(np.float32)
    flat = surface(quads, 16, 2).carry(np.stack([x, y, 0 * x], -1).reshape(-1, 3))
    assert np.all(flat[:, 2] == 0)
    assert flat[:, :2].min() == pytest.approx(0, abs=0.3)
    assert flat[:, :2].max() == pytest.approx(3, abs=0.3)


@pytest.mark.parametrize("level", [-0.9, -0.2, 0.35, 0.8])
def test_cutting_keeps_exactly_the_area_on_one_side(level):
    points = np.array([[-1, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]], np.float32)
    piece = Piece(points, np.array([[0, 1, 2], [0, 2, 3]]), {"x": points[:, :1]})
    half = cut(piece, points[:, 0] - np.float32(level))
    assert area(half) == pytest.approx(2 * (1 - level), abs=1e-5)
    used = np.unique(half.triangles)
    assert half.attributes["x"][used].min() == pytest.approx(level, abs=1e-5)


def test_cutting_away_everything_leaves_no_triangle():
    piece = Piece(CUBE_POINTS, CUBE[:, :3], {})
    assert len(cut(piece, np.full(8, -1, np.float32)).triangles) == 0
