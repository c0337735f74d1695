"""What a photo of a garment shows: kind, way of photographing, view, parts and landmarks; and garment.json.

Left and right are the wearer's: in a front view, the left sleeve lies on the picture's right.
"""

from __future__ import annotations

from enum import IntEnum, StrEnum
from typing import Annotated

import numpy as np
from pydantic import BaseModel, Field

from vfkit.contracts.stages import Image


class Clothes(StrEnum):
    """Worn clothes that a garment replaces."""

    UPPER = "upper"
    LOWER = "lower"
    WHOLE = "whole"


class GarmentKind(StrEnum):
    """What decides how a garment is fitted."""

    TOP = "top"
    OUTERWEAR = "outerwear"
    DRESS = "dress"
    """Jumpsuits too."""
    TROUSERS = "trousers"
    SHORTS = "shorts"
    SKIRT = "skirt"
    OTHER = "other"
    """Not for the body: hat, shoes, bag, person, room."""
    SEVERAL = "several"
    """Several garments in one photo."""

    @property
    def replaces(self) -> Clothes:
        """What somebody takes off to wear it."""
        return _REPLACED.get(self, Clothes.UPPER)


_REPLACED = {
    GarmentKind.TROUSERS: Clothes.LOWER,
    GarmentKind.SHORTS: Clothes.LOWER,
    GarmentKind.SKIRT: Clothes.LOWER,
    GarmentKind.DRESS: Clothes.WHOLE,
}


class Category(StrEnum):
    """What a market says that it sells."""

    AUTO = "auto"
    """The photo decides."""
    TOPS = "tops"
    BOTTOMS = "bottoms"
    ONE_PIECES = "one-pieces"


CATEGORIES: dict[GarmentKind, Category] = {
    GarmentKind.TOP: Category.TOPS,
    GarmentKind.OUTERWEAR: Category.TOPS,
    GarmentKind.DRESS: Category.ONE_PIECES,
    GarmentKind.TROUSERS: Category.BOTTOMS,
    GarmentKind.SHORTS: Category.BOTTOMS,
    GarmentKind.SKIRT: Category.BOTTOMS,
}
"""The category of every kind that can be fitted."""


class PhotoKind(StrEnum):
    """How a garment was photographed."""

    FLAT = "flat"
    HANGER = "hanger"
    MANNEQUIN = "mannequin"
    WORN = "worn"
    FOLDED = "folded"
    """Folded or bundled, so that its shape is not to be seen."""


class GarmentView(StrEnum):
    """The side of a garment that a photo shows."""

    FRONT = "front"
    BACK = "back"


class GarmentPart(IntEnum):
    """Labels of garment_parts.png."""

    BACKGROUND = 0
    HANGER = 1
    """Hook, bar, clip or price tag."""
    TORSO = 2
    """The body of the garment; a dress's and a skirt's too."""
    LEFT_SLEEVE = 3
    RIGHT_SLEEVE = 4
    COLLAR = 5
    """Collar or hood."""
    INSIDE = 6
    """The inside of the back, seen through the neckline, with its label."""
    LEFT_LEG = 7
    RIGHT_LEG = 8
    WAISTBAND = 9


class GarmentLandmark(IntEnum):
    """Points of a garment, in the order of garment.json."""

    LEFT_NECK = 0
    """Where the shoulder seam meets the neckline."""
    RIGHT_NECK = 1
    NECK_FRONT = 2
    """The middle of the front neckline."""
    LEFT_SHOULDER = 3
    RIGHT_SHOULDER = 4
    LEFT_ARMPIT = 5
    RIGHT_ARMPIT = 6
    LEFT_SLEEVE_OUTER = 7
    """The edge of a sleeve's end that continues the shoulder line; the inner one continues the side."""
    LEFT_SLEEVE_INNER = 8
    RIGHT_SLEEVE_OUTER = 9
    RIGHT_SLEEVE_INNER = 10
    LEFT_WAIST = 11
    RIGHT_WAIST = 12
    LEFT_HEM = 13
    """The bottom corners of a top, a dress or a skirt."""
    RIGHT_HEM = 14
    CROTCH = 15
    LEFT_LEG_OUTER = 16
    LEFT_LEG_INNER = 17
    RIGHT_LEG_OUTER = 18
    RIGHT_LEG_INNER = 19


GARMENT_PALETTE: Image = np.array(
    [
        (0, 0, 0), (128, 128, 128), (230, 120, 60), (60, 120, 230), (60, 200, 120), (200, 60, 160), (120, 80, 40),
        (90, 200, 230), (230, 200, 60), (150, 60, 220),
    ],
    np.uint8,
)  # fmt: skip
"""(10, 3) RGB: the colour of each `GarmentPart` in the palette of garment_parts.png."""


class Visibility(StrEnum):
    """Whether a landmark is seen."""

    ABSENT = "absent"
    """The garment has no such point; its place means nothing."""
    HIDDEN = "hidden"
    """Behind cloth or a hanger, or cut off by the photo; its place is a guess."""
    VISIBLE = "visible"


class Side(StrEnum):
    """A side of the upright garment."""

    TOP = "top"
    RIGHT = "right"
    BOTTOM = "bottom"
    LEFT = "left"


Confidence = Annotated[float, Field(ge=0, le=1, description="probability that it is so, 0 to 1")]


class KindReading(BaseModel):
    """What the photo shows."""

    value: GarmentKind
    confidence: Confidence


class PhotoReading(BaseModel):
    """How the garment was photographed."""

    value: PhotoKind
    confidence: Confidence


class ViewReading(BaseModel):
    """Which side of the garment the photo shows."""

    value: GarmentView
    confidence: Confidence


class LandmarkReading(BaseModel):
    """One point of the garment, in pixels of cloth.png; (0, 0) is the middle of its first pixel.

    It may lie outside of cloth.png where the garment is cut.
    """

    name: str = Field(description="name of the `GarmentLandmark` in lower case: left_neck, ...")
    x: float
    y: float
    visibility: Visibility
    confidence: Confidence = Field(description="probability that the point lies there, 0 to 1")


class Straightening(BaseModel):
    """How cloth.png came from garment_photo.png."""

    rotation: float = Field(
        gt=-180, le=180, description="degrees by which the photo was turned, clockwise as it is seen"
    )
    scale: float = Field(gt=0, description="pixels of cloth.png for one of garment_photo.png")
    matrix: tuple[tuple[float, float, float], tuple[float, float, float]] = Field(
        description="takes (x, y, 1) in pixels of garment_photo.png to x, y in cloth.png; (0, 0) is the middle of a"
        " picture's first pixel"
    )


class GarmentDocument(BaseModel):
    """garment.json: how a photo of a garment was read, and how cloth.png was made from it."""

    version: int = 1
    kind: KindReading
    photo: PhotoReading
    view: ViewReading
    category: Category = Field(default=Category.AUTO, description="what the market said")
    fitted_as: GarmentKind = Field(
        description="what it is fitted as: `kind`, or the likeliest kind of the stated category; never other or several"
    )
    landmarks: list[LandmarkReading] = Field(
        min_length=len(GarmentLandmark),
        max_length=len(GarmentLandmark),
        description="all of them, in the order of `GarmentLandmark`",
    )
    straightened: Straightening
    cut: list[Side] = Field(default=[], description="sides of the garment, upright, where the photo's border cuts it")
