"""The hand-made labels keep to their format, and the two splits share no photo."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import pytest

from vf_training.garment.answer import KINDS, PHOTOS, VIEWS
from vfkit.contracts.garment import GarmentLandmark, GarmentPart

FOLDER_OF = {"train": "train", "held_out": "validation"}


def _photos(split: str) -> list[dict[str, Any]]:
    """What a split's file holds."""
    content = json.loads((files("vf_training.garment") / "labels" / f"{split}.json").read_text())
    assert content["format"] == 1
    photos: list[dict[str, Any]] = content["photos"]
    assert photos
    return photos


def _points(photo: dict[str, Any]) -> list[list[int]]:
    """Every coordinate of a photo's labels."""
    polygons = [point for part in photo["parts"] for point in part["points"]]
    return polygons + [point[:2] for point in [*photo["landmarks"].values(), *photo["checks"]]]


@pytest.mark.parametrize("split", FOLDER_OF)
def test_every_point_lies_in_its_photo(split: str) -> None:
    for photo in _photos(split):
        outside = [
            point
            for point in _points(photo)
            if not (0 <= point[0] < photo["width"] and 0 <= point[1] < photo["height"])
        ]
        assert not outside, (photo["file"], outside)


@pytest.mark.parametrize("split", FOLDER_OF)
def test_every_name_is_known(split: str) -> None:
    parts = {part.name.lower() for part in GarmentPart}
    for photo in _photos(split):
        assert photo["kind"] in KINDS and photo["photo"] in PHOTOS and photo["view"] in VIEWS, photo["file"]
        assert {part["part"] for part in photo["parts"]} <= parts, photo["file"]
        assert set(photo["landmarks"]) <= {landmark.name.lower() for landmark in GarmentLandmark}, photo["file"]
        assert {seen for _, _, seen in photo["landmarks"].values()} <= {1, 2}, photo["file"]
        assert {place for _, _, place in photo["checks"]} <= {"in", "out", "hanger"}, photo["file"]
        assert all(len(part["points"]) >= 3 for part in photo["parts"]), photo["file"]


@pytest.mark.parametrize("split", FOLDER_OF)
def test_only_a_garment_has_parts(split: str) -> None:
    for photo in _photos(split):
        said = {field: bool(photo[field]) for field in ("parts", "landmarks", "checks")}
        assert set(said.values()) == {photo["kind"] != "other"}, (photo["file"], said)


def test_the_splits_share_no_photo() -> None:
    names = {split: [photo["file"] for photo in _photos(split)] for split in FOLDER_OF}
    for split, folder in FOLDER_OF.items():
        assert all(photo["split"] == split for photo in _photos(split))
        assert all(name.startswith(f"{folder}/") for name in names[split])
    everything = names["train"] + names["held_out"]
    assert len(set(everything)) == len(everything)
