"""Whether a photo shows one whole person, as far as the gateway must judge it: it alone knows where the photo ends."""

from __future__ import annotations

import numpy as np

from vf_gateway.pictures.sources import Source, read_placement
from vf_gateway.pictures.store import ArtifactStore
from vf_gateway.stages.services import StageAnswer
from vfkit.contracts import Artifact, Joint, PoseDocument, PosePerson
from vfkit.pictures import Placement
from vfkit.problems import Code, Problem

_LIKE_SIZE = 0.6
"""A second person of at least this part of the first one's height makes it unclear who is meant."""

_SURE = 0.3
"""Joints of lower confidence say nothing about a person's height."""

_ENOUGH_JOINTS = 8
"""With fewer sure joints a second person is a reflection, a poster or a mistake."""

_SHOULDERS, _HIPS = (Joint.R_SHOULDER, Joint.L_SHOULDER), (Joint.R_HIP, Joint.L_HIP)

_BEYOND = 0.12
"""How far a shoulder or hip may lie outside the photo, in lengths of the torso. Photos cut at the hips are common,
and joints found at an edge err by some hundredths; at this length a garment's hem is still in the picture."""


async def check_person(answer: StageAnswer, person: Source, store: ArtifactStore) -> None:
    """Judge what openpose found in a person's photo.

    Raises:
        Problem: as `require_fittable`.
        DamagedError: the placement of the photo cannot be read.
    """
    pose = PoseDocument.model_validate_json(answer.artifacts[Artifact.POSE_JSON])
    require_fittable(pose, await read_placement(store, person))


def require_fittable(pose: PoseDocument, photo: Placement) -> None:
    """Refuse a photo of which no fitting can be made.

    Args:
        pose: joints in pixels of the normalised picture, the most prominent person first.
        photo: where the photo lies in it. The rest is padding, in which a pose network may guess the joints that
            the photo does not show.

    Raises:
        Problem: ``several_people`` when two are about equally large, ``body_not_visible`` when shoulders or hips
            are outside the photo.
    """
    if len(pose.people) > 1:
        first, second = (_height(person) for person in pose.people[:2])
        if second and second >= _LIKE_SIZE * first:
            raise Problem(Code.SEVERAL_PEOPLE, "Several people are in the photo. Please use one that shows only you.")
    if pose.people and _beyond(pose.people[0], photo) > _BEYOND:
        raise Problem(Code.BODY_NOT_VISIBLE, "Both shoulders and the hips must be in the photo.")


def _height(person: PosePerson) -> float:
    """Extent of the sure joints in pixels, 0 when there are too few."""
    body = person.body()
    sure = body[body[:, 2] >= _SURE]
    return float(np.ptp(sure[:, 1])) if len(sure) >= _ENOUGH_JOINTS else 0.0


def _beyond(person: PosePerson, photo: Placement) -> float:
    """How far the outermost shoulder or hip lies outside the photo, in lengths of the torso; negative inside."""
    body = person.body()[:, :2]
    torso = float(np.linalg.norm(body[list(_SHOULDERS)].mean(axis=0) - body[list(_HIPS)].mean(axis=0)))
    x, y = body[[*_SHOULDERS, *_HIPS]].T
    right, bottom = photo.left + photo.width - 1, photo.top + photo.height - 1
    outside = float(np.max([photo.left - x, x - right, photo.top - y, y - bottom]))
    return outside / max(1.0, torso)
