"""pose.json as OpenPose writes it: one line, no blanks, every number with six significant digits.

The same keypoints give the same text as OpenPose's own ``--write_json`` (float32 values, C++ stream format, which is
``%g``).
"""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np

from vfkit.contracts import PoseDocument, PosePerson

_LISTS = (
    "pose_keypoints_2d",
    "face_keypoints_2d",
    "hand_left_keypoints_2d",
    "hand_right_keypoints_2d",
    "pose_keypoints_3d",
    "face_keypoints_3d",
    "hand_left_keypoints_3d",
    "hand_right_keypoints_3d",
)
"""In the order of OpenPose's file."""


def encode_pose(document: PoseDocument) -> bytes:
    """The bytes of pose.json."""
    people = ",".join(_person(person) for person in document.people)
    return f'{{"version":{document.version:g},"people":[{people}]}}'.encode()


def _person(person: PosePerson) -> str:
    members = [f'"person_id":{json.dumps(person.person_id, separators=(",", ":"))}']
    members += [f'"{name}":{_numbers(getattr(person, name))}' for name in _LISTS]
    return "{" + ",".join(members) + "}"


def _numbers(values: Sequence[float]) -> str:
    return "[" + ",".join(f"{value:g}" for value in np.asarray(values, np.float32).tolist()) + "]"
