"""Skirts, trousers, shorts and dresses on a drawn person."""

import functools
from dataclasses import replace

import cv2
import numpy as np
import pytest
from drawn_people import NEW, SEED, SKIN, fit, outline, request
from numpy.testing import assert_array_equal

from vf_hrviton.open.engine import OpenEngine
from vf_hrviton.types import TryOnAnswer
from vf_testing import golden_inputs
from vfkit.contracts import (
    GarmentDocument,
    GarmentKind,
    GarmentLandmark,
    GarmentPart,
    GarmentView,
    Joint,
    Label,
    LandmarkReading,
    PosePerson,
    ViewReading,
    Visibility,
)
from vfkit.problems import Code, Problem

LOWER = (Label.PANTS, Label.SKIRT)
SKIRT = outline((384, 200), (290, 195), (190, 700), (384, 720))
TROUSERS = outline((384, 90), (270, 85), (225, 400), (215, 950), (330, 950), (384, 330))
SHORTS = outline((384, 200), (230, 195), (150, 800), (370, 820), (384, 480))
DRESS = outline((384, 120), (320, 70), (280, 80), (275, 200), (265, 260), (280, 430), (180, 960), (384, 970))
LANDMARKS = {
    GarmentKind.SKIRT: {"right_waist": (290, 195), "right_hem": (190, 700)},
    GarmentKind.TROUSERS: {
        "right_waist": (270, 85), "crotch": (384, 330), "right_leg_outer": (215, 950), "right_leg_inner": (330, 950),
    },
    GarmentKind.SHORTS: {
        "right_waist": (230, 195), "crotch": (384, 480), "right_leg_outer": (150, 800), "right_leg_inner": (370, 820),
    },
    GarmentKind.DRESS: {
        "right_neck": (320, 70), "right_shoulder": (280, 80), "right_armpit": (265, 260), "right_waist": (280, 430),
        "right_hem": (180, 960),
    },
}  # fmt: skip
"""The wearer's right side of every garment, and its middle; the left side is its mirror image."""
MASKS = {
    GarmentKind.SKIRT: SKIRT, GarmentKind.TROUSERS: TROUSERS, GarmentKind.SHORTS: SHORTS, GarmentKind.DRESS: DRESS,
}  # fmt: skip


def read_as(kind: GarmentKind) -> GarmentDocument:
    """The garment.json of one of the drawn garments."""
    points = dict(LANDMARKS[kind])
    points |= {name.replace("right", "left"): (767 - x, y) for name, (x, y) in points.items() if "right" in name}
    marks = []
    for landmark in GarmentLandmark:
        name = landmark.name.lower()
        x, y = points.get(name, (0, 0))
        seen = Visibility.VISIBLE if name in points else Visibility.ABSENT
        marks.append(LandmarkReading(name=name, x=x, y=y, visibility=seen, confidence=1))
    view = ViewReading(value=GarmentView.FRONT, confidence=1)
    return GarmentDocument.model_construct(fitted_as=kind, view=view, landmarks=marks)


def wanted(kind: GarmentKind):
    return replace(request(MASKS[kind]), garment=read_as(kind))


@pytest.fixture(scope="module")
def answers():
    """The fitting of each kind, made when it is first asked for."""
    engine = OpenEngine()

    @functools.cache
    def answer_for(kind: GarmentKind) -> TryOnAnswer:
        answer = fit(engine, wanted(kind))
        assert isinstance(answer, TryOnAnswer), (kind, answer)
        return answer

    return answer_for


def joint(name: Joint) -> np.ndarray:
    return golden_inputs.keypoints(SEED)[name, :2]


def colour_at(picture: np.ndarray, point: np.ndarray) -> np.ndarray:
    x, y = np.rint(point).astype(int)
    return np.median(picture[y - 3 : y + 4, x - 3 : x + 4].reshape(-1, 3), 0)


def is_new(colour: np.ndarray) -> bool:
    return bool(colour[0] > 90 and colour[0] > 2 * colour[1])


@pytest.mark.parametrize("kind", MASKS)
def test_above_the_knees_it_is_worn_and_the_old_trousers_are_gone(answers, kind):
    result = answers(kind).result
    for hip, knee in ((Joint.R_HIP, Joint.R_KNEE), (Joint.L_HIP, Joint.L_KNEE)):
        assert is_new(colour_at(result, joint(hip) * 0.25 + joint(knee) * 0.75)), kind
    worn = np.isin(golden_inputs.label_map(SEED), LOWER)
    before = request().image.astype(int)
    like_old = np.abs(result - before).max(2) < 12
    assert like_old[worn].mean() < 0.03


