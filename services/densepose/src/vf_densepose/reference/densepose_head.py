"""People to charts (Guler et al., CVPR 2018, section 3; the DensePose project's ``roi_heads``, chart-based)."""

from __future__ import annotations

from dataclasses import dataclass

import torch.nn.functional as F
from torch import Tensor, nn

from vf_densepose.reference.backbone import PYRAMID_CHANNELS, Features
from vf_densepose.reference.roi_align import roi_align

POOLED = 28
DECODER_STRIDE = 4
HEAD_CHANNELS = 512
HEAD_CONVOLUTIONS = 8
COARSE = 2
"""Background and body."""
PARTS = 25
"""Background and the 24 parts."""
SEGMENTATION, SURFACE = ("ann_index_lowres", "index_uv_lowres"), ("u_lowres", "v_lowres")


@dataclass(frozen=True)
class Charts:
    """What the head tells of R people, on a 112 x 112 grid over each one's box.

    Attributes:
        coarse: (R, 2, 112, 112) logits of background and body.
        fine: (R, 25, 112, 112) logits of background and the parts.
        u, v: (R, 25, 112, 112) surface coordinates by part, nominally in [0, 1]; None when they were not asked for.
    """

    coarse: Tensor
    fine: Tensor
    u: Tensor | None = None
    v: Tensor | None = None


class Decoder(nn.Module):
    """All pyramid levels in one map at stride 4 (Kirillov et al., Panoptic FPN, 2019; ``DensePoseDecoder``)."""

    def __init__(self) -> None:
        super().__init__()
        for level in range(2, 6):
            scale_head = nn.ModuleDict()
            # Odd numbers are upsamplings in the published names.
            for step in range(max(1, level - 2)):
                scale_head[str(2 * step)] = nn.Conv2d(PYRAMID_CHANNELS, PYRAMID_CHANNELS, 3, padding=1)
            self.add_module(f"p{level}", scale_head)
        self.predictor = nn.Conv2d(PYRAMID_CHANNELS, PYRAMID_CHANNELS, 1)

    def forward(self, features: Features) -> Tensor:
        """``p2`` to ``p5`` to (N, 256, H / 4, W / 4)."""
        total = self._branch("p2", features["p2"], doubles=False)
        for level in ("p3", "p4", "p5"):
            total += self._branch(level, features[level], doubles=True)
        return self.predictor(total)  # type: ignore[no-any-return]

    def _branch(self, level: str, x: Tensor, *, doubles: bool) -> Tensor:
        for convolution in self.get_submodule(level).values():
            x = F.relu_(convolution(x))
            if doubles:
                x = _double(x)
        return x


class DensePoseHead(nn.Module):
    """Eight 3x3 convolutions, about 30 GFLOP a person (``DensePoseV1ConvXHead``)."""

    def __init__(self) -> None:
        super().__init__()
        inputs = PYRAMID_CHANNELS
        for number in range(1, HEAD_CONVOLUTIONS + 1):
            self.add_module(f"body_conv_fcn{number}", nn.Conv2d(inputs, HEAD_CHANNELS, 3, padding=1))
            inputs = HEAD_CHANNELS

    def forward(self, x: Tensor) -> Tensor:
        """(R, 256, 28, 28) to (R, 512, 28, 28)."""
        for number in range(1, HEAD_CONVOLUTIONS + 1):
            x = F.relu_(self.get_submodule(f"body_conv_fcn{number}")(x))
        return x


class DensePosePredictor(nn.Module):
    """Four transposed convolutions and an upsampling (``DensePoseChartPredictor``)."""

    def __init__(self) -> None:
        super().__init__()
        for name, channels in zip(SEGMENTATION + SURFACE, (COARSE, PARTS, PARTS, PARTS), strict=True):
            self.add_module(name, nn.ConvTranspose2d(HEAD_CHANNELS, channels, 4, stride=2, padding=1))

    def forward(self, x: Tensor, *, surface: bool) -> Charts:
        """(R, 512, 28, 28) to charts; U and V only where ``surface`` is asked for."""
        names = SEGMENTATION + SURFACE if surface else SEGMENTATION
        return Charts(*(_double(self.get_submodule(name)(x)) for name in names))


def pool(decoded: Tensor, boxes: Tensor, pictures: Tensor) -> Tensor:
    """People's windows of the decoder's map: boxes (R, 4) in the resized frame to (R, 256, 28, 28)."""
    return roi_align(decoded, boxes, pictures, POOLED, 1 / DECODER_STRIDE)


def _double(x: Tensor) -> Tensor:
    return F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
