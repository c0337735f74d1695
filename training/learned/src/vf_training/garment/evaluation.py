"""How well the garment reader reads photos that it has not learned from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from vf_training.garment import drawing
from vf_training.garment.answer import KINDS
from vf_training.garment.examples import VISIBLE, Example
from vf_training.garment.hand_labels import LabelledPhoto, labelled
from vf_training.garment.reading import Network, PhotoReading, onnx_network, read
from vf_training.garment.sources import listed
from vf_training.pictures import load
from vfkit.contracts.garment import GarmentKind, GarmentPart

OTHER = KINDS.index(GarmentKind.OTHER)
REFUSED = [OTHER, KINDS.index(GarmentKind.SEVERAL)]
SHEET_COLUMNS = 6
NEAR = 0.05
"""How far off a landmark may be, in diagonals of the garment."""


def kinds(network: Network, folder: Path) -> NDArray[np.int64]:
    """Count what the photos of a folder of listing photos are taken for.

    Returns:
        (8, 8) counts: rows are the true kinds, columns what the network says, both in the order of KINDS.
    """
    counts = np.zeros((len(KINDS), len(KINDS)), np.int64)
    photos = listed(folder)
    for path, kind in photos:
        counts[kind, read(network, load(path)).kind.argmax()] += 1
    return counts


def kind_numbers(counts: NDArray[np.int64]) -> Mapping[str, float]:
    """Share of right kinds, of others refused, and of garments that are taken for others or several."""
    garments = np.delete(counts, REFUSED, 0)
    return {
        "kind": float(np.trace(counts) / counts.sum()),
        "other refused": float(counts[OTHER, REFUSED].sum() / counts[OTHER].sum()),
        "garments refused": float(garments[:, REFUSED].sum() / garments.sum()),
    }


def labels(photos: Sequence[LabelledPhoto], readings: Sequence[PhotoReading]) -> Mapping[str, float]:
    """Compare what the network read with hand-made labels.

    Returns:
        ``points``, ``points in``, ``points out``, ``points hanger``: share of the check points that are in the garment
        or outside it as they should be (on a hanger is outside); ``parts``: mean over the parts of the intersection
        over union, all photos together; ``garment``: that of the whole garment, mean over the photos; ``landmarks``:
        share of the visible ones that lie within NEAR diagonals of the garment's box; ``photo``, ``view``: share of
        right answers.
        Photos of kind other count for nothing but ``points``.
    """
    points: dict[str, list[bool]] = {}
    overlap = np.zeros((2, len(GarmentPart)), np.int64)
    whole: list[float] = []
    near: list[bool] = []
    choices: list[tuple[bool, bool]] = []
    for photo, reading in zip(photos, readings, strict=True):
        found = reading.parts >= GarmentPart.TORSO
        for check in photo.checks:
            points.setdefault(check.place, []).append(bool(found[check.y, check.x]) == (check.place == "in"))
        truth = photo.example
        if truth.parts is None or truth.kind == OTHER:
            continue
        for part in GarmentPart:
            a, b = reading.parts == part, truth.parts == part
            overlap[:, part] += (a & b).sum(), (a | b).sum()
        mask = truth.parts >= GarmentPart.TORSO
        whole.append(float((found & mask).sum() / (found | mask).sum()))
        near += _near(reading, truth, mask)
        choices.append((reading.photo.argmax() == truth.photo, reading.view.argmax() == truth.view))
    every = [right for rights in points.values() for right in rights]
    shown = overlap[1] > 0
    return {
        "points": float(np.mean(every)),
        **{f"points {place}": float(np.mean(rights)) for place, rights in sorted(points.items())},
        "parts": float((overlap[0, shown] / overlap[1, shown]).mean()),
        "garment": float(np.mean(whole)),
        "landmarks": float(np.mean(near)),
        **dict(zip(("photo", "view"), np.mean(choices, 0).tolist(), strict=True)),
    }


def _near(reading: PhotoReading, truth: Example, mask: NDArray[np.bool_]) -> list[bool]:
    """Whether each visible landmark was found where it is."""
    if truth.points is None or truth.visibility is None:
        return []
    ys, xs = np.nonzero(mask)
    diagonal = np.hypot(np.ptp(xs) + 1, np.ptp(ys) + 1)
    distances = np.hypot(*(reading.points - truth.points).T) / diagonal
    return [bool(distance <= NEAR) for distance in distances[truth.visibility == VISIBLE]]


def report(folder: Path, weights: Path, threads: int, sheet: Path | None = None) -> dict[str, Any]:
    """Everything that is measured of an ONNX file.

    Args:
        folder: of listing photos, with `train` and `validation`.
        weights: the ONNX file.
        threads: of ONNX Runtime.
        sheet: PNG file for the labelled photos with what the network reads.

    Raises:
        DataError: photos or weights are missing.
    """
    network = onnx_network(weights, threads)
    photos = labelled("held_out", folder)
    counts = kinds(network, folder / "validation")
    pictures = [photo.example.picture for photo in photos]
    readings = [read(network, picture) for picture in pictures]
    if sheet:
        drawn = drawing.sheet(pictures, readings, SHEET_COLUMNS)
        cv2.imwrite(str(sheet), drawn[..., ::-1])
    numbers = {**kind_numbers(counts), **labels(photos, readings)}
    return {name: round(value, 4) for name, value in numbers.items()} | {"kinds": kind_table(counts)}


def kind_table(counts: NDArray[np.int64]) -> Sequence[str]:
    """The counts as lines of text."""
    lines = [f"{'':10}" + "".join(f"{name:>10}" for name in KINDS)]
    return lines + [
        f"{name:10}" + "".join(f"{count:10}" for count in row) for name, row in zip(KINDS, counts, strict=True)
    ]
