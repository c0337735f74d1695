"""What goes into and comes out of every openpose engine."""

from __future__ import annotations

from dataclasses import dataclass

from vfkit.contracts import Image, PoseDocument
from vfkit.engines import AnswerWarning


@dataclass(frozen=True)
class PoseRequest:
    """One photo of a person.

    Attributes:
        image: (H, W, 3) uint8 RGB, any size.
    """

    image: Image


@dataclass(frozen=True)
class PoseAnswer:
    """The people's joints.

    Attributes:
        document: BODY_25 keypoints in pixels of the photo, the most prominent person first.
        picture: (H, W, 3) uint8 RGB, the skeletons on black.
        warnings: ``several_people_found``, ``head_cropped``, ``low_confidence``.
    """

    document: PoseDocument
    picture: Image
    warnings: tuple[AnswerWarning, ...] = ()
