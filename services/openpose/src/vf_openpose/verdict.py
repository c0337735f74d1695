"""What every engine says about the people it found: who can be fitted, and what the caller should know."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vfkit.contracts import Joint
from vfkit.engines import AnswerWarning
from vfkit.problems import Code, Problem

NEEDED = (Joint.R_SHOULDER, Joint.L_SHOULDER, Joint.R_HIP, Joint.L_HIP)
"""Joints without which nothing can be fitted."""


def refusal(people: int, joints: NDArray[np.floating]) -> Problem | None:
    """Why the most prominent person cannot be fitted; None when she can.

    Args:
        people: how many were found.
        joints: (25, 3) x, y, confidence of the first; not looked at when there is none.
    """
    if not people:
        return Problem(Code.NO_PERSON_FOUND)
    if (joints[list(NEEDED), 2] == 0).any():
        return Problem(Code.BODY_NOT_VISIBLE)
    return None


def warn(people: int, *, head_cropped: bool, doubtful: bool) -> tuple[AnswerWarning, ...]:
    """The warnings ``several_people_found``, ``head_cropped`` and ``low_confidence``, as they apply."""
    warnings = []
    if people > 1:
        detail = f"{people} people are in the photo, and the most prominent is used. A photo of one person is safer."
        warnings.append(AnswerWarning(code="several_people_found", detail=detail))
    if head_cropped:
        warnings.append(
            AnswerWarning(
                code="head_cropped",
                detail="The head is cut off by the photo's edge. A photo with the whole head fits better.",
            )
        )
    if doubtful:
        warnings.append(
            AnswerWarning(
                code="low_confidence",
                detail="The pose is uncertain. Stand upright and alone, face the camera, in good light.",
            )
        )
    return tuple(warnings)
