"""What a photo says of the body below its clothes: arms, shoulders, the light on bare skin."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from vf_anatomy import PictureSide, pixel_grid
from vf_hrviton.open.body.labels import ARMS
from vf_hrviton.open.body.limbs import LimbPath, shown_arm
from vf_hrviton.open.body.shape import TorsoMaps, measure
from vf_hrviton.open.paint.relief import chest_light, contrast, outline_light, torso_light
from vf_hrviton.open.paint.skin import texture
from vf_testing import golden_inputs
from vfkit.contracts import Joint, Label, PosePerson

SKIN, CLOTH, WALL = (214, 170, 146), (60, 120, 70), (224, 222, 218)
TOPS = (Label.UPPER_CLOTHES, Label.DRESS, Label.COAT)


def drawn(parse, joints=None):
    """Photo and measures of a drawn person."""
    colours = np.full((20, 3), SKIN, np.uint8)
    colours[Label.BACKGROUND], colours[Label.PANTS], colours[list(TOPS)] = WALL, (40, 44, 60), CLOTH
    joints = golden_inputs.keypoints(0) if joints is None else joints
    return measure(colours[parse], parse, PosePerson(pose_keypoints_2d=joints.ravel().tolist()))


@pytest.fixture(scope="module")
def parse():
    return golden_inputs.label_map(0)


@pytest.fixture(scope="module")
def photo(parse):
    return drawn(parse)[0]


@pytest.fixture(scope="module")
def body(parse):
    return drawn(parse)[1]


def test_sections_are_the_run_of_the_mask_nearest_to_the_line(body):
    arm = body.arms[PictureSide.LEFT]
    path = LimbPath.along(replace(arm, shoulder=np.array([50.0, 10.0]), elbow=np.array([50.0, 50.0]),
                                 wrist=np.array([50.0, 90.0])))  # fmt: skip
    mask = np.zeros((120, 120), bool)
    mask[:, 53:64] = mask[:, 20:30] = True
    first, last = path.sections(mask, np.array([40.0]), 25.0)
    assert sorted(np.abs([first[0], last[0]])) == [3, 13], "beside the line, and not the strip farther away"
    first, last = path.sections(mask, np.array([40.0]), 8.0)
    assert np.isnan([first[0], last[0]]).sum() == 1, "it does not end within reach"


@pytest.mark.parametrize("side", PictureSide)
def test_a_shown_arm_is_measured_where_it_is_and_not_where_the_joints_are(parse, photo, body, side):
    """Found joints lie beside an arm's middle: sleeves and invented skin must cover the arm all the same."""
    joints = golden_inputs.keypoints(0)
    shift = 0.06 * body.unit
    for joint in (Joint.R_ELBOW, Joint.R_WRIST, Joint.L_ELBOW, Joint.L_WRIST):
        joints[joint, 0] += shift
    moved = shown_arm(*drawn(parse, joints), side)
    straight = shown_arm(photo, body, side)
    known = moved.known & straight.known
    assert known.sum() > 5
    across = (moved.middle - straight.middle)[known] * moved.path.normals(moved.at, 1)[known, 0]
    assert np.abs(np.median(across) + shift) < 0.25 * shift
    assert np.abs(moved.ratio - straight.ratio)[known].max() < 0.15


def test_an_arm_that_goes_behind_is_shown_where_it_shows(parse):
    """Bare above the elbow, the forearm behind a wide shirt: the shown part is no error of the parse."""
    joints = golden_inputs.keypoints(0)
    covered = parse.copy()
    ys = np.arange(1024)[:, None]
    arms = np.isin(parse, ARMS)
    elbow = max(joints[Joint.R_ELBOW, 1], joints[Joint.L_ELBOW, 1])
    shoulder = min(joints[Joint.R_SHOULDER, 1], joints[Joint.L_SHOULDER, 1])
    points = np.stack(np.meshgrid(np.arange(768.0), np.arange(1024.0)), -1)
    _, body = drawn(parse)
    for arm in body.arms.values():  # sleeveless, so that all of the upper arm shows
        away = np.abs(points[..., 0] - np.interp(points[..., 1], [arm.shoulder[1], arm.elbow[1]],
                                                 [arm.shoulder[0], arm.elbow[0]]))  # fmt: skip
        covered[(away < 0.09 * body.unit) & (ys > shoulder + 0.3 * (elbow - shoulder)) & (ys < elbow)] = arm.label
    covered[arms & (ys > elbow)] = Label.UPPER_CLOTHES
    for side in PictureSide:
        shown = shown_arm(*drawn(covered), side)
        at = shown.at / body.arms[side].length
        assert shown.shows[(at > 0.25) & (at < 0.45)].all()
        assert not shown.shows[at > 0.65].any()
        black, shape = drawn(covered)
        image = black.image.copy()
        image[np.isin(covered, ARMS)] = 15  # a sheer black sleeve
        assert not shown_arm(replace(black, image=image), shape, side).shows.any()


