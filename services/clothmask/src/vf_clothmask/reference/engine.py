"""The reference engine: CarveKit 4.1.2 with the authors' weights, as HR-VITON's users make cloth masks.

The garment reader reads the photo, refuses what cannot be fitted and makes cloth.png around CarveKit's mask.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
import torch

from vf_clothmask.garment.listing import made_ready, read_photo
from vf_clothmask.garment.network import ReaderNetwork
from vf_clothmask.garment.refusal import refusal
from vf_clothmask.reference.checkpoints import load_fba_matting, load_tracer_b7, load_u2net
from vf_clothmask.reference.pipeline import Pipeline, matting_method
from vf_clothmask.types import GarmentAnswer, GarmentRequest
from vfkit import pytorch
from vfkit.engines import EngineInfo, uses_tf32
from vfkit.problems import Code, Problem
from vfkit.weights import require_all

VERSION = "2"
TRACER_FILE = "clothmask/tracer_b7.pth"
U2NET_FILE = "clothmask/u2net.onnx"
FBA_FILE = "clothmask/fba_matting.pth"
SMALLEST = 33
"""Pixels: CarveKit refuses a picture with a smaller side."""

Network = Literal["tracer_b7", "u2net"]
Matting = Literal["fba", "none"]


class ReferenceEngine:
    """CarveKit, one picture at a time as published: its larger batches stretch pictures.

    Args:
        weights: the folder that holds ``clothmask/``.
        network: what finds the object.
        matting: ``fba``, or ``none`` for the segmentation's own mask (much faster).
        device: ``cpu`` or ``cuda``.
        threads: of one forward pass on a CPU; PyTorch keeps it for the whole process.
        allow_tf32: see `vfkit.pytorch.prepare`.
    """

    def __init__(
        self,
        weights: Path,
        *,
        network: Network = "tracer_b7",
        matting: Matting = "fba",
        device: Literal["cpu", "cuda"] = "cpu",
        threads: int = 2,
        allow_tf32: bool = False,
    ) -> None:
        self._weights = weights
        self._network: Network = network
        self._matting: Matting = matting
        self._device = device
        self._threads = threads
        self._allow_tf32 = allow_tf32
        self._pipeline: Pipeline | None = None
        self._reader: ReaderNetwork | None = None
        self._info = EngineInfo(
            name="reference",
            description=(
                f"CarveKit 4.1.2: {'Tracer-B7' if network == 'tracer_b7' else 'U-2-Net'}"
                f"{', trimap and FBA matting' if matting == 'fba' else ''}, with the authors' weights."
                " A network of this project reads kind, parts and landmarks."
            ),
            version=VERSION,
            licence="Apache-2.0 (CarveKit); its weights as published by their authors",
            device=device,
            options={"network": network, "matting": matting, "tf32": uses_tf32(device, allow_tf32)},
        )

    def load(self) -> None:
        """Read the weight files and run once.

        Raises:
            Problem: ``weights_missing`` when one is absent, unreadable or another's; ``stage_unavailable`` without the
                device that was asked for.
        """
        pytorch.prepare(self._device, self._threads, allow_tf32=self._allow_tf32)
        cv2.setNumThreads(self._threads)
        segmentation_path, *matting_path = self._require()
        segmentation = (
            load_tracer_b7(segmentation_path, self._device)
            if self._network == "tracer_b7"
            else load_u2net(segmentation_path, self._device)
        )
        matting = [load_fba_matting(path, self._device) for path in matting_path]
        self._pipeline = Pipeline(segmentation, matting_method(matting[0], self._device) if matting else None)
        self._pipeline.mask(np.zeros((SMALLEST, SMALLEST, 3), np.uint8))
        self._reader = ReaderNetwork(self._threads)
        self._reader.warm_up()
        parameters = sum(value.numel() for network in (segmentation, *matting) for value in network.parameters())
        self._info = self._info.model_copy(
            update={
                "weights": [*self._info.weights, self._reader.info],
                "options": self._info.options | {"parameters": parameters},
            }
        )

    @property
    def info(self) -> EngineInfo:
        """What this engine is."""
        return self._info

    def predict(self, batch: Sequence[GarmentRequest]) -> list[GarmentAnswer | Problem]:
        """The garment of each photo, or its `Problem`.

        ``image_too_small``, ``no_garment_found``, ``unsupported_garment``, ``several_garments``, ``garment_folded``,
        ``garment_worn``.
        """
        return [self._answer(request) for request in batch]

    def _require(self) -> list[Path]:
        """Paths of the weight files, the segmentation's first; all are looked for before any is read into memory."""
        files = [TRACER_FILE if self._network == "tracer_b7" else U2NET_FILE]
        files += [FBA_FILE] if self._matting == "fba" else []
        found = require_all(self._weights, files)
        self._info = self._info.model_copy(update={"weights": [info for _, info in found]})
        return [path for path, _ in found]

    def _answer(self, request: GarmentRequest) -> GarmentAnswer | Problem:
        if self._pipeline is None or self._reader is None:
            return Problem(Code.INTERNAL, "The engine has not been loaded.")
        if min(request.image.shape[:2]) < SMALLEST:
            return Problem(Code.IMAGE_TOO_SMALL, f"A garment photo has at least {SMALLEST} pixels each way.")
        read = read_photo(self._reader, request)
        if problem := refusal(read.shown, read.reading, request.category, None):
            return problem
        with torch.inference_mode():
            mask = self._pipeline.mask(read.photo) if read.cutout is None else read.cutout
        if not mask.any():
            return Problem(Code.NO_GARMENT_FOUND, "No garment stands out in the photo.")
        return made_ready(read, mask)
