"""The part of a picture that is parsed, and its scale: the person's surroundings, whatever the frame around them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self, TypeVar

import cv2
import numpy as np

from vf_anatomy import Floats
from vf_parse.open.subject import Subject
from vfkit.contracts import Image

Pixels = TypeVar("Pixels", Image, Floats)

_MARGIN = 0.08
"""Surroundings kept on each side in the person's larger extent: the background's colours come from there."""
_BODY = 0.5
"""Person probability of what counts as the person."""


@dataclass(frozen=True)
class Window:
    """A rectangle of a picture, reduced to ``width`` x ``height`` pixels."""

    left: int
    top: int
    right: int
    bottom: int
    width: int
    height: int

    @classmethod
    def reduction(cls, picture: Image, height: int) -> Self:
        """The whole picture with ``height`` rows."""
        full_height, full_width = picture.shape[:2]
        return cls(0, 0, full_width, full_height, max(1, round(full_width * height / full_height)), height)

    def cut(self, picture: Image, subject: Subject) -> tuple[Image, Subject]:
        """The window of a picture, and the person in it."""
        offset = np.array([self.left, self.top], np.float32)
        scale = np.array([self.width / (self.right - self.left), self.height / (self.bottom - self.top)], np.float32)
        landmarks = subject.landmarks.copy()
        landmarks[:, :2] = (landmarks[:, :2] - offset) * scale
        landmarks[:, 2] *= scale[0]
        face = None if subject.face is None else (subject.face - offset) * scale
        return self._resized(picture), Subject(landmarks, self._resized(subject.mask), face)

    def paste(self, labels: Image, shape: tuple[int, ...]) -> Image:
        """Labels of the window on an otherwise empty map of ``shape``."""
        canvas = np.zeros(shape[:2], np.uint8)
        size = (self.right - self.left, self.bottom - self.top)
        canvas[self.top : self.bottom, self.left : self.right] = cv2.resize(
            labels, size, interpolation=cv2.INTER_NEAREST
        )
        return canvas

    def _resized(self, pixels: Pixels) -> Pixels:
        part = pixels[self.top : self.bottom, self.left : self.right]
        method = cv2.INTER_AREA if self.height <= part.shape[0] else cv2.INTER_LINEAR
        return np.ascontiguousarray(cv2.resize(part, (self.width, self.height), interpolation=method))


def window_around(subject: Subject, most_pixels: int) -> Window:
    """The person with their surroundings, reduced to at most about ``most_pixels`` pixels."""
    height, width = subject.mask.shape
    body = subject.mask > _BODY
    rows, columns = np.flatnonzero(body.any(1)), np.flatnonzero(body.any(0))
    if not len(rows):
        rows, columns = np.array([0, height - 1]), np.array([0, width - 1])
    margin = int(_MARGIN * max(np.ptp(rows), np.ptp(columns))) + 1
    left, right = max(0, int(columns[0]) - margin), min(width, int(columns[-1]) + 1 + margin)
    top, bottom = max(0, int(rows[0]) - margin), min(height, int(rows[-1]) + 1 + margin)
    scale = min(1.0, (most_pixels / ((right - left) * (bottom - top))) ** 0.5)
    return Window(
        left, top, right, bottom, max(1, round((right - left) * scale)), max(1, round((bottom - top) * scale))
    )
