"""Where the image generator's noise comes from.

The published generator draws from PyTorch's global state, so that the same fitting is never quite the same picture
twice. Here it is drawn per request, on the CPU whatever the device, so an answer depends on its request alone: not
on its neighbours in a batch, not on what was answered before.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from vf_hrviton.types import TryOnRequest


def no_noise(name: str, width: int, height: int) -> Tensor | None:
    """Nothing is added."""
    return None


class SeededNoise:
    """One generator per item of a batch, drawn from norm after norm.

    Args:
        seeds: of each item, 0 <= seed < 2**63.
    """

    def __init__(self, seeds: Sequence[int]) -> None:
        self._generators = [torch.Generator().manual_seed(seed) for seed in seeds]

    def __call__(self, name: str, width: int, height: int) -> Tensor:
        """(N, width, height, 1) standard normal."""
        return torch.cat([torch.randn((1, width, height, 1), generator=one) for one in self._generators])


class NamedNoise:
    """The same numbers for every item and run, by the norm's name; what recorded outputs are made with.

    Args:
        seed: of the recording.
    """

    def __init__(self, seed: int = 0) -> None:
        self._seed = seed

    def __call__(self, name: str, width: int, height: int) -> Tensor:
        """(1, width, height, 1) standard normal."""
        state = np.random.RandomState(zlib.crc32(f"{self._seed}:noise:{name}".encode()))
        return torch.from_numpy(state.standard_normal((1, width, height, 1)).astype(np.float32))


def request_seed(request: TryOnRequest) -> int:
    """A seed from the pictures that the networks see: SHA-256 over their shapes and pixels."""
    digest = hashlib.sha256()
    for picture in (request.agnostic, request.densepose, request.parse_agnostic, request.cloth, request.cloth_mask):
        digest.update(repr(picture.shape).encode())
        digest.update(picture.tobytes())
    return int.from_bytes(digest.digest()[:8], "big") >> 1
