"""The engine: its files, its noise, its batches."""

import dataclasses
import os

import hrviton_golden as golden
import numpy as np
import pytest
import torch

from vf_hrviton.app import HrvitonSettings, reference_engine
from vf_hrviton.reference.engine import CONDITION_FILE, GENERATOR_FILE, ReferenceEngine
from vf_hrviton.reference.noise import NamedNoise, SeededNoise, request_seed
from vf_testing.precision import precision
from vfkit.problems import Code, Problem

SIZE = "512x384"


@pytest.fixture(scope="module")
def engine(weights_folder):
    engine = ReferenceEngine(weights_folder, size=SIZE)
    engine.load()
    return engine


@pytest.fixture(scope="module")
def requests():
    """Two garments for one person, the second upside down."""
    first = golden.request()
    return [first, dataclasses.replace(first, cloth=first.cloth[::-1], cloth_mask=first.cloth_mask[::-1])]


def test_a_batch_is_its_items(engine, requests):
    empty = dataclasses.replace(requests[0], cloth_mask=np.zeros_like(requests[0].cloth_mask))
    first, refused, second = engine.predict([requests[0], empty, requests[1]])
    assert isinstance(refused, Problem) and refused.code is Code.NO_GARMENT_FOUND
    for answer, request in zip((first, second), requests, strict=True):
        (alone,) = engine.predict([request])
        assert answer.result.shape == (1024, 768, 3) and answer.warped_mask.shape == (1024, 768)
        assert np.abs(answer.result.astype(int) - alone.result).max() <= 1
        np.testing.assert_allclose(answer.flow, alone.flow, atol=1e-3)
        assert answer.segmentation.shape == (13, 256, 192)
    assert np.abs(first.result.astype(int) - second.result).mean() > 1


def test_noise_depends_on_the_request_alone(requests):
    seeds = [request_seed(request) for request in requests]
    assert seeds[0] == request_seed(dataclasses.replace(requests[0], cloth=requests[0].cloth.copy()))
    assert seeds[0] != seeds[1]
    together, alone = SeededNoise(seeds), SeededNoise(seeds[1:])
    for _ in range(2):
        assert torch.equal(together("a", 4, 6)[1:], alone("b", 4, 6))


@pytest.mark.parametrize("allowed", [True, False])
def test_tf32_is_off_unless_it_is_allowed(tmp_path, monkeypatch, allowed):
    def make(**said):
        return reference_engine(HrvitonSettings(weights=tmp_path, **said))

    name = "tf32" if allowed else "ieee"
    found = precision(make, monkeypatch, allow_tf32=allowed)
    assert found == ((name, name, name), allowed, "float32", False)
    assert found.told_on_cpu is False


def test_named_noise_is_the_seed_s():
    first, again, other = NamedNoise(7), NamedNoise(7), NamedNoise(8)
    assert torch.equal(first("up_0", 4, 6), again("up_0", 4, 6))
    assert not torch.equal(first("up_0", 4, 6), other("up_0", 4, 6))
    assert not torch.equal(first("up_0", 4, 6), first("up_1", 4, 6))


def test_bfloat16_is_close(weights_folder, requests):
    pictures = []
    for dtype in ("float32", "bfloat16"):
        engine = ReferenceEngine(weights_folder, size=SIZE, noise="off", dtype=dtype)
        engine.load()
        assert (engine.info.dtype, engine.info.options["dtype"]) == (dtype, dtype)  # kept pictures go by the options
        pictures.append(engine.predict(requests[:1])[0].result.astype(int))
    difference = np.abs(pictures[0] - pictures[1])
    assert 0 < difference.mean() < 2


class Opens:
    """Runs a command when it is unpickled by someone careless."""

    def __init__(self, command):
        self.command = command

    def __reduce__(self):
        return os.system, (self.command,)


@pytest.fixture
def copied(weights_folder, tmp_path):
    (tmp_path / "hrviton").mkdir()
    for name in (CONDITION_FILE, GENERATOR_FILE):
        (tmp_path / name).symlink_to(weights_folder / name)
    return tmp_path


def problem_of(folder, name, state=None, content=None):
    path = folder / name
    path.unlink()
    if content is None:
        torch.save(state, path)
    else:
        path.write_bytes(content)
    with pytest.raises(Problem) as caught:
        ReferenceEngine(folder, size=SIZE).load()
    assert caught.value.code is Code.WEIGHTS_MISSING
    return caught.value.detail


def test_missing_files_are_named(copied):
    (copied / GENERATOR_FILE).unlink()
    with pytest.raises(Problem, match=r"hrviton/gen\.pth .* is missing.*authors publish it"):
        ReferenceEngine(copied).load()
    (copied / CONDITION_FILE).unlink()
    with pytest.raises(Problem, match=r"hrviton/mtviton\.pth .* is missing"):
        ReferenceEngine(copied).load()


def test_a_file_with_code_is_refused_and_not_run(copied):
    trace = copied / "ran"
    detail = problem_of(copied, CONDITION_FILE, {"conv.weight": Opens(f"touch {trace}")})
    assert "mtviton.pth cannot be read as a PyTorch state dict" in detail
    assert not trace.exists()


def test_broken_files_are_refused(copied, states, weights_folder):
    whole = (weights_folder / CONDITION_FILE).read_bytes()
    assert "cannot be read" in problem_of(copied, CONDITION_FILE, content=whole[:-5000])
    assert "cannot be read" in problem_of(copied, CONDITION_FILE, content=b"text")
    assert "not a plain state dict" in problem_of(copied, CONDITION_FILE, {"epoch": 3})


def test_other_networks_are_refused(copied, states):
    condition = dict(states[0])
    bias = condition.pop("out_layer.scale.bias")
    assert "out_layer.scale.bias is missing" in problem_of(copied, CONDITION_FILE, condition)
    condition["out_layer.scale.bias"] = bias[:5]
    assert "out_layer.scale.bias has shape (5,), not (13,)" in problem_of(copied, CONDITION_FILE, condition)
    condition["out_layer.scale.bias"], condition["extra.weight"] = bias, bias
    assert "extra.weight is not known" in problem_of(copied, CONDITION_FILE, condition)


def test_a_generator_without_its_vectors_is_refused(copied, states):
    broken = {key: value for key, value in states[1].items() if key != "up_0.conv_0.weight_u"}
    assert "up_0.conv_0.weight_orig and its spectral-norm vectors" in problem_of(copied, GENERATOR_FILE, broken)


def test_old_generator_files_load(copied, states, engine, requests):
    """Early files say ``ace`` for ``alias`` and have a level ``.Spade`` more."""
    path = copied / GENERATOR_FILE
    path.unlink()
    torch.save({key.replace(".norm_0.", ".norm_0.Spade."): value for key, value in states[1].items()}, path)
    old = ReferenceEngine(copied, size=SIZE)
    old.load()
    np.testing.assert_array_equal(old.predict(requests[:1])[0].result, engine.predict(requests[:1])[0].result)
