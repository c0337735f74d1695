"""The test-time path: from the pictures of one batch to the dressed people.

Corresponds to `test()` of the published `test_generator.py`, with ``--occlusion`` unless it is asked for without. The
steps have its names; the numbers in them are the published ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from PIL import Image as PillowImage
from torch import Tensor

from vf_hrviton.reference.condition import HEIGHT, WIDTH, Condition, ConditionGenerator
from vf_hrviton.reference.generator import ImageGenerator, Noise
from vf_hrviton.reference.layers import blur, resize_flow, warp
from vfkit.contracts import Image, Label

GROUPS_13: tuple[tuple[Label, ...], ...] = (
    (Label.BACKGROUND, Label.TORSO_SKIN),
    (Label.HAT, Label.HAIR),
    (Label.SUNGLASSES, Label.FACE),
    (Label.UPPER_CLOTHES, Label.DRESS, Label.COAT),
    (Label.PANTS, Label.SKIRT),
    (Label.LEFT_ARM,),
    (Label.RIGHT_ARM,),
    (Label.LEFT_LEG,),
    (Label.RIGHT_LEG,),
    (Label.LEFT_SHOE,),
    (Label.RIGHT_SHOE,),
    (Label.SOCKS,),
    (Label.GLOVE, Label.SCARF),
)
"""CIHP labels of each channel of the condition generator's map."""
BACKGROUND, UPPER, BOTTOM = 0, 3, 4
NOT_OCCLUDING = (BACKGROUND, UPPER, BOTTOM)

GROUP_7_OF_13 = (0, 3, 1, 2, 1, 4, 5, 1, 1, 1, 1, 1, 6)
"""For each of the 13 channels, its group in the image generator's map: background, paste, upper, hair, arms, noise."""


@dataclass(frozen=True)
class Inputs:
    """One batch at the fine size H x W, on the engine's device.

    Attributes:
        agnostic: (N, 3, H, W) in [-1, 1].
        densepose: (N, 3, H, W) in [-1, 1].
        cloth: (N, 3, H, W) in [-1, 1].
        cloth_mask: (N, 1, H, W), 0 or 1.
        parse_agnostic: (N, H, W) int64, 0..12.
    """

    agnostic: Tensor
    densepose: Tensor
    cloth: Tensor
    cloth_mask: Tensor
    parse_agnostic: Tensor


@dataclass(frozen=True)
class Outputs:
    """What the path leaves, at the fine size unless stated.

    Attributes:
        image: (N, 3, H, W) in [-1, 1]: the fitting.
        warped_cloth: (N, 3, H, W) in [-1, 1], on white where something occludes it; as warped without occlusion.
        warped_mask: (N, 1, H, W) in [0, 1], without what is occluded.
        warped_mask_before: the same before the occluded part was removed.
        gated: (N, 13, 256, 192): segmentation, the garment's channel gated by the warped mask.
        blurred: (N, 13, H, W): the same at the fine size, blurred.
        labels: (N, H, W) int64, 0..6: the seven-group parse.
        condition: what the condition generator told.
    """

    image: Tensor
    warped_cloth: Tensor
    warped_mask: Tensor
    warped_mask_before: Tensor
    gated: Tensor
    blurred: Tensor
    labels: Tensor
    condition: Condition


def picture_tensor(pictures: Sequence[Image], height: int, width: int) -> Tensor:
    """RGB pictures to (N, 3, height, width) in [-1, 1], resized with Pillow's bilinear filter."""
    resized = [_resized(picture, height, width, PillowImage.Resampling.BILINEAR) for picture in pictures]
    stacked = torch.from_numpy(np.stack(resized)).permute(0, 3, 1, 2)
    return (stacked.float() / 255 - 0.5) / 0.5


def mask_tensor(masks: Sequence[Image], height: int, width: int) -> Tensor:
    """Masks to (N, 1, height, width) of 0 and 1, resized by nearest pixel; 128 and above is 1."""
    resized = [_resized(mask, height, width, PillowImage.Resampling.NEAREST) for mask in masks]
    return torch.from_numpy(np.stack(resized)[:, None] >= 128).float()


