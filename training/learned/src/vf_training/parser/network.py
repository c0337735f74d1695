"""The person parser's network: EfficientNet-Lite0 and a decoder; one map of logits at stride 4."""

from __future__ import annotations

from torch import Tensor, nn

from vf_training.backbone import LEVELS, Backbone
from vf_training.decoder import Decoder, separable
from vfkit.contracts.people import PersonRegion

CHANNELS = 96
MIDDLE = 0.5
"""The trunk reads pictures in [-1, 1]."""


class PersonParser(nn.Module):
    """A trunk, a decoder, and one channel for each `PersonRegion`."""

    def __init__(self) -> None:
        super().__init__()
        self.backbone = Backbone(head=False)
        self.decoder = Decoder(tuple(LEVELS.values()), CHANNELS)
        self.regions = nn.Sequential(separable(CHANNELS, CHANNELS), nn.Conv2d(CHANNELS, len(PersonRegion), 1))

    def forward(self, pictures: Tensor) -> Tensor:
        """Parse pictures of one person each.

        Args:
            pictures: (N, 3, H, W) float32, RGB in [0, 1]; H and W multiples of 32. Padding is 0.5 in all channels.

        Returns:
            (N, 18, H/4, W/4) logits.
        """
        levels = self.backbone.levels((pictures - MIDDLE) / MIDDLE)
        logits: Tensor = self.regions(self.decoder(levels))
        return logits
