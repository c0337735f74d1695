"""Composites of cut-out garments: labels lie on what they name, and nothing is said that is not known."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from vf_training.garment.answer import KINDS, PHOTOS
from vf_training.garment.composites import Folded, Pasted, Several
from vf_training.garment.cutouts import Wardrobe, cut_out, fitted, is_garment, upright
from vf_training.garment.examples import UNKNOWN, VISIBLE, Example
from vf_training.garment.folding import Line, fold
from vf_training.garment.hooks import hang
from vf_training.garment.sources import Worn
from vf_training.grounds import Grounds, studio
from vfkit.contracts.garment import GarmentLandmark, GarmentPart

SIZE = (160, 200)
RED, BLUE = (220, 20, 20), (20, 20, 220)
MARKS = {
    GarmentLandmark.RIGHT_NECK: (70, 40),
    GarmentLandmark.LEFT_NECK: (90, 40),
    GarmentLandmark.RIGHT_HEM: (50, 160),
    GarmentLandmark.LEFT_HEM: (110, 160),
}


def shirt() -> Example:
    """A red rectangle on blue, 60 x 120 pixels, with a landmark near each corner."""
    picture = np.full((SIZE[1], SIZE[0], 3), BLUE, np.uint8)
    parts = np.full(picture.shape[:2], GarmentPart.BACKGROUND, np.uint8)
    picture[40:160, 50:110], parts[40:160, 50:110] = RED, GarmentPart.TORSO
    points = np.zeros((len(GarmentLandmark), 2), np.float32)
    visibility = np.zeros(len(GarmentLandmark), np.int64)
    for mark, place in MARKS.items():
        points[mark], visibility[mark] = place, VISIBLE
    return Example(picture, parts, points, visibility, kind=0, photo=0, view=0)


def sources() -> tuple[Wardrobe, Grounds]:
    return Wardrobe([shirt()], None, 0.0), Grounds((), SIZE)


def test_a_cut_out_has_nothing_of_its_surroundings() -> None:
    cutout = cut_out(shirt())
    assert cutout is not None
    assert cutout.alpha.shape[0] == pytest.approx(120, abs=10)
    shown = cutout.alpha > 0.9
    assert (cutout.example.picture[shown] == RED).all()
    assert is_garment(cutout.parts)[shown].all()


def test_what_is_cut_off_or_is_no_garment_is_not_cut_out() -> None:
    whole = shirt()
    assert whole.parts is not None
    wide = np.full_like(whole.parts, GarmentPart.TORSO)
    assert cut_out(replace(whole, parts=wide)) is None
    assert cut_out(replace(whole, kind=KINDS.index("other"))) is None
    assert cut_out(replace(whole, photo=PHOTOS.index("worn"))) is None
    assert cut_out(replace(whole, parts=None)) is None


@pytest.mark.parametrize("seed", range(6))
def test_a_pasted_garment_keeps_its_labels(seed: int) -> None:
    made = Pasted(*sources()).example(np.random.default_rng(seed))
    assert made.picture.shape == (SIZE[1], SIZE[0], 3)
    assert made.parts is not None and made.points is not None and made.visibility is not None
    garment = is_garment(made.parts)
    assert garment.mean() > 0.05
    near = cv2.dilate(garment.astype(np.uint8), np.ones((9, 9), np.uint8))
    for mark in MARKS:
        assert made.visibility[mark] == VISIBLE
        x, y = made.points[mark].astype(int)
        assert near[y, x]
    held = made.photo == PHOTOS.index("hanger")
    assert held == bool((made.parts == GarmentPart.HANGER).any())


def test_a_hanger_is_drawn_behind_the_front_and_above_it() -> None:
    cutout = cut_out(shirt())
    assert cutout is not None
    laid = fitted(np.random.default_rng(0), cutout, SIZE, (0, 60, 160, 140), 0.9, 0)
    picture, parts = np.zeros((SIZE[1], SIZE[0], 3), np.uint8), laid.parts
    held = hang(np.random.default_rng(1), picture, parts, laid)
    assert held is not None
    hanger = held[1] == GarmentPart.HANGER
    assert hanger.any() and not hanger[laid.alpha > 0.9].any()
    assert np.flatnonzero(hanger.any(1))[0] < np.flatnonzero(is_garment(parts).any(1))[0] - 5


def test_a_garment_lying_askew_is_turned_upright() -> None:
    cutout = cut_out(shirt())
    assert cutout is not None
    askew = fitted(np.random.default_rng(0), cutout, (300, 300), (0, 0, 300, 300), 0.8, 70)
    height, width = upright(askew).alpha.shape
    assert height > 1.5 * width


@pytest.mark.parametrize("seed", range(4))
def test_several_garments_are_several(seed: int) -> None:
    made = Several(*sources()).example(np.random.default_rng(seed))
    assert KINDS[made.kind] == "several"
    assert made.visibility is not None and (made.visibility == UNKNOWN).all()
    assert made.parts is not None and is_garment(made.parts).mean() > 0.05


@pytest.mark.parametrize(("over", "rows"), [(True, 60), (False, 60)])
def test_folded_in_half_a_garment_is_half_as_high(over: bool, rows: int) -> None:
    cutout = cut_out(shirt())
    assert cutout is not None
    middle = cutout.alpha.shape[0] / 2
    parcel = fold(np.random.default_rng(0), cutout, Line((0.0, middle), (0.0, 1.0)), over=over)
    assert (parcel.alpha > 0.5).any(1).sum() == pytest.approx(rows, abs=6)
    assert (parcel.example.view == UNKNOWN) == over


@pytest.mark.parametrize("kind", ["top", "trousers", "dress"])
def test_a_folded_garment_is_of_its_kind(kind: str) -> None:
    wardrobe = Wardrobe([replace(shirt(), kind=KINDS.index(kind))], None, 0.0)
    made = Folded(wardrobe, Grounds((), SIZE)).example(np.random.default_rng(3))
    assert (KINDS[made.kind], PHOTOS[made.photo]) == (kind, "folded")
    assert made.visibility is not None and (made.visibility == UNKNOWN).all()
    assert made.parts is not None and is_garment(made.parts).any()


def test_backdrops_are_even_and_real_surroundings_are_shown(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    assert studio(rng, SIZE).std(axis=(0, 1)).max() < 20
    cv2.imwrite(str(tmp_path / "floor.png"), np.full((90, 70, 3), (0, 200, 0), np.uint8))
    floors = Grounds([tmp_path / "floor.png"], SIZE)
    drawn = [floors.draw(rng) for _ in range(12)]
    assert all(picture.shape == (SIZE[1], SIZE[0], 3) for picture in drawn)
    assert any(picture[..., 1].mean() > 4 * max(picture[..., 0].mean(), 1) for picture in drawn)


def test_people_are_shown_whole_and_cut(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "somebody.png"), np.zeros((300, 200, 3), np.uint8))
    worn = Worn(tmp_path)
    heights = {worn.example(np.random.default_rng(seed)).picture.shape[0] for seed in range(20)}
    assert 300 in heights and min(heights) < 190
