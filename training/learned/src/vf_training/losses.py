"""Losses of maps, places and choices. Every loss is a mean over what has a label, and zero where nothing has."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

UNKNOWN = -1
"""Target of a choice that nobody has stated."""
SMALL = 1e-6


def choice(logits: Tensor, target: Tensor, *, smoothing: float = 0.0, weight: Tensor | None = None) -> Tensor:
    """Cross entropy of (N, classes) logits against (N,) targets, UNKNOWN ones left out."""
    known = target != UNKNOWN
    if not known.any():
        return logits.sum() * 0
    return F.cross_entropy(logits[known], target[known], label_smoothing=smoothing, weight=weight)


def part_map(logits: Tensor, target: Tensor, weight: Tensor, *, group: slice, group_label: int, ignore: int) -> Tensor:
    """Cross entropy of a label map in which some pixels name a group of labels only.

    Args:
        logits: (N, labels, h, w), enlarged to the target's size.
        target: (N, H, W) int64; ``group_label`` where only the group is known, ``ignore`` where nothing is.
        weight: (labels,), of each label; the group counts as weight 1.
        group: the labels that ``group_label`` stands for.
        group_label: see ``target``.
        ignore: see ``target``.
    """
    logits = F.interpolate(logits, size=target.shape[1:], mode="bilinear", align_corners=False)
    known = target < logits.shape[1]
    if not (target != ignore).any():
        return logits.sum() * 0
    log_odds = F.log_softmax(logits, 1)
    exact = F.nll_loss(log_odds, torch.where(known, target, ignore), weight, ignore_index=ignore, reduction="none")
    some = -torch.logsumexp(log_odds[:, group], 1) * (target == group_label)
    pixel_weight = torch.where(
        known, weight[target.clamp(max=len(weight) - 1)], (target == group_label).to(weight.dtype)
    )
    return (exact + some).sum() / pixel_weight.sum().clamp(min=SMALL)


def dice(logits: Tensor, target: Tensor, *, ignore: int) -> Tensor:
    """One minus the soft Dice overlap (Milletari et al., 2016), mean over the labels that each picture shows.

    Args:
        logits: (N, labels, h, w), enlarged to the target's size.
        target: (N, H, W) int64; pictures with any label but ``ignore`` beyond the labels are left out.
        ignore: label that is looked at by no loss.
    """
    count = logits.shape[1]
    exact = ((target < count) | (target == ignore)).flatten(1).all(1) & (target != ignore).flatten(1).any(1)
    if not exact.any():
        return logits.sum() * 0
    logits = F.interpolate(logits[exact], size=target.shape[1:], mode="bilinear", align_corners=False)
    target = target[exact]
    known = (target != ignore)[:, None]
    truth = F.one_hot(torch.where(known[:, 0], target, 0), count).permute(0, 3, 1, 2) * known
    odds = logits.softmax(1) * known
    both, total = (odds * truth).sum((2, 3)), odds.sum((2, 3)) + truth.sum((2, 3))
    shown = truth.amax((2, 3)) > 0
    return (1 - 2 * both / (total + SMALL))[shown].mean()


def place(logits: Tensor, points: Tensor, weight: Tensor, *, stride: int, sigma: float) -> Tensor:
    """Divergence (Kullback-Leibler) of a landmark's softmax over all cells from a Gaussian around its true place.

    Args:
        logits: (N, landmarks, h, w).
        points: (N, landmarks, 2), x and y in pixels of the picture; (0, 0) is the first pixel's corner.
        weight: (N, landmarks), zero where the place is not known.
        stride: pixels a cell.
        sigma: of the Gaussian, in cells.
    """
    height, width = logits.shape[2:]
    cells = points / stride - 0.5
    x = torch.arange(width, device=logits.device) - cells[..., :1]
    y = torch.arange(height, device=logits.device) - cells[..., 1:]
    truth = F.softmax(-(x**2) / (2 * sigma**2), 2)[:, :, None] * F.softmax(-(y**2) / (2 * sigma**2), 2)[..., None]
    log_odds = F.log_softmax(logits.flatten(2), 2)
    divergence = F.kl_div(log_odds, truth.flatten(2), reduction="none").sum(2)
    return (divergence * weight).sum() / weight.sum().clamp(min=1)
