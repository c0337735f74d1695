"""The service as an operator starts it, with weight files in the authors' formats, against CarveKit run by itself."""

import io
import os
import subprocess
import sys
from pathlib import Path

import clothmask_golden as golden
import numpy as np
import pytest
from PIL import Image

from vf_testing.door import serving

PUBLISHED = Path(__file__).with_name("published.py")


@pytest.fixture(scope="module")
def photo(tmp_path_factory):
    path = tmp_path_factory.mktemp("photo") / "cloth.png"
    Image.fromarray(golden.picture()).save(path)
    return path


@pytest.fixture(scope="module")
def published(weights, photo, tmp_path_factory):
    """(H, W) the mask of CarveKit as its users run it."""
    folder = tmp_path_factory.mktemp("published")
    command = [sys.executable, PUBLISHED, weights / "clothmask", photo, folder / "mask.png"]
    subprocess.run(command, check=True, env={**os.environ, "HOME": str(folder)}, capture_output=True)
    return np.asarray(Image.open(folder / "mask.png"))


@pytest.fixture(scope="module")
def service(weights):
    """Its caller."""
    with serving("vf_clothmask", {"VF_ENGINE": "reference", "VF_WEIGHTS": str(weights)}) as client:
        yield client


def test_mask_is_the_published_program_s(service, photo, published):
    answer = service.post("/v1/cloth-mask", {"image": photo.read_bytes()})
    assert answer.status == 200
    assert answer.headers["content-type"] == "image/png"
    mask = np.asarray(Image.open(io.BytesIO(answer.content)))
    assert mask.shape == published.shape
    assert set(np.unique(mask)) == {0, 255}
    assert (mask != published).mean() < 0.001


def test_info(service):
    info = service.get("/v1/info").json()
    engine = info.get("engine", info)
    assert engine["name"] == "reference"
    assert [entry["file"] for entry in engine["weights"]] == ["clothmask/tracer_b7.pth", "clothmask/fba_matting.pth"]
    assert engine["options"] == {"network": "tracer_b7", "matting": "fba"}


def test_a_picture_too_small_for_the_library_is_a_problem(service):
    content = io.BytesIO()
    Image.new("RGB", (40, 20), "white").save(content, "PNG")
    answer = service.post("/v1/cloth-mask", {"image": content.getvalue()})
    assert (answer.status, answer.json()["code"]) == (422, "image_too_small")
