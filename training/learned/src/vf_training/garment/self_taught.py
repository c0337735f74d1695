"""Masks of listing photos that nobody labelled: what an earlier network is sure of (self-training)."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.random import Generator
from scipy.special import softmax

from vf_training.augmentation import IGNORE, Image, Matrix, Placement, Strength, letterbox, shrunk
from vf_training.garment.answer import HEIGHT, KINDS, STRIDE, WIDTH
from vf_training.garment.cutouts import FloatArray
from vf_training.garment.examples import GARMENT, Example
from vf_training.garment.reading import Network, as_input, onnx_network
from vf_training.pictures import load
from vfkit.contracts.garment import GarmentKind, GarmentPart

SURE = 0.9
"""Mean probability from which a label counts."""
SCALES = (1.0, 0.75)
"""Of the letterboxed photo; each is read as it is and mirrored."""
LEAST_GARMENT = 0.03
LEAST_SURE = 0.5
"""A photo of which less is garment, or is sure, gets no labels at all."""
LABELS = (GarmentPart.BACKGROUND, GarmentPart.HANGER, GARMENT)


class SelfTaught:
    """Listing photos with their kind and the parts that a teacher is sure of; every kind comes equally often.

    Labels are BACKGROUND, HANGER, GARMENT or IGNORE. A photo's are made when it is first drawn, and kept. Photos of
    the kind other have none.

    Args:
        photos: files with the indices of their kinds.
        teacher: ONNX file of a garment reader; read when a photo's labels are not there yet.
        cache: folder for the labels, PNG files named as the photos.
    """

    def __init__(self, photos: Sequence[tuple[Path, int]], teacher: Path, cache: Path) -> None:
        self.strength = Strength(smallest=0.85, largest=1.35)
        self._photos: dict[int, list[Path]] = {}
        for path, kind in photos:
            self._photos.setdefault(kind, []).append(path)
        self._teacher = teacher
        self._cache = cache
        self._network: Network | None = None

    def example(self, rng: Generator) -> Example:
        """A photo with what is known of it.

        Raises:
            DataError: the teacher is missing or no garment reader.
        """
        kinds = sorted(self._photos)
        kind = kinds[int(rng.integers(len(kinds)))]
        path = self._photos[kind][int(rng.integers(len(self._photos[kind])))]
        picture = load(path)
        if kind == KINDS.index(GarmentKind.OTHER):
            return Example(picture, kind=kind)
        return Example(picture, self._parts(path, picture), kind=kind)

    def _parts(self, path: Path, picture: Image) -> Image:
        kept = self._cache / f"{path.parent.name}_{path.stem}.png"
        if not kept.exists():
            if self._network is None:  # here, in the process that asks it: a session does not survive a fork
                self._network = onnx_network(self._teacher, 1)
            self._cache.mkdir(parents=True, exist_ok=True)
            partial = kept.with_suffix(f".{os.getpid()}.partial")
            partial.write_bytes(cv2.imencode(".png", taught(self._network, picture))[1].tobytes())
            partial.replace(kept)
        labels = cv2.imread(str(kept), cv2.IMREAD_UNCHANGED)
        size = (picture.shape[1], picture.shape[0])
        return np.asarray(cv2.resize(labels, size, interpolation=cv2.INTER_NEAREST), np.uint8)


def taught(network: Network, picture: Image) -> Image:
    """What a network is sure of in a photo, seen at two scales and mirrored.

    Returns:
        (H, W) uint8 of the photo's size: BACKGROUND, HANGER, GARMENT, or IGNORE where it is not sure.
    """
    odds = np.mean([_odds(network, picture, placement) for placement in _views(picture)], 0)
    labels = np.where(odds.max(0) > SURE, np.array(LABELS, np.uint8)[odds.argmax(0)], IGNORE).astype(np.uint8)
    if (labels == GARMENT).mean() < LEAST_GARMENT or (labels != IGNORE).mean() < LEAST_SURE:
        return np.full_like(labels, IGNORE)
    return labels


def _views(picture: Image) -> Iterator[Placement]:
    """Where the photo goes in the network's input."""
    whole = letterbox((picture.shape[1], picture.shape[0]), (WIDTH, HEIGHT)).matrix
    for scale in SCALES:
        for sign in (1, -1):
            around: Matrix = np.array(
                [[sign * scale, 0, (1 - sign * scale) * WIDTH / 2], [0, scale, (1 - scale) * HEIGHT / 2], [0, 0, 1]]
            )
            yield Placement(around @ whole, (WIDTH, HEIGHT))


def _odds(network: Network, picture: Image, placement: Placement) -> FloatArray:
    """Probabilities of background, hanger and garment for each pixel of the photo, (3, H, W)."""
    height, width = picture.shape[:2]
    smaller = shrunk(picture, (WIDTH, HEIGHT))
    matrix = placement.matrix @ np.diag([width / smaller.shape[1], height / smaller.shape[0], 1.0])
    odds = softmax(network(as_input(Placement(matrix, placement.size).picture(smaller))).parts[0], 0)
    grouped = np.stack([odds[GarmentPart.BACKGROUND], odds[GarmentPart.HANGER], odds[GarmentPart.TORSO :].sum(0)])
    back = placement.inverse((width, height))
    enlarge = Placement(back.matrix @ np.diag([STRIDE, STRIDE, 1.0]), back.size)
    return np.stack([enlarge.values(channel) for channel in grouped.astype(np.float32)])
