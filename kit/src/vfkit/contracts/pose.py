"""BODY_25 and OpenPose JSON 1.3."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict


class Joint(IntEnum):
    """OpenPose's BODY_25 keypoints (Cao et al., OpenPose, 2019); right and left are the person's."""

    NOSE = 0
    NECK = 1
    R_SHOULDER = 2
    R_ELBOW = 3
    R_WRIST = 4
    L_SHOULDER = 5
    L_ELBOW = 6
    L_WRIST = 7
    MID_HIP = 8
    R_HIP = 9
    R_KNEE = 10
    R_ANKLE = 11
    L_HIP = 12
    L_KNEE = 13
    L_ANKLE = 14
    R_EYE = 15
    L_EYE = 16
    R_EAR = 17
    L_EAR = 18
    L_BIG_TOE = 19
    L_SMALL_TOE = 20
    L_HEEL = 21
    R_BIG_TOE = 22
    R_SMALL_TOE = 23
    R_HEEL = 24


class PosePerson(BaseModel):
    """One person of an OpenPose JSON 1.3 file; every list is x, y, confidence in turn, in pixels.

    ``pose_keypoints_2d`` holds the 25 joints; a joint that was not found is (0, 0, 0). The hand lists hold 21
    points each (0 wrist, 4 thumb tip, 5 index knuckle, 8 index tip, 17 little knuckle, 20 little tip, ...) or are
    empty; the open engine fills the few that BlazePose has and leaves the others (0, 0, 0).
    """

    model_config = ConfigDict(extra="allow")

    person_id: list[int] = [-1]
    pose_keypoints_2d: list[float]
    face_keypoints_2d: list[float] = []
    hand_left_keypoints_2d: list[float] = []
    hand_right_keypoints_2d: list[float] = []
    pose_keypoints_3d: list[float] = []
    face_keypoints_3d: list[float] = []
    hand_left_keypoints_3d: list[float] = []
    hand_right_keypoints_3d: list[float] = []

    def body(self) -> NDArray[np.float64]:
        """(n, 3) float64: x, y in pixels, confidence in [0, 1]; n is 25 for BODY_25."""
        return np.asarray(self.pose_keypoints_2d, np.float64).reshape(-1, 3)

    def hand(self, side: str) -> NDArray[np.float64] | None:
        """(21, 3) float64 of the ``left`` or ``right`` hand, None when the file has none."""
        values: Sequence[float] = self.hand_left_keypoints_2d if side == "left" else self.hand_right_keypoints_2d
        return np.asarray(values, np.float64).reshape(-1, 3) if values else None


class PoseDocument(BaseModel):
    """pose.json: OpenPose JSON 1.3, the most prominent person first."""

    version: float = 1.3
    people: list[PosePerson]
