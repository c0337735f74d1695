"""What a listing photo's labels are called, in the order of their indices."""

from __future__ import annotations

from enum import IntEnum, auto


class Part(IntEnum):
    """What a pixel shows. Left and right are the wearer's."""

    BACKGROUND = 0
    HANGER = auto()  # hook, bar, clip, price tag
    TORSO = auto()  # the body of a top, a dress or a skirt
    LEFT_SLEEVE = auto()
    RIGHT_SLEEVE = auto()
    COLLAR = auto()  # collar, lapel or hood
    INSIDE = auto()  # the back's inside, seen through the neckline or an open front
    LEFT_LEG = auto()
    RIGHT_LEG = auto()
    WAISTBAND = auto()


class Landmark(IntEnum):
    """A named point of a garment. Outer edges continue the shoulder line or the hip."""

    LEFT_NECK = 0
    RIGHT_NECK = auto()
    NECK_FRONT = auto()
    LEFT_SHOULDER = auto()
    RIGHT_SHOULDER = auto()
    LEFT_ARMPIT = auto()
    RIGHT_ARMPIT = auto()
    LEFT_SLEEVE_OUTER = auto()
    LEFT_SLEEVE_INNER = auto()
    RIGHT_SLEEVE_OUTER = auto()
    RIGHT_SLEEVE_INNER = auto()
    LEFT_WAIST = auto()
    RIGHT_WAIST = auto()
    LEFT_HEM = auto()
    RIGHT_HEM = auto()
    CROTCH = auto()
    LEFT_LEG_OUTER = auto()
    LEFT_LEG_INNER = auto()
    RIGHT_LEG_OUTER = auto()
    RIGHT_LEG_INNER = auto()


class Kind(IntEnum):
    """What sort of garment it is; a jumpsuit is a dress."""

    TOP = 0
    OUTERWEAR = auto()
    DRESS = auto()
    TROUSERS = auto()
    SHORTS = auto()
    SKIRT = auto()
    OTHER = auto()


class Photo(IntEnum):
    """How the garment is shown."""

    FLAT = 0
    HANGER = auto()
    MANNEQUIN = auto()
    WORN = auto()


class View(IntEnum):
    """The side of the garment that the camera sees."""

    FRONT = 0
    BACK = auto()


ABSENT, HIDDEN, VISIBLE = 0, 1, 2
"""A landmark's visibility: not on this garment, on it but covered or out of the picture, seen."""
