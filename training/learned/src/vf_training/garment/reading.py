"""What the network says of photos, in the photos' own pixels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.special import softmax

from vf_training.augmentation import Image, Placement, Points, letterbox, shrunk
from vf_training.garment.answer import HEIGHT, INPUT, STRIDE, WIDTH, Answer
from vf_training.onnx_file import Array, open_network

REACH = 3
"""A landmark is the mean place within so many cells around the most likely one."""

Network = Callable[[Array], Answer[Array]]
"""Takes (N, 3, 384, 288) RGB in [0, 1]."""


@dataclass(frozen=True)
class PhotoReading:
    """A photo as the network reads it.

    Attributes:
        parts: (H, W) uint8, `Part` of each pixel of the photo.
        points: (20, 2) float32, landmarks in pixels of the photo.
        certainty: (20,) in [0, 1], probability that the landmark lies within REACH cells of its point.
        visibility: (20, 3), probabilities of absent, hidden, visible.
        kind, photo, view: (8,), (5,), (2,), probabilities.
    """

    parts: Image
    points: Points
    certainty: Array
    visibility: Array
    kind: Array
    photo: Array
    view: Array


def onnx_network(path: Path, threads: int) -> Network:
    """The network of an ONNX file.

    Raises:
        DataError: the file is missing or no network of a garment reader.
    """
    network = open_network(path, threads, "garment reader", INPUT, Answer._fields)
    return lambda pictures: Answer(*network(pictures))


def read(network: Network, picture: Image) -> PhotoReading:
    """Read a photo, letterboxed to the network's size."""
    answer = network(as_input(fitted(picture)))
    placement = _letterbox(picture)
    back = placement.inverse((picture.shape[1], picture.shape[0]))
    places, certainty = _places(softmax(answer.landmarks[0], (1, 2)))
    return PhotoReading(
        _parts(answer.parts[0], back),
        back.points(places),
        certainty,
        softmax(answer.visibility[0], 1),
        *(softmax(logits[0]) for logits in (answer.kind, answer.photo, answer.view)),
    )


def as_input(picture: Image) -> Array:
    """(H, W, 3) uint8 to (1, 3, H, W) in [0, 1]."""
    return np.asarray(picture.transpose(2, 0, 1)[None] / 255, np.float32)


def fitted(picture: Image) -> Image:
    """The photo letterboxed to the network's input, (384, 288, 3)."""
    smaller = shrunk(picture, (WIDTH, HEIGHT))
    return _letterbox(smaller).picture(smaller)


def _letterbox(picture: Image) -> Placement:
    return letterbox((picture.shape[1], picture.shape[0]), (WIDTH, HEIGHT))


def _parts(logits: Array, back: Placement) -> Image:
    """The likeliest part of each pixel: logits are enlarged before they are compared, so that edges are smooth."""
    cells = np.diag([STRIDE, STRIDE, 1.0])
    enlarge = Placement(back.matrix @ cells, back.size)
    return np.asarray(np.argmax([enlarge.values(channel) for channel in logits], 0), np.uint8)


def _places(odds: Array) -> tuple[Points, Array]:
    """Where each landmark is in pixels of the input, and how likely it is near there; from (20, h, w) probabilities."""
    count, height, width = odds.shape
    peak = odds.reshape(count, -1).argmax(1)
    y, x = np.arange(height)[:, None], np.arange(width)
    near = (abs(y - (peak // width)[:, None, None]) <= REACH) & (abs(x - (peak % width)[:, None, None]) <= REACH)
    mass = (odds * near).sum((1, 2))
    points = np.stack([(odds * near * axis).sum((1, 2)) / mass for axis in (x, y)], 1)
    return ((points + 0.5) * STRIDE).astype(np.float32), mass
