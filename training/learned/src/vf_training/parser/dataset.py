"""The person parser's examples as tensors."""

from __future__ import annotations

from numpy.random import Generator
from torch import Tensor

from vf_training.mixture import map_tensor, picture_tensor
from vf_training.parser.examples import StreetPeople, varied


def draw(source: StreetPeople, rng: Generator, size: tuple[int, int]) -> dict[str, Tensor]:
    """Picture (3, H, W) float32 in [0, 1] and regions (H/2, W/2) int64 of somebody, changed at random."""
    example = varied(rng, source.example(rng), size)
    return {"picture": picture_tensor(example.picture), "regions": map_tensor(example.regions)}
