"""The part of the photo that a fitting can change; working on it alone saves time on full-body photos."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vf_hrviton.open.body.labels import ARMS, LEGS, LOWER, UPPER
from vfkit.contracts import Image, Joint, Label, PosePerson

MARGIN = 0.45
"""Around shoulders, arms, hips and the worn garment, in torso lengths: room for sleeves, shadows and filling."""
BELOW_HIPS = 0.6
"""Torso lengths below the hips that a hem and its surroundings may need."""
REACHED = (
    Joint.NOSE,
    Joint.NECK,
    Joint.R_SHOULDER,
    Joint.R_ELBOW,
    Joint.R_WRIST,
    Joint.L_SHOULDER,
    Joint.L_ELBOW,
    Joint.L_WRIST,
    Joint.R_HIP,
    Joint.L_HIP,
)
LEGS_REACHED = (Joint.R_KNEE, Joint.L_KNEE, Joint.R_ANKLE, Joint.L_ANKLE)


@dataclass(frozen=True)
class Window:
    """A rectangle of the photo in pixels; right and bottom are exclusive."""

    left: int
    top: int
    right: int
    bottom: int

    def cut(self, picture: Image) -> Image:
        """The part of a picture inside."""
        return np.ascontiguousarray(picture[self.top : self.bottom, self.left : self.right])

    def put(self, whole: Image, part: Image) -> Image:
        """A copy of the whole with its part replaced."""
        out = whole.copy()
        out[self.top : self.bottom, self.left : self.right] = part
        return out

    def move(self, person: PosePerson) -> PosePerson:
        """The person in the window's coordinates; joints that were not found stay (0, 0, 0)."""
        fields = ("pose_keypoints_2d", "hand_left_keypoints_2d", "hand_right_keypoints_2d")
        return person.model_copy(update={field: self._moved(getattr(person, field)) for field in fields})

    def _moved(self, values: list[float]) -> list[float]:
        points = np.asarray(values, np.float64).reshape(-1, 3).copy()
        points[points[:, 2] > 0, :2] -= (self.left, self.top)
        return [float(value) for value in points.ravel()]


def window_around(labels: Image, person: PosePerson, *, legs: bool) -> Window:
    """What a fitting can touch.

    Args:
        labels: (H, W) uint8 CIHP.
        person: with shoulders and hips found.
        legs: the garment covers legs too.
    """
    height, width = labels.shape
    joints = person.body()
    found = joints[list(REACHED + LEGS_REACHED if legs else REACHED)]
    points = [found[found[:, 2] > 0, :2]]
    shoulders = joints[[Joint.R_SHOULDER, Joint.L_SHOULDER], :2].mean(0)
    hips = joints[[Joint.R_HIP, Joint.L_HIP], :2].mean(0)
    torso = float(np.linalg.norm(hips - shoulders))
    points.append((hips + (hips - shoulders) * BELOW_HIPS)[None])
    touched = (*UPPER, *ARMS, *LOWER, *LEGS) if legs else (*UPPER, *ARMS)
    worn = np.isin(labels, [label for label in touched if legs or label is not Label.DRESS])
    ys, xs = np.nonzero(worn)
    if len(ys):
        points.append(np.array([(xs.min(), ys.min()), (xs.max(), ys.max())], np.float64))
    box = np.concatenate(points)
    left, top = np.floor(box.min(0) - MARGIN * torso).astype(int)
    right, bottom = np.ceil(box.max(0) + MARGIN * torso).astype(int)
    return Window(max(0, left), max(0, top), min(width, right), min(height, bottom))
