"""ROIAlign (He et al., Mask R-CNN, ICCV 2017) in its first form, ``aligned=False``, as a sum over rows of a table.

With two samples an axis, each cell of the result is a weighted sum of 16 pixels: 4 samples of 4 corners. The indices
and weights of one axis do not depend on the other, so the 16 are products of 4 and 4, and ``embedding_bag`` sums them
over the map seen as a table of (pixels, channels). That is faster than gathering corners and exact where
``grid_sample``, which goes through normalised coordinates, is not.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

SAMPLES = 2
"""Samples in a cell along each axis (``POOLER_SAMPLING_RATIO``)."""


def roi_align(features: Tensor, boxes: Tensor, pictures: Tensor, size: int, scale: float) -> Tensor:
    """Resample boxes of a feature map.

    Args:
        features: (N, C, H, W); fastest in ``channels_last`` order, where the table is a view.
        boxes: (R, 4) float32 in pixels of the network's input.
        pictures: (R,) int64: the picture of the batch that each box is in.
        size: cells along each side of the result.
        scale: of the map: 1 / stride.

    Returns:
        (R, C, size, size) float32.
    """
    _, channels, height, width = features.shape
    table = features.permute(0, 2, 3, 1).reshape(-1, channels)
    scaled = boxes * scale
    columns, column_weights = _corners(scaled[:, 0], scaled[:, 2], size, width)
    rows, row_weights = _corners(scaled[:, 1], scaled[:, 3], size, height)
    rows = rows + (pictures * height)[:, None, None]
    indices = rows[:, :, None, :, None] * width + columns[:, None, :, None, :]
    weights = row_weights[:, :, None, :, None] * column_weights[:, None, :, None, :] / SAMPLES**2
    per_cell = (2 * SAMPLES) ** 2
    pooled = F.embedding_bag(
        indices.reshape(-1, per_cell), table, per_sample_weights=weights.reshape(-1, per_cell), mode="sum"
    )
    return pooled.reshape(len(boxes), size, size, channels).permute(0, 3, 1, 2)


def _corners(starts: Tensor, ends: Tensor, size: int, length: int) -> tuple[Tensor, Tensor]:
    """Where the samples of one axis read.

    Args:
        starts: (R,) box edges in pixels of the map.
        ends: (R,) their opposite edges.
        size: cells.
        length: of the map along this axis.

    Returns:
        Indices and weights, (R, size, 2 * SAMPLES): lower and upper neighbour of each sample.
    """
    cell = (ends - starts).clamp(min=1.0) / size
    cells = torch.arange(size, dtype=starts.dtype, device=starts.device)
    offsets = torch.arange(SAMPLES, dtype=starts.dtype, device=starts.device) + 0.5
    # The order of this sum is upstream's: another one rounds to another pixel here and there.
    first = starts[:, None] + cells * cell[:, None]
    samples = first[:, :, None] + (offsets * cell[:, None] / SAMPLES)[:, None, :]
    outside = (samples < -1.0) | (samples > length)
    samples = samples.clamp(min=0.0)
    low = samples.floor().long().clamp(max=length - 1)
    high = (low + 1).clamp(max=length - 1)
    share = torch.where(low == high, 0.0, samples - low)
    indices = torch.stack([low, high], 3).flatten(2)
    weights = torch.stack([1.0 - share, share], 3).masked_fill(outside[..., None], 0.0).flatten(2)
    return indices, weights
