"""Normalisation to 768x1024 without distortion, and back onto the photo."""

from __future__ import annotations

from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from vfkit.contracts import HEIGHT, WIDTH, Image


class PictureKind(StrEnum):
    """What a photo shows; decides how its padding is coloured."""

    PERSON = "person"
    GARMENT = "garment"


class Placement(BaseModel):
    """Where an original photo lies in its 768x1024 normalisation: the photo fills the rectangle exactly.

    Points are pixel centres: (0, 0) is the middle of the first pixel.
    """

    model_config = ConfigDict(frozen=True)

    original_width: int
    original_height: int
    left: int
    top: int
    width: int
    height: int

    @classmethod
    def fit(cls, width: int, height: int) -> Placement:
        """The largest undistorted, centred rectangle for an original of this size."""
        scale = min(WIDTH / width, HEIGHT / height)
        fitted_width = min(WIDTH, max(1, round(width * scale)))
        fitted_height = min(HEIGHT, max(1, round(height * scale)))
        return cls(
            original_width=width,
            original_height=height,
            left=(WIDTH - fitted_width) // 2,
            top=(HEIGHT - fitted_height) // 2,
            width=fitted_width,
            height=fitted_height,
        )

    @property
    def scale(self) -> float:
        """Normalised pixels per original pixel."""
        return max(self.width / self.original_width, self.height / self.original_height)

    def to_original(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """(..., 2) x, y of the normalised picture to x, y of the original."""
        offset, ratio = self._affine()
        return (np.asarray(points, np.float64) + 0.5 - offset) / ratio - 0.5

    def to_normalised(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """(..., 2) x, y of the original to x, y of the normalised picture."""
        offset, ratio = self._affine()
        return (np.asarray(points, np.float64) + 0.5) * ratio + offset - 0.5

    def crop(self, normalised: Image) -> Image:
        """A view of the part of a normalised picture, label map or mask that is the photo, without padding."""
        return normalised[self.top : self.top + self.height, self.left : self.left + self.width]

    def _affine(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        offset = np.array([self.left, self.top], np.float64)
        ratio = np.array([self.width / self.original_width, self.height / self.original_height])
        return offset, ratio


def normalise(picture: Image, kind: PictureKind = PictureKind.PERSON) -> tuple[Image, Placement]:
    """Fit a picture into 768x1024 without distortion; the rest is background.

    Padding continues each edge and fades within a few pixels to its median colour, so that no false outline stands
    at the seam and nothing cut by the frame grows into the padding. A garment's padding has one colour all around,
    as its segmentation floods from the border.

    Args:
        picture: (H, W, 3) uint8 RGB of any size.
        kind: what it shows.

    Returns:
        (1024, 768, 3) uint8 RGB and where the original lies in it.
    """
    height, width = picture.shape[:2]
    placement = Placement.fit(width, height)
    fitted = _resize(picture, placement.width, placement.height)
    return _pad(fitted, placement, one_colour=kind is PictureKind.GARMENT), placement


def _resize(picture: Image, width: int, height: int) -> Image:
    if picture.shape[:2] == (height, width):
        return picture.copy()
    shrinks = width < picture.shape[1]
    resized: Image = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC)
    return resized


FADE_PIXELS = 12.0
"""Distance in which the padding's edge pixels give way to the background colour (by a factor e)."""


def _pad(fitted: Image, placement: Placement, *, one_colour: bool) -> Image:
    bottom = HEIGHT - placement.top - placement.height
    right = WIDTH - placement.left - placement.width
    before_after = ((placement.top, bottom), (placement.left, right))
    if not any(map(any, before_after)):
        return fitted
    edges = {"top": fitted[0], "bottom": fitted[-1], "left": fitted[:, 0], "right": fitted[:, -1]}
    if one_colour:
        border = np.median(np.concatenate(list(edges.values())), axis=0)
        colours = dict.fromkeys(edges, border)
    else:
        colours = {side: np.median(edge, axis=0) for side, edge in edges.items()}
    padded: Image = np.pad(fitted, (*before_after, (0, 0)), mode="edge")
    _fade(padded[: placement.top][::-1], colours["top"])
    _fade(padded[HEIGHT - bottom :], colours["bottom"])
    _fade(padded[:, : placement.left][:, ::-1].swapaxes(0, 1), colours["left"])
    _fade(padded[:, WIDTH - right :].swapaxes(0, 1), colours["right"])
    return padded


def _fade(band: Image, colour: NDArray[np.float64]) -> None:
    """Blend a padding band (distance from the photo first) towards a colour, in place."""
    keep = np.exp(-(np.arange(len(band), dtype=np.float32) + 1) / FADE_PIXELS)[:, None, None]
    band[...] = np.rint(band * keep + colour.astype(np.float32) * (1 - keep)).astype(np.uint8)


# --- back onto the original ------------------------------------------------------------------------------------------

_FEATHER_PIXELS = 3.0
"""Width of the soft rim around a change, in normalised pixels; beyond it the original is untouched."""

_BAND_ROWS = 256


def changed_mask(person: Image, result: Image, threshold: int = 3) -> Image:
    """Where a result differs from the normalised person.

    Args:
        person: (1024, 768, 3) uint8 RGB.
        result: the same shape.
        threshold: differences up to this many of 255 in every channel are noise.

    Returns:
        (1024, 768) uint8, 255 where changed; holes of a few pixels inside a change are closed, lone pixels dropped.
    """
    mask = (cv2.absdiff(person, result).max(axis=2) > threshold).astype(np.uint8) * 255
    kernel = np.ones((5, 5), np.uint8)
    closed = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, kernel)
    opened: Image = cv2.morphologyEx(closed, cv2.MORPH_OPEN, kernel[:3, :3])
    return opened


def lay_back(original: Image, result: Image, placement: Placement, changed: Image) -> Image:
    """Lay a normalised result onto the original photo, touching only what changed.

    Args:
        original: (H, W, 3) uint8 RGB, what `normalise` was given.
        result: (1024, 768, 3) uint8 RGB.
        placement: what `normalise` returned.
        changed: (1024, 768) uint8, non-zero where the result shall be seen; see `changed_mask`.

    Returns:
        (H, W, 3) uint8 RGB; pixels further than 3 normalised pixels from a change are the original's, bit for bit.
    """
    full = original.copy()
    inside = placement.crop(changed) > 0
    if not inside.any():
        return full
    distance = cv2.distanceTransform((~inside).astype(np.uint8), cv2.DIST_L2, 5)
    alpha = np.clip(1.0 - distance / _FEATHER_PIXELS, 0.0, 1.0).astype(np.float32)
    size = (placement.original_width, placement.original_height)
    alpha = cv2.resize(alpha, size, interpolation=cv2.INTER_LINEAR)
    rows, columns = _span(alpha.any(axis=1)), _span(alpha.any(axis=0))
    pasted = _resize(placement.crop(result), *size)
    for first in range(rows.start, rows.stop, _BAND_ROWS):  # of large photos: the numbers in between take 24 bytes each
        band = slice(first, min(first + _BAND_ROWS, rows.stop)), columns
        weight = alpha[*band, None]
        blended = np.rint(pasted[band].astype(np.float32) * weight + full[band] * (1 - weight))
        full[band] = blended.astype(np.uint8)
    return full


def _span(present: NDArray[np.bool_]) -> slice:
    found = np.flatnonzero(present)
    return slice(int(found[0]), int(found[-1]) + 1)
