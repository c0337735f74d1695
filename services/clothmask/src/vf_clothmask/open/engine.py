"""The open engine: reads the photo, refuses what cannot be fitted, masks the garment, makes cloth.png.

1. The garment reader looks at the photo twice (a quarter of a CPU-second).
2. `refusal`: hats, several garments, folded or worn ones. BlazePose is asked for its opinion where somebody may be
   wearing the garment.
3. A garment that was cut out is its own mask. Of others `fuse` makes it, from `find_on_backdrop` (a quarter of a
   CPU-second), and from U-2-Net (2.5 CPU-seconds) where the backdrop is not a studio's.
4. `judge` refuses what shows nothing and warns of doubtful ones, `made_ready` does the rest.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from vf_blazepose import PersonFinder, weights_info
from vf_clothmask.garment.listing import ReadPhoto, made_ready, read_photo
from vf_clothmask.garment.network import ReaderNetwork
from vf_clothmask.garment.refusal import refusal
from vf_clothmask.open.backdrop import find_on_backdrop
from vf_clothmask.open.judge import judge
from vf_clothmask.open.masking import Evidence, beyond_doubt, fuse, is_studio
from vf_clothmask.open.u2net import SIZE, U2Net
from vf_clothmask.types import GarmentAnswer, GarmentRequest
from vfkit.engines import EngineInfo, WeightsInfo
from vfkit.problems import Code, Problem

WEIGHTS_FILE = "clothmask/u2net.onnx"
WEIGHTS_SHA256 = "8d10d2f3bb75ae3b6d527c77944fc5e7dcd94b29809d47a739a7a728a912b491"
VERSION = "3"


class OpenEngine:
    """Garments read by a network of our own, masked with it, the backdrop's colour and U-2-Net.

    Args:
        weights: the folder that holds ``clothmask/u2net.onnx`` and ``blazepose/*.tflite``.
        threads: of onnxruntime.
    """

    def __init__(self, weights: Path, threads: int = 2) -> None:
        self._weights = weights
        self._path = weights / WEIGHTS_FILE
        self._threads = threads
        self._reader: ReaderNetwork | None = None
        self._net: U2Net | None = None
        self._finder: PersonFinder | None = None
        self._used: list[WeightsInfo] = []

    def load(self) -> None:
        """Read the networks and run them once; ``weights_missing`` when a file is absent or unreadable."""
        if not self._path.is_file():
            raise Problem(Code.WEIGHTS_MISSING, f"The weight file {WEIGHTS_FILE} is missing.")
        with self._path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        try:
            self._net = U2Net(self._path, self._threads)
            self._net.probability(np.zeros((SIZE, SIZE, 3), np.uint8))
        except Exception as error:
            raise Problem(Code.WEIGHTS_MISSING, f"The weight file {WEIGHTS_FILE} cannot be read.") from error
        self._finder = PersonFinder(self._weights)
        self._finder.warm_up()
        self._reader = ReaderNetwork(self._threads)
        self._reader.warm_up()
        u2net = WeightsInfo(file=WEIGHTS_FILE, sha256=digest, licence="Apache-2.0", known=digest == WEIGHTS_SHA256)
        self._used = [self._reader.info, u2net, *weights_info(self._weights)]

    @property
    def info(self) -> EngineInfo:
        """What this engine is."""
        return EngineInfo(
            name="open",
            description=(
                "A network of this project reads kind, parts and landmarks. Its word makes the mask, with the contour"
                " before a plain backdrop or else with U-2-Net. BlazePose confirms that somebody wears the garment."
            ),
            version=VERSION,
            licence="Apache-2.0",
            weights=self._used,
        )

    def predict(self, batch: Sequence[GarmentRequest]) -> list[GarmentAnswer | Problem]:
        """The garment of each photo, or its `Problem`.

        ``no_garment_found``, ``unsupported_garment``, ``several_garments``, ``garment_folded``, ``garment_worn``.
        """
        return [self._answer(request) for request in batch]

    def _answer(self, request: GarmentRequest) -> GarmentAnswer | Problem:
        if self._reader is None or self._net is None or self._finder is None:
            raise Problem(Code.INTERNAL, "The engine has not been loaded.")
        finder = self._finder
        read = read_photo(self._reader, request)
        if problem := refusal(
            read.shown, read.reading, request.category, lambda: bool(finder.find(read.shown, closer=False))
        ):
            return problem
        evidence = _found(self._net, read) if read.cutout is None else beyond_doubt(read.cutout)
        verdict = judge(evidence, read.reading)
        if isinstance(verdict, Problem):
            return verdict
        return made_ready(read, evidence.mask, verdict)


def _found(net: U2Net, read: ReadPhoto) -> Evidence:
    backdrop = find_on_backdrop(read.photo)
    asked = backdrop is None or not is_studio(backdrop)
    return fuse(read.photo, read.shares, backdrop, net.probability(read.photo) if asked else None)
