"""Whether a photo shows one whole person from the front, judged by the pose and by where the photo ends.

The services' engines find people; what can be fitted is decided here, for all engines alike.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vf_gateway.pictures.sources import Source, read_placement
from vf_gateway.pictures.store import ArtifactStore
from vf_gateway.stages.services import StageAnswer
from vfkit.contracts import Artifact, Joint, PoseDocument, PosePerson
from vfkit.engines import AnswerWarning
from vfkit.pictures import Placement
from vfkit.problems import ADVICE, Code, Problem

_LIKE_SIZE = 0.7
"""A second person of at least this part of the first one's height makes it unclear who is meant."""

_SURE = 0.3
"""Joints of lower confidence say nothing about a person's height."""

_ENOUGH_JOINTS = 8
"""With fewer sure joints a second person is a reflection, a poster or a mistake."""

_SHOULDERS, _HIPS = (Joint.R_SHOULDER, Joint.L_SHOULDER), (Joint.R_HIP, Joint.L_HIP)

_BEYOND = 0.12
"""How far a shoulder or hip may lie outside the photo, in lengths of the torso. Photos cut at the hips are common,
and joints found at an edge err by some hundredths; at this length a garment's hem is still in the picture."""

_SMALLEST_TORSO = 60.0
"""Pixels of the normalised picture: the torso of somebody of a fifth of its height. A garment on a smaller one shows
nothing of itself."""

_UPRIGHT = 60.0
"""Degrees that a torso may lean. Whoever sits or bends leans less; whoever lies, or stands in a photo that is not
turned, leans more."""


_SIDE, _TURNED = 0.25, 0.45
"""Shoulder width over torso length below which somebody is seen from the side, or is turned a good deal. From the front
it is 0.55 to 0.75."""

_COVERED = 0.2
"""Share of the first person's torso that another one's may cover. Whose clothes are whose is unclear from there on."""

_LEGS = (Joint.R_KNEE, Joint.L_KNEE, Joint.R_ANKLE, Joint.L_ANKLE)

_BELOW = 1.1
"""Lengths of the torso that a photo shows below the hips, from which the knees of somebody who stands are in it."""

_LEGS_HIDDEN = AnswerWarning(
    code="legs_hidden",
    detail=(
        "The legs are hidden, so the hips and the garment's lower edge are guessed. Please step out from behind what"
        " hides them, or cut the photo at the hips."
    ),
)
_IS_TURNED = AnswerWarning(
    code="pose_difficult", detail="The person is turned to the side. A photo from the front fits better."
)


async def check_person(answer: StageAnswer, person: Source, store: ArtifactStore) -> list[AnswerWarning]:
    """Judge what openpose found in a person's photo.

    Returns:
        As `require_fittable`.

    Raises:
        Problem: as `require_fittable`.
        DamagedError: the placement of the photo cannot be read.
    """
    pose = PoseDocument.model_validate_json(answer.artifacts[Artifact.POSE_JSON])
    return require_fittable(pose, await read_placement(store, person))


