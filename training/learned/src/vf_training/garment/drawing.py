"""Sheets: photos with the parts and landmarks that the network sees in them."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from vf_training.augmentation import Image
from vf_training.garment.answer import KINDS, PHOTOS, VIEWS
from vf_training.garment.examples import ABSENT, VISIBLE
from vf_training.garment.reading import PhotoReading
from vfkit.contracts.garment import GarmentPart

COLOURS = np.array(
    [
        (0, 0, 0),
        (255, 0, 255),
        (60, 120, 255),
        (255, 80, 60),
        (60, 220, 90),
        (255, 220, 0),
        (0, 230, 230),
        (255, 140, 0),
        (150, 80, 255),
        (160, 110, 60),
    ],
    np.uint8,
)
"""Of the parts, in their order."""
TILE = (264, 330)
"""Width and height of a photo on the sheet."""
CAPTION = 18


def sheet(pictures: Sequence[Image], readings: Sequence[PhotoReading], columns: int) -> Image:
    """Photos in rows: each with its parts laid over it, its landmarks and what kind of photo it is."""
    tiles = [tile(picture, reading) for picture, reading in zip(pictures, readings, strict=True)]
    blank = np.zeros_like(tiles[0])
    tiles += [blank] * (-len(tiles) % columns)
    rows = [np.hstack(tiles[first : first + columns]) for first in range(0, len(tiles), columns)]
    return np.vstack(rows)


def tile(picture: Image, reading: PhotoReading) -> Image:
    """One photo."""
    scale = min(TILE[0] / picture.shape[1], TILE[1] / picture.shape[0])
    size = (round(picture.shape[1] * scale), round(picture.shape[0] * scale))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    parts = cv2.resize(reading.parts, size, interpolation=cv2.INTER_NEAREST)
    shown = np.where(parts[..., None] == GarmentPart.BACKGROUND, small, small // 2 + COLOURS[parts] // 2).astype(
        np.uint8
    )
    for i, (x, y) in enumerate(reading.points * scale):
        state = int(reading.visibility[i].argmax())
        if state != ABSENT:
            colour = (255, 255, 255) if state == VISIBLE else (160, 160, 160)
            cv2.circle(shown, (round(float(x)), round(float(y))), 3, (0, 0, 0), -1)
            cv2.circle(shown, (round(float(x)), round(float(y))), 2, colour, -1)
            cv2.putText(shown, str(i), (round(float(x)) + 3, round(float(y))), cv2.FONT_HERSHEY_PLAIN, 0.6, colour)
    canvas = np.zeros((TILE[1] + CAPTION, TILE[0], 3), np.uint8)
    canvas[CAPTION : CAPTION + size[1], : size[0]] = shown
    words = [
        names[odds.argmax()] for names, odds in ((KINDS, reading.kind), (PHOTOS, reading.photo), (VIEWS, reading.view))
    ]
    caption = f"{words[0]} {reading.kind.max():.2f} {words[1]} {words[2]}"
    cv2.putText(canvas, caption, (2, 13), cv2.FONT_HERSHEY_PLAIN, 0.9, (255, 255, 255))
    return canvas
