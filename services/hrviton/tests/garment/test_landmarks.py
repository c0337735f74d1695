"""Sleeves that lie against the torso: the outline hides them, the reader's landmarks tell."""

import cv2
import numpy as np
import pytest

from vf_anatomy import PictureSide
from vf_hrviton.open.garment import understand, with_landmarks
from vfkit.contracts import (
    GarmentDocument,
    GarmentLandmark,
    GarmentView,
    KindReading,
    LandmarkReading,
    PhotoReading,
    Straightening,
    ViewReading,
    Visibility,
)

OUTLINE = [(290, 200), (478, 200), (560, 240), (610, 800), (158, 800), (208, 240)]
"""A shirt whose sleeves hang straight down along its sides: x, y."""
SEEN_FROM_FRONT = {
    "right_neck": (300, 200), "left_neck": (468, 200), "neck_front": (384, 240),
    "right_shoulder": (210, 245), "left_shoulder": (558, 245),
    "right_armpit": (265, 380), "left_armpit": (503, 380),
    "right_hem": (255, 790), "left_hem": (513, 790),
    "right_sleeve_outer": (165, 770), "left_sleeve_outer": (603, 770),
    "right_sleeve_inner": (240, 780), "left_sleeve_inner": (528, 780),
}  # fmt: skip


def document(view=GarmentView.FRONT, confidence=0.5, absent=()):
    def landmark(name):
        x, y = SEEN_FROM_FRONT.get(name, (0, 0))
        if view is GarmentView.BACK:
            x = 768 - x
        there = name in SEEN_FROM_FRONT and not any(part in name for part in absent)
        visibility = Visibility.VISIBLE if there else Visibility.ABSENT
        return LandmarkReading(name=name, x=x, y=y, visibility=visibility, confidence=confidence)

    return GarmentDocument(
        kind=KindReading(value="top", confidence=1),
        photo=PhotoReading(value="hanger", confidence=1),
        view=ViewReading(value=view, confidence=1),
        fitted_as="top",
        landmarks=[landmark(mark.name.lower()) for mark in GarmentLandmark],
        straightened=Straightening(rotation=0, scale=1, matrix=((1, 0, 0), (0, 1, 0))),
    )


@pytest.fixture(scope="module")
def mask():
    drawn = np.zeros((1024, 768), np.uint8)
    return cv2.fillPoly(drawn, [np.array(OUTLINE, np.int32)], 255)


@pytest.fixture(scope="module")
def traced(mask):
    cloth = np.full((*mask.shape, 3), 255, np.uint8)
    cloth[mask > 0] = 90
    return understand(cloth, mask)


@pytest.mark.parametrize("view", list(GarmentView))
def test_the_reader_s_sleeves_are_taken_where_the_outline_has_none(traced, mask, view):
    garment = with_landmarks(traced, mask, document(view))
    assert set(garment.sleeves) == set(PictureSide)
    assert garment.armpit.left == pytest.approx((265, 380))
    assert garment.hem.right == pytest.approx((513, 790))
    left = garment.sleeves[PictureSide.LEFT]
    assert left.outer[0] == pytest.approx((210, 245), abs=2)
    assert left.outer[-1] == pytest.approx((165, 770), abs=2)
    assert left.inner[-1] == pytest.approx((240, 780))
    assert left.mask[600, 220]
    assert not left.mask[600, 300]
    assert left.length_ratio == pytest.approx(2.0, abs=0.2)


def test_the_outer_edge_is_the_garment_s(traced, mask):
    edge = with_landmarks(traced, mask, document()).sleeves[PictureSide.LEFT].outer[4:-4]
    rims = [np.nonzero(mask[round(y)])[0][0] for _, y in edge]
    assert edge[:, 0] == pytest.approx(rims, abs=6)


@pytest.mark.parametrize("unsure", [document(confidence=0.1), document(absent=["sleeve"]), document(absent=["armpit"])])
def test_without_sure_landmarks_the_outline_stands(traced, mask, unsure):
    assert with_landmarks(traced, mask, unsure) is traced
