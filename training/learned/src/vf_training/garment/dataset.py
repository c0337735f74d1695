"""The garment reader's examples as tensors."""

from __future__ import annotations

import numpy as np
import torch
from numpy.random import Generator
from torch import Tensor

from vf_training.augmentation import IGNORE
from vf_training.garment.examples import UNKNOWN, Example, varied
from vf_training.garment.sources import Source
from vf_training.mixture import map_tensor, picture_tensor
from vfkit.contracts.garment import GarmentLandmark


def draw(source: Source, rng: Generator, size: tuple[int, int]) -> dict[str, Tensor]:
    """An example of a source, changed at random; see `tensors`."""
    return tensors(varied(rng, source.example(rng), size, source.strength))


def tensors(example: Example) -> dict[str, Tensor]:
    """An example as the network and its losses read it.

    Returns:
        picture (3, H, W) float32 in [0, 1]; parts (H/2, W/2) int64; points (20, 2) float32 and visibility (20,) int64;
        kind, photo, view int64.
    """
    height, width = example.picture.shape[:2]
    parts = np.full((height, width), IGNORE, np.uint8) if example.parts is None else example.parts
    none = np.full(len(GarmentLandmark), UNKNOWN)
    visibility = none if example.visibility is None else example.visibility
    points = np.zeros((len(GarmentLandmark), 2), np.float32) if example.points is None else example.points
    return {
        "picture": picture_tensor(example.picture),
        "parts": map_tensor(parts),
        "points": torch.from_numpy(np.where(visibility[:, None] > 0, points, 0).astype(np.float32)),
        "visibility": torch.from_numpy(visibility.astype(np.int64)),
        "kind": torch.tensor(example.kind),
        "photo": torch.tensor(example.photo),
        "view": torch.tensor(example.view),
    }
