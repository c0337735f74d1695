import numpy as np
import pytest

from vf_synthetic import catalogue, garments
from vf_synthetic.catalogue import Panel, curve, draw, mirrored
from vf_synthetic.noise import value_noise


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(catalogue, "SUPERSAMPLE", 1)


def test_a_doubled_point_makes_a_corner_without_overshoot():
    line = curve([(0, 0), (100, 0), (100, 0), (100, 100)])
    assert line.min() >= -1e-4
    assert line.max() <= 100 + 1e-3


def test_mirrored_halves_meet_on_the_middle_line():
    outline = mirrored(curve([(384, 200), (300, 150), (250, 400), (384, 500)]))
    assert outline[:, 0].min() + outline[:, 0].max() == pytest.approx(768)


def test_a_drawn_panel_lies_where_its_outline_is(small):
    box = np.array([(200, 300), (500, 300), (500, 700), (200, 700)], np.float32)
    picture = draw([Panel(box, garments.plain((0.1, 0.2, 0.6)))], seed=1)
    assert picture.shape == (1024, 768, 3)
    dark = picture[..., 0] < 160
    rows, columns = np.nonzero(dark)
    assert [rows.min(), rows.max(), columns.min(), columns.max()] == pytest.approx([300, 700, 200, 500], abs=3)
    assert picture[5, 5].min() > 245


@pytest.mark.parametrize("name", list(garments.GARMENTS))
def test_garments_fit_their_picture_and_are_about_symmetric(small, name):
    covered = np.max([catalogue._filled(panel.outline) for panel in garments.GARMENTS[name]()], axis=0) > 0.5
    assert not covered[[0, -1]].any()
    assert not covered[:, [0, -1]].any()
    assert (covered != covered[:, ::-1]).mean() < 0.01
    assert 0.15 < covered.mean() < 0.7


def test_noise_is_the_same_everywhere_and_bounded():
    points = np.stack(np.meshgrid(np.linspace(-9, 9, 50), np.linspace(-9, 9, 50)), -1).astype(np.float32)
    noise = value_noise(points, 3)
    assert np.abs(noise).max() <= 1
    assert noise.std() > 0.2
    assert value_noise(points[:1], 3) == pytest.approx(noise[:1])
