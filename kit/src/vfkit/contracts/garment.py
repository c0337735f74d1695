"""What a photo of a garment shows: kind, way of photographing, view, parts and landmarks.

Left and right are the wearer's: in a front view, the left sleeve lies on the picture's right.
"""

from __future__ import annotations

from enum import IntEnum, StrEnum


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
