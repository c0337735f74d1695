"""The BODY_25 network (Cao et al., TPAMI 2019; `pose_deploy.prototxt` of the published model).

A VGG-19 trunk to an eighth of the size, then four stages of part affinity fields and two of heat maps. Layers keep
the published names, so that weights are matched by name as Caffe does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

FEATURES = 128
PAF_CHANNELS, HEAT_CHANNELS = 52, 26
STRIDE = 8

TRUNK = (
    ("conv1_1", 3, 64),
    ("conv1_2", 64, 64),
    ("conv2_1", 64, 128),
    ("conv2_2", 128, 128),
    ("conv3_1", 128, 256),
    ("conv3_2", 256, 256),
    ("conv3_3", 256, 256),
    ("conv3_4", 256, 256),
    ("conv4_1", 256, 512),
    ("conv4_2", 512, 512),
    ("conv4_3_CPM", 512, 256),
    ("conv4_4_CPM", 256, FEATURES),
)
POOLED_AFTER = ("conv1_2", "conv2_2", "conv3_4")
WITH_SLOPES = {"conv4_2": "prelu4_2", "conv4_3_CPM": "prelu4_3_CPM", "conv4_4_CPM": "prelu4_4_CPM"}
"""Convolutions that a PReLU follows; a ReLU follows the others."""

STAGES = (
    ("stage0_L2", FEATURES, 96, 256, PAF_CHANNELS),
    ("stage1_L2", FEATURES + PAF_CHANNELS, 128, 512, PAF_CHANNELS),
    ("stage2_L2", FEATURES + PAF_CHANNELS, 128, 512, PAF_CHANNELS),
    ("stage3_L2", FEATURES + PAF_CHANNELS, 128, 512, PAF_CHANNELS),
    ("stage0_L1", FEATURES + PAF_CHANNELS, 96, 256, HEAT_CHANNELS),
    ("stage1_L1", FEATURES + HEAT_CHANNELS + PAF_CHANNELS, 128, 512, HEAT_CHANNELS),
)
"""Name, channels in, channels of each 3x3 convolution, of Mconv6, of Mconv7."""
BLOCKS = range(1, 6)


class Stage(nn.Module):
    """Five blocks of three 3x3 convolutions, each block giving all three activations, then two 1x1 convolutions."""

    def __init__(self, name: str, inputs: int, width: int, hidden: int, outputs: int) -> None:
        super().__init__()
        self.name = name
        for block in BLOCKS:
            channels = inputs if block == 1 else 3 * width
            for part in range(3):
                self.add_module(f"Mconv{block}_{name}_{part}", nn.Conv2d(channels, width, 3, padding=1))
                self.add_module(f"Mprelu{block}_{name}_{part}", nn.PReLU(width))
                channels = width
        self.add_module(f"Mconv6_{name}", nn.Conv2d(3 * width, hidden, 1))
        self.add_module(f"Mprelu6_{name}", nn.PReLU(hidden))
        self.add_module(f"Mconv7_{name}", nn.Conv2d(hidden, outputs, 1))

    def forward(self, x: Tensor) -> Tensor:
        """(N, inputs, h, w) to (N, outputs, h, w)."""
        for block in BLOCKS:
            parts = []
            for part in range(3):
                x = self._layer(f"Mprelu{block}", part)(self._layer(f"Mconv{block}", part)(x))
                parts.append(x)
            x = torch.cat(parts, 1)
        x = self.get_submodule(f"Mprelu6_{self.name}")(self.get_submodule(f"Mconv6_{self.name}")(x))
        return self.get_submodule(f"Mconv7_{self.name}")(x)  # type: ignore[no-any-return]

    def _layer(self, kind: str, part: int) -> nn.Module:
        return self.get_submodule(f"{kind}_{self.name}_{part}")


class Body25(nn.Module):
    """The whole network."""

    def __init__(self) -> None:
        super().__init__()
        for name, inputs, outputs in TRUNK:
            self.add_module(name, nn.Conv2d(inputs, outputs, 3, padding=1))
            if name in WITH_SLOPES:
                self.add_module(WITH_SLOPES[name], nn.PReLU(outputs))
        self.stages = nn.ModuleDict({name: Stage(name, *sizes) for name, *sizes in STAGES})

    def forward(self, x: Tensor) -> Tensor:
        """Heat maps and part affinity fields.

        Args:
            x: (N, 3, H, W) float32 BGR, value / 256 - 0.5; H and W multiples of 16.

        Returns:
            (N, 78, H / 8, W / 8): 25 parts, background, 26 fields of x and y.
        """
        features = self._trunk(x)
        fields = self.stages["stage0_L2"](features)
        for name in ("stage1_L2", "stage2_L2", "stage3_L2"):
            fields = self.stages[name](torch.cat([features, fields], 1))
        heat = self.stages["stage0_L1"](torch.cat([features, fields], 1))
        heat = self.stages["stage1_L1"](torch.cat([features, heat, fields], 1))
        return torch.cat([heat, fields], 1)

    def _trunk(self, x: Tensor) -> Tensor:
        for name, _, _ in TRUNK:
            x = self.get_submodule(name)(x)
            x = self.get_submodule(WITH_SLOPES[name])(x) if name in WITH_SLOPES else F.relu(x, inplace=True)
            if name in POOLED_AFTER:
                x = F.max_pool2d(x, 2)
        return x

    def load_layers(self, layers: Mapping[str, Sequence[NDArray[np.float32]]]) -> None:
        """Fill the network from a Caffe weight file's layers; layers it does not have are ignored, as Caffe does.

        Raises:
            ValueError: a layer is missing or has another shape; the message names it.
        """
        state: dict[str, Tensor] = {}
        for key, parameter in self.state_dict().items():
            path, _, kind = key.rpartition(".")
            layer = path.rpartition(".")[2]
            blobs = layers.get(layer, [])
            index = 0 if kind == "weight" else 1
            if index >= len(blobs):
                raise ValueError(f"layer {layer} is missing or has no {kind}")
            if _trimmed(blobs[index].shape) != _trimmed(parameter.shape):
                raise ValueError(f"{layer}: {kind} has shape {blobs[index].shape}, not {tuple(parameter.shape)}")
            state[key] = torch.from_numpy(np.array(blobs[index])).reshape(parameter.shape)
        self.load_state_dict(state)


def _trimmed(shape: Sequence[int]) -> tuple[int, ...]:
    """A shape without leading ones: old files write every blob with four dimensions."""
    trimmed = list(shape)
    while len(trimmed) > 1 and trimmed[0] == 1:
        trimmed.pop(0)
    return tuple(trimmed)
