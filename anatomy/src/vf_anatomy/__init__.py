"""The body as geometry, for every open engine that measures one: sides, limbs, the frame of a torso, the body unit."""

from vf_anatomy.arrays import Doubles, Floats, Mask, Point, Points, pixel_grid
from vf_anatomy.segment import Segment
from vf_anatomy.sides import PersonSide, PictureSide, Sided
from vf_anatomy.torso import TorsoFrame

__all__ = [
    "Doubles",
    "Floats",
    "Mask",
    "PersonSide",
    "PictureSide",
    "Point",
    "Points",
    "Segment",
    "Sided",
    "TorsoFrame",
    "pixel_grid",
]
