"""A drawn person and drawn garments through the engine."""

import time
from dataclasses import replace

import cv2
import numpy as np
import pytest
from drawn_people import (
    BODYSUIT,
    CROPPED_TANK_TOP,
    NEW,
    OFF_SHOULDER,
    OLD,
    SEED,
    SKIN,
    T_SHIRT,
    TANK_TOP,
    TOPS,
    TROUSERS,
    fit,
    outline,
    painted,
    request,
)
from numpy.testing import assert_array_equal

from vf_anatomy import PictureSide
from vf_hrviton.open.body.limbs import LimbPath, bare_arms
from vf_hrviton.open.body.prepared import PreparedBody
from vf_hrviton.open.body.shape import measure, torso_maps
from vf_hrviton.open.engine import OpenEngine
from vf_hrviton.open.garment import understand
from vf_hrviton.open.paint.skin import bare_skin
from vf_hrviton.open.prepare import prepare
from vf_hrviton.open.warp.dress import dress
from vf_hrviton.types import TryOnAnswer
from vf_testing import golden_inputs
from vfkit.contracts import GarmentDocument, GarmentKind, GarmentView, Joint, Label, ViewReading
from vfkit.problems import Code, Problem


@pytest.fixture(scope="module")
def engine():
    engine = OpenEngine()
    engine.load()
    return engine


@pytest.fixture(scope="module")
def wearing(engine):
    answer = fit(engine, request())
    assert isinstance(answer, TryOnAnswer), answer
    return answer


def test_the_new_garment_is_on_and_the_old_one_off(wearing):
    worn = np.isin(golden_inputs.label_map(SEED), TOPS)
    result = wearing.result.astype(int)
    like_old = np.abs(result - OLD).max(2) < 30
    assert like_old[worn].mean() < 0.01
    like_new = (result[..., 0] > 2 * result[..., 1]) & (result[..., 0] > 90)
    assert like_new[wearing.warped_mask == 255].mean() > 0.95


def test_what_is_far_from_both_garments_stays_exactly(wearing):
    before = request().image
    worn = np.isin(golden_inputs.label_map(SEED), TOPS)
    touched = cv2.dilate((worn | (wearing.warped_mask > 0)).astype(np.uint8), np.ones((91, 91))) > 0
    assert (~touched).mean() > 0.3
    assert_array_equal(wearing.result[~touched], before[~touched])


@pytest.mark.parametrize("mask", [T_SHIRT, TANK_TOP, OFF_SHOULDER], ids=["T-shirt", "tank top", "off the shoulder"])
def test_what_neither_garment_covers_is_the_photo_bit_by_bit(engine, mask):
    """Beyond both garments, the fringe of the old one and the shadow of the new one."""
    wearer = request(mask)
    answer = fit(engine, wearer)
    covered = np.isin(wearer.parse, TOPS) | (answer.warped_mask > 0)
    outside = cv2.distanceTransform((~covered).astype(np.uint8), cv2.DIST_L2, 5) > 28
    assert outside.mean() > 0.5
    assert_array_equal(answer.result[outside], wearer.image[outside])


def test_face_and_trousers_stay(wearing):
    before, parse = request().image, golden_inputs.label_map(SEED)
    joints = golden_inputs.keypoints(SEED)[:, :2]
    away_from_the_hem = np.arange(1024)[:, None] > joints[Joint.R_KNEE, 1] - 20
    for part in (parse == Label.FACE, (parse == Label.PANTS) & away_from_the_hem):
        inside = cv2.erode(part.astype(np.uint8), np.ones((9, 9))) > 0
        difference = np.abs(wearing.result[inside].astype(int) - before[inside])
        assert np.percentile(difference, 95) <= 2


def test_warped_cloth_is_white_where_its_mask_is_empty(wearing):
    assert (wearing.warped_cloth[wearing.warped_mask == 0] == 255).all()


def test_a_print_keeps_its_proportions(engine):
    """A black square on the chest: length and width scale apart, but never so far that a square is none."""
    cloth = painted(T_SHIRT)
    cloth[420:580, 304:464] = 10
    answer = fit(engine, request(cloth=cloth))
    ys, xs = np.nonzero((answer.warped_cloth.max(2) < 90) & (answer.warped_mask > 200))
    width, height = np.ptp(xs), np.ptp(ys)
    assert 0.95 < height / width < 1.45
    assert len(ys) > 0.85 * width * height, "still a square"
    joints = golden_inputs.keypoints(SEED)[:, :2]
    assert abs(xs.mean() - (joints[Joint.NECK, 0] + joints[Joint.MID_HIP, 0]) / 2) < 25, "in the middle"


