"""The garment reader's network: one trunk, maps at stride 4, and what is said of the whole photo."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from vf_training.backbone import HEAD_CHANNELS, LEVELS, Backbone
from vf_training.decoder import Decoder, separable
from vf_training.garment.answer import KINDS, PHOTOS, VIEWS, VISIBILITIES, Answer
from vfkit.contracts.garment import GarmentLandmark, GarmentPart

CHANNELS = 96
DROPOUT = 0.2
MIDDLE = 0.5
"""The trunk reads pictures in [-1, 1]."""


class GarmentReader(nn.Module):
    """EfficientNet-Lite0, a decoder, and linear layers on the pooled features."""

    def __init__(self) -> None:
        super().__init__()
        self.backbone = Backbone()
        self.decoder = Decoder(tuple(LEVELS.values()), CHANNELS)
        self.parts = nn.Sequential(separable(CHANNELS, CHANNELS), nn.Conv2d(CHANNELS, len(GarmentPart), 1))
        self.landmarks = nn.Sequential(separable(CHANNELS, CHANNELS), nn.Conv2d(CHANNELS, len(GarmentLandmark), 1))
        self.dropout = nn.Dropout(DROPOUT)
        self.visibility = nn.Linear(HEAD_CHANNELS, len(GarmentLandmark) * VISIBILITIES)
        self.kind = nn.Linear(HEAD_CHANNELS, len(KINDS))
        self.photo = nn.Linear(HEAD_CHANNELS, len(PHOTOS))
        self.view = nn.Linear(HEAD_CHANNELS, len(VIEWS))

    def freeze_maps(self) -> None:
        """Leave everything as it is that the maps are made of."""
        for module in (self.backbone, self.decoder, self.parts, self.landmarks):
            module.requires_grad_(False)

    def train(self, mode: bool = True) -> GarmentReader:
        """As PyTorch's; but what does not learn keeps its batch norms' statistics."""
        super().train(mode)
        for module in self.children():
            learns = [value.requires_grad for value in module.parameters()]
            if learns and not any(learns):
                module.eval()
        return self

    def forward(self, pictures: Tensor) -> Answer[Tensor]:
        """Read pictures.

        Args:
            pictures: (N, 3, H, W) float32, RGB in [0, 1]; H and W multiples of 32. Padding is 0.5 in all channels.
        """
        levels, head = self.backbone((pictures - MIDDLE) / MIDDLE)
        maps = self.decoder(levels)
        pooled = self.dropout(head.mean((2, 3)))
        return Answer(
            self.parts(maps),
            self.landmarks(maps),
            torch.unflatten(self.visibility(pooled), 1, (len(GarmentLandmark), VISIBILITIES)),
            self.kind(pooled),
            self.photo(pooled),
            self.view(pooled),
        )
