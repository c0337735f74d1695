"""A drawn person and drawn garments."""

import cv2
import numpy as np

from vf_hrviton.types import TryOnRequest
from vf_testing import golden_inputs
from vfkit.contracts import Label, PosePerson

SKIN, TROUSERS, WALL, HAIR = (214, 170, 146), (40, 44, 60), (224, 222, 218), (50, 30, 20)
OLD, NEW = np.array((60, 120, 70)), np.array((180, 30, 40))
TOPS = (Label.UPPER_CLOTHES, Label.DRESS, Label.COAT)
SEED = 0


def outline(*half):
    """A mask from the left half of an outline."""
    mask = np.zeros((1024, 768), np.uint8)
    points = [*half, *[(767 - x, y) for x, y in reversed(half)]]
    cv2.fillPoly(mask, [np.array(points, np.int32)], 255)
    return mask


T_SHIRT = outline((384, 200), (310, 150), (220, 190), (90, 340), (160, 400), (225, 350), (215, 850), (384, 850))
TANK_TOP = outline((384, 330), (310, 260), (295, 120), (250, 120), (240, 250), (200, 370), (205, 850), (384, 850))
OFF_SHOULDER = outline((384, 205), (230, 200), (90, 205), (60, 400), (170, 430), (225, 380), (215, 850), (384, 850))
CROPPED_TANK_TOP = outline(
    (384, 330), (310, 260), (295, 120), (250, 120), (240, 250), (200, 370), (205, 470), (384, 470)
)
BODYSUIT = outline(
    (384, 230), (330, 70), (290, 85), (300, 160), (285, 230), (305, 380), (290, 760), (350, 940), (384, 945)
)


def painted(mask, colour=NEW):
    return np.where(mask[..., None] > 0, colour.astype(np.uint8), np.uint8(245))


def request(mask=T_SHIRT, cloth=None, missing=(), seed=SEED):
    parse = golden_inputs.label_map(seed)
    colours = np.full((20, 3), SKIN, np.uint8)
    colours[Label.BACKGROUND], colours[Label.PANTS], colours[Label.HAIR] = WALL, TROUSERS, HAIR
    colours[list(TOPS)] = OLD
    noise = np.random.default_rng(3).integers(-3, 4, (*parse.shape, 1))
    image = (colours[parse].astype(int) + noise).astype(np.uint8)
    joints = golden_inputs.keypoints(seed, missing)
    worn = np.isin(parse, TOPS)
    return TryOnRequest(
        image=image,
        cloth=painted(mask) if cloth is None else cloth,
        cloth_mask=mask,
        parse_agnostic=np.where(worn, 0, parse).astype(np.uint8),
        agnostic=np.where(worn[..., None], np.uint8(128), image),
        densepose=golden_inputs.densepose(seed),
        parse=parse,
        pose=PosePerson(pose_keypoints_2d=joints.ravel().tolist()),
    )


def fit(engine, *requests):
    answers = engine.predict(list(requests))
    return answers[0] if len(requests) == 1 else answers
