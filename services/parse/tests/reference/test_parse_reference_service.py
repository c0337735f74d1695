"""The service as an operator starts it: a real process that reads the checkpoint and answers over HTTP."""

import io
import zipfile
from dataclasses import replace

import numpy as np
import pytest
import tensorflow as tf
from parse_golden import assert_labels, picture, recorded, write_checkpoint
from PIL import Image as PILImage

from vf_parse.app import ParseSettings
from vf_parse.reference.engine import ReferenceEngine
from vf_parse.types import ParseRequest
from vf_testing.door import serving
from vfkit.contracts import CIHP_PALETTE
from vfkit.pictures import DEFAULT_LIMITS, decode_labels, encode_png
from vfkit.problems import Code, Problem

ANY_SIZE = replace(DEFAULT_LIMITS, min_edge=1)


@pytest.fixture(scope="module")
def service(weights):
    with serving(
        "vf_parse", {"VF_ENGINE": "reference", "VF_WEIGHTS": str(weights), "TF_CPP_MIN_LOG_LEVEL": "2"}
    ) as client:
        yield client


def post(client, image: np.ndarray, query: str = ""):
    return client.post(f"/v1/parse{query}", {"image": encode_png(image)})


def test_labels_and_edges(service):
    golden = recorded("tf1")
    response = post(service, picture("full"), "?include=edge")
    assert response.status == 200, response.content
    assert response.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
        parse, edge = archive.read("parse.png"), archive.read("parse_edge.png")
    assert_labels(decode_labels(parse, limits=ANY_SIZE), golden)
    png = PILImage.open(io.BytesIO(parse))
    assert png.mode == "P"
    assert png.getpalette()[: CIHP_PALETTE.size] == CIHP_PALETTE.ravel().tolist()
    picture_of_edges = np.asarray(PILImage.open(io.BytesIO(edge)))
    assert picture_of_edges.dtype == np.uint8
    assert np.abs(picture_of_edges - 255 * golden["full/edge"]).max() <= 1


def test_labels_alone(service):
    response = post(service, picture("full"))
    assert response.headers["content-type"] == "image/png"
    assert_labels(decode_labels(response.content, limits=ANY_SIZE), recorded("tf1"))


def test_info(service):
    engine = service.get("/v1/info").json()["engine"]
    assert engine["name"] == "reference"
    assert engine["options"] == {
        "scales": [0.5, 0.75, 1.0, 1.25, 1.5, 1.75],
        "resize": "tf1",
        "tf32": False,
        "parameters": 164_805_098,
    }
    assert "non-commercial" in engine["licence"]
    (weights,) = engine["weights"]
    assert weights["file"] == "parse/CIHP_pgn"
    assert len(weights["sha256"]) == 64
    assert weights["known"] is False


def test_too_large(service):
    response = post(service, np.zeros((1025, 768, 3), np.uint8))
    assert response.status == 413
    assert response.json()["code"] == Code.IMAGE_TOO_LARGE
    assert "768 x 1025" in response.json()["detail"]


def test_unknown_extra(service):
    response = post(service, picture("full"), "?include=edges")
    assert response.json()["code"] == Code.INVALID_REQUEST


def test_only_the_open_engine_finds_what_is_held(service):
    response = post(service, picture("full"), "?include=held")
    assert response.status == 422
    assert response.json()["code"] == Code.INVALID_REQUEST


def test_missing_checkpoint(tmp_path):
    with pytest.raises(Problem) as caught:
        ReferenceEngine(tmp_path).load()
    assert caught.value.code == Code.WEIGHTS_MISSING
    assert "parse/CIHP_pgn" in caught.value.detail


def test_no_gpu_where_one_is_asked_for(weights, monkeypatch):
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: [])
    with pytest.raises(Problem) as caught:
        ReferenceEngine(weights, device="cuda").load()
    assert caught.value.code == Code.STAGE_UNAVAILABLE


def test_threads_that_cannot_be_had_are_told(weights):
    """Making the checkpoint has started TensorFlow with two."""
    with pytest.raises(Problem, match="computed in this process already") as caught:
        ReferenceEngine(weights, threads=3).load()
    assert caught.value.code == Code.STAGE_UNAVAILABLE


def test_tf32_only_where_it_is_allowed(monkeypatch, tmp_path):
    """The weights are looked for after the device is set up, so none are needed here."""
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: ["one"])
    monkeypatch.setattr(tf.config.experimental, "set_memory_growth", lambda gpu, enable: None)
    for allowed in (True, False):
        engine = ReferenceEngine(tmp_path, device="cuda", allow_tf32=allowed)
        with pytest.raises(Problem, match="CIHP_pgn"):
            engine.load()
        assert tf.config.experimental.tensor_float_32_execution_enabled() is allowed
        assert engine.info.options["tf32"] is allowed
    assert ReferenceEngine(tmp_path, allow_tf32=True).info.options["tf32"] is False


def test_checkpoint_of_another_network(tmp_path):
    write_checkpoint(tmp_path / "parse/CIHP_pgn", {"conv1/weights": np.zeros((7, 7, 3, 64), np.float32)})
    with pytest.raises(Problem) as caught:
        ReferenceEngine(tmp_path).load()
    assert caught.value.code == Code.WEIGHTS_MISSING
    assert "bn_conv1/beta and 624 more is missing" in caught.value.detail


def test_out_of_memory_is_told(weights, monkeypatch):
    engine = ReferenceEngine(weights, scales=(0.5,))
    engine.load()
    request = ParseRequest(picture("single"))
    (answer,) = engine.predict([request])
    assert answer.labels.shape == request.image.shape[:2]

    def exhausted(*_, **__):
        raise tf.errors.ResourceExhaustedError(None, None, "OOM when allocating tensor")

    monkeypatch.setattr(engine, "_recipe", exhausted)
    (problem,) = engine.predict([request])
    assert problem.code == Code.IMAGE_TOO_LARGE


def test_settings(monkeypatch):
    monkeypatch.setenv("VF_PARSE_SCALES", "0.5, 1.0")
    monkeypatch.setenv("VF_PARSE_RESIZE", "upgraded")
    settings = ParseSettings()
    assert settings.parse_scales == (0.5, 1.0)
    assert settings.parse_resize == "upgraded"


def test_an_empty_variable_is_not_set(monkeypatch):
    monkeypatch.setenv("VF_PARSE_SCALES", "")
    assert ParseSettings().parse_scales == (0.5, 0.75, 1.0, 1.25, 1.5, 1.75)


@pytest.mark.parametrize("scales", [",", "0", "9", "small", "1.0,,2.0"])
def test_bad_scales(monkeypatch, scales):
    monkeypatch.setenv("VF_PARSE_SCALES", scales)
    with pytest.raises(ValueError, match="parse_scales"):
        ParseSettings()