def parse_tensor(parses: Sequence[Image], height: int, width: int) -> Tensor:
    """CIHP label maps to (N, height, width) int64 channels 0..12, resized by nearest pixel."""
    channel = np.zeros(len(Label), np.int64)
    for number, labels in enumerate(GROUPS_13):
        channel[list(labels)] = number
    resized = [_resized(parse, height, width, PillowImage.Resampling.NEAREST) for parse in parses]
    return torch.from_numpy(channel[np.stack(resized)])


def image_arrays(pictures: Tensor) -> list[Image]:
    """(N, 3, H, W) in [-1, 1] to RGB uint8, truncated as published."""
    scaled = ((pictures.float() + 1) * 0.5 * 255).clamp(0, 255).to(torch.uint8)
    return list(scaled.permute(0, 2, 3, 1).contiguous().cpu().numpy())


def try_on(
    condition_generator: ConditionGenerator,
    generator: ImageGenerator,
    inputs: Inputs,
    noise: Noise,
    dtype: torch.dtype = torch.float32,
    *,
    occlusion: bool = True,
) -> Outputs:
    """Dress the people of one batch.

    Args:
        condition_generator: in evaluation.
        generator: in evaluation, spectral norm folded.
        inputs: the batch.
        noise: source of the image generator's noise.
        dtype: that the image generator computes in; its weights stay float32.
        occlusion: take from the warped mask what the segmentation sees in front of the garment, and set the cloth on
            white there; otherwise the image generator gets the cloth as it was warped.
    """
    height, width = inputs.cloth.shape[2:]
    condition = _condition(condition_generator, inputs)
    gated = _gate(condition)
    blurred = blur(F.interpolate(gated, size=(height, width), mode="bilinear", align_corners=False))
    labels = torch.tensor(GROUP_7_OF_13, device=blurred.device)[blurred.argmax(1)]
    flow = resize_flow(condition.flows[-1], height, width)
    cloth_and_mask = warp(torch.cat([inputs.cloth, inputs.cloth_mask], 1), flow, WIDTH // 2, HEIGHT // 2)
    cloth, before = cloth_and_mask[:, :3], cloth_and_mask[:, 3:]
    mask = before
    if occlusion:
        mask = before - _occluded(blurred) * before
        cloth = cloth * mask + (1 - mask)
    x = torch.cat([inputs.agnostic, inputs.densepose, cloth], 1).contiguous(memory_format=torch.channels_last)
    with torch.autocast(x.device.type, dtype=dtype, enabled=dtype is not torch.float32):
        image = generator(x, labels, noise)
    return Outputs(image, cloth, mask, before, gated, blurred, labels, condition)


def _condition(network: ConditionGenerator, inputs: Inputs) -> Condition:
    size = (HEIGHT, WIDTH)
    cloth = F.interpolate(inputs.cloth, size=size, mode="bilinear", align_corners=False)
    mask = F.interpolate(inputs.cloth_mask, size=size, mode="nearest")
    densepose = F.interpolate(inputs.densepose, size=size, mode="bilinear", align_corners=False)
    parse = F.interpolate(inputs.parse_agnostic[:, None].float(), size=size, mode="nearest")[:, 0].long()
    one_hot = F.one_hot(parse, len(GROUPS_13)).permute(0, 3, 1, 2).to(cloth.dtype)
    return network(torch.cat([cloth, mask], 1), torch.cat([one_hot, densepose], 1))  # type: ignore[no-any-return]


def _gate(condition: Condition) -> Tensor:
    """The garment can only be where the warped mask is (``warp_grad``)."""
    gated = condition.segmentation.clone()
    gated[:, UPPER : UPPER + 1] *= condition.warped_mask
    return gated


def _occluded(blurred: Tensor) -> Tensor:
    """(N, 1, H, W): how likely something lies in front of the garment."""
    probability = blurred.softmax(1)
    return 1 - probability[:, list(NOT_OCCLUDING)].sum(1, keepdim=True)


def _resized(array: NDArray[np.uint8], height: int, width: int, filter_: PillowImage.Resampling) -> NDArray[np.uint8]:
    if array.shape[:2] == (height, width):
        return array
    return np.asarray(PillowImage.fromarray(array).resize((width, height), filter_))
