"""What goes into and comes out of every clothmask engine."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vfkit.contracts import Category, GarmentDocument, Image
from vfkit.engines import AnswerWarning


@dataclass(frozen=True)
class GarmentRequest:
    """One garment photo.

    Attributes:
        image: (H, W, 3) uint8 RGB, any size.
        category: what the market says that it sells.
        alpha: (H, W) uint8, 0 where the photo is transparent; None: it is opaque.
    """

    image: Image
    category: Category = Category.AUTO
    alpha: Image | None = None

    @classmethod
    def of(cls, picture: Image, category: Category) -> GarmentRequest:
        """From what `vfkit.pictures.read_cutout` reads: (H, W, 3) or (H, W, 4) uint8."""
        alpha = picture[:, :, 3] if picture.shape[2] == 4 else None
        return cls(np.ascontiguousarray(picture[:, :, :3]), category, alpha)


@dataclass(frozen=True)
class GarmentAnswer:
    """A garment, taken out of its photo and read.

    Attributes:
        cloth: (1024, 768, 3) uint8 RGB, the garment alone on white, upright.
        mask: (1024, 768) uint8, 255 on the garment and 0 elsewhere.
        parts: (1024, 768) uint8, `GarmentPart` of each pixel.
        document: garment.json.
        warnings: ``category_doubtful`` when the photo shows another kind of garment than the market says,
            ``kind_doubtful`` when something like a dress is fitted as a top,
            ``low_confidence`` when the mask or the reading may be wrong.
    """

    cloth: Image
    mask: Image
    parts: Image
    document: GarmentDocument
    warnings: tuple[AnswerWarning, ...] = ()
