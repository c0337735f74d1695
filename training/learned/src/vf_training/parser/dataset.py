"""Examples as tensors, each drawn from the run's seed and its own number."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from vf_training.parser.examples import StreetPeople, varied

MAP_STRIDE = 2
"""Regions are compared at half the picture's size."""


class People(Dataset[dict[str, Tensor]]):
    """People of several sources, changed at random.

    Args:
        sources: by name.
        shares: how often each name is drawn; need not sum to one.
        size: (width, height) of the pictures.
        seed: of all choices.
    """

    def __init__(
        self, sources: Mapping[str, StreetPeople], shares: Mapping[str, float], size: tuple[int, int], seed: int
    ) -> None:
        names = [name for name, share in shares.items() if share > 0]
        self._sources = [sources[name] for name in names]
        share = np.array([shares[name] for name in names])
        self._odds = share / share.sum()
        self._size = size
        self._seed = seed

    def __getitem__(self, number: int) -> dict[str, Tensor]:
        """Picture (3, H, W) float32 in [0, 1] and regions (H/2, W/2) int64 of example ``number``."""
        rng = np.random.default_rng((self._seed, number))
        source = self._sources[rng.choice(len(self._odds), p=self._odds)]
        example = varied(rng, source.example(rng), self._size)
        picture = np.ascontiguousarray(example.picture.transpose(2, 0, 1))
        regions = example.regions[::MAP_STRIDE, ::MAP_STRIDE].astype(np.int64)
        return {"picture": torch.from_numpy(picture).float() / 255, "regions": torch.from_numpy(regions)}
