"""Folders of photos that networks learn from."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image as Pillow
from PIL import ImageOps

from vf_training.augmentation import Image
from vf_training.errors import TrainingError

LISTINGS, STREET = "listing_garments", "street_people"
"""Folders of the training data."""
SUFFIXES = (".jpg", ".jpeg", ".png")


class DataError(TrainingError):
    """The training data is not as documented; the message says what is wrong and where."""


def photos(folder: Path) -> Sequence[Path]:
    """The photos of a folder, sorted.

    Raises:
        DataError: the folder is missing or has none.
    """
    if not folder.is_dir():
        raise DataError(f"{folder} is missing; the README of training/learned says where the photos come from")
    found = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)
    if not found:
        raise DataError(f"{folder} holds no photos ({', '.join(SUFFIXES)})")
    return found


@lru_cache(maxsize=2048)
def load(path: Path) -> Image:
    """A photo as the camera was held, (H, W, 3) uint8 RGB, read-only."""
    with Pillow.open(path) as photo:
        picture = np.asarray(ImageOps.exif_transpose(photo).convert("RGB"))
    picture.flags.writeable = False
    return picture
