"""Examples as tensors: a mixture of sources, each example drawn from the run's seed and its own number."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

import numpy as np
import torch
from numpy.random import Generator
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset

from vf_training.recipe import Stage

MAP_STRIDE = 2
"""Label maps are compared at half the picture's size."""

SourceT = TypeVar("SourceT")


class Mixture(Dataset[dict[str, Tensor]], Generic[SourceT]):
    """Examples of several sources, changed at random.

    Args:
        sources: by name.
        stage: says how often each name is drawn, and the size of the pictures.
        seed: of all choices.
        draw: an example of a source, with pictures of a (width, height), as tensors.
    """

    def __init__(
        self,
        sources: Mapping[str, SourceT],
        stage: Stage,
        seed: int,
        draw: Callable[[SourceT, Generator, tuple[int, int]], dict[str, Tensor]],
    ) -> None:
        names = [name for name, share in stage.sources.items() if share > 0]
        self._sources = [sources[name] for name in names]
        share = np.array([stage.sources[name] for name in names])
        self._odds = share / share.sum()
        self._size = stage.size
        self._seed = seed
        self._draw = draw

    def __getitem__(self, number: int) -> dict[str, Tensor]:
        """Example ``number``."""
        rng = np.random.default_rng((self._seed, number))
        source = self._sources[rng.choice(len(self._odds), p=self._odds)]
        return self._draw(source, rng, self._size)


def picture_tensor(picture: NDArray[np.uint8]) -> Tensor:
    """(H, W, 3) uint8 to (3, H, W) float32 in [0, 1]."""
    return torch.from_numpy(np.ascontiguousarray(picture.transpose(2, 0, 1))).float() / 255


def map_tensor(labels: NDArray[np.uint8]) -> Tensor:
    """(H, W) uint8 to (H/2, W/2) int64."""
    return torch.from_numpy(labels[::MAP_STRIDE, ::MAP_STRIDE].astype(np.int64))
