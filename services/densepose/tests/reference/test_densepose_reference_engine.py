"""The engine from its weight file: pictures as the published program paints them, and clear words when it cannot."""

import densepose_golden as golden
import numpy as np
import pytest
import torch

from vf_densepose.app import DensePoseSettings, reference_engine
from vf_densepose.detectron2.engine import Detectron2Engine, is_installed
from vf_densepose.reference import network
from vf_densepose.reference.engine import WEIGHTS, Options, ReferenceEngine
from vf_densepose.types import DensePoseAnswer, DensePoseRequest
from vf_densepose.visualiser import PALETTE
from vf_testing.pinning import pin_weights
from vf_testing.precision import precision
from vfkit.problems import Code, Problem

FAR = 0.005
LIMITS = network.Limits(score=0.8, people=golden.LIMIT)


def picture_of(name):
    return np.ascontiguousarray(golden.picture_of(golden.CASES["cases"][name])[..., ::-1])


def options_of(name):
    case = golden.CASES["cases"][name]
    return Options(LIMITS, case["min_size"], case["max_size"])


@pytest.fixture(scope="module")
def engine(weights_folder):
    engine = ReferenceEngine(weights_folder, options_of("noise256"))
    engine.load()
    return engine


def test_pictures_of_a_batch_in_order(engine):
    noise = DensePoseRequest(picture_of("noise256"))
    blank = DensePoseRequest(np.full((40, 300, 3), 200, np.uint8))
    answers = engine.predict([noise, blank, DensePoseRequest(noise.image, iuv=True)])
    for answer in (answers[0], answers[2]):
        assert (answer.picture != golden.recorded("noise256")["picture_rgb"]).any(-1).mean() <= FAR
    assert isinstance(answers[1], Problem) or answers[1].picture.shape == (40, 300, 3)
    assert answers[0].iuv is None
    assert (PALETTE[answers[2].iuv[..., 0]] == answers[2].picture).all()
    assert answers[2].iuv[..., 1:].any() and not answers[2].iuv[answers[2].iuv[..., 0] == 0].any()


def test_the_real_input_size(weights_folder):
    engine = ReferenceEngine(weights_folder, Options(LIMITS))
    engine.load()
    assert (engine.info.options["min_size"], engine.info.options["max_size"]) == (800, 1333)
    (answer,) = engine.predict([DensePoseRequest(picture_of("full800"))])
    assert (answer.picture != golden.recorded("full800")["picture_rgb"]).any(-1).mean() <= FAR


def test_info(engine):
    info = engine.info
    assert (info.name, info.licence, info.dtype) == ("reference", "CC-BY-NC-4.0", "float32")
    assert info.weights[0].file == WEIGHTS and len(info.weights[0].sha256) == 64 and info.weights[0].known
    assert info.options["max_detections"] == golden.LIMIT
    assert info.options["parameters"] == pytest.approx(63.9e6, rel=0.01)


def test_nobody(engine, weights_folder):
    strict = ReferenceEngine(weights_folder, Options(network.Limits(score=1.0), 256))
    strict._network = engine._network
    (answer,) = strict.predict([DensePoseRequest(picture_of("noise256"), iuv=True)])
    assert isinstance(answer, Problem) and answer.code is Code.NO_PERSON_FOUND


def test_not_loaded(tmp_path):
    with pytest.raises(Problem):
        ReferenceEngine(tmp_path).predict([DensePoseRequest(picture_of("noise256"))])


def test_missing_file(tmp_path):
    with pytest.raises(Problem, match="detectron2 repository") as told:
        ReferenceEngine(tmp_path).load()
    assert told.value.code is Code.WEIGHTS_MISSING and WEIGHTS in told.value.detail


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_no_gpu_where_one_is_asked_for(weights_folder):
    with pytest.raises(Problem) as caught:
        ReferenceEngine(weights_folder, device="cuda").load()
    assert caught.value.code == Code.STAGE_UNAVAILABLE


@pytest.mark.parametrize("allowed", [True, False])
def test_tf32_is_off_unless_it_is_allowed(tmp_path, monkeypatch, allowed):
    def make(**said):
        return reference_engine(DensePoseSettings(weights=tmp_path, **said))

    name = "tf32" if allowed else "ieee"
    found = precision(make, monkeypatch, allow_tf32=allowed)
    assert found == ((name, name, name), allowed, "float32", False)
    assert found.told_on_cpu is False


def test_wrong_file(tmp_path):
    path = tmp_path / WEIGHTS
    path.parent.mkdir()
    path.write_bytes(b"version https://git-lfs.github.com/spec/v1")
    with pytest.raises(Problem, match="damaged or another file"):
        ReferenceEngine(tmp_path).load()
    pin_weights(tmp_path, WEIGHTS)
    with pytest.raises(Problem, match="not a pickle") as told:
        ReferenceEngine(tmp_path).load()
    assert told.value.code is Code.WEIGHTS_MISSING


@pytest.mark.parametrize(
    "change,words",
    [
        (lambda w: w.pop("roi_heads.box_head.fc1.bias"), "roi_heads.box_head.fc1.bias is missing"),
        (lambda w: w.pop("backbone.bottom_up.res3.1.conv2.norm.running_var"), "conv2.norm.running_var is missing"),
        (lambda w: w.pop("backbone.bottom_up.stem.conv1.weight"), "stem.conv1.weight is missing"),
        (lambda w: w.update(extra=np.zeros(2, np.float32)), "extra is not known"),
        (lambda w: w.update({"backbone.fpn_output2.bias": np.zeros(3, np.float32)}), "has shape"),
        (lambda w: w.update({"backbone.bottom_up.stem.conv1.norm.bias": np.zeros(3, np.float32)}), "size of its conv"),
    ],
)
def test_other_parameters(published, change, words):
    changed = dict(published)
    change(changed)
    with pytest.raises(ValueError, match=words):
        network.build(changed, torch.device("cpu"))


def test_constants_of_older_files_are_passed_over(published):
    older = {"pixel_mean": np.zeros((3, 1, 1), np.float32), "pixel_std": np.ones((3, 1, 1), np.float32)}
    older["proposal_generator.anchor_generator.cell_anchors.4"] = np.zeros((3, 4), np.float32)
    network.build({**published, **older}, torch.device("cpu"))


def test_detectron2_says_when_it_is_not_there(tmp_path):
    if is_installed():
        pytest.skip("Detectron2 is installed")
    with pytest.raises(Problem) as told:
        Detectron2Engine(tmp_path).load()
    assert told.value.code is Code.STAGE_UNAVAILABLE


@pytest.mark.skipif(not is_installed(), reason="Detectron2 and its DensePose project are not in this environment")
@pytest.mark.parametrize("name", ["noise256", "smooth320"])
def test_parity_with_detectron2(weights_folder, name):
    pictures = []
    for kind in (ReferenceEngine, Detectron2Engine):
        engine = kind(weights_folder, options_of(name))
        engine.load()
        (answer,) = engine.predict([DensePoseRequest(picture_of(name), iuv=True)])
        assert isinstance(answer, DensePoseAnswer)
        pictures.append(np.concatenate([answer.picture, answer.iuv[..., :1]], -1))
    assert (pictures[0] != pictures[1]).any(-1).mean() <= FAR
