"""The person parser's network on ONNX Runtime; ``person_parser.md`` beside it is its model card."""

from __future__ import annotations

import hashlib
from importlib.resources import files
from typing import Protocol

import numpy as np
import onnxruntime as ort

from vf_anatomy import Floats
from vfkit.contracts import Image
from vfkit.contracts.people import PersonRegion
from vfkit.engines import WeightsInfo
from vfkit.problems import Code, Problem

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
        source = files("vf_parse.open") / FILE
        if not source.is_file():
            raise Problem(Code.WEIGHTS_MISSING, f"The weight file {FILE} is missing.")
        content = source.read_bytes()
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            self._session = ort.InferenceSession(content, options, providers=["CPUExecutionProvider"])
            regions = {output.name: output.shape[1] for output in self._session.get_outputs()}
        except Exception as error:  # ONNX Runtime's kinds share no other parent
            raise Problem(Code.WEIGHTS_MISSING, f"The weight file {FILE} cannot be read.") from error
        if regions != {OUTPUT: len(PersonRegion)}:
            raise Problem(Code.WEIGHTS_MISSING, f"The weight file {FILE} is of another version.")
        digest = hashlib.sha256(content).hexdigest()
        self.info = WeightsInfo(file=FILE, sha256=digest, licence="Apache-2.0", known=True)

    def warm_up(self) -> None:
        """Run once, so that the first photo is as fast as the others."""
        self.logits(np.zeros((HEIGHT, WIDTH, 3), np.uint8))

    def logits(self, picture: Image) -> Floats:
        """(18, 96, 72) float32, one map for each `PersonRegion`, of a (384, 288, 3) uint8 RGB picture."""
        pictures = np.ascontiguousarray(picture.transpose(2, 0, 1)[None], np.float32) / np.float32(255)
        (regions,) = self._session.run([OUTPUT], {INPUT: pictures})
        return np.asarray(regions[0], np.float32)
