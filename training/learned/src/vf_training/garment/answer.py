"""What the garment reader's network takes and answers, whether PyTorch or ONNX Runtime runs it."""

from __future__ import annotations

from typing import Generic, NamedTuple, TypeVar

from vfkit.contracts.garment import GarmentKind, GarmentView, PhotoKind

KINDS = tuple(GarmentKind)
PHOTOS = tuple(PhotoKind)
VIEWS = tuple(GarmentView)
"""What the outputs' channels stand for, in their order; parts and landmarks are numbered in the contract."""
WIDTH, HEIGHT = 288, 384
"""Size of the input in pixels; training also uses smaller ones, multiples of 32."""
STRIDE = 4
"""Pixels of the input for one cell of the maps."""
VISIBILITIES = 3
"""Absent, hidden, visible."""
INPUT = "pictures"
"""Name of the ONNX input: (N, 3, HEIGHT, WIDTH) float32, RGB in [0, 1], padding 0.5."""

Values = TypeVar("Values")


class Answer(NamedTuple, Generic[Values]):
    """The outputs, float32 logits throughout; the fields' names are those of the ONNX outputs.

    Attributes:
        parts: (N, 10, H/4, W/4), one channel for each `GarmentPart`.
        landmarks: (N, 20, H/4, W/4); the softmax over all cells says where the landmark is.
        visibility: (N, 20, 3): absent, hidden, visible.
        kind: (N, 8), in the order of KINDS.
        photo: (N, 5), in the order of PHOTOS.
        view: (N, 2), in the order of VIEWS.
    """

    parts: Values
    landmarks: Values
    visibility: Values
    kind: Values
    photo: Values
    view: Values
