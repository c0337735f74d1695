"""Examples as tensors: a mixture of sources, each example drawn from the run's seed and its own number."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset

from vf_training.augmentation import IGNORE
from vf_training.garment.examples import UNKNOWN, Example, varied
from vf_training.garment.sources import Source
from vfkit.contracts.garment import GarmentLandmark

MAP_STRIDE = 2
"""GarmentPart maps are compared at half the picture's size."""


class Mixture(Dataset[dict[str, Tensor]]):
    """Examples of several sources, changed at random.

    Args:
        sources: by name.
        shares: how often each name is drawn; need not sum to one.
        size: (width, height) of the pictures.
        seed: of all choices.
    """

    def __init__(
        self, sources: Mapping[str, Source], shares: Mapping[str, float], size: tuple[int, int], seed: int
    ) -> None:
        names = [name for name, share in shares.items() if share > 0]
        self._sources = [sources[name] for name in names]
        share = np.array([shares[name] for name in names])
        self._odds = share / share.sum()
        self._size = size
        self._seed = seed

    def __getitem__(self, number: int) -> dict[str, Tensor]:
        """Example ``number``."""
        rng = np.random.default_rng((self._seed, number))
        source = self._sources[rng.choice(len(self._odds), p=self._odds)]
        return tensors(varied(rng, source.example(rng), self._size, source.strength))


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
        "picture": as_tensor(example.picture),
        "parts": torch.from_numpy(parts[::MAP_STRIDE, ::MAP_STRIDE].astype(np.int64)),
        "points": torch.from_numpy(np.where(visibility[:, None] > 0, points, 0).astype(np.float32)),
        "visibility": torch.from_numpy(visibility.astype(np.int64)),
        "kind": torch.tensor(example.kind),
        "photo": torch.tensor(example.photo),
        "view": torch.tensor(example.view),
    }


def as_tensor(picture: NDArray[np.uint8]) -> Tensor:
    """(H, W, 3) uint8 to (3, H, W) float32 in [0, 1]."""
    return torch.from_numpy(np.ascontiguousarray(picture.transpose(2, 0, 1))).float() / 255
