"""cloth.png, cloth_mask.png and garment_parts.png: the garment alone on white, upright, and what belongs to it."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from vf_clothmask.garment.geometry import Floats, Matrix
from vf_clothmask.garment.reading import Reading
from vfkit.contracts import HEIGHT, WIDTH, GarmentPart, Image

WHITE = 255
SHRUNK = 0.9
"""Scale below which the photo is softened before it is sampled, so that fine stripes make no moiré."""
SOFTNESS = 0.45
"""Pixels of cloth.png: standard deviation of that softening."""


class Cloth(NamedTuple):
    """What is made of a photo; all of the size of every artifact.

    Attributes:
        picture: (1024, 768, 3) uint8 RGB, the garment on white.
        mask: (1024, 768) uint8, 255 on the garment and 0 elsewhere.
        parts: (1024, 768) uint8, `GarmentPart` of each pixel.
    """

    picture: Image
    mask: Image
    parts: Image


def cut_out(photo: Image, mask: NDArray[np.bool_], reading: Reading, matrix: Matrix) -> Cloth:
    """Take the garment out of its photo.

    Args:
        photo: (H, W, 3) uint8 RGB.
        mask: (H, W) bool, the garment.
        reading: of the photo.
        matrix: from the photo's pixels to those of cloth.png.
    """
    size = (WIDTH, HEIGHT)
    moved = not np.array_equal(matrix[:, :2], np.eye(2))
    share = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 0.7)
    alpha = cv2.warpAffine(share, matrix, size, flags=cv2.INTER_LINEAR)
    shown = _sampled(photo, matrix) if moved else cv2.warpAffine(photo, matrix, size, flags=cv2.INTER_NEAREST)
    picture = shown * alpha[..., None] + WHITE * (1 - alpha[..., None])
    inside = alpha > 0.5
    return Cloth(
        np.asarray(np.rint(picture), np.uint8),
        np.where(inside, np.uint8(255), np.uint8(0)),
        _parts(reading.parts(matrix, size), inside),
    )


def _sampled(photo: Image, matrix: Matrix) -> Image:
    """The photo in cloth.png's frame, each pixel sampled once."""
    scale = float(np.hypot(*matrix[:, 0]))
    if scale < SHRUNK:
        photo = np.asarray(cv2.GaussianBlur(photo, (0, 0), SOFTNESS / scale), np.uint8)
    sampling = cv2.INTER_LINEAR if scale < SHRUNK else cv2.INTER_LANCZOS4
    warped = cv2.warpAffine(photo, matrix, (WIDTH, HEIGHT), flags=sampling, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(warped, np.uint8)


def _parts(odds: Floats, inside: NDArray[np.bool_]) -> Image:
    """The likeliest part of the garment inside of the mask; outside, hangers and background."""
    garment = odds[GarmentPart.TORSO :].argmax(0) + int(GarmentPart.TORSO)
    around = odds[: GarmentPart.TORSO].argmax(0)
    return np.asarray(np.where(inside, garment, around), np.uint8)
