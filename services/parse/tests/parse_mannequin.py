"""A drawn person, 384 x 512, in paint that tells the regions apart, and a network that reads the paint."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from vf_blazepose import Mark
from vf_parse.open.network import HEIGHT as INPUT_HEIGHT
from vf_parse.open.network import STRIDE
from vf_parse.open.network import WIDTH as INPUT_WIDTH
from vf_parse.open.subject import Subject
from vfkit.contracts import Label
from vfkit.contracts.people import PersonRegion

WIDTH, HEIGHT = 384, 512
PAINT = np.array([(64 + 60 * (i % 3), 50 + 90 * (i // 3 % 3), 40 + 100 * (i // 9)) for i in PersonRegion], np.uint8)
"""(18, 3): the colour of each `PersonRegion`, 60 apart at least."""
REGION_OF = {
    Label.BACKGROUND: PersonRegion.BACKGROUND,
    Label.HAIR: PersonRegion.HAIR,
    Label.FACE: PersonRegion.FACE,
    Label.TORSO_SKIN: PersonRegion.TORSO_SKIN,
    Label.UPPER_CLOTHES: PersonRegion.UPPER,
    Label.DRESS: PersonRegion.DRESS,
    Label.SKIRT: PersonRegion.SKIRT,
    Label.PANTS: PersonRegion.TROUSERS,
    Label.LEFT_ARM: PersonRegion.ARM,
    Label.RIGHT_ARM: PersonRegion.ARM,
    Label.LEFT_LEG: PersonRegion.LEG,
    Label.RIGHT_LEG: PersonRegion.LEG,
    Label.LEFT_SHOE: PersonRegion.SHOE,
    Label.RIGHT_SHOE: PersonRegion.SHOE,
}
"""What a drawn label is to the network."""

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
    """What the mannequin wears, and how far the garments reach.

    ``sleeve`` ends at 0 the shoulder, 1 the elbow, 2 the wrist. ``hem``: row where a skirt or dress ends, None for
    trousers. ``one_piece``: a dress.
    """

    sleeve: float = 0.6
    hem: int | None = None
    one_piece: bool = False


class PaintNetwork:
    """Says of every cell the region whose paint most of it shows, as surely as ``certainty``."""

    def __init__(self, certainty: float = 0.97) -> None:
        rest = (1 - certainty) / (len(PersonRegion) - 1)
        self._yes, self._no = np.log([certainty, rest])

    def logits(self, picture: np.ndarray) -> np.ndarray:
        assert picture.shape == (INPUT_HEIGHT, INPUT_WIDTH, 3)
        assert picture.dtype == np.uint8
        away = np.stack([((picture - paint.astype(np.float32)) ** 2).sum(-1) for paint in PAINT])
        away[0] = np.minimum(away[0], ((picture - 128.0) ** 2).sum(-1))  # padding
        here = (away.argmin(0)[None] == np.arange(len(PersonRegion))[:, None, None]).astype(np.float32)
        size = (INPUT_WIDTH // STRIDE, INPUT_HEIGHT // STRIDE)
        share = np.stack([cv2.resize(region, size, interpolation=cv2.INTER_AREA) for region in here])
        return np.asarray(self._no + (self._yes - self._no) * share, np.float32)


def draw(outfit: Outfit) -> tuple[np.ndarray, np.ndarray, Subject]:
    """RGB picture, label map and what BlazePose would say of it."""
    labels = np.zeros((HEIGHT, WIDTH), np.uint8)
    joint = {name: np.array(point, np.float32) for name, point in JOINTS.items()}

    def stroke(points: list[np.ndarray], thickness: int, label: Label) -> None:
        cv2.polylines(labels, [np.round(points).astype(np.int32)], False, int(label), thickness)

    def polygon(points: list[tuple[float, float]], label: Label) -> None:
        cv2.fillPoly(labels, [np.array(points, np.int32)], int(label))

    def ellipse(centre: tuple[int, int], axes: tuple[int, int], label: Label) -> None:
        cv2.ellipse(labels, centre, axes, 0, 0, 360, int(label), -1)

    sides = (("L", Label.LEFT_ARM, Label.LEFT_LEG, Label.LEFT_SHOE), ("R", *_RIGHT))
    upper = Label.DRESS if outfit.one_piece else Label.UPPER_CLOTHES
    lower = upper if outfit.one_piece else Label.SKIRT if outfit.hem else Label.PANTS

    ellipse((192, 52), (32, 38), Label.HAIR)
    for side, _, leg, shoe in sides:
        hip, knee, ankle = joint[f"{side}_HIP"], joint[f"{side}_KNEE"], joint[f"{side}_ANKLE"]
        stroke([hip, knee, ankle], 30, leg)
        if outfit.hem is None:
            stroke([hip, knee, ankle], 36, lower)
        stroke([joint[f"{side}_HEEL"], joint[f"{side}_TOE"]], 18, shoe)
    if outfit.hem is None:
        polygon([(156, 240), (228, 240), (236, 290), (192, 300), (148, 290)], lower)
    else:
        polygon([(156, 240), (228, 240), (246, outfit.hem), (138, outfit.hem)], lower)
    polygon([(176, 80), (208, 80), (214, 124), (170, 124)], Label.TORSO_SKIN)
    polygon([(152, 106), (232, 106), (232, 150), (152, 150)], Label.TORSO_SKIN)
    neckline = [(150, 108), (168, 104), (192, 130), (216, 104), (234, 108)]
    polygon([*neckline, (230, 190), (232, 250), (152, 250), (154, 190)], upper)
    for side, arm, _, _ in sides:
        shoulder, elbow, wrist = joint[f"{side}_SHOULDER"], joint[f"{side}_ELBOW"], joint[f"{side}_WRIST"]
        tips = wrist + (joint[f"{side}_INDEX"] - wrist) * 1.8
        stroke([shoulder, elbow, wrist, tips], 18, arm)
        if outfit.sleeve > 0:
            end = elbow if outfit.sleeve >= 1 else shoulder + (elbow - shoulder) * outfit.sleeve
            line = (
                [shoulder, end]
                if outfit.sleeve <= 1
                else [shoulder, elbow, elbow + (wrist - elbow) * (outfit.sleeve - 1)]
            )
            stroke(line, 26, upper)
    ellipse((192, 64), (23, 30), Label.FACE)
    return painted(labels), labels, subject_of(labels)


_RIGHT = (Label.RIGHT_ARM, Label.RIGHT_LEG, Label.RIGHT_SHOE)


def painted(labels: np.ndarray) -> np.ndarray:
    """The picture of a label map, with a little noise."""
    regions = np.zeros(len(Label), np.uint8)
    regions[list(REGION_OF)] = list(REGION_OF.values())
    noise = np.random.default_rng(0).normal(0, 2, (*labels.shape, 3))
    return np.clip(PAINT[regions[labels]] + noise, 0, 255).astype(np.uint8)


def subject_of(labels: np.ndarray, moved: dict[str, tuple[float, float]] | None = None) -> Subject:
    """What BlazePose would say, all seen; some joints moved elsewhere."""
    landmarks = np.zeros((33, 4), np.float32)
    for name, point in {**JOINTS, **(moved or {})}.items():
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