def require_fittable(pose: PoseDocument, photo: Placement) -> list[AnswerWarning]:
    """Refuse a photo of which no fitting can be made.

    Args:
        pose: joints in pixels of the normalised picture, the most prominent person first.
        photo: where the photo lies in it. The rest is padding, in which a pose network may guess the joints that
            the photo does not show.

    Returns:
        What makes a fitting doubtful: ``pose_difficult``, ``legs_hidden``.

    Raises:
        Problem: ``several_people`` when two are about equally large, or one covers the other, ``person_not_upright``,
            ``person_not_frontal``, ``person_too_small``, ``body_not_visible`` when shoulders or hips are outside the
            photo.
    """
    if not pose.people:
        return []
    first, *others = pose.people
    if any(_is_rival(other, first) for other in others):
        raise Problem(Code.SEVERAL_PEOPLE)
    torso = _torso(first)
    if np.degrees(np.arctan2(abs(torso[0]), torso[1])) > _UPRIGHT:
        raise Problem(Code.PERSON_NOT_UPRIGHT, f"The person lies or is upside down. {ADVICE[Code.PERSON_NOT_UPRIGHT]}")
    width = _shoulder_width(first)
    if width < _SIDE:
        seen = "from the side" if width > -_SIDE else "from behind"
        raise Problem(Code.PERSON_NOT_FRONTAL, f"The person is seen {seen}. {ADVICE[Code.PERSON_NOT_FRONTAL]}")
    if np.linalg.norm(torso) < _SMALLEST_TORSO:
        raise Problem(Code.PERSON_TOO_SMALL)
    if _beyond(first, photo) > _BEYOND:
        raise Problem(Code.BODY_NOT_VISIBLE)
    doubts = ((width < _TURNED, _IS_TURNED), (_are_legs_hidden(first, photo), _LEGS_HIDDEN))
    return [warning for is_doubtful, warning in doubts if is_doubtful]


def _is_rival(other: PosePerson, first: PosePerson) -> bool:
    """Whether somebody else is about as large as the first person, or covers that person's torso."""
    height = _height(other)
    if not height:
        return False
    return height >= _LIKE_SIZE * _height(first) or _torsos_overlap(other, first) > _COVERED


def _torsos_overlap(other: PosePerson, first: PosePerson) -> float:
    """Share of the first person's torso that the box around the other's shoulders and hips covers."""
    corners = []
    for person in (other, first):
        body = person.body()[[*_SHOULDERS, *_HIPS]]
        if (body[:, 2] == 0).any():
            return 0.0
        corners.append((body[:, :2].min(axis=0), body[:, :2].max(axis=0)))
    (low, high), (first_low, first_high) = corners
    shared = np.clip(np.minimum(high, first_high) - np.maximum(low, first_low), 0, None)
    return float(np.prod(shared) / max(1.0, float(np.prod(first_high - first_low))))


def _height(person: PosePerson) -> float:
    """Extent of the sure joints in pixels, 0 when there are too few."""
    body = person.body()
    sure = body[body[:, 2] >= _SURE]
    return float(np.ptp(sure[:, 1])) if len(sure) >= _ENOUGH_JOINTS else 0.0


def _torso(person: PosePerson) -> NDArray[np.float64]:
    """(2,) x, y from the middle of the shoulders to that of the hips, in pixels."""
    body = person.body()[:, :2]
    return np.asarray(body[list(_HIPS)].mean(axis=0) - body[list(_SHOULDERS)].mean(axis=0))


def _shoulder_width(person: PosePerson) -> float:
    """From the right shoulder to the left one, across the torso and in its lengths; negative for a person's back."""
    body = person.body()[:, :2]
    torso = _torso(person)
    across = np.array([torso[1], -torso[0]])
    shoulders = body[Joint.L_SHOULDER] - body[Joint.R_SHOULDER]
    return float(shoulders @ across / max(1.0, float(torso @ torso)))


def _are_legs_hidden(person: PosePerson, photo: Placement) -> bool:
    """Whether neither knees nor feet are seen although the photo goes on below the hips."""
    body = person.body()
    below = photo.top + photo.height - float(body[list(_HIPS), 1].mean())
    return below > _BELOW * float(np.linalg.norm(_torso(person))) and not body[list(_LEGS), 2].any()


def _beyond(person: PosePerson, photo: Placement) -> float:
    """How far the outermost shoulder or hip lies outside the photo, in lengths of the torso; negative inside."""
    body = person.body()[:, :2]
    torso = float(np.linalg.norm(_torso(person)))
    x, y = body[[*_SHOULDERS, *_HIPS]].T
    right, bottom = photo.left + photo.width - 1, photo.top + photo.height - 1
    outside = float(np.max([photo.left - x, x - right, photo.top - y, y - bottom]))
    return outside / max(1.0, torso)