def test_a_tank_top_leaves_the_arms_bare(engine):
    answer = fit(engine, request(TANK_TOP))
    joints = golden_inputs.keypoints(SEED)[:, :2]
    for shoulder, elbow in ((Joint.R_SHOULDER, Joint.R_ELBOW), (Joint.L_SHOULDER, Joint.L_ELBOW)):
        x, y = np.rint(joints[shoulder] * 0.55 + joints[elbow] * 0.45).astype(int)
        colour = np.median(answer.result[y - 4 : y + 5, x - 4 : x + 5].reshape(-1, 3), 0)
        assert answer.warped_mask[y, x] < 30
        assert np.abs(colour - SKIN).max() < 45, "skin where the old sleeve was"


def test_the_same_request_is_the_same_picture_alone_and_in_a_batch(engine, wearing):
    first, second = fit(engine, request(), request(TANK_TOP))
    assert_array_equal(first.result, wearing.result)
    assert_array_equal(second.result, fit(engine, request(TANK_TOP)).result)


def test_one_bad_item_spoils_no_other(engine, wearing):
    empty, good = fit(engine, request(np.zeros_like(T_SHIRT)), request())
    assert isinstance(empty, Problem)
    assert empty.code is Code.NO_GARMENT_FOUND
    assert_array_equal(good.result, wearing.result)


@pytest.mark.parametrize("mask", [CROPPED_TANK_TOP, BODYSUIT], ids=["cropped tank top", "bodysuit"])
@pytest.mark.parametrize("kind", [GarmentKind.TOP, GarmentKind.OUTERWEAR, None])
def test_what_was_read_as_a_top_is_fitted_whatever_its_outline(engine, mask, kind):
    view = ViewReading(value=GarmentView.FRONT, confidence=1)
    read = None if kind is None else GarmentDocument.model_construct(fitted_as=kind, view=view, landmarks=[])
    answer = fit(engine, replace(request(mask), garment=read))
    assert isinstance(answer, TryOnAnswer), answer
    assert (answer.warped_mask > 200).sum() > 15_000


@pytest.mark.parametrize(
    "missing",
    [(Joint.R_SHOULDER,), (Joint.L_HIP,), (Joint.R_HIP, Joint.L_HIP, Joint.MID_HIP)],
    ids=["shoulder", "hip", "both hips"],
)
def test_without_shoulders_or_hips_there_is_no_body(engine, missing):
    answer = fit(engine, request(missing=missing))
    assert isinstance(answer, Problem)
    assert answer.code is Code.BODY_NOT_VISIBLE


@pytest.mark.parametrize(
    "missing",
    [(Joint.R_WRIST,), (Joint.R_ELBOW, Joint.R_WRIST, Joint.L_ELBOW, Joint.L_WRIST), (Joint.NOSE, Joint.NECK)],
    ids=["wrist", "both arms", "head"],
)
def test_missing_arms_and_head_are_no_obstacle(engine, missing):
    answer = fit(engine, request(missing=missing))
    assert isinstance(answer, TryOnAnswer)
    assert (answer.warped_mask > 200).sum() > 20_000


@pytest.mark.parametrize("seed", (1, 2, 3))
def test_other_people(engine, seed):
    """Dresses, coats, skirts, scarves, sunglasses."""
    answer = fit(engine, request(seed=seed))
    assert isinstance(answer, TryOnAnswer)
    joints = golden_inputs.keypoints(seed)[:, :2]
    x, y = np.rint((joints[Joint.NECK] + joints[Joint.MID_HIP]) / 2).astype(int)
    assert answer.warped_mask[y, x] == 255


def test_it_is_quick(engine):
    """Ten times the budget: only what has gone wrong altogether is slower, even on a busy machine."""
    start = time.perf_counter()
    fit(engine, request())
    assert time.perf_counter() - start < 15


@pytest.fixture(scope="module")
def prepared() -> PreparedBody:
    wearer = request()
    return prepare(wearer.image, wearer.parse, wearer.pose)


