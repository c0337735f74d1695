"""Examples that the garment reader learns from: a picture with what is known of it, changed at random."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from vf_training.augmentation import Image, Matrix, Placement, Points, Strength, random_placement, relit, shrunk
from vfkit.contracts.garment import GarmentLandmark, GarmentPart

UNKNOWN = -1
"""A kind, photo, view or visibility that nobody has stated."""
GARMENT = 254
"""Label of a pixel that shows the garment, whichever of its parts."""
ABSENT, HIDDEN, VISIBLE = 0, 1, 2


@dataclass(frozen=True)
class Example:
    """A picture and its labels.

    Attributes:
        picture: (H, W, 3) uint8 RGB.
        parts: (H, W) uint8, `GarmentPart`, GARMENT or IGNORE; None when unknown.
        points: (20, 2) float32, the landmarks' x and y in pixels; any value where not HIDDEN or VISIBLE.
        visibility: (20,) int64, ABSENT, HIDDEN, VISIBLE or UNKNOWN.
        kind, photo, view: index in KINDS, PHOTOS, VIEWS or UNKNOWN.
    """

    picture: Image
    parts: Image | None = None
    points: Points | None = None
    visibility: NDArray[np.int64] | None = None
    kind: int = UNKNOWN
    photo: int = UNKNOWN
    view: int = UNKNOWN


def placed(example: Example, placement: Placement) -> Example:
    """The example in the target; left and right change names where the placement mirrors them.

    Landmarks that fall outside the target become UNKNOWN.
    """
    parts = None if example.parts is None else placement.labels(example.parts)
    points, visibility = example.points, example.visibility
    if points is not None and visibility is not None:
        points = placement.points(points)
        inside = ((points >= 0) & (points < placement.size)).all(1)
        visibility = np.where((visibility > ABSENT) & ~inside, UNKNOWN, visibility)
    if placement.mirrored:
        parts = None if parts is None else SWAPPED_PARTS[parts]
        points = None if points is None else points[SWAPPED_LANDMARKS]
        visibility = None if visibility is None else visibility[SWAPPED_LANDMARKS]
    return replace(
        example, picture=placement.picture(example.picture), parts=parts, points=points, visibility=visibility
    )


def varied(rng: Generator, example: Example, size: tuple[int, int], strength: Strength) -> Example:
    """The example as another photo of the same garment might be, ``size`` (width, height) large."""
    smaller = downscaled(example, size)
    height, width = smaller.picture.shape[:2]
    moved = placed(smaller, random_placement(rng, (width, height), size, strength))
    return replace(moved, picture=relit(rng, moved.picture, strength.light))


def downscaled(example: Example, target: tuple[int, int]) -> Example:
    """The example with no more pixels than the target needs."""
    picture = shrunk(example.picture, target)
    if picture is example.picture:
        return example
    size = (picture.shape[1], picture.shape[0])
    matrix: Matrix = np.diag([size[0] / example.picture.shape[1], size[1] / example.picture.shape[0], 1.0])
    return replace(placed(example, Placement(matrix, size)), picture=picture)


def _swapped(name: str) -> str:
    for side, other in (("LEFT", "RIGHT"), ("RIGHT", "LEFT")):
        if name.startswith(side):
            return other + name[len(side) :]
    return name


SWAPPED_LANDMARKS = np.array([GarmentLandmark[_swapped(landmark.name)] for landmark in GarmentLandmark])
"""Index of the landmark on the other side."""
SWAPPED_PARTS = np.arange(256, dtype=np.uint8)
"""Label of the part on the other side."""
for _part in GarmentPart:
    SWAPPED_PARTS[_part] = GarmentPart[_swapped(_part.name)]
