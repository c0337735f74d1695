"""What the network says of people, in the photos' own pixels."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from vf_training.augmentation import Image, Placement, letterbox
from vf_training.onnx_file import Array, open_network
from vf_training.parser.answer import HEIGHT, INPUT, OUTPUT, STRIDE, WIDTH
from vf_training.parser.examples import MARGIN

Network = Callable[[Array], Array]
"""From (N, 3, 384, 288) RGB in [0, 1] to (N, 18, 96, 72) logits."""


def onnx_network(path: Path, threads: int) -> Network:
    """The network of an ONNX file.

    Raises:
        DataError: the file is missing or no person parser.
    """
    network = open_network(path, threads, "person parser", INPUT, (OUTPUT,))
    return lambda pictures: network(pictures)[0]


def read(network: Network, picture: Image, box: tuple[float, float, float, float]) -> Image:
    """The likeliest region of every pixel of a photo, (H, W) uint8; background outside the box and its margin."""
    left, top, right, bottom = box
    margin = MARGIN * max(right - left, bottom - top)
    height, width = picture.shape[:2]
    x, y = max(0, round(left - margin)), max(0, round(top - margin))
    seen = np.s_[y : min(height, round(bottom + margin)), x : min(width, round(right + margin))]
    crop = picture[seen]
    size = (crop.shape[1], crop.shape[0])
    there = letterbox(size, (WIDTH, HEIGHT))
    logits = network(np.asarray(there.picture(crop).transpose(2, 0, 1)[None] / 255, np.float32))[0]
    enlarge = Placement(there.inverse(size).matrix @ np.diag([STRIDE, STRIDE, 1.0]), size)
    regions = np.zeros((height, width), np.uint8)
    regions[seen] = np.argmax([enlarge.values(channel) for channel in logits], 0)
    return regions
