"""A photo of a garment made ready for fitting, around the mask that an engine makes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vf_clothmask.garment.cloth import cut_out
from vf_clothmask.garment.cutout import cutout_mask, made_visible
from vf_clothmask.garment.document import category_warning, document, kind_warning
from vf_clothmask.garment.frame import Frame, photo_frame
from vf_clothmask.garment.geometry import compose
from vf_clothmask.garment.network import ReaderNetwork
from vf_clothmask.garment.reading import Reading, Shares, read
from vf_clothmask.garment.straightening import placement, upright
from vf_clothmask.types import GarmentAnswer, GarmentRequest
from vfkit.contracts import Image
from vfkit.engines import AnswerWarning


@dataclass(frozen=True)
class ReadPhoto:
    """A photo with its reading.

    Attributes:
        request: what was asked.
        frame: where the photo lies in the request's picture.
        photo: (H, W, 3) uint8 RGB, the picture without padding.
        cutout: (H, W) bool, the mask of a garment that was cut out of its photo; None: it was not.
        shown: (H, W, 3) uint8 RGB, what was read: the photo, but a pale cut-out does not lie on white.
        reading: of the photo.
        shares: what each of the photo's pixels shows.
    """

    request: GarmentRequest
    frame: Frame
    photo: Image
    cutout: NDArray[np.bool_] | None
    shown: Image
    reading: Reading
    shares: Shares


def read_photo(network: ReaderNetwork, request: GarmentRequest) -> ReadPhoto:
    """Read what a request shows."""
    frame = photo_frame(request.image)
    inside = slice(frame.top, frame.bottom), slice(frame.left, frame.right)
    photo = np.ascontiguousarray(request.image[inside])
    cutout = cutout_mask(request.alpha[inside]) if request.alpha is not None else None
    shown = made_visible(photo, cutout) if cutout is not None else photo
    reading = read(network, shown)
    shares = reading.shares((photo.shape[1], photo.shape[0]))
    return ReadPhoto(request, frame, photo, cutout, shown, reading, shares)


def made_ready(read: ReadPhoto, mask: NDArray[np.bool_], warnings: tuple[AnswerWarning, ...] = ()) -> GarmentAnswer:
    """cloth.png and all that belongs to it.

    Args:
        read: the photo.
        mask: (H, W) bool, the garment in the photo; not empty.
        warnings: of whoever made the mask.
    """
    reading, category = read.reading, read.request.category
    body = mask & (read.shares.sleeves <= read.shares.garment / 2)
    degrees = upright(body if body.any() else mask, reading.points, reading.certainty, reading.looks[-1].turn)
    matrix = placement(mask, degrees)
    uncropped = np.array([(1, 0, -read.frame.left), (0, 1, -read.frame.top)], np.float64)
    cloth = cut_out(read.photo, mask, reading, matrix)
    return GarmentAnswer(
        cloth.picture,
        cloth.mask,
        cloth.parts,
        document(reading, category, mask, degrees, matrix, compose(matrix, uncropped)),
        (*category_warning(reading.kind, category), *kind_warning(reading, category), *warnings),
    )
