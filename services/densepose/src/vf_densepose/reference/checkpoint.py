"""Reads Detectron2's ``.pkl`` weight files without trusting them.

A pickle is a program: it names functions and calls them. This unpickler knows five names, all of them NumPy's way of
writing an array, and answers them with small stand-ins of its own that only collect shape, type and bytes; NumPy's own
unpickling code, which believes what it is told, never runs. Any other name ends the reading.
"""

from __future__ import annotations

import pickle
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

NUMBER_KINDS = "biuf"
"""NumPy's letters for bool, int, unsigned int and float."""
MODULES = ("numpy.core.multiarray", "numpy._core.multiarray")
BUFFER_MODULES = ("numpy.core.numeric", "numpy._core.numeric")
"""Before and since NumPy 2."""


def read_checkpoint(path: Path) -> dict[str, NDArray[np.float32]]:
    """The parameters of a weight file.

    Args:
        path: a pickle of a dict whose ``model`` is a dict of names to arrays.

    Returns:
        float32 arrays by name, writable and contiguous.

    Raises:
        ValueError: the file is damaged, is something else, or wants to run code; the message says which.
    """
    try:
        with path.open("rb") as stream:
            content = _Unpickler(stream, encoding="latin1").load()
    except _RefusedError as error:
        raise ValueError(str(error)) from None
    except Exception as error:  # a damaged pickle raises nearly anything
        raise ValueError("it is damaged or not a pickle") from error
    model = content.get("model") if isinstance(content, dict) else None
    if not isinstance(model, dict) or not model:
        raise ValueError("it holds no dictionary 'model' of parameters")
    parameters: dict[str, NDArray[np.float32]] = {}
    for name, value in model.items():
        if not isinstance(name, str) or not isinstance(value, _Array) or value.values is None:
            raise ValueError(f"{name!r} in it is not an array")
        parameters[name] = np.array(value.values, np.float32, order="C")
    return parameters


class _RefusedError(Exception):
    """The file asks for something that arrays do not need."""


class _Dtype:
    """Stands in for ``numpy.dtype``: a number type, nothing structured and no objects."""

    def __init__(self, code: object, *_: object) -> None:
        try:
            self.value = np.dtype(code) if isinstance(code, str) else None
        except TypeError:
            self.value = None
        if self.value is None or self.value.kind not in NUMBER_KINDS:
            raise _RefusedError(f"it holds values of type {str(code)[:20]!r}, which are not numbers")

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        """NumPy's state: version, byte order, and what only structured types have."""
        assert self.value is not None  # noqa: S101  __init__ refuses
        self.value = self.value.newbyteorder(state[1] if state[1] in (">", "<") else "=")


class _Array:
    """Stands in for an array while its parts arrive."""

    def __init__(self, values: NDArray[Any] | None = None) -> None:
        self.values = values

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        """NumPy's state: version, shape, type, column-major, bytes."""
        _, shape, dtype, column_major, data = state
        self.values = _values(data, dtype, shape, "F" if column_major else "C")


def _values(data: object, dtype: object, shape: object, order: object) -> NDArray[Any]:
    if not isinstance(dtype, _Dtype) or not isinstance(shape, tuple) or not all(type(side) is int for side in shape):
        raise _RefusedError("an array in it is not described as NumPy does")
    raw = _bytes(data)
    return np.frombuffer(raw, dtype.value).reshape(shape, order="F" if order == "F" else "C")


def _bytes(data: object) -> bytes | bytearray:
    """Raw bytes: Python 2 wrote them as a string, and Python 3's older protocols as text of their code points."""
    if isinstance(data, str):
        return data.encode("latin1")
    if isinstance(data, bytes | bytearray):
        return data
    raise _RefusedError("an array in it has no bytes")


def _reconstruct(*_: object) -> _Array:
    """``numpy.core.multiarray._reconstruct``: an empty array, to be filled by its state."""
    return _Array()


def _from_buffer(data: object, dtype: object, shape: object, order: object) -> _Array:
    """``numpy.core.numeric._frombuffer``: a whole array at once, since pickle protocol 5."""
    return _Array(_values(data, dtype, shape, order))


def _scalar(dtype: object, data: object) -> float | int | bool:
    """``numpy.core.multiarray.scalar``: one number."""
    number: float | int | bool = _values(data, dtype, (), "C").item()
    return number


def _encode(text: object, encoding: object = "latin1") -> bytes:
    """``_codecs.encode``: how Python 3 writes bytes in protocols that have none."""
    if not isinstance(text, str) or encoding not in ("latin1", "latin-1"):
        raise _RefusedError("it encodes text in an unusual way")
    return text.encode("latin1")


class _ArrayClass:
    """Stands in for ``numpy.ndarray`` itself, which is only named, as an argument of ``_reconstruct``."""

    def __init__(self, *_: object) -> None:
        raise _RefusedError("it makes arrays in an unusual way")


def _known_names() -> dict[tuple[str, str], Callable[..., Any]]:
    names: dict[tuple[str, str], Callable[..., Any]] = {
        ("numpy", "ndarray"): _ArrayClass,
        ("numpy", "dtype"): _Dtype,
        ("_codecs", "encode"): _encode,
        ("collections", "OrderedDict"): OrderedDict,
    }
    for module in MODULES:
        names[module, "_reconstruct"] = _reconstruct
        names[module, "scalar"] = _scalar
    for module in BUFFER_MODULES:
        names[module, "_frombuffer"] = _from_buffer
    return names


class _Unpickler(pickle.Unpickler):
    """Knows NumPy's names only."""

    def find_class(self, module: str, name: str) -> Callable[..., Any]:
        """Answer a name of the file.

        Raises:
            _RefusedError: for any name but those.
        """
        known = _known_names().get((module, name))
        if known is None:
            raise _RefusedError(f"it asks for {module}.{name}, which weights do not need: it may run code")
        return known

    def persistent_load(self, pid: object) -> object:
        """Objects kept elsewhere: none."""
        raise _RefusedError("it refers to objects outside of it")
