"""Reads a Caffe weight file (`NetParameter`, protobuf wire format) into NumPy arrays.

Only the fields that hold weights are looked at; everything else is skipped by its wire type. Field numbers are those
of Caffe's `caffe.proto`: ``layer`` 100 (name 1, blobs 7) or the old ``layers`` 2 (name 4, blobs 6); a blob has
``shape`` 7 (``dim`` 1, packed) or the four old dimensions 1..4, and packed float32 ``data`` 5.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
MAX_VARINT_BYTES = 10


@dataclass(frozen=True)
class LayerFields:
    """Field numbers of a layer's name and blobs inside a `NetParameter` field."""

    layer: int
    name: int
    blobs: int


NEW_LAYERS = LayerFields(layer=100, name=1, blobs=7)
OLD_LAYERS = LayerFields(layer=2, name=4, blobs=6)


def read_caffemodel(path: Path) -> dict[str, list[NDArray[np.float32]]]:
    """Read all blobs by layer name.

    Returns:
        For each layer that has blobs, its float32 arrays in order, with the shapes the file gives.

    Raises:
        ValueError: the file is not a whole Caffe weight file; the message says where it goes wrong.
    """
    data = memoryview(path.read_bytes())
    layers: dict[str, list[NDArray[np.float32]]] = {}
    for number, value in _fields(data):
        for fields in (NEW_LAYERS, OLD_LAYERS):
            if number == fields.layer and isinstance(value, memoryview):
                name, blobs = _layer(value, fields)
                if blobs:
                    layers[name] = blobs
    if not layers:
        raise ValueError("no layer with weights in it")
    return layers


def _layer(data: memoryview, fields: LayerFields) -> tuple[str, list[NDArray[np.float32]]]:
    name, blobs = "", []
    for number, value in _fields(data):
        if number == fields.name and isinstance(value, memoryview):
            name = bytes(value).decode("utf-8", "replace")
        elif number == fields.blobs and isinstance(value, memoryview):
            blobs.append(_blob(value))
    return name, blobs


def _blob(data: memoryview) -> NDArray[np.float32]:
    shape: list[int] = []
    old_shape: list[int] = []
    parts: list[NDArray[np.float32]] = []
    for number, value in _fields(data):
        if number == 7 and isinstance(value, memoryview):
            shape = [dim for field, packed in _fields(value) if field == 1 for dim in _integers(packed)]
        elif number in (1, 2, 3, 4) and isinstance(value, int):
            old_shape.append(value)
        elif number == 5 and isinstance(value, memoryview):
            if len(value) % 4:
                raise ValueError("a blob's data is cut")
            parts.append(np.frombuffer(value, "<f4"))
    values = np.concatenate(parts) if parts else np.zeros(0, np.float32)
    shape = shape or old_shape
    if int(np.prod(shape, dtype=np.int64)) != values.size:
        raise ValueError(f"a blob of shape {tuple(shape)} holds {values.size} numbers")
    return values.reshape(shape)


def _integers(value: memoryview | int) -> list[int]:
    """A repeated integer field, packed or not."""
    if isinstance(value, int):
        return [value]
    integers, position = [], 0
    while position < len(value):
        integer, position = _varint(value, position)
        integers.append(integer)
    return integers


def _fields(data: memoryview) -> Iterator[tuple[int, memoryview | int]]:
    """Every field of a message: its number, and its bytes or integer."""
    position, end = 0, len(data)
    while position < end:
        key, position = _varint(data, position)
        number, wire_type = key >> 3, key & 7
        if wire_type == VARINT:
            integer, position = _varint(data, position)
            yield number, integer
            continue
        if wire_type == BYTES:
            length, position = _varint(data, position)
        elif wire_type in (FIXED32, FIXED64):
            length = 4 if wire_type == FIXED32 else 8
        else:
            raise ValueError(f"not a protobuf message: wire type {wire_type} at byte {position}")
        if position + length > end:
            raise ValueError(f"the file is cut: {length} bytes are announced at byte {position}, {end - position} left")
        yield number, data[position : position + length]
        position += length


def _varint(data: memoryview, position: int) -> tuple[int, int]:
    value = 0
    for count in range(MAX_VARINT_BYTES):
        if position >= len(data):
            raise ValueError("the file is cut in the middle of a number")
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << (7 * count)
        if byte < 0x80:
            return value, position
    raise ValueError("not a protobuf message: a number of more than ten bytes")
