"""The service as an operator starts it, with weight files in the authors' formats, against CarveKit run by itself."""

import io
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import clothmask_golden as golden
import numpy as np
import pytest
import requests
from PIL import Image

PUBLISHED = Path(__file__).with_name("published.py")
START_SECONDS = 120


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
    """Its address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    environment = {**os.environ, "VF_ENGINE": "reference", "VF_WEIGHTS": str(weights)}
    command = [sys.executable, "-m", "uvicorn", "--factory", "vf_clothmask.app:create_app", "--port", str(port)]
    address = f"http://127.0.0.1:{port}"
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT) as process:
        try:
            _wait(process, address)
            yield address
        finally:
            process.terminate()


def _wait(process, address):
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, "the service ended"
        try:
            if requests.get(f"{address}/readyz", timeout=5).ok:
                return
        except requests.ConnectionError:
            pass
        time.sleep(0.2)
    pytest.fail("the service did not become ready")


def test_mask_is_the_published_program_s(service, photo, published):
    answer = requests.post(f"{service}/v1/cloth-mask", files={"image": photo.read_bytes()}, timeout=60)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/png"
    mask = np.asarray(Image.open(io.BytesIO(answer.content)))
    assert mask.shape == published.shape
    assert set(np.unique(mask)) == {0, 255}
    assert (mask != published).mean() < 0.001


def test_info(service):
    info = requests.get(f"{service}/v1/info", timeout=5).json()
    engine = info.get("engine", info)
    assert engine["name"] == "reference"
    assert [entry["file"] for entry in engine["weights"]] == ["clothmask/tracer_b7.pth", "clothmask/fba_matting.pth"]
    assert engine["options"] == {"network": "tracer_b7", "matting": "fba"}


def test_a_picture_too_small_for_the_library_is_a_problem(service):
    content = io.BytesIO()
    Image.new("RGB", (40, 20), "white").save(content, "PNG")
    answer = requests.post(f"{service}/v1/cloth-mask", files={"image": content.getvalue()}, timeout=60)
    assert (answer.status_code, answer.json()["code"]) == (422, "image_too_small")
