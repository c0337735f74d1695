"""ResNet-50 with a feature pyramid, Detectron2's ``build_resnet_fpn_backbone``.

ResNet: He et al., CVPR 2016, arXiv:1512.03385, in the Caffe form: a block's stride is in its first 1x1 convolution.
Pyramid: Lin et al., CVPR 2017, arXiv:1612.03144. The frozen batch norms of the published file are folded into the
convolutions when it is loaded (see `network`), so a convolution here has a bias where the file has a norm.
"""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn

STEM_CHANNELS = 64
STAGES = (("res2", 3, 256, 1), ("res3", 4, 512, 2), ("res4", 6, 1024, 2), ("res5", 3, 2048, 2))
"""Name, blocks, channels out, stride of the first block."""
BOTTLENECK = 4
PYRAMID_CHANNELS = 256
PYRAMID = ("p2", "p3", "p4", "p5", "p6")
STRIDES = {"p2": 4, "p3": 8, "p4": 16, "p5": 32, "p6": 64}

Features = dict[str, Tensor]
"""Maps by name."""


class Stem(nn.Module):
    """7x7 convolution and max pooling: to a quarter of the size."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, STEM_CHANNELS, 7, stride=2, padding=3)

    def forward(self, x: Tensor) -> Tensor:
        """(N, 3, H, W) to (N, 64, H / 4, W / 4)."""
        return F.max_pool2d(F.relu_(self.conv1(x)), 3, stride=2, padding=1)


class Bottleneck(nn.Module):
    """A residual block of 1x1, 3x3 and 1x1 convolutions; the first block of a stage projects its shortcut."""

    def __init__(self, inputs: int, outputs: int, stride: int, *, projects: bool) -> None:
        super().__init__()
        width = outputs // BOTTLENECK
        self.shortcut = nn.Conv2d(inputs, outputs, 1, stride=stride) if projects else None
        self.conv1 = nn.Conv2d(inputs, width, 1, stride=stride)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1)
        self.conv3 = nn.Conv2d(width, outputs, 1)

    def forward(self, x: Tensor) -> Tensor:
        """(N, inputs, h, w) to (N, outputs, h / stride, w / stride)."""
        y = F.relu_(self.conv1(x))
        y = F.relu_(self.conv2(y))
        y = self.conv3(y)
        y += x if self.shortcut is None else self.shortcut(x)
        return F.relu_(y)


class ResNet50(nn.Module):
    """The stages ``res2`` to ``res5``, at strides 4, 8, 16 and 32."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = Stem()
        inputs = STEM_CHANNELS
        for name, blocks, outputs, stride in STAGES:
            first = Bottleneck(inputs, outputs, stride, projects=True)
            others = [Bottleneck(outputs, outputs, 1, projects=False) for _ in range(blocks - 1)]
            self.add_module(name, nn.Sequential(first, *others))
            inputs = outputs

    def forward(self, x: Tensor) -> Features:
        """(N, 3, H, W) to the four maps of 256, 512, 1024 and 2048 channels."""
        features: Features = {}
        x = self.stem(x)
        for name, *_ in STAGES:
            x = features[name] = self.get_submodule(name)(x)
        return features


class Backbone(nn.Module):
    """The pyramid over the ResNet."""

    def __init__(self) -> None:
        super().__init__()
        self.bottom_up = ResNet50()
        for level, (_, _, channels, _) in enumerate(STAGES, start=2):
            self.add_module(f"fpn_lateral{level}", nn.Conv2d(channels, PYRAMID_CHANNELS, 1))
            self.add_module(f"fpn_output{level}", nn.Conv2d(PYRAMID_CHANNELS, PYRAMID_CHANNELS, 3, padding=1))

    def forward(self, x: Tensor) -> Features:
        """(N, 3, H, W), sides multiples of 32, to ``p2`` to ``p6``: (N, 256, h, w) at strides 4 to 64."""
        return self.pyramid(self.bottom_up(x))

    def pyramid(self, stages: Features) -> Features:
        """From the ResNet's maps, coarse to fine."""
        features: Features = {}
        above: Tensor | None = None
        for level in range(5, 1, -1):
            merged = self.get_submodule(f"fpn_lateral{level}")(stages[f"res{level}"])
            if above is not None:
                merged += F.interpolate(above, scale_factor=2, mode="nearest")
            features[f"p{level}"] = self.get_submodule(f"fpn_output{level}")(merged)
            above = merged
        features["p6"] = features["p5"][:, :, ::2, ::2]
        return features
