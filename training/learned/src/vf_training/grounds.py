"""What cut-out garments are laid on: real surroundings and studios' plain backdrops."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.random import Generator

from vf_training.augmentation import Image
from vf_training.pictures import load

STUDIO_SHARE = 0.35
COLOURED_SHARE = 0.25
"""Of the studios; the others are white or nearly so."""


class Grounds:
    """Gives backgrounds.

    Args:
        files: pictures of real surroundings; without any, all are studios.
        size: (width, height) of what is given.
    """

    def __init__(self, files: Sequence[Path], size: tuple[int, int]) -> None:
        self._files = files
        self.size = size

    def draw(self, rng: Generator) -> Image:
        """A background, (H, W, 3) uint8 RGB."""
        if not self._files or rng.random() < STUDIO_SHARE:
            return studio(rng, self.size)
        return _real(rng, load(self._files[int(rng.integers(len(self._files)))]), self.size)


def studio(rng: Generator, size: tuple[int, int]) -> Image:
    """A plain backdrop: white or nearly, sometimes grey or coloured; its light may fall off softly."""
    width, height = size
    if rng.random() < COLOURED_SHARE:
        tone = rng.uniform(120, 235) + rng.normal(0, 12, 3)
    else:
        tone = rng.uniform(218, 253) + rng.normal(0, 2.5, 3)
    y, x = np.linspace(-1, 1, height, dtype=np.float32)[:, None], np.linspace(-1, 1, width, dtype=np.float32)
    angle, depth, round_depth = rng.uniform(0, 2 * np.pi), rng.uniform(0, 0.06), rng.uniform(-0.02, 0.08)
    slope = x * float(np.cos(angle)) + y * float(np.sin(angle))
    light = 1 - depth * (slope + 1) / 2 - round_depth * (x * x + y * y) / 2
    picture = tone.astype(np.float32) * light[..., None]
    if rng.random() < 0.6:
        picture = picture + rng.standard_normal((height, width, 1), np.float32) * rng.uniform(0.3, 2.0)
    return np.asarray(np.clip(picture, 0, 255), np.uint8)


def _real(rng: Generator, picture: Image, size: tuple[int, int]) -> Image:
    """A crop of a picture, in other light."""
    width, height = size
    picture = picture[:, :: int(rng.choice([-1, 1]))]
    zoom = max(height / picture.shape[0], width / picture.shape[1]) * rng.uniform(1.0, 1.6)
    inner = (round(width / zoom), round(height / zoom))
    left = int(rng.integers(max(1, picture.shape[1] - inner[0] + 1)))
    top = int(rng.integers(max(1, picture.shape[0] - inner[1] + 1)))
    crop = cv2.resize(np.ascontiguousarray(picture[top : top + inner[1], left : left + inner[0]]), size)
    gain = rng.uniform(0.75, 1.2) * (1 + rng.normal(0, 0.03, 3))
    table = np.clip(np.arange(256)[:, None] * gain, 0, 255).astype(np.uint8)[None]
    return np.asarray(cv2.LUT(crop, table), np.uint8)
