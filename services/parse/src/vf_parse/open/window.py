"""The part of a picture that is parsed, and how it lies on the network's input."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import cv2
import numpy as np

from vf_anatomy import Floats, PersonSide
from vf_parse.open.network import HEIGHT, PADDING, WIDTH
from vf_parse.open.subject import Subject
from vfkit.contracts import Image

Pixels = TypeVar("Pixels", Image, Floats)

MARGIN = 0.06
"""Surroundings kept on each side, in the person's larger extent."""
_BODY = 0.5
"""Probability of what counts as the person."""


@dataclass(frozen=True)
class Window:
    """A rectangle of a picture, reduced to ``width`` x ``height`` pixels."""

    left: int
    top: int
    right: int
    bottom: int
    width: int
    height: int

    def cut(self, pixels: Pixels) -> Pixels:
        """The window of a picture or of a map."""
        return resized(pixels[self.top : self.bottom, self.left : self.right], (self.width, self.height))

    def move(self, subject: Subject) -> Subject:
        """A person in the window."""
        scale = (self.width / (self.right - self.left), self.height / (self.bottom - self.top))
        return Subject(moved(subject.landmarks, scale, (-self.left, -self.top)), self.cut(subject.mask))

    def paste(self, labels: Image, shape: tuple[int, ...]) -> Image:
        """Labels of the window on an otherwise empty map of ``shape``."""
        canvas = np.zeros(shape[:2], np.uint8)
        size = (self.right - self.left, self.bottom - self.top)
        canvas[self.top : self.bottom, self.left : self.right] = cv2.resize(
            labels, size, interpolation=cv2.INTER_NEAREST
        )
        return canvas


def window_around(subject: Subject, most_pixels: int) -> Window:
    """All that shows of the person, with a margin, reduced to at most about ``most_pixels`` pixels."""
    height, width = subject.mask.shape
    rows, columns = (np.flatnonzero((subject.mask > _BODY).any(axis)) for axis in (1, 0))
    xs, ys = subject.landmarks[:, 0].tolist(), subject.landmarks[:, 1].tolist()
    for side in PersonSide:
        x, y = subject.finger_tips(side)
        xs, ys = [*xs, float(x)], [*ys, float(y)]
    left, right = _extent([*xs, *columns[:1], *(columns[-1:] + 1)], width)
    top, bottom = _extent([*ys, *rows[:1], *(rows[-1:] + 1)], height)
    margin = int(MARGIN * max(right - left, bottom - top)) + 1
    left, right = max(0, left - margin), min(width, right + margin)
    top, bottom = max(0, top - margin), min(height, bottom + margin)
    scale = min(1.0, (most_pixels / ((right - left) * (bottom - top))) ** 0.5)
    return Window(
        left, top, right, bottom, max(1, round((right - left) * scale)), max(1, round((bottom - top) * scale))
    )


def _extent(values: Sequence[float], size: int) -> tuple[int, int]:
    """From the least to the largest of the values, as far as that lies in the picture; at least a pixel."""
    low, high = np.clip([np.floor(min(values)), np.ceil(max(values))], 0, size)
    first = min(int(low), size - 1)
    return first, max(int(high), first + 1)


@dataclass(frozen=True)
class Letterbox:
    """Where a window of ``size`` (width, height) lies on the network's input, whole and undistorted: a rectangle."""

    size: tuple[int, int]
    left: int
    top: int
    width: int
    height: int

    @classmethod
    def of(cls, picture: Image) -> Letterbox:
        """The largest that fits, in the middle."""
        height, width = picture.shape[:2]
        scale = min(WIDTH / width, HEIGHT / height)
        across, down = max(1, round(width * scale)), max(1, round(height * scale))
        return cls((width, height), (WIDTH - across) // 2, (HEIGHT - down) // 2, across, down)

    def draw(self, picture: Image) -> Image:
        """(384, 288, 3) uint8: the window's picture with grey around it."""
        canvas = np.full((HEIGHT, WIDTH, 3), PADDING, np.uint8)
        canvas[self.top : self.top + self.height, self.left : self.left + self.width] = resized(
            picture, (self.width, self.height)
        )
        return canvas

    def move(self, subject: Subject) -> Subject:
        """A person of the window on the input."""
        scale = (self.width / self.size[0], self.height / self.size[1])
        landmarks = moved(moved(subject.landmarks, scale, (0, 0)), (1, 1), (self.left, self.top))
        mask = np.zeros((HEIGHT, WIDTH), np.float32)
        mask[self.top : self.top + self.height, self.left : self.left + self.width] = resized(
            subject.mask, (self.width, self.height)
        )
        return Subject(landmarks, mask)

    def lift(self, values: Floats) -> Floats:
        """A (384, 288) map at the window's size."""
        inside = values[self.top : self.top + self.height, self.left : self.left + self.width]
        return np.asarray(cv2.resize(inside, self.size, interpolation=cv2.INTER_LINEAR), np.float32)


def moved(landmarks: Floats, scale: tuple[float, float], offset: tuple[float, float]) -> Floats:
    """(33, 4) landmarks, moved by an offset in their pixels, then scaled."""
    out = landmarks.copy()
    out[:, :2] = (out[:, :2] + np.asarray(offset, np.float32)) * np.asarray(scale, np.float32)
    out[:, 2] *= scale[0]
    return out


def resized(pixels: Pixels, size: tuple[int, int]) -> Pixels:
    """A picture or map at (width, height): averaged where it shrinks."""
    method = cv2.INTER_AREA if size[1] <= pixels.shape[0] else cv2.INTER_LINEAR
    return np.ascontiguousarray(cv2.resize(np.ascontiguousarray(pixels), size, interpolation=method))
