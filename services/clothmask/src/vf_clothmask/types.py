"""What goes into and comes out of every clothmask engine."""

from __future__ import annotations

from dataclasses import dataclass

from vfkit.contracts import Category, GarmentDocument, Image
from vfkit.engines import AnswerWarning


@dataclass(frozen=True)
class GarmentRequest:
    """One garment photo.

    Attributes:
        image: (H, W, 3) uint8 RGB, any size.
        category: what the market says that it sells.
    """

    image: Image
    category: Category = Category.AUTO


@dataclass(frozen=True)
class GarmentAnswer:
    """A garment, taken out of its photo and read.

    Attributes:
        cloth: (1024, 768, 3) uint8 RGB, the garment alone on white, upright.
        mask: (1024, 768) uint8, 255 on the garment and 0 elsewhere.
        parts: (1024, 768) uint8, `GarmentPart` of each pixel.
        document: garment.json.
        warnings: ``category_doubtful`` when the photo shows another kind of garment than the market says,
            ``low_confidence`` when the mask or the reading may be wrong.
    """

    cloth: Image
    mask: Image
    parts: Image
    document: GarmentDocument
    warnings: tuple[AnswerWarning, ...] = ()