@pytest.fixture(scope="module")
def body():
    """The measures in the whole photo."""
    wearer = request()
    return measure(wearer.image, wearer.parse, wearer.pose)[1]


@pytest.mark.parametrize("side", PictureSide)
def test_an_invented_arm_is_round_and_narrows_to_the_wrist(prepared, side):
    body = prepared.shape
    arm, arms = body.arms[side], bare_arms(body, prepared.arms, 0, prepared.size)
    path = LimbPath.along(arm)
    widths = []
    for share in (0.3, 0.95):
        at = np.array([share * arm.length])
        line = path.points(at) + np.linspace(-0.3, 0.3, 121)[:, None] * body.unit * path.normals(at, 1)
        xs, ys = np.rint(line).astype(int).T
        inside = arms.alpha[ys, xs] > 0.9
        light = arms.light[ys, xs][inside]
        widths.append(inside.mean() * 0.6)
        assert np.median(light) - light.min() > 0.15, "it turns from the light at its edges"
    assert 0.1 < widths[1] < 0.8 * widths[0] < 0.35


def test_invented_skin_meets_the_shown_skin_without_a_step():
    wearer = request()
    seen = np.isin(wearer.parse, (Label.LEFT_ARM, Label.RIGHT_ARM))
    shown = np.where(seen[..., None], np.array((180, 135, 112), np.uint8), wearer.image)
    photo, body = measure(shown, wearer.parse, wearer.pose)
    skin = bare_skin(photo, body.unit, seen, np.ones(photo.size, np.float32))
    assert np.abs(np.median(skin[seen], 0) - (180, 135, 112)).max() < 3


def test_the_end_of_a_wide_sleeve_goes_though_the_parse_calls_it_arm(engine):
    wearer = request()
    arm = np.isin(wearer.parse, (Label.LEFT_ARM, Label.RIGHT_ARM))
    sleeve = wearer.parse == Label.UPPER_CLOTHES
    for _ in range(10):  # ten rows of arm below the sleeve have its colour
        sleeve[1:] |= sleeve[:-1] & arm[1:]
    misread = sleeve & arm
    image = wearer.image.copy()
    image[misread] = OLD
    answer = fit(engine, replace(wearer, image=image, cloth=request(TANK_TOP).cloth, cloth_mask=TANK_TOP))
    bare = misread & (answer.warped_mask == 0)
    assert bare.sum() > 200
    assert (np.abs(answer.result[bare].astype(int) - OLD).max(1) < 30).mean() < 0.02


def test_the_sleeves_of_a_dress_go_with_its_top(engine, body):
    wearer = request()
    parse, image = wearer.parse.copy(), wearer.image.copy()
    arms = np.isin(parse, (Label.LEFT_ARM, Label.RIGHT_ARM))
    tops = parse == Label.UPPER_CLOTHES
    forearms = arms & (np.arange(1024)[:, None] < min(arm.wrist[1] for arm in body.arms.values()))
    parse[tops | forearms] = Label.DRESS
    image[tops | forearms] = OLD
    crop_top = np.where(np.arange(1024)[:, None] < 560, T_SHIRT, np.uint8(0))
    answer = fit(engine, replace(wearer, parse=parse, image=image, cloth=painted(crop_top), cloth_mask=crop_top))
    for arm in body.arms.values():
        x, y = np.rint((arm.elbow + arm.wrist) / 2).astype(int)
        colour = np.median(answer.result[y - 4 : y + 5, x - 4 : x + 5].reshape(-1, 3), 0)
        assert np.abs(colour - SKIN).max() < 60, "a bare forearm, no black sleeve below a crop top"


def test_a_coat_and_a_scarf_go_with_the_top(engine):
    old = request()
    parse, image = old.parse.copy(), old.image.copy()
    xs, ys = np.meshgrid(np.arange(768), np.arange(1024))
    neck = golden_inputs.keypoints(SEED)[Joint.NECK, :2]
    open_coat = (parse == Label.UPPER_CLOTHES) & (np.abs(xs - neck[0]) > 50)
    scarf = (np.abs(xs - neck[0]) < 60) & (np.abs(ys - neck[1]) < 45) & np.isin(parse, (*TOPS, Label.TORSO_SKIN))
    parse[open_coat], parse[scarf] = Label.COAT, Label.SCARF
    image[open_coat], image[scarf] = (200, 180, 40), (40, 60, 200)
    result = fit(engine, replace(old, image=image, parse=parse)).result.astype(int)
    for worn, colour in ((open_coat, (200, 180, 40)), (scarf, (40, 60, 200))):
        assert worn.sum() > 1000
        assert (np.abs(result[worn] - colour).max(1) < 30).mean() < 0.02


