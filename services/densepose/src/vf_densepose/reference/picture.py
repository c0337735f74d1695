"""From a picture to the network's input (Detectron2's ``ResizeShortestEdge`` and ``preprocess_image``)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image as PillowImage
from torch import Tensor

from vfkit.contracts import Image

MEAN_BGR = (103.530, 116.280, 123.675)
"""Subtracted from values 0..255; the deviation is 1, as the backbone was trained in Caffe."""
MULTIPLE = 32
"""Sides of the input are multiples of the coarsest backbone stride."""


def resized_shape(height: int, width: int, min_size: int, max_size: int) -> tuple[int, int]:
    """Height and width with the shorter side at ``min_size``, unless the longer would exceed ``max_size``."""
    scale = min_size / min(height, width)
    new_height, new_width = (min_size, scale * width) if height < width else (scale * height, min_size)
    longer = max(new_height, new_width)
    if longer > max_size:
        shrink = max_size / longer
        new_height, new_width = new_height * shrink, new_width * shrink
    # Upstream rounds half up; a strip so narrow that it would vanish keeps one pixel.
    return max(1, int(new_height + 0.5)), max(1, int(new_width + 0.5))


def resize(picture: Image, min_size: int, max_size: int) -> Image:
    """(H, W, 3) uint8 in the resized frame, by Pillow's bilinear filter, which averages when it shrinks."""
    height, width = resized_shape(picture.shape[0], picture.shape[1], min_size, max_size)
    if picture.shape[:2] == (height, width):
        return picture
    return np.asarray(PillowImage.fromarray(picture).resize((width, height), PillowImage.Resampling.BILINEAR))


def net_input(resized: Sequence[Image]) -> Tensor:
    """Stack resized RGB pictures of one size.

    Returns:
        (N, 3, H, W) float32 in ``channels_last`` order: BGR minus the mean, padded with 0 at the right and the bottom
        to multiples of 32.
    """
    stacked = torch.from_numpy(np.stack([picture[..., ::-1] for picture in resized]))
    centred = (stacked.float() - torch.tensor(MEAN_BGR)).permute(0, 3, 1, 2)
    height, width = centred.shape[2:]
    padded = F.pad(centred, (0, -width % MULTIPLE, 0, -height % MULTIPLE))
    return padded.contiguous(memory_format=torch.channels_last)
