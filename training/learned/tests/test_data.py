"""Training data: what is missing or wrong is told by name; what is rendered is kept."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from vf_training.garment.hand_labels import labelled
from vf_training.garment.sources import FOLDER_KINDS, ListingPhotos, Synthetic, listed
from vf_training.pictures import DataError
from vf_training.recipe import RecipeError, load

RECIPE = """
seed = 1
weight_decay = 0.01
clip = 1.0
average = 0.9
[[stages]]
name = "only"
steps = 2
batch = 2
size = [32, 64]
rate = 1e-3
sources = { synthetic = 1.0 }
"""


def test_a_missing_and_an_empty_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="dress is missing"):
        ListingPhotos(tmp_path)
    (tmp_path / "dress").mkdir()
    with pytest.raises(DataError, match="dress holds no photos"):
        ListingPhotos(tmp_path)


def test_every_folder_s_photos_come_with_its_kind(tmp_path: Path) -> None:
    for folder in FOLDER_KINDS:
        (tmp_path / folder).mkdir()
        Image.new("RGB", (30, 40)).save(tmp_path / folder / "one.jpg")
    assert {(path.parent.name, kind) for path, kind in listed(tmp_path)} >= {("pants", 3), ("hat", 6), ("t-shirt", 0)}
    kinds = {ListingPhotos(tmp_path).example(np.random.default_rng(seed)).kind for seed in range(60)}
    assert kinds == set(range(7))


def test_rendered_photos_are_kept(tmp_path: Path) -> None:
    source = Synthetic(tmp_path, 1, ())
    made = source.example(np.random.default_rng(0))
    kept = next(tmp_path.glob("*.npz"))
    written = kept.stat().st_mtime_ns
    again = source.example(np.random.default_rng(1))
    assert kept.stat().st_mtime_ns == written
    assert np.array_equal(made.picture, again.picture)
    assert made.parts is not None and made.parts.shape == made.picture.shape[:2]


def test_a_photo_that_its_labels_do_not_fit_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"\.jpg is missing"):
        labelled("train", tmp_path)


def test_a_recipe_is_read_and_its_mistakes_are_named(tmp_path: Path) -> None:
    path = tmp_path / "recipe.toml"
    path.write_text(RECIPE)
    assert load(path).stages[0].size == (32, 64)
    for wrong, name in (("rate = 1e-3", "rate"), ("size = [32, 64]", "size"), ("steps = 2", "steps")):
        path.write_text(RECIPE.replace(wrong, wrong.replace("1e-3", "-1").replace("64", "65").replace("= 2", "= 0")))
        with pytest.raises(RecipeError, match=name):
            load(path)
    path.write_text(RECIPE + "warmth = 3\n")
    with pytest.raises(RecipeError, match="warmth"):
        load(path)
