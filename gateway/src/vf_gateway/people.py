"""Whether a photo shows one person, as far as the gateway must judge it."""

from __future__ import annotations

import numpy as np

from vfkit.contracts import PoseDocument, PosePerson
from vfkit.problems import Code, Problem

_LIKE_SIZE = 0.6
"""A second person of at least this part of the first one's height makes it unclear who is meant."""

_SURE = 0.3
"""Joints of lower confidence say nothing about a person's height."""

_ENOUGH_JOINTS = 8
"""With fewer sure joints a second person is a reflection, a poster or a mistake."""


def require_one_person(pose: PoseDocument) -> None:
    """Refuse a photo in which two people are about equally large.

    Raises:
        Problem: ``several_people``.
    """
    if len(pose.people) < 2:
        return
    first, second = (_height(person) for person in pose.people[:2])
    if second and second >= _LIKE_SIZE * first:
        raise Problem(Code.SEVERAL_PEOPLE, "Several people are in the photo. Please use one that shows only you.")


def _height(person: PosePerson) -> float:
    """Extent of the sure joints in pixels, 0 when there are too few."""
    body = person.body()
    sure = body[body[:, 2] >= _SURE]
    return float(np.ptp(sure[:, 1])) if len(sure) >= _ENOUGH_JOINTS else 0.0
