"""Reading checkpoints: what is wrong with a bad one is said by name."""

import numpy as np
import pytest
from parse_golden import write_checkpoint

from vf_parse.reference.checkpoint import Checkpoint, CheckpointError

SHAPES = {"conv1/weights": (7, 7, 3, 64), "bn_conv1/beta": (64,), "parsing_fc/biases": (20,)}
DATA = ".data-00000-of-00001"


@pytest.fixture
def values():
    return {name: np.random.RandomState(5).randn(*shape).astype(np.float32) for name, shape in SHAPES.items()}


def test_variables_by_name(tmp_path, values):
    write_checkpoint(tmp_path, values | {"conv1/weights/Momentum": np.zeros(3, np.float32)})
    checkpoint = Checkpoint(tmp_path, SHAPES)
    assert dict(checkpoint).keys() == SHAPES.keys()
    for name, value in values.items():
        np.testing.assert_array_equal(checkpoint[name], value)
    with pytest.raises(KeyError):
        checkpoint["conv1/weights/Momentum"]


def test_archive_unpacked_into_a_folder_of_its_own(tmp_path, values):
    write_checkpoint(tmp_path / "CIHP_pgn", values)
    assert len(Checkpoint(tmp_path, SHAPES)) == len(SHAPES)


def test_newest_of_several(tmp_path, values):
    write_checkpoint(tmp_path, {name: value + 1 for name, value in values.items()}, "model.ckpt-9")
    write_checkpoint(tmp_path, values, "model.ckpt-10")
    np.testing.assert_array_equal(Checkpoint(tmp_path, SHAPES)["bn_conv1/beta"], values["bn_conv1/beta"])
    (tmp_path / "checkpoint").unlink()
    with pytest.raises(CheckpointError, match=r"several.*model\.ckpt-10, model\.ckpt-9"):
        Checkpoint(tmp_path, SHAPES)


def test_no_checkpoint(tmp_path):
    with pytest.raises(CheckpointError, match=r"no checkpoint.*\.index"):
        Checkpoint(tmp_path, SHAPES)


def test_missing_variable_is_named(tmp_path, values):
    del values["bn_conv1/beta"]
    write_checkpoint(tmp_path, values)
    with pytest.raises(CheckpointError, match="bn_conv1/beta is missing"):
        Checkpoint(tmp_path, SHAPES)


def test_misshapen_variable_is_named(tmp_path, values):
    write_checkpoint(tmp_path, values | {"parsing_fc/biases": np.zeros(7, np.float32)})
    with pytest.raises(CheckpointError, match=r"parsing_fc/biases has shape \(7,\), not \(20,\)"):
        Checkpoint(tmp_path, SHAPES)


def damage(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path.unlink(),
        lambda path: path.write_bytes(path.read_bytes()[:100]),
        damage,
    ],
    ids=["missing", "cut", "one bit pattern changed"],
)
def test_damaged_data_is_named(tmp_path, values, spoil):
    write_checkpoint(tmp_path, values)
    spoil(next(tmp_path.glob(f"*{DATA}")))
    with pytest.raises(CheckpointError, match=r"cannot be read|damaged"):
        dict(Checkpoint(tmp_path, SHAPES))


@pytest.mark.parametrize("content", [b"", b"not an index", b"\0" * 5000], ids=["empty", "text", "zeros"])
def test_index_that_is_none(tmp_path, content):
    (tmp_path / "model.ckpt-1.index").write_bytes(content)
    with pytest.raises(CheckpointError, match=r"model\.ckpt-1\.index"):
        Checkpoint(tmp_path, SHAPES)
