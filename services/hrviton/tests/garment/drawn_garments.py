"""Garments drawn from polygons, with their true landmarks."""

from dataclasses import dataclass, field

import cv2
import numpy as np

WIDTH, HEIGHT = 768, 1024
AXIS = 383.5
BACKDROP, CLOTH, SHADE = (240, 240, 240), (70, 100, 150), (45, 70, 110)


@dataclass
class Drawn:
    cloth: np.ndarray
    mask: np.ndarray
    points: dict[str, tuple[float, float]] = field(default_factory=dict)


def mirrored(half):
    """A closed outline from its left half, top to bottom."""
    return [*half, *[(2 * AXIS - x, y) for x, y in reversed(half)]]


def paint(*outlines, seams=(), neck=None, points=None):
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    for outline in outlines:
        cv2.fillPoly(mask, [np.round(outline).astype(np.int32)], 255)
    cloth = np.where(mask[..., None] > 0, np.array(CLOTH, np.uint8), np.array(BACKDROP, np.uint8))
    if neck:  # the inside of the back, darker, above the front neckline
        centre, axes = neck
        cv2.ellipse(cloth, centre, axes, 0, 0, 180, SHADE, -1)
        cloth[mask == 0] = BACKDROP
    for seam in seams:
        for line in (seam, [(2 * AXIS - x, y) for x, y in seam]):
            cv2.polylines(cloth, [np.round(line).astype(np.int32)], False, SHADE, 3)
    both = {}
    for name, (x, y) in (points or {}).items():
        both[f"{name}_left"], both[f"{name}_right"] = (x, y), (2 * AXIS - x, y)
    return Drawn(cloth, mask, both)


def t_shirt():
    half = [(310, 150), (220, 190), (90, 340), (160, 400), (225, 350), (215, 850)]
    points = {"neck": (310, 150), "armpit": (225, 350), "hem": (215, 850)}
    return paint(mirrored(half), neck=((384, 150), (74, 60)), points=points)


def long_sleeves_with_gap():
    half = [(310, 150), (220, 190), (120, 450), (80, 800), (150, 810), (190, 500), (235, 350), (230, 850)]
    return paint(mirrored(half), neck=((384, 150), (74, 60)), points={"neck": (310, 150), "hem": (230, 850)})


def long_sleeves_touching():
    """Arms hang straight down against the torso: nothing of the backdrop shows between them."""
    half = [(310, 150), (215, 190), (120, 420), (90, 880), (215, 890), (222, 830), (225, 826)]
    seam = [(225, 826), (228, 600), (228, 420), (225, 330), (232, 230)]
    points = {"neck": (310, 150), "hem": (224, 826), "shoulder": (242, 180)}
    return paint(mirrored(half), seams=[seam], neck=((384, 150), (74, 60)), points=points)


def tank_top():
    half = [(384, 330), (310, 260), (295, 120), (250, 120), (240, 250), (200, 370), (205, 850), (384, 850)]
    points = {"armpit": (200, 370), "hem": (205, 850)}
    return paint(mirrored(half), points=points)


def camisole():
    half = [(384, 380), (290, 330), (278, 120), (264, 120), (262, 330), (205, 420), (200, 850), (384, 850)]
    return paint(mirrored(half), points={"armpit": (205, 420), "hem": (200, 850)})


def bodysuit():
    """As long for its width as a dress, and open at the legs as trousers are."""
    half = [(330, 70), (290, 85), (300, 160), (285, 230), (305, 380), (290, 760), (350, 940), (384, 945)]
    return paint(mirrored(half), neck=((384, 70), (54, 45)))
