"""The recorded runs of the published program: their made-up weights, a writer of Caffe files, their numbers."""

import json
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from vf_testing import detweights

FIXTURES = Path(__file__).parent / "fixtures"
LAYERS = [(entry["name"], entry["blobs"]) for entry in json.loads((FIXTURES / "layers.json").read_text())]


def recorded(name):
    with np.load(FIXTURES / f"{name}.npz") as file:
        return {key: file[key] for key in file.files}


def made_up_layers(seed=0):
    return {name: detweights.caffe_blobs(name, [tuple(shape) for shape in shapes], seed) for name, shapes in LAYERS}


def caffemodel(layers: Mapping[str, Sequence[np.ndarray]], *, old: bool = False) -> bytes:
    """A `NetParameter` as Caffe writes it, or as it was written before 2014: other fields, four dimensions."""
    layer_field, name_field, blob_field = (2, 4, 6) if old else (100, 1, 7)
    encode = _old_blob if old else _blob
    return _bytes(1, b"made up") + b"".join(
        _bytes(layer_field, _bytes(name_field, name.encode()) + b"".join(_bytes(blob_field, encode(b)) for b in blobs))
        for name, blobs in layers.items()
    )


def _blob(values):
    dims = b"".join(_varint(dim) for dim in values.shape)
    return _bytes(7, _bytes(1, dims)) + _bytes(5, values.astype("<f4").tobytes())


def _old_blob(values):
    dims = (1,) * (4 - values.ndim) + values.shape
    header = b"".join(_varint(field << 3) + _varint(dim) for field, dim in enumerate(dims, 1))
    return header + _bytes(5, values.astype("<f4").tobytes())


def _bytes(field, content):
    return _varint(field << 3 | 2) + _varint(len(content)) + content


def _varint(value):
    out = b""
    while value > 0x7F:
        out += struct.pack("B", value & 0x7F | 0x80)
        value >>= 7
    return out + struct.pack("B", value)