def test_bows_on_the_shoulders_are_no_body(parse, body):
    x, y = np.rint(body.shoulder_point(PictureSide.LEFT, 0.7) + body.up * 0.12 * body.unit).astype(int)
    with_bow = parse.copy()
    radius = round(0.06 * body.unit)
    cv2.circle(with_bow, (int(x), int(y)), radius, int(Label.UPPER_CLOTHES), -1)
    assert drawn(with_bow)[0].silhouette[y, x] < 0.1
    inside = np.rint(body.torso.at(0.3)).astype(int)
    assert drawn(with_bow)[0].silhouette[inside[1], inside[0]] == 1


def test_the_sleeve_of_a_raised_arm_is_body(parse):
    joints = golden_inputs.keypoints(0)
    shoulder, size = joints[Joint.R_SHOULDER, :2].copy(), 0.25 * np.ptp(joints[[Joint.R_HIP, Joint.NECK], 1])
    joints[Joint.R_ELBOW, :2] = shoulder - np.array([0.8, 1]) * size
    joints[Joint.R_WRIST, :2] = shoulder - np.array([0.8, 2]) * size
    raised = parse.copy()
    x, y = np.rint((shoulder + joints[Joint.R_ELBOW, :2]) / 2).astype(int)
    cv2.line(raised, tuple(map(int, shoulder)), tuple(map(int, joints[Joint.R_ELBOW, :2])), int(TOPS[0]), 40)
    assert drawn(raised, joints)[0].silhouette[y, x] > 0.9


def test_a_shoulder_found_beside_the_body_moves_into_it(parse, photo):
    joints = golden_inputs.keypoints(0)
    outward = joints[Joint.R_SHOULDER, 0] - joints[Joint.L_SHOULDER, 0]
    joints[Joint.R_SHOULDER, 0] += 0.4 * outward
    xs = [arm.shoulder for arm in drawn(parse, joints)[1].arms.values()]
    for x, y in np.rint(xs).astype(int):
        assert photo.silhouette[y, x] > 0.5


def test_beside_the_torso_its_light_says_nothing():
    """Hands hang there: taken for a torso's dark side, they would make all invented skin too light."""
    t, half_width = np.full((1, 3), 0.9, np.float32), np.full((1, 3), 100, np.float32)
    light = torso_light(TorsoMaps(t, np.array([[0, 98, 130]], np.float32), half_width))
    assert light[0, 2] == 1
    assert light[0, 1] < 0.8 < light[0, 0]


def test_bare_shoulders_have_a_light(photo, body):
    light = chest_light(body, photo.size)
    at = lambda point: light[tuple(np.rint(point).astype(int)[::-1])]  # noqa: E731
    for side in PictureSide:
        assert at(body.side_at(0.32, side)) < 0.95, "the fold at the armpit"
        assert at(body.arms[side].shoulder + body.up * 0.02 * body.unit) > 1.03, "the top of the shoulder"
    t, _ = body.torso.coordinates(pixel_grid(photo.size))
    bare = np.zeros(photo.size, np.uint8)
    middle = np.rint(body.torso.at(0.05)).astype(int)
    cv2.circle(bare, tuple(map(int, middle)), round(0.4 * body.unit), 1, -1)
    edge = outline_light(photo, body.unit, bare > 0, t)
    x = int(middle[0] + 0.395 * body.unit)
    assert edge[middle[1], x] < 0.82 < 0.99 < edge[middle[1], middle[0]]


def test_invented_skin_has_the_texture_and_the_contrast_of_the_shown(photo, body):
    shown = photo.is_in(*ARMS, Label.TORSO_SKIN)
    noise = np.random.default_rng(1).normal(0, 1, photo.size)
    shade = 40 * np.sin(np.arange(photo.size[1]) / (0.05 * body.unit))[None]
    textures, contrasts = [], []
    for grain, depth in ((0.8, 0.1), (2.0, 1.0)):
        image = photo.image.astype(float)
        image[shown] += (noise * grain + depth * shade)[shown][:, None]
        other = replace(photo, image=np.clip(np.rint(image), 0, 255).astype(np.uint8))
        textures.append(float(texture(other, body.unit).std()))
        contrasts.append(contrast(other, body.unit))
    assert 0.5 < textures[0] < textures[1] < 3
    assert textures[1] > 1.5 * textures[0]
    assert contrasts[0] < contrasts[1]
