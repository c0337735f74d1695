"""Reads the authors' TensorFlow 1 checkpoint: variables by name, checked before the first is used."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from vf_parse.reference.layers import Shape

Floats = NDArray[np.float32]

INDEX_SUFFIX = ".index"
STATE_FILE = "checkpoint"
"""The file in which a TensorFlow saver notes which of several checkpoints in the folder is the newest."""


class CheckpointError(ValueError):
    """A checkpoint that cannot be used; the message says what is wrong with what, without a path of this machine."""


class Checkpoint(Mapping[str, Floats]):
    """The variables of a checkpoint, read from disk when they are asked for.

    Args:
        folder: that holds ``*.index`` and ``*.data-*``; they may lie in a folder inside, as archives unpack.
        shapes: the variables wanted; others in the checkpoint (optimizer, step) are ignored.

    Raises:
        CheckpointError: no or several checkpoints, or a variable is missing or has another shape.
    """

    def __init__(self, folder: Path, shapes: Mapping[str, Shape]) -> None:
        prefix = find_prefix(folder)
        try:
            self._reader = tf.train.load_checkpoint(str(prefix))
        except (tf.errors.OpError, ValueError) as error:
            raise CheckpointError(f"{prefix.name}{INDEX_SUFFIX} is not a checkpoint's index, or is damaged") from error
        _require(self._reader.get_variable_to_shape_map(), shapes)
        self._shapes = dict(shapes)

    def __getitem__(self, name: str) -> Floats:
        """float32 array of the variable's shape; `CheckpointError` when its data is damaged or its file missing."""
        if name not in self._shapes:
            raise KeyError(name)
        try:
            values = self._reader.get_tensor(name)
        except (tf.errors.OpError, RuntimeError, IndexError) as error:
            raise CheckpointError(f"the data of {name} cannot be read: a file is missing, cut or damaged") from error
        return np.asarray(values, np.float32)

    def __iter__(self) -> Iterator[str]:
        return iter(self._shapes)

    def __len__(self) -> int:
        return len(self._shapes)


def find_prefix(folder: Path) -> Path:
    """The path of a checkpoint's files without their suffixes.

    Raises:
        CheckpointError: there is none, or there are several and the folder's state file names none of them.
    """
    found = sorted(path.with_suffix("") for path in folder.rglob(f"*{INDEX_SUFFIX}"))
    if not found:
        raise CheckpointError("there is no checkpoint in the folder (a file whose name ends in .index)")
    if len(found) == 1:
        return found[0]
    newest = {_newest(path.parent) for path in found}
    chosen = [path for path in found if path.name in newest]
    if len(chosen) != 1:
        names = ", ".join(path.name for path in found)
        raise CheckpointError(f"there are several checkpoints in the folder ({names}); keep one")
    return chosen[0]


def _newest(folder: Path) -> str | None:
    """Name in the state file; its folder is that of the machine that wrote it and means nothing here."""
    state = folder / STATE_FILE
    if not state.is_file():
        return None
    match = re.search(r'^model_checkpoint_path:\s*"(.*)"', state.read_text(errors="replace"), re.MULTILINE)
    return re.split(r"[/\\]", match[1])[-1] if match else None


def _require(found: Mapping[str, list[int]], wanted: Mapping[str, Shape]) -> None:
    missing = [name for name in wanted if name not in found]
    if missing:
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise CheckpointError(f"variable {missing[0]}{more} is missing")
    for name, shape in wanted.items():
        if tuple(found[name]) != shape:
            raise CheckpointError(f"variable {name} has shape {tuple(found[name])}, not {shape}")
