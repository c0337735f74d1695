"""What the garment reader says, in the order of its outputs."""

from __future__ import annotations

from enum import IntEnum

KINDS = ("top", "outerwear", "dress", "trousers", "shorts", "skirt", "other")
PHOTOS = ("flat", "hanger", "mannequin", "worn")
VIEWS = ("front", "back")
LANDMARKS = (
    "left_neck", "right_neck", "neck_front", "left_shoulder", "right_shoulder", "left_armpit", "right_armpit",
    "left_sleeve_outer", "left_sleeve_inner", "right_sleeve_outer", "right_sleeve_inner", "left_waist", "right_waist",
    "left_hem", "right_hem", "crotch", "left_leg_outer", "left_leg_inner", "right_leg_outer", "right_leg_inner",
)  # fmt: skip


class Part(IntEnum):
    """Label of a pixel; left and right are the wearer's."""

    BACKGROUND = 0
    HANGER = 1
    TORSO = 2
    LEFT_SLEEVE = 3
    RIGHT_SLEEVE = 4
    COLLAR = 5
    INSIDE = 6
    LEFT_LEG = 7
    RIGHT_LEG = 8
    WAISTBAND = 9
