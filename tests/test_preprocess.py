"""`vf preprocess` writes what HR-VITON's data loader reads."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PILImage
from PIL import ImageOps
from vitonhd_loader import VitonHDTestSet

TARGETS = 9


def vf_preprocess(folder: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-P", "-m", "vf_cli", "preprocess", "--json", "--out", str(folder / "out")]
    command += ["--people", str(folder / "people"), "--garments", str(folder / "garments")]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=240, check=False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, samples: Path) -> Path:
    """Two people, one of them mirrored, and a text; three garments, one of them a plain wall."""
    folder = tmp_path_factory.mktemp("preprocess")
    (folder / "people").mkdir()
    (folder / "garments").mkdir()
    shutil.copy(samples / "person.jpg", folder / "people/anna.jpg")
    with PILImage.open(samples / "person.jpg") as picture:
        ImageOps.mirror(picture).save(folder / "people/berta.png")
    (folder / "people/clara.jpg").write_text("not a picture")
    shutil.copy(samples / "tshirt.jpg", folder / "garments/tshirt.jpg")
    shutil.copy(samples / "longsleeve.jpg", folder / "garments/longsleeve.jpg")
    PILImage.new("RGB", (768, 1024), "white").save(folder / "garments/wall.png")
    return folder


@pytest.fixture(scope="module")
def outcome(folder: Path, local_stack) -> dict:
    done = vf_preprocess(folder, {**os.environ, "VF_GATEWAY": local_stack.url})
    assert done.returncode == 3, done.stderr
    assert "clara.jpg" in done.stderr
    return json.loads(done.stdout)


def test_bad_pictures_are_told_and_skipped(outcome: dict) -> None:
    assert {(Path(entry["photo"]).name, entry["code"]) for entry in outcome["skipped"]} == {
        ("clara.jpg", "unsupported_image"),
        ("wall.png", "no_garment_found"),
    }
    assert len(outcome["people"]) == 2
    assert len(outcome["garments"]) == 2


def test_the_layout_loads(folder: Path, outcome: dict) -> None:
    data = VitonHDTestSet(folder / "out")
    assert len(data) == outcome["pairs"] == 2
    assert len(list((folder / "out/test").iterdir())) == TARGETS
    for index in range(len(data)):
        sample = data[index]
        assert sample.image.shape == sample.cloth.shape == sample.densepose.shape == (3, 1024, 768)
        assert np.all(sample.parse.sum(axis=0) == 1)
        assert sample.parse[3].sum() > 10_000  # wears something
        assert sample.parse_agnostic[3].sum() == 0  # and it is gone
        assert 0.02 < sample.cloth_mask.mean() < 0.9
        assert np.percentile(sample.cloth[:, sample.cloth_mask[0] == 0], 5) > 0.95, "the garment alone on white"
        assert sample.pose.shape == (25, 2)
        with PILImage.open(folder / "out/test/agnostic-v3.2" / sample.person_name) as agnostic:
            assert agnostic.size == (768, 1024)


def test_a_second_run_has_nothing_to_do(folder: Path, outcome: dict) -> None:
    (folder / "people/clara.jpg").unlink()
    (folder / "garments/wall.png").unlink()
    before = {path: path.stat().st_mtime_ns for path in (folder / "out/test").rglob("*.*")}
    # No gateway answers there: a finished folder needs none.
    done = vf_preprocess(folder, {**os.environ, "VF_GATEWAY": "http://127.0.0.1:9"})
    assert done.returncode == 0, done.stderr
    assert {path: path.stat().st_mtime_ns for path in (folder / "out/test").rglob("*.*")} == before