def test_no_skin_shows_between_the_tiers_of_a_sleeve(engine, wearing):
    tiered = T_SHIRT.copy()
    tiered[260:340, :195] = tiered[260:340, 573:] = 0
    answer = fit(engine, request(tiered))
    is_skin = [np.abs(picture.astype(int) - SKIN).max(axis=2) < 40 for picture in (wearing.result, answer.result)]
    assert (is_skin[1] & ~is_skin[0]).sum() < 600  # 1,200 where the arm is not covered


def test_an_off_shoulder_top_leaves_the_shoulders_bare(engine, body):
    answer = fit(engine, request(OFF_SHOULDER))
    for across in (-0.7, 0, 0.7):
        bare = body.torso.at(0.03, across * body.torso.shoulder_width / 2)
        covered = body.torso.at(0.35, across * body.torso.shoulder_width / 2)
        for (x, y), is_covered in ((np.rint(bare).astype(int), False), (np.rint(covered).astype(int), True)):
            assert (answer.warped_mask[y, x] > 128) is np.bool_(is_covered)
            assert is_covered or np.abs(answer.result[y, x].astype(int) - SKIN).max() < 60


def test_shiny_folds_of_the_old_garment_do_not_stripe_the_new_one(engine, wearing):
    wearer = request()
    stripes = np.isin(wearer.parse, TOPS) & (np.arange(1024)[:, None] % 24 < 6)
    shiny = wearer.image.copy()
    shiny[stripes] = np.minimum(shiny[stripes].astype(int) + 45, 255).astype(np.uint8)
    striped = fit(engine, replace(wearer, image=shiny)).result.astype(float)
    inside = cv2.erode((wearing.warped_mask > 250).astype(np.uint8), np.ones((25, 25))) > 0
    assert striped[inside][:, 0].std() < wearing.result[inside][:, 0].std() + 12


def test_below_a_crop_top_trousers_are_drawn_up_and_nothing_of_the_old_top_is_left(engine, body):
    crop_top = np.where(np.arange(1024)[:, None] < 500, T_SHIRT, np.uint8(0))
    wearer = request()
    answer = fit(engine, replace(wearer, cloth=painted(crop_top), cloth_mask=crop_top))
    hem = max(y for y in range(1024) if answer.warped_mask[y, round(body.torso.at(0.8)[0])] > 128)
    old_hem = max(y for y in range(1024) if wearer.parse[y, round(body.torso.at(0.8)[0])] in TOPS)
    column = answer.result[hem + 6 : old_hem - 20, round(body.torso.at(0.8)[0])].astype(int)
    is_cloth = np.abs(column - TROUSERS).max(1) < 25
    is_skin = np.abs(column - SKIN).max(1) < 60
    assert (is_cloth | is_skin).mean() > 0.95
    assert is_cloth.sum() > 0.12 * body.torso.length
    assert is_skin.sum() > 0.05 * body.torso.length


def test_no_skin_shows_through_a_notch_in_a_sleeve(prepared):
    """Between flounces, and where a mask has bites, the arm that fills the sleeve must not show."""
    mask = outline((384, 200), (310, 150), (220, 190), (40, 760), (130, 780), (225, 380), (215, 850), (384, 850))
    garment = understand(painted(mask), mask)
    notched = mask.copy()
    notched[480:510] = 0
    layers = dress(prepared, torso_maps(prepared.shape, prepared.size), painted(mask), notched, garment)
    for side, arm in zip(PictureSide, prepared.shape.arms.values(), strict=True):
        bone = arm.shoulder + np.linspace(0.4, 1, 200)[:, None] * (arm.elbow - arm.shoulder)
        xs, ys = np.rint(bone).astype(int).T
        assert layers.sleeves[side].alpha[ys, xs].min() > 0.9
        assert (np.abs(layers.sleeves[side].image[ys, xs].astype(int) - NEW).max(1) < 60).all(), "cloth, no backdrop"
