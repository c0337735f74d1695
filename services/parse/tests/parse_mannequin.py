"""A drawn person with known landmarks and known labels, 384 x 512."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from vf_blazepose import Mark
from vf_parse.open.subject import Subject
from vfkit.contracts import Label

WIDTH, HEIGHT = 384, 512
SKIN, HAIR = (224, 172, 140), (50, 34, 26)

JOINTS: dict[str, tuple[float, float]] = {
    "NOSE": (192, 62),
    "L_EYE": (203, 52),
    "R_EYE": (181, 52),
    "L_EAR": (216, 56),
    "R_EAR": (168, 56),
    "L_MOUTH": (200, 76),
    "R_MOUTH": (184, 76),
    "L_SHOULDER": (235, 118),
    "R_SHOULDER": (149, 118),
    "L_ELBOW": (262, 188),
    "R_ELBOW": (122, 188),
    "L_WRIST": (272, 250),
    "R_WRIST": (112, 250),
    "L_LITTLE": (276, 268),
    "R_LITTLE": (108, 268),
    "L_INDEX": (272, 270),
    "R_INDEX": (112, 270),
    "L_HIP": (216, 256),
    "R_HIP": (168, 256),
    "L_KNEE": (220, 352),
    "R_KNEE": (164, 352),
    "L_ANKLE": (222, 446),
    "R_ANKLE": (162, 446),
    "L_HEEL": (221, 458),
    "R_HEEL": (163, 458),
    "L_TOE": (232, 474),
    "R_TOE": (152, 474),
}


@dataclass(frozen=True)
class Outfit:
    """What the mannequin wears: RGB colours, and how far the garments reach.

    ``sleeve`` ends at 0 the shoulder, 1 the elbow, 2 the wrist. ``hem``: row where a skirt or dress ends, None for
    trousers. ``waist``: row where the upper garment ends. ``long_hair``: hair falls to the chest beside the neck.
    """

    upper: tuple[int, int, int] = (180, 40, 50)
    lower: tuple[int, int, int] = (40, 60, 120)
    wall: tuple[int, int, int] = (205, 210, 215)
    sleeve: float = 0.6
    hem: int | None = None
    waist: int = 250
    one_piece: bool = False
    long_hair: bool = False


def draw(outfit: Outfit) -> tuple[np.ndarray, np.ndarray, Subject]:
    """RGB picture, label map and what BlazePose would say of it."""
    picture = np.empty((HEIGHT, WIDTH, 3), np.uint8)
    picture[:] = outfit.wall
    labels = np.zeros((HEIGHT, WIDTH), np.uint8)
    joint = {name: np.array(point, np.float32) for name, point in JOINTS.items()}

    def paint(mask: np.ndarray, label: Label, colour: tuple[int, int, int]) -> None:
        picture[mask > 0] = colour
        labels[mask > 0] = label

    def stroke(points: list[np.ndarray], thickness: int) -> np.ndarray:
        mask = np.zeros((HEIGHT, WIDTH), np.uint8)
        cv2.polylines(mask, [np.round(points).astype(np.int32)], False, 1, thickness)
        return mask

    def polygon(points: list[tuple[float, float]]) -> np.ndarray:
        mask = np.zeros((HEIGHT, WIDTH), np.uint8)
        cv2.fillPoly(mask, [np.array(points, np.int32)], 1)
        return mask

    def ellipse(centre: tuple[int, int], axes: tuple[int, int]) -> np.ndarray:
        mask = np.zeros((HEIGHT, WIDTH), np.uint8)
        cv2.ellipse(mask, centre, axes, 0, 0, 360, 1, -1)
        return mask

    sides = (("L", Label.LEFT_ARM, Label.LEFT_LEG, Label.LEFT_SHOE), ("R", *_RIGHT))
    upper_label = Label.DRESS if outfit.one_piece else Label.UPPER_CLOTHES
    lower_label = upper_label if outfit.one_piece else Label.SKIRT if outfit.hem else Label.PANTS
    lower_colour = outfit.upper if outfit.one_piece else outfit.lower

    paint(ellipse((192, 52), (32, 38)), Label.HAIR, HAIR)
    for side, _, leg, shoe in sides:
        hip, knee, ankle = joint[f"{side}_HIP"], joint[f"{side}_KNEE"], joint[f"{side}_ANKLE"]
        paint(stroke([hip, knee, ankle], 30), leg, SKIN)
        if outfit.hem is None:
            paint(stroke([hip, knee, ankle], 36), lower_label, lower_colour)
        paint(stroke([joint[f"{side}_HEEL"], joint[f"{side}_TOE"]], 18), shoe, (25, 25, 28))
    if outfit.hem is None:
        paint(polygon([(156, 240), (228, 240), (236, 290), (192, 300), (148, 290)]), lower_label, lower_colour)
    else:
        hips = [(156, 240), (228, 240), (246, outfit.hem), (138, outfit.hem)]
        paint(polygon(hips), lower_label, lower_colour)
    paint(polygon([(176, 80), (208, 80), (214, 124), (170, 124)]), Label.TORSO_SKIN, SKIN)
    paint(polygon([(152, 106), (232, 106), (232, 150), (152, 150)]), Label.TORSO_SKIN, SKIN)
    neckline = [(150, 108), (168, 104), (192, 130), (216, 104), (234, 108)]
    paint(
        polygon([*neckline, (230, 190), (232, outfit.waist), (152, outfit.waist), (154, 190)]),
        upper_label,
        outfit.upper,
    )
    for side, arm, _, _ in sides:
        shoulder, elbow, wrist = joint[f"{side}_SHOULDER"], joint[f"{side}_ELBOW"], joint[f"{side}_WRIST"]
        tips = wrist + (joint[f"{side}_INDEX"] - wrist) * 1.8
        paint(stroke([shoulder, elbow, wrist, tips], 18), arm, SKIN)
        if outfit.sleeve > 0:
            end = elbow if outfit.sleeve >= 1 else shoulder + (elbow - shoulder) * outfit.sleeve
            line = (
                [shoulder, end]
                if outfit.sleeve <= 1
                else [shoulder, elbow, elbow + (wrist - elbow) * (outfit.sleeve - 1)]
            )
            paint(stroke(line, 26), upper_label, outfit.upper)
    paint(ellipse((192, 64), (23, 30)), Label.FACE, SKIN)
    if outfit.long_hair:
        for x in (164, 220):
            paint(polygon([(x - 9, 44), (x + 9, 44), (x + 9, 150), (x - 9, 150)]), Label.HAIR, HAIR)

    rng = np.random.default_rng(0)
    shade = cv2.GaussianBlur(rng.normal(0, 60, (HEIGHT, WIDTH)).astype(np.float32), (0, 0), 8)
    noisy = picture + shade[..., None] + rng.normal(0, 2, picture.shape)
    return noisy.clip(0, 255).astype(np.uint8), labels, _subject(labels)


_RIGHT = (Label.RIGHT_ARM, Label.RIGHT_LEG, Label.RIGHT_SHOE)


def _subject(labels: np.ndarray) -> Subject:
    landmarks = np.zeros((33, 4), np.float32)
    for name, point in JOINTS.items():
        landmarks[Mark[name]] = (*point, 0, 1)
    landmarks[[Mark.L_EYE_INNER, Mark.L_EYE_OUTER]] = landmarks[Mark.L_EYE]
    landmarks[[Mark.R_EYE_INNER, Mark.R_EYE_OUTER]] = landmarks[Mark.R_EYE]
    landmarks[Mark.L_THUMB], landmarks[Mark.R_THUMB] = landmarks[Mark.L_INDEX], landmarks[Mark.R_INDEX]
    mask = cv2.GaussianBlur((labels > 0).astype(np.float32), (0, 0), 3)
    return Subject(landmarks, mask)


def overlap(one: np.ndarray, other: np.ndarray, *labels: Label) -> float:
    """Intersection over union of some labels, taken as one."""
    a, b = np.isin(one, labels), np.isin(other, labels)
    return float((a & b).sum() / max((a | b).sum(), 1))
