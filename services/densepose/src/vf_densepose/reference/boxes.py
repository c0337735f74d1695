"""Arithmetic of boxes: deltas, clipping, overlap, suppression. All without the "+1" of older detectors."""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

LARGEST_LOG_SCALE = math.log(1000 / 16)
"""A delta does not enlarge a side more than by this (Detectron's clamp, which keeps ``exp`` finite)."""


def apply_deltas(boxes: Tensor, deltas: Tensor, weights: tuple[float, float, float, float]) -> Tensor:
    """Move and scale boxes (Girshick et al., R-CNN, CVPR 2014, appendix C; Detectron2's ``Box2BoxTransform``).

    Args:
        boxes: (n, 4) float32.
        deltas: (n, 4) float32: dx, dy in box sides, dw, dh as logarithms; each times its weight.
        weights: of dx, dy, dw, dh.

    Returns:
        (n, 4) float32.
    """
    sides = boxes[:, 2:] - boxes[:, :2]
    centres = boxes[:, :2] + 0.5 * sides
    scaled = deltas / deltas.new_tensor(weights)
    centres = scaled[:, :2] * sides + centres
    sides = torch.exp(scaled[:, 2:].clamp(max=LARGEST_LOG_SCALE)) * sides
    return torch.cat([centres - 0.5 * sides, centres + 0.5 * sides], 1)


def clip(boxes: Tensor, height: int, width: int) -> Tensor:
    """Boxes cut to a frame: x to [0, width], y to [0, height]."""
    limits = boxes.new_tensor([width, height, width, height])
    return torch.minimum(boxes.clamp(min=0), limits)


def has_area(boxes: Tensor) -> Tensor:
    """(n,) bool: both sides are longer than 0."""
    return (boxes[:, 2:] > boxes[:, :2]).all(1)


def suppress(boxes: Tensor, scores: Tensor, groups: Tensor, threshold: float) -> Tensor:
    """Greedy non-maximum suppression within each group.

    Args:
        boxes: (n, 4) float32.
        scores: (n,) float32; equal ones keep their order.
        groups: (n,) int64; boxes of different groups do not see each other.
        threshold: a box goes when its IoU with a better one that stays is above this.

    Returns:
        (m,) int64 indices of what stays, best first.
    """
    order = torch.sort(scores, descending=True, stable=True)[1]
    sorted_boxes = boxes[order].cpu().numpy()
    sorted_groups = groups[order].cpu().numpy()
    stays = np.zeros(len(order), bool)
    for group in np.unique(sorted_groups):
        members = np.flatnonzero(sorted_groups == group)
        stays[members] = _survivors(sorted_boxes[members], np.float32(threshold))
    return order[torch.from_numpy(stays).to(order.device)]


def _survivors(boxes: NDArray[np.float32], threshold: np.float32) -> NDArray[np.bool_]:
    """(n,) bool for boxes of one group, best first."""
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    stays = np.ones(len(boxes), bool)
    for index in range(len(boxes) - 1):
        if not stays[index]:
            continue
        box, others = boxes[index], boxes[index + 1 :]
        wide = np.minimum(box[2], others[:, 2]) - np.maximum(box[0], others[:, 0])
        high = np.minimum(box[3], others[:, 3]) - np.maximum(box[1], others[:, 1])
        shared = wide.clip(0) * high.clip(0)
        with np.errstate(invalid="ignore"):  # two empty boxes have no IoU, and both stay
            stays[index + 1 :] &= ~(shared / (areas[index] + areas[index + 1 :] - shared) > threshold)
    return stays
