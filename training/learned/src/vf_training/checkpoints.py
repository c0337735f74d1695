"""Checkpoints: written in one step, so that a run that is killed at any moment leaves the last one whole."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import torch

from vf_training.errors import TrainingError


class CheckpointError(TrainingError):
    """A checkpoint is missing or damaged; the message says which and what to do."""


def save(state: dict[str, Any], path: Path) -> None:
    """Write a checkpoint beside its place, then put it there."""
    partial = path.with_suffix(".partial")
    with partial.open("wb") as file:
        torch.save(state, file)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def load(path: Path, device: torch.device | str = "cpu") -> dict[str, Any]:
    """Read a checkpoint; only tensors and plain values are accepted.

    Raises:
        CheckpointError: the file is missing or is no checkpoint.
    """
    if not path.is_file():
        raise CheckpointError(f"{path} is not there; begin without --resume, or name the folder of the earlier run")
    try:
        state: dict[str, Any] = torch.load(path, map_location=device, weights_only=True)
    except Exception as error:  # torch raises many kinds for a damaged file
        raise CheckpointError(f"{path} cannot be read as a checkpoint: {error}") from error
    return state
