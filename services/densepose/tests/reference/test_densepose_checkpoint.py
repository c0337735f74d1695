"""The weight file's reader: arrays of every origin, and nothing else."""

import contextlib
import os
import pickle
import struct
from collections import OrderedDict
from fractions import Fraction

import numpy as np
import pytest

from vf_densepose.reference.checkpoint import read_checkpoint

VALUES = {
    "a.weight": np.arange(24, dtype=np.float32).reshape(2, 3, 4) / 7,
    "a.bias": np.asfortranarray(np.arange(6, dtype=">f4").reshape(2, 3)),
    "b": np.array(3.5),
    "c": np.array([1, -2, 3], np.int64),
    "d": np.full((1, 5), 0.25, np.float16),
}


def written(tmp_path, content, protocol=2, replace=()):
    data = pickle.dumps(content, protocol=protocol)
    for old, new in replace:
        assert old in data
        data = data.replace(old, new)
    path = tmp_path / "model.pkl"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("protocol", range(6))
def test_arrays_of_every_protocol(tmp_path, protocol):
    content = {"model": OrderedDict(VALUES), "__author__": "nobody", "iteration": np.float32(7)}
    found = read_checkpoint(written(tmp_path, content, protocol))
    assert list(found) == list(VALUES)
    for name, value in VALUES.items():
        assert found[name].dtype == np.float32 and found[name].shape == value.shape
        assert (found[name] == value).all() and found[name].flags.writeable


def test_names_of_older_numpy(tmp_path):
    older = [(b"numpy._core.multiarray", b"numpy.core.multiarray")]
    found = read_checkpoint(written(tmp_path, {"model": VALUES}, replace=older))
    assert (found["a.weight"] == VALUES["a.weight"]).all()


def test_as_python_2_wrote_it(tmp_path):
    """Bytes as a string of the old kind: what ``encoding="latin1"`` is for."""
    raw = np.array([1.5, -2.25], "<f4").tobytes()
    text = lambda value: b"U" + bytes([len(value)]) + value  # noqa: E731  SHORT_BINSTRING
    dtype = (
        b"cnumpy\ndtype\n("
        + text(b"f4")
        + b"K\x00K\x01tR(K\x03"
        + text(b"<")
        + b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb"
    )
    array = b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(K\x00t" + text(b"b") + b"tR"
    array += b"(K\x01(K\x02t" + dtype + b"\x89T" + struct.pack("<i", len(raw)) + raw + b"tb"
    path = tmp_path / "model.pkl"
    path.write_bytes(b"\x80\x02}" + text(b"model") + b"}" + text(b"x.bias") + array + b"ss.")
    assert read_checkpoint(path)["x.bias"].tolist() == [1.5, -2.25]


class Calls:
    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


@pytest.mark.parametrize("protocol", [0, 2, 4])
@pytest.mark.parametrize(
    "function,arguments",
    [
        (os.system, ("touch {place}",)),
        (eval, ("open('{place}', 'w')",)),
        (getattr, ("text", "join")),
        (np.save, ("{place}", 1)),
        (np.load, ("{place}",)),
        (Fraction, (1, 2)),
        (np.ndarray, ((2,),)),
        (bytearray, (4,)),
    ],
)
def test_nothing_else_is_run(tmp_path, function, arguments, protocol):
    place = tmp_path / "proof"
    filled = tuple(a.format(place=place) if isinstance(a, str) else a for a in arguments)
    for content in (Calls(function, *filled), {"model": {**VALUES, "x": Calls(function, *filled)}}):
        with pytest.raises(ValueError, match=r"may run code|unusual way"):
            read_checkpoint(written(tmp_path, content, protocol))
    assert not list(tmp_path.glob("proof*"))


@pytest.mark.parametrize(
    "value",
    [np.array([{}], object), np.array(["text"]), np.zeros(2, [("x", "f4")]), np.zeros(2, "M8[s]"), np.zeros(2, "c8")],
)
def test_arrays_of_numbers_only(tmp_path, value):
    with pytest.raises(ValueError, match="not numbers"):
        read_checkpoint(written(tmp_path, {"model": {"x": value}}))


@pytest.mark.parametrize("content", [[], {}, {"model": {}}, {"model": [1]}, {"state_dict": VALUES}, None, 3])
def test_other_content(tmp_path, content):
    with pytest.raises(ValueError, match="no dictionary 'model'"):
        read_checkpoint(written(tmp_path, content))


@pytest.mark.parametrize("value", ["text", 3, None, [1.0], {"y": np.zeros(2)}])
def test_parameters_are_arrays(tmp_path, value):
    with pytest.raises(ValueError, match="'x' in it is not an array"):
        read_checkpoint(written(tmp_path, {"model": {"x": value}}))


def test_damaged_files(tmp_path):
    whole = written(tmp_path, {"model": VALUES}).read_bytes()
    path = tmp_path / "damaged.pkl"
    for data in [
        b"",
        b"PK\x03\x04 a zip",
        whole[:-1],
        whole[: len(whole) // 2],
        b"<html>not found</html>",
        os.urandom(99),
    ]:
        path.write_bytes(data)
        with pytest.raises(ValueError):
            read_checkpoint(path)


def test_every_flipped_byte_is_an_error_or_an_array(tmp_path):
    whole = bytearray(written(tmp_path, {"model": {"x": np.ones(3, np.float32)}}).read_bytes())
    path = tmp_path / "flipped.pkl"
    for place in range(len(whole)):
        flipped = bytes(whole[:place]) + bytes([whole[place] ^ 0x15]) + bytes(whole[place + 1 :])
        path.write_bytes(flipped)
        with contextlib.suppress(ValueError):
            assert all(isinstance(value, np.ndarray) for value in read_checkpoint(path).values())


def test_folder_or_missing(tmp_path):
    with pytest.raises(ValueError):
        read_checkpoint(tmp_path)
