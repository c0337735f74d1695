"""Properties of the geometry that three engines rest on, and the two kinds of sides."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vf_anatomy import PersonSide, PictureSide, Segment, Sided, TorsoFrame, pixel_grid

coordinate = st.floats(-50, 150)
points = st.tuples(coordinate, coordinate).map(lambda p: np.array(p, np.float32))


@given(points, points, points)
def test_distance_to_a_segment(start, end, point):
    segment = Segment(start, end)
    distance, t = segment.nearest(point)
    ends = min(np.linalg.norm(point - start), np.linalg.norm(point - end))
    assert ends - segment.length - 1e-2 <= distance <= ends + 1e-2
    assert abs(distance - np.linalg.norm(segment.points(np.array([t]))[0] - point)) < 1e-2
    swapped, _ = Segment(end, start).nearest(point)
    assert abs(distance - swapped) < 1e-2


def test_right_of_a_segment_is_the_right_hand_of_who_walks_along_it():
    down_the_picture = Segment(np.array([10.0, 0.0]), np.array([10.0, 20.0]))
    assert down_the_picture.across(np.array([[7.0, 5.0], [12.0, 5.0]])).tolist() == [3.0, -2.0]


def joints(angle=0.0, turned=1.0):
    """Shoulders and hips of a person 100 pixels wide, leaning by an angle; ``turned`` makes the shoulders narrower."""
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    places = [(50.0 * turned, 0.0), (-50.0 * turned, 0.0), (30.0 * turned, 160.0), (-30.0 * turned, 160.0)]
    left, right, left_hip, right_hip = (turn @ place + (200, 100) for place in places)
    shoulders: Sided[PersonSide, np.ndarray] = Sided(left, right)
    hips: Sided[PersonSide, np.ndarray] = Sided(left_hip, right_hip)
    return shoulders, hips


@given(st.floats(-0.5, 0.5), st.floats(-0.5, 1.5), st.floats(-80, 80))
def test_coordinates_of_a_point_that_was_placed_by_them(angle, t, across):
    torso = TorsoFrame.of(*joints(angle))
    found_t, found_across = torso.coordinates(np.asarray(torso.at(t, across), np.float32))
    assert abs(found_t - t) < 1e-4
    assert abs(found_across - across) < 1e-2


@given(st.floats(-0.5, 0.5), st.floats(0.1, 1))
def test_the_unit_stays_when_a_person_leans_or_turns(angle, turned):
    assert TorsoFrame.of(*joints(angle, turned)).unit == pytest.approx(100, rel=0.01)


def test_joints_in_one_place_have_a_frame():
    same: Sided[PersonSide, np.ndarray] = Sided(np.zeros(2, np.float32), np.zeros(2, np.float32))
    torso = TorsoFrame.of(same, same)
    assert torso.length == 1
    assert all(np.isfinite(values).all() for values in torso.coordinates(pixel_grid((3, 2))))


def test_the_grid_has_x_and_y_of_each_pixel():
    assert pixel_grid((3, 2))[2, 1].tolist() == [1, 2]


def test_one_thing_for_each_side():
    signs = Sided.of(PictureSide, lambda side: side.sign)
    assert (signs[PictureSide.LEFT], signs[PictureSide.RIGHT]) == signs.values() == (-1, 1)
    assert signs.map(abs).values() == (1, 1)
    assert [side.other for side in PictureSide] == [PictureSide.RIGHT, PictureSide.LEFT]
    assert [side.initial for side in PersonSide] == ["L", "R"]


def test_mypy_tells_the_sides_apart(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(
        "from sides import PersonSide, PictureSide, Sided\n"
        "arms: Sided[PictureSide, int] = Sided(1, 2)\n"
        "print(arms[PictureSide.LEFT])\n"
        "print(arms[PersonSide.LEFT])\n"
    )
    source = Path(__file__).resolve().parents[1] / "src/vf_anatomy"
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path / "cache"), str(program)]
    told = subprocess.run(
        command, env={"MYPYPATH": str(source)}, capture_output=True, text=True, timeout=120, check=False
    )
    assert [line.split(":")[1] for line in told.stdout.splitlines() if ": error:" in line] == ["4"], told.stdout
