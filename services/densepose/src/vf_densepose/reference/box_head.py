"""Proposals to detected people (Fast R-CNN's second stage; Detectron2's ``box_head`` and ``box_predictor``)."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from vf_densepose.reference.backbone import PYRAMID_CHANNELS, STRIDES, Features
from vf_densepose.reference.boxes import apply_deltas, clip, suppress
from vf_densepose.reference.roi_align import roi_align

POOLED = 7
HIDDEN = 1024
CLASSES = 2
"""Person, and background last."""
DELTA_WEIGHTS = (10.0, 10.0, 5.0, 5.0)
OVERLAP = 0.5

COARSEST, FINEST = 5, 2
CANONICAL_LEVEL, CANONICAL_SIDE = 4, 224
"""A box of 224 x 224 is read from p4 (Lin et al., Feature Pyramid Networks, equation 1)."""


@dataclass(frozen=True)
class Detections:
    """People in one picture, best first.

    Attributes:
        boxes: (n, 4) float32, resized frame.
        scores: (n,) float32 in [0, 1].
    """

    boxes: Tensor
    scores: Tensor


class BoxHead(nn.Module):
    """Two fully connected layers."""

    def __init__(self) -> None:
        super().__init__()
        self.fc1 = nn.Linear(PYRAMID_CHANNELS * POOLED**2, HIDDEN)
        self.fc2 = nn.Linear(HIDDEN, HIDDEN)

    def forward(self, pooled: Tensor) -> Tensor:
        """(R, 256, 7, 7) to (R, 1024)."""
        return F.relu_(self.fc2(F.relu_(self.fc1(pooled.flatten(1)))))


class BoxPredictor(nn.Module):
    """Class logits and box deltas."""

    def __init__(self) -> None:
        super().__init__()
        self.cls_score = nn.Linear(HIDDEN, CLASSES)
        self.bbox_pred = nn.Linear(HIDDEN, 4)

    def forward(self, hidden: Tensor) -> tuple[Tensor, Tensor]:
        """(R, 1024) to logits (R, 2) and deltas (R, 4)."""
        return self.cls_score(hidden), self.bbox_pred(hidden)


def pool(features: Features, boxes: Tensor, picture: int) -> Tensor:
    """Each box from the level that fits its size.

    Args:
        features: ``p2`` to ``p5``.
        boxes: (R, 4) float32, resized frame.
        picture: of the batch.

    Returns:
        (R, 256, 7, 7) float32.
    """
    sides = boxes[:, 2:] - boxes[:, :2]
    side = torch.sqrt(sides[:, 0] * sides[:, 1])
    levels = torch.floor(CANONICAL_LEVEL + torch.log2(side / CANONICAL_SIDE + 1e-8)).clamp(FINEST, COARSEST)
    pooled = boxes.new_empty(len(boxes), PYRAMID_CHANNELS, POOLED, POOLED)
    for level in range(FINEST, COARSEST + 1):
        (members,) = torch.nonzero(levels == level, as_tuple=True)
        name = f"p{level}"
        one_map = features[name][picture : picture + 1]
        pooled[members] = roi_align(one_map, boxes[members], torch.zeros_like(members), POOLED, 1 / STRIDES[name])
    return pooled


def detect(
    proposals: Tensor, logits: Tensor, deltas: Tensor, frame: tuple[int, int], threshold: float, most: int
) -> Detections:
    """The people of one picture.

    Args:
        proposals: (R, 4) float32, resized frame.
        logits: (R, 2).
        deltas: (R, 4).
        frame: height and width of the resized frame.
        threshold: scores must be above it.
        most: detections at most.
    """
    scores = logits.softmax(1)[:, 0]
    boxes = apply_deltas(proposals, deltas, DELTA_WEIGHTS)
    usable = torch.isfinite(boxes).all(1) & torch.isfinite(scores) & (scores > threshold)
    boxes, scores = clip(boxes[usable], *frame), scores[usable]
    chosen = suppress(boxes, scores, torch.zeros_like(scores, dtype=torch.long), OVERLAP)[:most]
    return Detections(boxes[chosen], scores[chosen])
