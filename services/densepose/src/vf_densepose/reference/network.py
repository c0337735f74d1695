"""The whole network, with the parameter names of the published file (Detectron2's ``GeneralizedRCNN``)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from vf_densepose.reference.backbone import Backbone, Features
from vf_densepose.reference.box_head import BoxHead, BoxPredictor, Detections, detect
from vf_densepose.reference.box_head import pool as pool_boxes
from vf_densepose.reference.densepose_head import Charts, Decoder, DensePoseHead, DensePosePredictor
from vf_densepose.reference.densepose_head import pool as pool_people
from vf_densepose.reference.proposals import ProposalGenerator

Weights = Mapping[str, NDArray[np.float32]]
"""Arrays by published name."""

NORM_EPSILON = 1e-5
NORM_PARTS = ("weight", "bias", "running_mean", "running_var")
NOT_PARAMETERS = re.compile(r"pixel_mean|pixel_std|proposal_generator\.anchor_generator\.cell_anchors\.\d+")
"""Constants that files of older versions hold beside the parameters."""
NAMED_IN_ERROR = 3


@dataclass(frozen=True)
class Limits:
    """Which detections count.

    Attributes:
        score: detections at or below it are dropped.
        people: detections of one picture at most.
    """

    score: float = 0.8
    people: int = 20


class RoiHeads(nn.Module):
    """What looks at single boxes."""

    def __init__(self) -> None:
        super().__init__()
        self.box_head = BoxHead()
        self.box_predictor = BoxPredictor()
        self.decoder = Decoder()
        self.densepose_head = DensePoseHead()
        self.densepose_predictor = DensePosePredictor()

    def detect(
        self, features: Features, picture: int, proposals: Tensor, frame: tuple[int, int], limits: Limits
    ) -> Detections:
        """The people among one picture's proposals."""
        logits, deltas = self.box_predictor(self.box_head(pool_boxes(features, proposals, picture)))
        return detect(proposals, logits, deltas, frame, limits.score, limits.people)

    def charts(self, features: Features, boxes: Sequence[Tensor], *, surface: bool) -> Charts:
        """Charts of all people of a batch.

        Args:
            features: ``p2`` to ``p5`` of N pictures.
            boxes: N times (n, 4) float32, resized frame; at least one box in all.
            surface: U and V too.
        """
        return self.charts_of(self.decoder(features), boxes, surface=surface)

    def charts_of(self, decoded: Tensor, boxes: Sequence[Tensor], *, surface: bool) -> Charts:
        """The same from the decoder's map, (N, 256, H / 4, W / 4)."""
        pictures = torch.cat([torch.full((len(of_one),), i, device=of_one.device) for i, of_one in enumerate(boxes)])
        pooled = pool_people(decoded, torch.cat(list(boxes)), pictures)
        return self.densepose_predictor(self.densepose_head(pooled), surface=surface)  # type: ignore[no-any-return]


class DensePoseRcnn(nn.Module):
    """``densepose_rcnn_R_50_FPN_s1x``."""

    def __init__(self) -> None:
        super().__init__()
        self.backbone = Backbone()
        self.proposal_generator = ProposalGenerator()
        self.roi_heads = RoiHeads()

    def forward(
        self, pictures: Tensor, frame: tuple[int, int], limits: Limits, *, surface: bool = False
    ) -> tuple[list[Detections], Charts | None]:
        """Find people and their charts.

        Args:
            pictures: (N, 3, H, W) float32 from `picture.net_input`.
            frame: height and width of the resized frame, without padding.
            limits: which detections count.
            surface: compute U and V.

        Returns:
            The detections of each picture, and the charts of all of them in that order; None when there are none.
        """
        features = self.backbone(pictures)
        proposals = self.proposal_generator(features, *frame)
        detections = [
            self.roi_heads.detect(features, picture, found.boxes, frame, limits)
            for picture, found in enumerate(proposals)
        ]
        if not any(len(found.boxes) for found in detections):
            return detections, None
        return detections, self.roi_heads.charts(features, [found.boxes for found in detections], surface=surface)


def build(weights: Weights, device: torch.device) -> DensePoseRcnn:
    """The network with weights, ready for inference.

    Args:
        weights: everything in the published file's ``model``.
        device: where it shall run.

    Raises:
        ValueError: parameters are missing, unknown or of another shape; the message names the first.
    """
    with torch.device("meta"):  # no time for random numbers that are overwritten
        network = DensePoseRcnn()
    folded = fold_norms({name: array for name, array in weights.items() if not NOT_PARAMETERS.fullmatch(name)})
    _require_fit({name: tuple(value.shape) for name, value in network.state_dict().items()}, folded)
    network.load_state_dict({name: torch.from_numpy(array) for name, array in folded.items()}, assign=True)
    network.requires_grad_(False)
    return network.eval().to(device=device, memory_format=torch.channels_last)  # type: ignore[no-any-return]


def fold_norms(weights: Weights) -> dict[str, NDArray[np.float32]]:
    """Multiply every frozen batch norm into its convolution, whose bias it becomes.

    Raises:
        ValueError: a norm is not whole.
    """
    folded = {name: array for name, array in weights.items() if ".norm." not in name}
    for stem in sorted({name.split(".norm.")[0] for name in weights if ".norm." in name}):
        names = [f"{stem}.weight", *(f"{stem}.norm.{part}" for part in NORM_PARTS)]
        if missing := [name for name in names if name not in weights]:
            raise ValueError(f"{missing[0]} is missing")
        kernel, scale, shift, mean, variance = (weights[name] for name in names)
        if len({part.shape for part in (scale, shift, mean, variance)} | {kernel.shape[:1]}) > 1:
            raise ValueError(f"{stem}.norm does not have the size of its convolution")
        factor = (scale / np.sqrt(variance + np.float32(NORM_EPSILON))).astype(np.float32)
        folded[f"{stem}.weight"] = kernel * factor[:, None, None, None]
        folded[f"{stem}.bias"] = shift - mean * factor
    return folded


def _require_fit(expected: Mapping[str, tuple[int, ...]], given: Weights) -> None:
    wrong = [f"{name} is missing" for name in expected if name not in given]
    wrong += [f"{name} is not known" for name in given if name not in expected]
    wrong += [
        f"{name} has shape {given[name].shape}, not {shape}"
        for name, shape in expected.items()
        if name in given and given[name].shape != shape
    ]
    if wrong:
        more = f", and {len(wrong) - NAMED_IN_ERROR} more" if len(wrong) > NAMED_IN_ERROR else ""
        raise ValueError(f"{'; '.join(wrong[:NAMED_IN_ERROR])}{more}")
