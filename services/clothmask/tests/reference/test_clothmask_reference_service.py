"""The service as an operator starts it, with weight files in the authors' formats, against CarveKit run by itself."""

import io
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from vf_testing.door import serving
from vfkit.contracts import GarmentDocument, GarmentKind

PUBLISHED = Path(__file__).with_name("published.py")
SAMPLE = Path(__file__).parents[4] / "samples/tshirt.jpg"


@pytest.fixture(scope="module")
def photo(tmp_path_factory):
    """A garment, as a file that decodes to the same pixels everywhere."""
    path = tmp_path_factory.mktemp("photo") / "garment_photo.png"
    Image.open(SAMPLE).convert("RGB").save(path)
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
    """The answer's mask is the published one, moved as garment.json says."""
    answer = service.post("/v1/cloth-mask", {"image": photo.read_bytes()})
    assert answer.status == 200, answer.content
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.namelist() == ["garment.json", "cloth.png", "cloth_mask.png", "garment_parts.png"]
        document = GarmentDocument.model_validate_json(archive.read("garment.json"))
        mask = np.asarray(Image.open(io.BytesIO(archive.read("cloth_mask.png"))))
    assert document.kind.value is GarmentKind.TOP
    matrix = np.array(document.straightened.matrix)
    moved = cv2.warpAffine((published > 0).astype(np.float32), matrix, (768, 1024)) > 0.5
    assert mask.shape == (1024, 768)
    assert set(np.unique(mask)) == {0, 255}
    edges = cv2.morphologyEx(moved.astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > 0
    assert ((mask > 0) == moved)[~edges].mean() > 0.999


def test_info(service):
    info = service.get("/v1/info").json()
    engine = info.get("engine", info)
    assert engine["name"] == "reference"
    assert [entry["file"] for entry in engine["weights"]] == [
        "clothmask/tracer_b7.pth",
        "clothmask/fba_matting.pth",
        "garment_reader.onnx",
    ]
    parameters = engine["options"].pop("parameters")
    assert parameters == pytest.approx(101.0e6, rel=0.001)
    assert engine["options"] == {"network": "tracer_b7", "matting": "fba", "tf32": False}


def test_a_picture_too_small_for_the_library_is_a_problem(service):
    content = io.BytesIO()
    Image.new("RGB", (40, 20), "white").save(content, "PNG")
    answer = service.post("/v1/cloth-mask", {"image": content.getvalue()})
    assert (answer.status, answer.json()["code"]) == (422, "image_too_small")
