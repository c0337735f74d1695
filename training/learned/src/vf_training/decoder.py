"""From a trunk's features to maps at stride 4: depthwise 5x5 blocks from coarse to fine, with global context."""

from __future__ import annotations

from collections.abc import Sequence

import torch.nn.functional as F
from torch import Tensor, nn

KERNEL = 5


class Decoder(nn.Module):
    """A pyramid: each level is the level below enlarged plus the trunk's features, filtered.

    Args:
        channels: of the trunk's levels, fine to coarse; each level has half the size of the one before.
        width: channels of every level of the decoder.
    """

    def __init__(self, channels: Sequence[int], width: int) -> None:
        super().__init__()
        self.sides = nn.ModuleList(nn.Conv2d(count, width, 1) for count in channels)
        self.filters = nn.ModuleList(separable(width, width) for _ in channels)
        self.context = nn.Conv2d(channels[-1], width, 1)

    def forward(self, levels: Sequence[Tensor]) -> Tensor:
        """(N, channels[i], H/2^i, W/2^i) for each level to (N, width, H, W)."""
        coarsest = len(levels) - 1
        context = self.context(levels[coarsest].mean((2, 3), keepdim=True))
        y = self.filters[coarsest](self.sides[coarsest](levels[coarsest]) + context)
        for i in reversed(range(coarsest)):
            y = F.interpolate(y, scale_factor=2, mode="bilinear", align_corners=False)
            y = self.filters[i](y + self.sides[i](levels[i]))
        return y


def separable(inputs: int, outputs: int) -> nn.Sequential:
    """A depthwise 5x5 convolution, then a 1x1 convolution that mixes the channels."""
    return nn.Sequential(
        nn.Conv2d(inputs, inputs, KERNEL, padding=KERNEL // 2, groups=inputs, bias=False),
        nn.BatchNorm2d(inputs),
        nn.ReLU6(inplace=True),
        nn.Conv2d(inputs, outputs, 1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU6(inplace=True),
    )
