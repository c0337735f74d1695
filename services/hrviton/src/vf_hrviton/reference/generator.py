"""The image generator: the dressed person from agnostic picture, DensePose, warped cloth and seven-group parse.

Corresponds to `SPADEGenerator` of the published `network_generator.py` (HR-VITON, section 3.2) with its test-time
options: 64 filters, ``most`` upsampling layers, ``spectralaliasinstance``. Spectral norm is folded into the weights
when they are loaded (see `checkpoints`), which changes nothing in evaluation.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from vf_hrviton.reference.patterns import LABELS, Patterns, find_patterns, modulate, moments, tabulate

FILTERS = 64
HIDDEN = 128
INPUTS = 9
"""Agnostic, DensePose and warped cloth, RGB each."""
SIDE_CHANNELS = 16
LATENT_SCALE = 128
"""Picture size over latent size."""
EPSILON = 1e-5
SLOPE = 0.2

Noise = Callable[[str, int, int], Tensor | None]
"""Called with a norm's name, width and height; gives (N, W, H, 1) standard normal numbers, or None for no noise."""

BLOCKS = (
    ("head_0", 16, 16),
    ("G_middle_0", 16, 16),
    ("G_middle_1", 16, 16),
    ("up_0", 16, 8),
    ("up_1", 8, 4),
    ("up_2", 4, 2),
    ("up_3", 2, 1),
)
"""Name, channels in and out in units of 64, in forward order; up_4 (64 to 32) follows."""


class SpadeNorm(nn.Module):
    """Instance norm whose scale and shift come from the parse (SPADE), after adding noise (ALIAS).

    Args:
        name: the norm's place in the network, for the noise.
        channels: channels in and out.
    """

    def __init__(self, name: str, channels: int) -> None:
        super().__init__()
        self.name = name
        self.noise_scale = nn.Parameter(torch.zeros(channels))
        self.conv_shared = nn.Sequential(nn.Conv2d(LABELS, HIDDEN, 3, padding=1), nn.ReLU())
        self.conv_gamma = nn.Conv2d(HIDDEN, channels, 3, padding=1)
        self.conv_beta = nn.Conv2d(HIDDEN, channels, 3, padding=1)

    def forward(self, x: Tensor, patterns: Patterns, noise: Noise, slope: float = 1.0) -> Tensor:
        """(N, C, H, W) to the same shape, in channels-last memory; ``slope`` is of the leaky ReLU that follows."""
        drawn = noise(self.name, x.shape[3], x.shape[2])
        if drawn is not None:
            # Transposing (N, W, H, 1) swaps the axes of a picture drawn as width by height; scaled per channel.
            x = torch.addcmul(x, drawn.to(x).transpose(1, 3).contiguous(), self.noise_scale[:, None, None].to(x))
        mean, variance = moments(x)
        table = tabulate(patterns, self.conv_shared[0], self.conv_gamma, self.conv_beta)
        return modulate(x, patterns.index, table, mean, torch.sqrt(variance + EPSILON), slope)


class SpadeBlock(nn.Module):
    """A residual block of two SPADE-normalised 3x3 convolutions; a third norm and a 1x1 where channels change.

    Args:
        name: the block's name, the prefix of its norms'.
        inputs: channels in, the side input's included.
        outputs: channels out.
    """

    def __init__(self, name: str, inputs: int, outputs: int) -> None:
        super().__init__()
        middle = min(inputs, outputs)
        self.conv_0 = nn.Conv2d(inputs, middle, 3, padding=1)
        self.conv_1 = nn.Conv2d(middle, outputs, 3, padding=1)
        self.norm_0 = SpadeNorm(f"{name}.norm_0", inputs)
        self.norm_1 = SpadeNorm(f"{name}.norm_1", middle)
        self.learned_shortcut = inputs != outputs
        if self.learned_shortcut:
            self.conv_s = nn.Conv2d(inputs, outputs, 1, bias=False)
            self.norm_s = SpadeNorm(f"{name}.norm_s", inputs)

    def forward(self, x: Tensor, patterns: Patterns, noise: Noise) -> Tensor:
        """(N, inputs, H, W) to (N, outputs, H, W)."""
        # The order of the draws is part of the published behaviour: shortcut first.
        shortcut = self.conv_s(self.norm_s(x, patterns, noise)) if self.learned_shortcut else x
        x = self.conv_0(self.norm_0(x, patterns, noise, SLOPE))
        x = self.conv_1(self.norm_1(x, patterns, noise, SLOPE))
        return x.add_(shortcut)


class ImageGenerator(nn.Module):
    """Eight SPADE blocks from 1/128 of the size up to all of it, the input fed in again at every size."""

    def __init__(self) -> None:
        super().__init__()
        self.conv_0 = nn.Conv2d(INPUTS, 16 * FILTERS, 3, padding=1)
        for level in range(1, 8):
            self.add_module(f"conv_{level}", nn.Conv2d(INPUTS, SIDE_CHANNELS, 3, padding=1))
        for level, (name, inputs, outputs) in enumerate(BLOCKS):
            side = SIDE_CHANNELS if level else 0
            self.add_module(name, SpadeBlock(name, inputs * FILTERS + side, outputs * FILTERS))
        self.up_4 = SpadeBlock("up_4", FILTERS + SIDE_CHANNELS, FILTERS // 2)
        self.conv_img = nn.Conv2d(FILTERS // 2, 3, 3, padding=1)

    def forward(self, x: Tensor, labels: Tensor, noise: Noise) -> Tensor:
        """Draw the person.

        Args:
            x: (N, 9, H, W) in [-1, 1]: agnostic, DensePose, warped cloth; H and W are multiples of 128.
            labels: (N, H, W) int64, 0..6: the seven-group parse.
            noise: source of the norms' noise.

        Returns:
            (N, 3, H, W) in [-1, 1].
        """
        height, width = x.shape[2] // LATENT_SCALE, x.shape[3] // LATENT_SCALE
        features = self.conv_0(_nearest(x, height, width))
        for level, name in enumerate([*(name for name, _, _ in BLOCKS), "up_4"]):
            if level:
                height, width = 2 * height, 2 * width
                side = getattr(self, f"conv_{level}")(_nearest(x, height, width))
                features = torch.cat([_nearest(features, height, width), side], 1)
            small = _nearest(labels[:, None].float(), height, width)[:, 0].long()
            features = getattr(self, name)(features, find_patterns(small), noise)
        return torch.tanh(self.conv_img(F.leaky_relu(features, SLOPE)))


def _nearest(x: Tensor, height: int, width: int) -> Tensor:
    if x.shape[2:] == (height, width):
        return x
    return F.interpolate(x, size=(height, width), mode="nearest")
