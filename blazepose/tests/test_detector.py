"""Anchors, decoding and merging on numbers made by hand."""

import numpy as np
import pytest

from vf_blazepose.detector import anchors, decode, merge, overlap


def test_anchors_are_the_cells_centres():
    centres = anchors()
    assert centres.shape == (2254, 2)
    assert centres[0] == pytest.approx((0.5 / 28, 0.5 / 28)) and (centres[0] == centres[1]).all()
    assert centres[2] == pytest.approx((1.5 / 28, 0.5 / 28)), "x runs first"
    first_of_14 = 28 * 28 * 2
    assert centres[first_of_14] == pytest.approx((0.5 / 14, 0.5 / 14))
    first_of_7 = first_of_14 + 14 * 14 * 2
    assert (centres[first_of_7 : first_of_7 + 6] == centres[first_of_7]).all()
    assert centres[-1] == pytest.approx((6.5 / 7, 6.5 / 7))


def test_decode_adds_the_anchor():
    values = np.zeros((1, 12), np.float32)
    values[0, :4] = 22.4, -22.4, 44.8, 89.6
    values[0, 4:6] = 0, 112
    shape = decode(values, np.array([[0.5, 0.25]], np.float32))[0]
    assert shape[:2] == pytest.approx(np.array([[0.5, -0.05], [0.7, 0.35]]), abs=1e-6)
    assert shape[2] == pytest.approx((0.5, 0.75), abs=1e-6)


def box(left, top, right, bottom):
    shape = np.zeros((6, 2), np.float32)
    shape[0], shape[1] = (left, top), (right, bottom)
    return shape


def test_merge_averages_overlapping_boxes_by_score():
    shapes = np.stack([box(0, 0, 1, 1), box(0.2, 0, 1.2, 1), box(5, 5, 6, 6)])
    merged = merge(shapes, np.array([0.9, 0.6, 0.95], np.float32))
    assert [score for _, score in merged] == pytest.approx([0.95, 0.9])
    assert merged[1][0][0] == pytest.approx((0.2 * 0.6 / 1.5, 0), abs=1e-6)


def test_merge_ends_on_empty_boxes():
    shapes = np.stack([box(1, 1, 1, 1)] * 3)
    assert len(merge(shapes, np.array([0.9, 0.8, 0.7], np.float32))) == 3


def test_merge_of_nothing():
    assert merge(np.zeros((0, 6, 2), np.float32), np.zeros(0, np.float32)) == []


def test_overlap():
    one = np.array([[0, 0], [2, 1]], np.float32)
    others = np.array([[[1, 0], [3, 1]], [[4, 4], [5, 5]], [[0, 0], [2, 1]]], np.float32)
    assert overlap(one, others) == pytest.approx([1 / 3, 0, 1])
