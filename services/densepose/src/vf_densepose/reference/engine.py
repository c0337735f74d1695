"""The reference engine: DensePose R-CNN itself, with its authors' weights."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

import numpy as np
import torch

from vf_densepose.reference.checkpoint import read_checkpoint
from vf_densepose.reference.network import DensePoseRcnn, Limits, build
from vf_densepose.reference.picture import net_input, resize
from vf_densepose.reference.surface import BodySurface, paint_iuv, read_charts, to_picture, window_of
from vf_densepose.types import DensePoseAnswer, DensePoseRequest
from vf_densepose.visualiser import PlacedLabels, paint
from vfkit import pytorch
from vfkit.contracts import Image
from vfkit.engines import EngineInfo, WeightsInfo, uses_tf32
from vfkit.problems import Code, Problem
from vfkit.weights import require

VERSION = "1"
WEIGHTS = "densepose/model_final_162be9.pkl"
WARM_UP_SIDE = 128


@dataclass(frozen=True)
class Options:
    """What changes the output.

    Attributes:
        limits: which detections count.
        min_size: the shorter side of the network's input, in pixels.
        max_size: what the longer side may be.
    """

    limits: Limits = field(default_factory=Limits)
    min_size: int = 800
    max_size: int = 1333

    def as_dict(self) -> dict[str, float]:
        """For ``/v1/info``."""
        return {
            "max_detections": self.limits.people,
            "min_score": self.limits.score,
            "min_size": self.min_size,
            "max_size": self.max_size,
        }


class ReferenceEngine:
    """Detected people and their parts.

    Args:
        weights: ``VF_WEIGHTS``, the folder that holds ``densepose/model_final_162be9.pkl``.
        options: what changes the output.
        threads: of a forward pass on a CPU; PyTorch has one such number for the whole process.
        device: ``cpu`` or ``cuda``.
        allow_tf32: see `vfkit.pytorch.prepare`.
    """

    def __init__(
        self,
        weights: Path,
        options: Options | None = None,
        threads: int = 2,
        device: str = "cpu",
        *,
        allow_tf32: bool = False,
    ) -> None:
        self._weights = weights
        self._options = options or Options()
        self._threads = threads
        self._allow_tf32 = allow_tf32
        self._device = torch.device(device)
        self._network: DensePoseRcnn | None = None
        self._info = EngineInfo(
            name="reference",
            description="DensePose R-CNN (densepose_rcnn_R_50_FPN_s1x) in plain PyTorch with its authors' weights.",
            version=VERSION,
            licence="CC-BY-NC-4.0",
            device=self._device.type,
            options={**self._options.as_dict(), "tf32": uses_tf32(device, allow_tf32)},
        )

    def load(self) -> None:
        """Read the weights and run once.

        Raises:
            Problem: ``weights_missing`` when the file is absent or does not fit; ``stage_unavailable`` without the
                device that was asked for.
        """
        pytorch.prepare(self._device.type, self._threads, allow_tf32=self._allow_tf32)
        network, weights = load_network(self._weights, self._device)
        self._network = network
        parameters = sum(parameter.numel() for parameter in network.parameters())
        options = self._info.options | {"parameters": parameters}
        self._info = self._info.model_copy(update={"weights": [weights], "options": options})
        self._warm_up(network)

    @property
    def info(self) -> EngineInfo:
        """What this engine is."""
        return self._info

    def predict(self, batch: Sequence[DensePoseRequest]) -> list[DensePoseAnswer | Problem]:
        """The parts picture of each photo, or its `Problem` (``no_person_found``)."""
        if self._network is None:
            raise Problem(Code.INTERNAL, "The engine has not been loaded.")
        resized = [resize(request.image, self._options.min_size, self._options.max_size) for request in batch]
        answers: dict[int, DensePoseAnswer | Problem] = {}
        for group in self._groups(resized):
            found = self._run(self._network, [batch[i] for i in group], [resized[i] for i in group])
            answers.update(zip(group, found, strict=True))
        return [answers[i] for i in range(len(batch))]

    def _groups(self, resized: Sequence[Image]) -> Iterator[list[int]]:
        """Which pictures go through the network together: on a GPU, those of one size.

        On a CPU pictures together cost what they cost one by one, and several hundred megabytes more each.
        """
        if self._device.type == "cpu":
            yield from ([i] for i in range(len(resized)))
            return
        by_shape = sorted(range(len(resized)), key=lambda i: resized[i].shape)
        for _, group in groupby(by_shape, key=lambda i: resized[i].shape):
            yield list(group)

    def _run(
        self, network: DensePoseRcnn, requests: Sequence[DensePoseRequest], resized: Sequence[Image]
    ) -> list[DensePoseAnswer | Problem]:
        frame = (resized[0].shape[0], resized[0].shape[1])
        wants_surface = any(request.iuv for request in requests)
        with torch.inference_mode():
            detections, charts = network(
                net_input(resized).to(self._device), frame, self._options.limits, surface=wants_surface
            )
            answers, first = [], 0
            for request, found in zip(requests, detections, strict=True):
                shape = (request.image.shape[0], request.image.shape[1])
                boxes, inside = (tensor.cpu() for tensor in to_picture(found.boxes, frame, shape))
                people = [
                    read_charts(charts, first + i, window_of(boxes[i]))
                    for i in range(len(boxes))
                    if charts and inside[i]
                ]
                answers.append(answer_of(people, (shape[1], shape[0]), iuv=request.iuv))
                first += len(boxes)
        return answers

    def _warm_up(self, network: DensePoseRcnn) -> None:
        """Every layer once, on a grey picture and a box of its size, since nobody will be found in it."""
        frame = (WARM_UP_SIDE, WARM_UP_SIDE)
        grey = np.full((*frame, 3), 128, np.uint8)
        with torch.inference_mode():
            pictures = net_input([grey]).to(self._device)
            network(pictures, frame, self._options.limits)
            whole = torch.tensor([[0.0, 0.0, WARM_UP_SIDE, WARM_UP_SIDE]], device=self._device)
            network.roi_heads.charts(network.backbone(pictures), [whole], surface=False)


def load_network(weights: Path, device: torch.device) -> tuple[DensePoseRcnn, WeightsInfo]:
    """The network with the authors' file.

    Raises:
        Problem: ``weights_missing`` when the file is absent, damaged or another model's.
    """
    path, info = require(weights, WEIGHTS)
    try:
        return build(read_checkpoint(path), device), info
    except ValueError as error:
        raise Problem(Code.WEIGHTS_MISSING, f"The weight file {WEIGHTS} cannot be used: {error}.") from error


def answer_of(people: Sequence[BodySurface], size: tuple[int, int], *, iuv: bool) -> DensePoseAnswer | Problem:
    """People, best first, as pictures; those of lower scores cover the others, as upstream.

    Args:
        people: with surface coordinates where ``iuv`` is set.
        size: (width, height) of the photo.
        iuv: the picture of parts and surface coordinates too.
    """
    if not people:
        return Problem(Code.NO_PERSON_FOUND)
    shown = [person for person in people if person.window.width and person.window.height]
    picture = paint((PlacedLabels(person.labels, person.window.x, person.window.y) for person in shown), size)
    return DensePoseAnswer(picture, iuv=paint_iuv(shown, size) if iuv else None)
