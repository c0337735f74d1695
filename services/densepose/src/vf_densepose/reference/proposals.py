"""The region proposal network (Ren et al., Faster R-CNN, 2015, arXiv:1506.01497; Detectron2's ``RPN``)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from vf_densepose.reference.backbone import PYRAMID, PYRAMID_CHANNELS, STRIDES, Features
from vf_densepose.reference.boxes import apply_deltas, clip, has_area, suppress

ANCHOR_SIZES = {"p2": 32, "p3": 64, "p4": 128, "p5": 256, "p6": 512}
ANCHOR_RATIOS = (0.5, 1.0, 2.0)
"""Height over width."""
ANCHORS = len(ANCHOR_RATIOS)
DELTA_WEIGHTS = (1.0, 1.0, 1.0, 1.0)
BEST_OF_A_LEVEL = 1000
OVERLAP = 0.7
BEST_OF_ALL = 1000


@dataclass(frozen=True)
class Proposals:
    """Where something may be in one picture, best first.

    Attributes:
        boxes: (n, 4) float32, resized frame; n is at most 1000.
        logits: (n,) float32.
    """

    boxes: Tensor
    logits: Tensor


class RpnHead(nn.Module):
    """Objectness and box deltas of each anchor; the same weights at every level."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(PYRAMID_CHANNELS, PYRAMID_CHANNELS, 3, padding=1)
        self.objectness_logits = nn.Conv2d(PYRAMID_CHANNELS, ANCHORS, 1)
        self.anchor_deltas = nn.Conv2d(PYRAMID_CHANNELS, ANCHORS * 4, 1)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """(N, 256, h, w) to logits (N, 3, h, w) and deltas (N, 12, h, w), anchor by anchor dx, dy, dw, dh."""
        hidden = F.relu_(self.conv(x))
        return self.objectness_logits(hidden), self.anchor_deltas(hidden)


class ProposalGenerator(nn.Module):
    """The head and what is chosen from its outputs."""

    def __init__(self) -> None:
        super().__init__()
        self.rpn_head = RpnHead()

    def forward(self, features: Features, height: int, width: int) -> list[Proposals]:
        """Proposals of each picture.

        Args:
            features: ``p2`` to ``p6``.
            height: of the resized frame.
            width: of the resized frame.
        """
        outputs = {level: self.rpn_head(features[level]) for level in PYRAMID}
        count = len(features[PYRAMID[0]])
        return [
            choose({level: (logits[i], deltas[i]) for level, (logits, deltas) in outputs.items()}, height, width)
            for i in range(count)
        ]


def choose(outputs: dict[str, tuple[Tensor, Tensor]], height: int, width: int) -> Proposals:
    """The proposals of one picture.

    Args:
        outputs: for each level, logits (3, h, w) and deltas (12, h, w).
        height: of the resized frame.
        width: of the resized frame.
    """
    candidates = [_best_of_level(level, *maps) for level, maps in outputs.items()]
    boxes = clip(torch.cat([boxes for boxes, _ in candidates]), height, width)
    logits = torch.cat([logits for _, logits in candidates])
    levels = torch.cat(
        [torch.full(logits.shape, level, device=boxes.device) for level, (_, logits) in enumerate(candidates)]
    )
    usable = torch.isfinite(boxes).all(1) & torch.isfinite(logits) & has_area(boxes)
    boxes, logits, levels = boxes[usable], logits[usable], levels[usable]
    chosen = suppress(boxes, logits, levels, OVERLAP)[:BEST_OF_ALL]
    return Proposals(boxes[chosen], logits[chosen])


def anchors_at(level: str, indices: Tensor, columns: int) -> Tensor:
    """Anchors by their place in the order row, column, shape.

    Args:
        level: ``p2`` to ``p6``.
        indices: (n,) int64.
        columns: of the level's map.

    Returns:
        (n, 4) float32. Anchors are centred on multiples of the stride, not on the middle of a cell.
    """
    size = ANCHOR_SIZES[level]
    widths = [math.sqrt(size**2 / ratio) for ratio in ANCHOR_RATIOS]
    heights = [ratio * width for ratio, width in zip(ANCHOR_RATIOS, widths, strict=True)]
    shapes = torch.tensor(
        [(-w / 2, -h / 2, w / 2, h / 2) for w, h in zip(widths, heights, strict=True)], device=indices.device
    )
    cells = indices // ANCHORS
    centres = torch.stack([cells % columns, cells // columns], 1).float() * STRIDES[level]
    return centres.repeat(1, 2) + shapes[indices % ANCHORS]


def _best_of_level(level: str, logits: Tensor, deltas: Tensor) -> tuple[Tensor, Tensor]:
    """Boxes and logits of the best anchors of one level, best first."""
    columns = logits.shape[2]
    flat = logits.permute(1, 2, 0).flatten()
    # A stable sort, as upstream: made-up and saturated weights give equal logits, and their order decides.
    best_logits, best = (part[:BEST_OF_A_LEVEL] for part in torch.sort(flat, descending=True, stable=True))
    best_deltas = deltas.permute(1, 2, 0).reshape(-1, 4)[best]
    return apply_deltas(anchors_at(level, best, columns), best_deltas, DELTA_WEIGHTS), best_logits
