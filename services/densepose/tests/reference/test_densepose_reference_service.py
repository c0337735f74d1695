"""The service as a process of its own, with a weight file in the authors' format."""

import http.client
import io
import json
import os
import socket
import subprocess
import sys
import time
import uuid
import zipfile

import densepose_golden as golden
import numpy as np
import pytest
from PIL import Image as PILImage

from vf_densepose.visualiser import PALETTE

RUN = "smooth320"
READY_SECONDS = 150


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


class Client:
    def __init__(self, port):
        self.port = port

    def request(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.headers["content-type"], answer.read()
        finally:
            connection.close()

    def post_image(self, path, data):
        boundary = uuid.uuid4().hex
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="image"; filename="photo.png"\r\n\r\n'
        body = head.encode() + data + f"\r\n--{boundary}--\r\n".encode()
        return self.request("POST", path, body, {"Content-Type": f"multipart/form-data; boundary={boundary}"})


@pytest.fixture(scope="module")
def client(weights_folder):
    port, case = free_port(), golden.CASES["cases"][RUN]
    settings = {
        "VF_ENGINE": "reference",
        "VF_WEIGHTS": str(weights_folder),
        "VF_THREADS": "2",
        "VF_DENSEPOSE_MAX_DETECTIONS": str(golden.LIMIT),
        "VF_DENSEPOSE_MIN_SIZE": str(case["min_size"]),
        "VF_DENSEPOSE_MAX_SIZE": str(case["max_size"]),
    }
    command = [sys.executable, "-m", "vf_densepose", "--port", str(port)]
    with subprocess.Popen(command, env={**os.environ, **settings}) as process:
        try:
            client = Client(port)
            wait_until_ready(client, process)
            yield client
        finally:
            process.terminate()


def wait_until_ready(client, process):
    end = time.monotonic() + READY_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            status, _, body = client.request("GET", "/readyz")
        except OSError:
            status, body = 0, b""
        if status == 200:
            return
        time.sleep(0.1)
    pytest.fail(f"the service did not become ready: {body.decode()}")


def photo():
    buffer = io.BytesIO()
    PILImage.fromarray(np.ascontiguousarray(golden.picture_of(golden.CASES["cases"][RUN])[..., ::-1])).save(
        buffer, "PNG"
    )
    return buffer.getvalue()


def pixels(data):
    return np.asarray(PILImage.open(io.BytesIO(data)))


def test_a_photo_gives_the_published_picture(client):
    status, kind, body = client.post_image("/v1/densepose", photo())
    assert (status, kind) == (200, "image/png")
    assert (pixels(body) != golden.recorded(RUN)["picture_rgb"]).any(-1).mean() <= 0.005


def test_surface_coordinates_on_request(client):
    status, kind, body = client.post_image("/v1/densepose?include=iuv", photo())
    assert (status, kind) == (200, "application/zip")
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        assert archive.namelist() == ["densepose.png", "iuv.png"]
        picture, iuv = pixels(archive.read("densepose.png")), pixels(archive.read("iuv.png"))
    assert (picture != golden.recorded(RUN)["picture_rgb"]).any(-1).mean() <= 0.005
    assert (PALETTE[iuv[..., 0]] == picture).all() and iuv[..., 1:].any()


def test_info_and_bad_input(client):
    engine = json.loads(client.request("GET", "/v1/info")[2])["engine"]
    assert engine["name"] == "reference" and engine["licence"] == "CC-BY-NC-4.0"
    assert engine["options"]["max_detections"] == golden.LIMIT
    assert json.loads(client.post_image("/v1/densepose", b"not a picture")[2])["code"] == "unsupported_image"
    assert json.loads(client.post_image("/v1/densepose?include=xyz", photo())[2])["code"] == "invalid_request"
    assert client.post_image("/v1/densepose", photo())[0] == 200
