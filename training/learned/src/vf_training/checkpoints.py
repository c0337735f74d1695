"""Checkpoints: written in one step, so that a run that is killed at any moment leaves the last one whole."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import torch
from torch import nn

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
        raise CheckpointError(f"{path} is not there; --resume and --start need the files of an earlier run")
    try:
        state: dict[str, Any] = torch.load(path, map_location=device, weights_only=True)
    except Exception as error:  # torch raises many kinds for a damaged file
        raise CheckpointError(f"{path} cannot be read as a checkpoint: {error}") from error
    return state


def fill(network: nn.Module, path: Path) -> None:
    """Begin with an earlier run's weights, also where a layer has gained outputs since: the new ones stay as they are.

    Args:
        network: changed in place.
        path: a run's `weights.pt`.

    Raises:
        CheckpointError: the file is missing, or its weights fit the network in no such way.
    """
    earlier = load(path)
    filled = network.state_dict()
    if filled.keys() != earlier.keys():
        raise CheckpointError(
            f"{path} holds another network: {sorted(filled.keys() ^ earlier.keys())[0]} does not match"
        )
    for name, value in earlier.items():
        here = filled[name]
        if here.shape[1:] != value.shape[1:] or here.shape[:1] < value.shape[:1]:
            raise CheckpointError(
                f"{path} holds another network: {name} has shape {tuple(value.shape)}, here {tuple(here.shape)}"
            )
        rows = slice(len(value)) if value.ndim else ...
        here[rows] = value
    network.load_state_dict(filled)