def test_trousers_reach_the_ankles_and_shorts_leave_the_shins_bare(answers):
    shin = joint(Joint.R_KNEE) * 0.4 + joint(Joint.R_ANKLE) * 0.6
    assert is_new(colour_at(answers(GarmentKind.TROUSERS).result, shin))
    bare = colour_at(answers(GarmentKind.SHORTS).result, shin)
    assert np.abs(bare - SKIN).max() < 60


def test_a_skirt_closes_the_gap_between_the_legs(answers):
    knees, hips = (joint(Joint.R_KNEE) + joint(Joint.L_KNEE)) / 2, (joint(Joint.R_HIP) + joint(Joint.L_HIP)) / 2
    between = hips * 0.25 + knees * 0.75
    assert is_new(colour_at(answers(GarmentKind.SKIRT).result, between))


def test_a_dress_covers_chest_and_hips_without_a_gap(answers):
    mask = answers(GarmentKind.DRESS).warped_mask
    chest, hips = (joint(Joint.NECK) + joint(Joint.MID_HIP)) / 2, joint(Joint.MID_HIP)
    steps = chest + np.linspace(0, 1.4, 60)[:, None] * (hips - chest)
    xs, ys = np.rint(steps).astype(int).T
    assert (mask[ys, xs] > 250).all()


@pytest.mark.parametrize("kind", [GarmentKind.SKIRT, GarmentKind.TROUSERS, GarmentKind.SHORTS])
def test_the_top_and_the_face_stay(answers, kind):
    parse, before = golden_inputs.label_map(SEED), request().image
    above = np.arange(1024)[:, None] < joint(Joint.NECK)[1] * 0.6 + joint(Joint.MID_HIP)[1] * 0.4
    stays = ((parse == Label.UPPER_CLOTHES) & above) | (parse == Label.FACE)
    assert stays.sum() > 1000
    assert_array_equal(answers(kind).result[stays], before[stays])


@pytest.mark.parametrize("kind", MASKS)
def test_what_is_far_from_both_garments_stays_exactly(answers, kind):
    before, answer = request().image, answers(kind)
    worn = golden_inputs.label_map(SEED) > 0
    touched = cv2.dilate((worn | (answer.warped_mask > 0)).astype(np.uint8), np.ones((91, 91))) > 0
    assert_array_equal(answer.result[~touched], before[~touched])


def test_the_inside_of_a_waistband_is_left_out():
    engine = OpenEngine()
    parts = np.where(SKIRT > 0, np.uint8(GarmentPart.TORSO), np.uint8(0))
    inside = (SKIRT > 0) & (np.arange(1024)[:, None] < 240)
    parts[inside] = GarmentPart.INSIDE
    cloth = np.where(SKIRT[..., None] > 0, NEW.astype(np.uint8), np.uint8(245))
    cloth[inside] = (10, 200, 20)
    answer = fit(engine, replace(wanted(GarmentKind.SKIRT), cloth=cloth, garment_parts=parts))
    green = (answer.result[..., 1] > 150) & (answer.result[..., 0] < 80)
    assert not green.any()


@pytest.mark.parametrize(
    ("moved", "code"),
    [
        ({Joint.R_HIP: (0.5, 0), Joint.L_HIP: (-0.5, 0)}, Code.PERSON_NOT_FRONTAL),
        ({Joint.R_KNEE: (-3.0, -1.3), Joint.L_KNEE: (3.0, -1.3)}, Code.PERSON_SEATED),
    ],
)
def test_who_does_not_stand_facing_us_gets_no_skirt_but_a_top(moved, code):
    """Joints are moved by shares of the distance between the hips, and of a thigh's length."""
    engine = OpenEngine()
    joints = golden_inputs.keypoints(SEED)
    hips = np.linalg.norm(joints[Joint.R_HIP, :2] - joints[Joint.L_HIP, :2])
    thigh = np.linalg.norm(joints[Joint.R_HIP, :2] - joints[Joint.R_KNEE, :2])
    towards = np.sign(joints[Joint.L_HIP, 0] - joints[Joint.R_HIP, 0])
    for name, (x, y) in moved.items():
        joints[name, :2] += (x * hips * 0.9 * towards, y * thigh * 0.7)
    pose = PosePerson(pose_keypoints_2d=joints.ravel().tolist())
    skirt = fit(engine, replace(wanted(GarmentKind.SKIRT), pose=pose))
    assert isinstance(skirt, Problem)
    assert skirt.code is code
    assert isinstance(fit(engine, replace(request(), pose=pose)), TryOnAnswer)
