"""Properties of the geometry that priors rest on."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from parse_mannequin import Outfit, draw

from vf_anatomy import Sided
from vf_blazepose import Mark
from vf_parse.open.appearance import BareLimbs, fit_mixture
from vf_parse.open.head import find_head
from vf_parse.open.priors import build_priors, flank, ramp
from vf_parse.open.skeleton import build_skeleton
from vf_parse.open.subject import Subject
from vf_parse.open.window import window_around

_, _, SUBJECT = draw(Outfit())


@settings(deadline=None, max_examples=20)
@given(st.floats(-0.5, 0.5), st.floats(-20, 20), st.floats(-20, 20))
def test_torso_frame_follows_the_body(angle, dx, dy):
    """Turned and moved landmarks: t is 0 at the shoulders and 1 at the hips, the unit stays."""
    upright = build_skeleton(SUBJECT)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    landmarks = SUBJECT.landmarks.copy()
    centre = np.array([192, 200])
    landmarks[:, :2] = (landmarks[:, :2] - centre) @ turn.T + centre + (dx, dy)
    skeleton = build_skeleton(Subject(landmarks, SUBJECT.mask))
    assert abs(skeleton.unit - upright.unit) < 0.1
    for t, marks in ((0, (Mark.L_SHOULDER, Mark.R_SHOULDER)), (1, (Mark.L_HIP, Mark.R_HIP))):
        x, y = landmarks[list(marks), :2].mean(0).astype(int)
        assert abs(skeleton.t[y, x] - t) < 0.02
        assert skeleton.lateral[y, x] < 2


@given(st.floats(0, 100), st.floats(0, 20), st.floats(0.5, 20))
def test_flank_falls(distance, free, width):
    near, far = flank(np.float32([distance, distance + 1]), free, width)
    assert 0 <= far <= near <= 1
    assert flank(np.float32([0]), free, width)[0] == 1


@given(st.floats(-5, 5), st.floats(0.01, 1))
def test_ramp_is_half_at_its_middle(middle, width):
    assert abs(float(ramp(np.float32([middle]), middle, width)[0]) - 0.5) < 1e-3


@settings(deadline=None, max_examples=15)
@given(st.floats(0.5, 1.5), st.floats(0, 1))
def test_priors_are_chances(waist, bare):
    skeleton = build_skeleton(SUBJECT)
    head = find_head(skeleton, None)
    limb = BareLimbs(bare, bare, bare, bare)
    priors = build_priors(skeleton, head, head.face.astype(np.float32), waist, Sided(limb, limb))
    for name, prior in vars(priors).items():
        assert prior.shape == skeleton.shape, name
        assert prior.min() >= 0, name
        assert prior.max() <= 1 + 1e-6, name


def test_bare_forearms_have_no_sleeves():
    skeleton = build_skeleton(SUBJECT)
    head = find_head(skeleton, None)
    face = head.face.astype(np.float32)
    bare = build_priors(skeleton, head, face, 1.0, Sided(*[BareLimbs(1, 1, 0, 0)] * 2))
    covered = build_priors(skeleton, head, face, 1.0, Sided(*[BareLimbs(0, 0, 0, 0)] * 2))
    x, y = ((SUBJECT.landmarks[Mark.L_ELBOW] + SUBJECT.landmarks[Mark.L_WRIST])[:2] / 2).astype(int)
    assert bare.upper[y, x] < 0.4 < 0.7 < covered.upper[y, x]
    assert covered.skin[y, x] < 0.6 < 0.7 < bare.skin[y, x]


def test_window_cut_and_paste():
    window = window_around(SUBJECT, 20_000)
    picture = np.zeros((*SUBJECT.mask.shape, 3), np.uint8)
    part, subject = window.cut(picture, SUBJECT)
    assert part.shape[0] * part.shape[1] < 21_000
    assert subject.mask.shape == part.shape[:2]
    nose = subject.landmarks[Mark.NOSE, :2]
    assert (nose > 0).all()
    assert (nose < part.shape[1::-1]).all()
    body = window.paste((subject.mask > 0.5).astype(np.uint8), picture.shape)
    truth = SUBJECT.mask > 0.5
    assert (body.astype(bool) & truth).sum() / (body.astype(bool) | truth).sum() > 0.9


def test_mixture_explains_its_own_samples():
    noise = np.random.default_rng(1)
    red, blue = noise.normal((30, 50, 30), 3, (400, 3)), noise.normal((20, 10, -40), 3, (400, 3))
    mixture = fit_mixture(np.vstack([red, blue]).astype(np.float32), 2)
    cost = mixture.cost(np.float32([[30, 50, 30], [20, 10, -40], [50, 0, 0]]))
    assert cost[:2].max() < 9
    assert cost[2] > 30
    assert abs(mixture.weights.sum() - 1) < 1e-6


def test_mixture_of_few_or_equal_samples():
    assert np.isfinite(fit_mixture(np.float32([[1, 2, 3]]), 5).cost(np.float32([[1, 2, 3]]))).all()
    assert np.isfinite(fit_mixture(np.ones((500, 3), np.float32), 5).cost(np.float32([[9, 9, 9]]))).all()
