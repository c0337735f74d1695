import numpy as np
import pytest

from vf_synthetic import clothes


def places(rest, arm=0.0, leg=0.0):
    rest = np.array(rest, np.float32)
    full = np.ones(len(rest), np.float32)
    return clothes.place(rest, full * arm, full * leg)


def test_the_arm_is_measured_without_jumps():
    t = np.linspace(0, 1, 200, dtype=np.float32)[:, None]
    line = np.concatenate([
        clothes.SHOULDER + (clothes.ELBOW - clothes.SHOULDER) * t, clothes.ELBOW + (clothes.WRIST - clothes.ELBOW) * t
    ])  # fmt: skip
    along = clothes.along_arm(line)
    assert along[0] == pytest.approx(0, abs=0.01)
    assert along[-1] == pytest.approx(1, abs=0.01)
    assert np.abs(np.diff(along)).max() < 0.01
    assert clothes.along_arm(line * np.array([-1, 1, 1], np.float32)) == pytest.approx(along)


def test_a_top_covers_the_chest_and_leaves_head_and_hips_bare():
    keep = clothes.top(hem=0.2, sleeve=0.3, neck_width=0.8, neck_front=0.8, neck_back=0.2)
    chest, throat, chin, hip = keep(places([[0, 4, 1], [0, 5.8, 0.8], [0, 6.6, 1], [0, -0.5, 1]]))
    assert chest > 0
    assert throat < 0
    assert chin < 0
    assert hip < 0


def test_sleeves_end_where_they_should():
    short = clothes.top(hem=0.2, sleeve=0.3, neck_width=0.8, neck_front=0.8, neck_back=0.2)
    long = clothes.top(hem=0.2, sleeve=0.97, neck_width=0.8, neck_front=0.8, neck_back=0.2)
    elbow = places([clothes.ELBOW], arm=1.0)
    assert short(elbow) < 0 < long(elbow)


def test_a_bottom_never_covers_hands():
    keep = clothes.bottom(waist=1.0, hem=-7.0)
    assert keep(places([[1.0, -2, 0]], leg=1.0)) > 0
    assert keep(places([[3.0, -2, 0]], arm=1.0)) < 0


def test_hung_cloth_falls_from_the_widest_place():
    # A tube that is wide above (radius 2) and narrow below (radius 1).
    y, angle = np.meshgrid(np.linspace(4, -4, 80), np.linspace(0, 2 * np.pi, 48, endpoint=False), indexing="ij")
    radius = np.where(y > 1, 2.0, 1.0)
    tube = np.stack([radius * np.sin(angle), y, radius * np.cos(angle)], -1).reshape(-1, 3).astype(np.float32)
    moved = tube + clothes.hung(tube, np.ones(len(tube), bool), ease=0.0, slope=0.1)
    new = np.hypot(moved[:, 0], moved[:, 2]).reshape(y.shape)
    assert new[70:].mean() == pytest.approx(2 - 0.1 * 4.8, abs=0.15)
    assert new[:20].mean() == pytest.approx(2, abs=0.1)
