"""The condition generator: how the cloth moves and what the dressed person's segmentation will be.

Corresponds to `ConditionGenerator` of the published `networks.py` (HR-VITON, section 3.1) with its test-time
options: BatchNorm, 96 filters, ``warp_feature`` T1, ``out_layer`` relu. Parameter names are the published ones, so
that `mtviton.pth` loads strictly. It always works at 256 x 192.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from vf_hrviton.reference.layers import double, resize_flow, warp

HEIGHT, WIDTH = 256, 192
FILTERS = 96
CLOTH_CHANNELS = 4
"""Cloth RGB and cloth mask."""
PERSON_CHANNELS = 16
"""Parse agnostic one-hot (13) and DensePose RGB (3)."""
CLASSES = 13


@dataclass(frozen=True)
class Condition:
    """What the condition generator tells.

    Attributes:
        flows: five (N, h, w, 2) flows from (8, 6) to (128, 96); displacements in pixels of their own size.
        segmentation: (N, 13, 256, 192) logits, never negative.
        warped_cloth: (N, 3, 256, 192) in [-1, 1].
        warped_mask: (N, 1, 256, 192) in [0, 1].
    """

    flows: tuple[Tensor, ...]
    segmentation: Tensor
    warped_cloth: Tensor
    warped_mask: Tensor


class ResBlock(nn.Module):
    """A residual block whose shortcut changes the scale first.

    Args:
        inputs: channels in.
        outputs: channels out.
        scale: ``down`` (3x3, stride 2), ``same`` (1x1) or ``up`` (bilinear x2, then 1x1).
    """

    def __init__(self, inputs: int, outputs: int, scale: str) -> None:
        super().__init__()
        self.scale: nn.Module
        if scale == "down":
            self.scale = nn.Conv2d(inputs, outputs, 3, stride=2, padding=1, bias=False)
        elif scale == "same":
            self.scale = nn.Conv2d(inputs, outputs, 1)
        elif scale == "up":
            self.scale = nn.Sequential(
                nn.Upsample(scale_factor=2, mode="bilinear", align_corners=False), nn.Conv2d(inputs, outputs, 1)
            )
        else:
            raise ValueError(f"scale {scale!r}: down, same or up")
        self.block = nn.Sequential(
            nn.Conv2d(outputs, outputs, 3, padding=1, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(inplace=True),
            nn.Conv2d(outputs, outputs, 3, padding=1, bias=False),
            nn.BatchNorm2d(outputs),
        )

    def forward(self, x: Tensor) -> Tensor:
        """(N, inputs, H, W) to (N, outputs, H', W'), never negative."""
        residual = self.scale(x)
        return F.relu(residual + self.block(residual))


class ConditionGenerator(nn.Module):
    """Two encoders, and a decoder that refines a flow and a segmentation from coarse to fine."""

    def __init__(self) -> None:
        super().__init__()
        f = FILTERS
        widths = (f, 2 * f, 4 * f, 4 * f, 4 * f)
        self.ClothEncoder = _encoder(CLOTH_CHANNELS, widths)
        self.PoseEncoder = _encoder(PERSON_CHANNELS, widths)
        self.conv = ResBlock(4 * f, 8 * f, "same")
        self.SegDecoder = nn.ModuleList(
            ResBlock(inputs, outputs, "up")
            for inputs, outputs in ((8 * f, 4 * f), (12 * f, 4 * f), (12 * f, 2 * f), (8 * f, f), (6 * f, f))
        )
        self.conv1 = nn.ModuleList(nn.Conv2d(width, 4 * f, 1) for width in widths[:4])
        self.conv2 = nn.ModuleList(nn.Conv2d(width, 4 * f, 1) for width in widths[:4])
        self.flow_conv = nn.ModuleList(nn.Conv2d(8 * f, 2, 3, padding=1) for _ in range(5))
        self.bottleneck = nn.ModuleList(
            nn.Sequential(nn.Conv2d(width, 4 * f, 3, padding=1), nn.ReLU()) for width in (4 * f, 4 * f, 2 * f, f)
        )
        self.out_layer = ResBlock(f + CLOTH_CHANNELS + PERSON_CHANNELS, CLASSES, "same")

    def forward(self, cloth: Tensor, person: Tensor) -> Condition:
        """Estimate the flows and the segmentation.

        Args:
            cloth: (N, 4, 256, 192): RGB in [-1, 1], mask 0 or 1.
            person: (N, 16, 256, 192): parse agnostic one-hot, DensePose RGB in [-1, 1].
        """
        cloth_features, person_features = _levels(self.ClothEncoder, cloth), _levels(self.PoseEncoder, person)
        t1, t2 = cloth_features[4], person_features[4]
        flows = [self.flow_conv[0](torch.cat([t1, t2], 1)).permute(0, 2, 3, 1)]
        x = self.SegDecoder[0](self.conv(t2))
        for i in range(1, 5):
            level = 4 - i
            t1 = double(t1) + self.conv1[level](cloth_features[level])
            t2 = double(t2) + self.conv2[level](person_features[level])
            coarse = flows[-1]
            flow = resize_flow(coarse, t1.shape[2], t1.shape[3])
            warped = warp(t1, flow, coarse.shape[2], coarse.shape[1])
            change = self.flow_conv[i](torch.cat([warped, self.bottleneck[i - 1](x)], 1))
            flows.append(flow + change.permute(0, 2, 3, 1))
            x = self.SegDecoder[i](torch.cat([x, person_features[level], warped], 1))
        last = flows[-1]
        flow = resize_flow(last, cloth.shape[2], cloth.shape[3])
        warped = warp(cloth, flow, last.shape[2], last.shape[1])
        segmentation = self.out_layer(torch.cat([x, person, warped], 1))
        return Condition(tuple(flows), segmentation, warped[:, :3], warped[:, 3:])


def _encoder(inputs: int, widths: Sequence[int]) -> nn.Sequential:
    return nn.Sequential(*(ResBlock(a, b, "down") for a, b in zip((inputs, *widths[:-1]), widths, strict=True)))


def _levels(encoder: nn.Sequential, x: Tensor) -> list[Tensor]:
    features = []
    for block in encoder:
        x = block(x)
        features.append(x)
    return features
