"""Grids, flows and the blur of the test-time path. Tensors are NCHW float32 unless stated; flows are NHW2."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

BLUR_SIZE, BLUR_SIGMA = 15, 3.0


def double(x: Tensor) -> Tensor:
    """Bilinear x2 upsampling with half-pixel centres: (N, C, H, W) to (N, C, 2H, 2W)."""
    return F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)


def resize_flow(flow: Tensor, height: int, width: int) -> Tensor:
    """Resample a flow bilinearly, its values unchanged: (N, h, w, 2) to (N, height, width, 2)."""
    planar = flow.permute(0, 3, 1, 2)
    planar = F.interpolate(planar, size=(height, width), mode="bilinear", align_corners=False)
    return planar.permute(0, 2, 3, 1)


def warp(x: Tensor, flow: Tensor, flow_width: int, flow_height: int) -> Tensor:
    """Sample a picture along a flow.

    The identity grid puts -1 and 1 on the outer pixel *centres* while sampling takes them for the outer pixel
    *edges*: the published networks were trained with that mismatch (`networks.py`), so it is kept.

    Args:
        x: (N, C, H, W).
        flow: (N, H, W, 2) displacement x, y in pixels of the resolution that the flow was estimated at.
        flow_width: that resolution's width in pixels.
        flow_height: that resolution's height in pixels.
    """
    n, _, height, width = x.shape
    unit = torch.tensor([(flow_width - 1) / 2, (flow_height - 1) / 2], dtype=flow.dtype, device=flow.device)
    xs = torch.linspace(-1, 1, width, dtype=flow.dtype, device=flow.device)
    ys = torch.linspace(-1, 1, height, dtype=flow.dtype, device=flow.device)
    identity = torch.stack(torch.meshgrid(xs, ys, indexing="xy"), -1).expand(n, -1, -1, -1)
    return F.grid_sample(x, identity + flow / unit, mode="bilinear", padding_mode="border", align_corners=False)


def blur(x: Tensor) -> Tensor:
    """15 x 15 Gaussian of sigma 3 per channel with zero padding, as two passes: the kernel is an outer product."""
    channels = x.shape[1]
    offsets = torch.arange(BLUR_SIZE, dtype=x.dtype, device=x.device) - BLUR_SIZE // 2
    kernel = torch.exp(-(offsets**2) / (2 * BLUR_SIGMA**2))
    kernel = (kernel / kernel.sum()).expand(channels, 1, 1, -1)
    half = BLUR_SIZE // 2
    x = F.conv2d(x, kernel, padding=(0, half), groups=channels)
    return F.conv2d(x, kernel.transpose(2, 3), padding=(half, 0), groups=channels)
