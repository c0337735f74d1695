"""The garment reader's network on ONNX Runtime; `open/garment_reader.md` is its model card."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from vf_clothmask.garment.geometry import Floats
from vfkit.contracts import GarmentKind, GarmentLandmark, GarmentPart, GarmentView, Image, PhotoKind
from vfkit.onnx import load_own_network

FILE = "garment_reader.onnx"
"""The network's file: part of this package, in `open`."""
WIDTH, HEIGHT = 288, 384
"""Size of the input in pixels."""
STRIDE = 4
"""Pixels of the input for one cell of the maps."""
PADDING = (128, 128, 128)
"""Colour of the input outside the photo."""
INPUT = "pictures"


class Answer(NamedTuple):
    """The outputs for one picture, as probabilities; the fields' names are those of the ONNX outputs.

    Attributes:
        parts: (10, 96, 72), of each `GarmentPart` in each cell.
        landmarks: (20, 96, 72), that the `GarmentLandmark` lies in the cell; each map sums to 1.
        visibility: (20, 3), of absent, hidden, visible.
        kind: (8,), in the order of `GarmentKind`.
        photo: (5,), in the order of `PhotoKind`.
        view: (2,), in the order of `GarmentView`.
    """

    parts: Floats
    landmarks: Floats
    visibility: Floats
    kind: Floats
    photo: Floats
    view: Floats


SIZES = {
    "parts": len(GarmentPart),
    "landmarks": len(GarmentLandmark),
    "visibility": len(GarmentLandmark),
    "kind": len(GarmentKind),
    "photo": len(PhotoKind),
    "view": len(GarmentView),
}
"""How many classes, or points, each output has."""


def _swapped(names: type[GarmentPart] | type[GarmentLandmark]) -> list[int]:
    """For each label the one in whose place it is seen in a mirror: left for right."""
    other = {"LEFT": "RIGHT", "RIGHT": "LEFT"}
    mirrored = ("_".join(other.get(word, word) for word in label.name.split("_")) for label in names)
    return [int(names[name]) for name in mirrored]


PART_SWAPS, LANDMARK_SWAPS = _swapped(GarmentPart), _swapped(GarmentLandmark)


class ReaderNetwork:
    """The network, loaded.

    Args:
        threads: of ONNX Runtime.

    Raises:
        Problem: ``weights_missing`` when the file is absent, or not this network.
    """

    def __init__(self, threads: int) -> None:
        self._session, self.info = load_own_network("vf_clothmask.open", FILE, SIZES, threads)

    def warm_up(self) -> None:
        """Run once, so that the first photo is as fast as the others."""
        self.answer(np.zeros((HEIGHT, WIDTH, 3), np.uint8))

    def answer(self, picture: Image) -> Answer:
        """Ask the network about a picture and its mirror image, and take the mean of both.

        Args:
            picture: (384, 288, 3) uint8 RGB.
        """
        both = np.stack([picture, picture[:, ::-1]]).transpose(0, 3, 1, 2)
        pictures = np.ascontiguousarray(both, np.float32) / np.float32(255)
        logits = Answer(*self._session.run(Answer._fields, {INPUT: pictures}))
        plain, mirrored = (_probabilities(logits, i) for i in (0, 1))
        straight = Answer(
            mirrored.parts[PART_SWAPS, :, ::-1],
            mirrored.landmarks[LANDMARK_SWAPS, :, ::-1],
            mirrored.visibility[LANDMARK_SWAPS],
            mirrored.kind,
            mirrored.photo,
            mirrored.view,
        )
        return mean(plain, straight)


def mean(one: Answer, other: Answer) -> Answer:
    """The mean of two answers about the same picture."""
    return Answer(*(np.asarray((a + b) / 2, np.float32) for a, b in zip(one, other, strict=True)))


def _probabilities(logits: Answer, index: int) -> Answer:
    """One picture's answer: probabilities over all cells for landmarks, over the classes for all else."""
    axes: dict[str, int | tuple[int, int]] = {"landmarks": (1, 2), "parts": 0}
    return Answer(**{name: _softmax(values[index], axes.get(name, -1)) for name, values in logits._asdict().items()})


def _softmax(logits: Floats, axes: int | tuple[int, int]) -> Floats:
    odds = np.exp(logits - logits.max(axis=axes, keepdims=True))
    return np.asarray(odds / odds.sum(axis=axes, keepdims=True), np.float32)
