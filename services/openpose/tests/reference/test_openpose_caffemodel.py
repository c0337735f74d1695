"""The authors' weight file: whole ones are read, broken ones are refused with a reason."""

import numpy as np
import openpose_golden as golden
import pytest

from vf_openpose.reference.caffemodel import read_caffemodel
from vf_openpose.reference.engine import WEIGHTS, ReferenceEngine
from vf_openpose.reference.network import Body25
from vf_testing.pinning import pin_weights
from vfkit.problems import Code, Problem

SMALL = {"conv1_1": [np.arange(6, dtype=np.float32).reshape(2, 3, 1, 1), np.array([1.5, -2], np.float32)]}


@pytest.mark.parametrize("old", [False, True])
def test_small_file(tmp_path, old):
    path = tmp_path / "small.caffemodel"
    path.write_bytes(golden.caffemodel(SMALL, old=old))
    blobs = read_caffemodel(path)["conv1_1"]
    np.testing.assert_array_equal(blobs[0], SMALL["conv1_1"][0])
    np.testing.assert_array_equal(blobs[1].ravel(), SMALL["conv1_1"][1])


def test_every_layer_of_the_whole_file(weight_file, layers):
    read = read_caffemodel(weight_file)
    assert read.keys() == layers.keys()
    for name, blobs in layers.items():
        for ours, expected in zip(read[name], blobs, strict=True):
            np.testing.assert_array_equal(ours, expected)


def test_old_files_fill_the_network(tmp_path, layers):
    path = tmp_path / "old.caffemodel"
    path.write_bytes(golden.caffemodel(layers, old=True))
    network = Body25()
    network.load_layers(read_caffemodel(path))
    np.testing.assert_array_equal(network.get_submodule("conv1_1").bias.detach().numpy(), layers["conv1_1"][1])


@pytest.mark.parametrize("length", range(1, len(golden.caffemodel(SMALL))))
def test_a_file_cut_anywhere_is_refused(tmp_path, length):
    path = tmp_path / "cut.caffemodel"
    path.write_bytes(golden.caffemodel(SMALL)[:length])
    with pytest.raises(ValueError, match=r"cut|no layer"):
        read_caffemodel(path)


def problem_of(tmp_path, content):
    path = tmp_path / WEIGHTS
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    pin_weights(tmp_path, WEIGHTS)
    with pytest.raises(Problem) as caught:
        ReferenceEngine(tmp_path).load()
    assert caught.value.code is Code.WEIGHTS_MISSING
    return caught.value.detail


def test_the_engine_says_what_is_wrong_with_its_file(tmp_path, layers):
    with pytest.raises(Problem, match=r"is missing.*authors publish it") as caught:
        ReferenceEngine(tmp_path).load()
    assert caught.value.code is Code.WEIGHTS_MISSING
    whole = golden.caffemodel(layers)
    assert "the file is cut" in problem_of(tmp_path, whole[: len(whole) // 2])
    assert "no layer" in problem_of(tmp_path, b"")
    assert "cannot be used" in problem_of(tmp_path, b"this is a text, not a network\n" * 10)
    without = {name: blobs for name, blobs in layers.items() if name != "Mconv7_stage1_L1"}
    assert "Mconv7_stage1_L1 is missing" in problem_of(tmp_path, golden.caffemodel(without))
    narrow = layers | {"conv2_1": [layers["conv2_1"][0][:, :32], layers["conv2_1"][1]]}
    assert "conv2_1: weight has shape (128, 32, 3, 3), not (128, 64, 3, 3)" in problem_of(
        tmp_path, golden.caffemodel(narrow)
    )
