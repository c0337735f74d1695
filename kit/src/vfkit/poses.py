"""pose.json as a service is sent it."""

from __future__ import annotations

import numpy as np
from pydantic import ValidationError

from vfkit.contracts import Joint, PoseDocument, PosePerson
from vfkit.problems import Code, Problem


def decode_person(data: bytes) -> PosePerson:
    """The first person of a pose.json, whose 25 joints are finite numbers; hands and face are taken as they are.

    Raises:
        Problem: ``no_person_found``, or ``invalid_request`` when it is not an OpenPose JSON with BODY_25.
    """
    try:
        people = PoseDocument.model_validate_json(data).people
        if not people:
            raise Problem(Code.NO_PERSON_FOUND)
        joints = people[0].body()
    except ValidationError as error:
        raise Problem(Code.INVALID_REQUEST, "The pose is not an OpenPose JSON document.") from error
    except ValueError as error:
        raise Problem(Code.INVALID_REQUEST, "The pose's numbers do not come in threes.") from error
    if len(joints) != len(Joint) or not np.isfinite(joints).all():
        raise Problem(Code.INVALID_REQUEST, "The pose must have 25 joints (BODY_25).")
    return people[0]
