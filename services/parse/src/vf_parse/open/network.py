"""The person parser's network on ONNX Runtime; ``person_parser.md`` beside it is its model card."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from vf_anatomy import Floats
from vfkit.contracts import Image
from vfkit.contracts.people import PersonRegion
from vfkit.onnx import load_own_network

FILE = "person_parser.onnx"
"""The network's file: part of this package."""
WIDTH, HEIGHT = 288, 384
"""Size of the input in pixels."""
STRIDE = 4
"""Pixels of the input for one cell of the answer."""
PADDING = 128
"""Grey of the input outside the picture, of 255."""
INPUT, OUTPUT = "pictures", "regions"


class RegionNetwork(Protocol):
    """Whatever tells a person's regions apart."""

    def logits(self, picture: Image) -> Floats:
        """(18, 96, 72) float32, one map for each `PersonRegion`, of a (384, 288, 3) uint8 RGB picture."""


class ParserNetwork:
    """The network, loaded.

    Args:
        threads: of ONNX Runtime.

    Raises:
        Problem: ``weights_missing`` when the file is absent, or not this network.
    """

    def __init__(self, threads: int) -> None:
        self._session, self.info = load_own_network("vf_parse.open", FILE, {OUTPUT: len(PersonRegion)}, threads)

    def warm_up(self) -> None:
        """Run once, so that the first photo is as fast as the others."""
        self.logits(np.zeros((HEIGHT, WIDTH, 3), np.uint8))

    def logits(self, picture: Image) -> Floats:
        """(18, 96, 72) float32, one map for each `PersonRegion`, of a (384, 288, 3) uint8 RGB picture."""
        pictures = np.ascontiguousarray(picture.transpose(2, 0, 1)[None], np.float32) / np.float32(255)
        (regions,) = self._session.run([OUTPUT], {INPUT: pictures})
        return np.asarray(regions[0], np.float32)
