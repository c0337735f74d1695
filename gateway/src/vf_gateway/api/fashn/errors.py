"""FASHN's names for what can go wrong, and for where a prediction is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from vf_gateway.resources.states import State
from vfkit.problems import OF_THE_PHOTO, Code

FailureName = Literal[
    "ImageLoadError", "PoseError", "ContentModerationError", "InputValidationError", "PipelineError",
    "InternalServerError", "PollingTimeout",
]  # fmt: skip
RefusalName = Literal[
    "BadRequest", "UnauthorizedAccess", "NotFound", "RateLimitExceeded", "ConcurrencyLimitExceeded", "OutOfCredits",
    "InternalServerError",
]  # fmt: skip
Status = Literal["starting", "in_queue", "processing", "completed", "failed", "canceled", "time_out"]


@dataclass(frozen=True)
class Theirs:
    """One of our codes in FASHN's words.

    Attributes:
        failure: the name of a failed prediction's error.
        refusal: the name of a refused request's error.
        status: the HTTP status of a refused request.
    """

    failure: FailureName
    refusal: RefusalName
    status: int


_BAD_PICTURE = Theirs("ImageLoadError", "BadRequest", 400)
_BAD_POSE = Theirs("PoseError", "BadRequest", 400)
_BAD_GARMENT = Theirs("InputValidationError", "BadRequest", 400)
_BAD_REQUEST = Theirs("InputValidationError", "BadRequest", 400)
_BUSY = Theirs("PipelineError", "ConcurrencyLimitExceeded", 429)
_OURS = Theirs("PipelineError", "InternalServerError", 500)

THEIRS: dict[Code, Theirs] = {
    Code.INVALID_REQUEST: _BAD_REQUEST,
    Code.HEADERS_TOO_LARGE: Theirs("InputValidationError", "BadRequest", 431),
    Code.BODY_TOO_LARGE: _BAD_REQUEST,
    Code.REQUEST_TIMEOUT: Theirs("InputValidationError", "BadRequest", 408),
    Code.UNSUPPORTED_IMAGE: _BAD_PICTURE,
    Code.IMAGE_TOO_LARGE: _BAD_PICTURE,
    Code.IMAGE_TOO_SMALL: _BAD_PICTURE,
    Code.IMAGE_UNREACHABLE: _BAD_PICTURE,
    Code.NO_PERSON_FOUND: _BAD_POSE,
    Code.SEVERAL_PEOPLE: _BAD_POSE,
    Code.BODY_NOT_VISIBLE: _BAD_POSE,
    Code.PERSON_NOT_FRONTAL: _BAD_POSE,
    Code.PERSON_SEATED: _BAD_POSE,
    Code.PERSON_TOO_SMALL: _BAD_POSE,
    Code.PERSON_NOT_UPRIGHT: _BAD_POSE,
    Code.NO_GARMENT_FOUND: _BAD_GARMENT,
    Code.UNSUPPORTED_GARMENT: _BAD_GARMENT,
    Code.SEVERAL_GARMENTS: _BAD_GARMENT,
    Code.GARMENT_FOLDED: _BAD_GARMENT,
    Code.GARMENT_WORN: _BAD_GARMENT,
    Code.STAGE_UNAVAILABLE: _OURS,
    Code.STAGE_FAILED: _OURS,
    Code.WEIGHTS_MISSING: _OURS,
    Code.OVERLOADED: _BUSY,
    Code.DEADLINE_EXCEEDED: Theirs("PollingTimeout", "InternalServerError", 500),
    Code.CANCELLED: _OURS,
    Code.NOT_FOUND: Theirs("PipelineError", "NotFound", 404),
    Code.NOT_READY: Theirs("PipelineError", "NotFound", 404),
    Code.NOT_ACCEPTABLE: _BAD_REQUEST,
    Code.UNAUTHORIZED: Theirs("PipelineError", "UnauthorizedAccess", 401),
    Code.FORBIDDEN: Theirs("PipelineError", "UnauthorizedAccess", 403),
    Code.RATE_LIMITED: Theirs("PipelineError", "RateLimitExceeded", 429),
    Code.CONFLICT: Theirs("InputValidationError", "BadRequest", 400),
    Code.QUOTA_EXCEEDED: Theirs("PipelineError", "OutOfCredits", 429),
    Code.STORAGE_FULL: _OURS,
    Code.INTERNAL: Theirs("InternalServerError", "InternalServerError", 500),
}
"""Nothing of ours is a ContentModerationError: no content is moderated here."""

OF_THE_PICTURES = OF_THE_PHOTO | {
    Code.UNSUPPORTED_IMAGE,
    Code.IMAGE_TOO_LARGE,
    Code.IMAGE_TOO_SMALL,
    Code.IMAGE_UNREACHABLE,
}
"""What is wrong with a picture itself is the end of a prediction, as it is at FASHN's, not a refused request."""

_STATUS: dict[State, Status] = {
    State.QUEUED: "in_queue",
    State.RUNNING: "processing",
    State.SUCCEEDED: "completed",
    State.FAILED: "failed",
    State.CANCELLED: "canceled",
}


def status_of(state: State, code: Code | None) -> Status:
    """Where a prediction is.

    Args:
        state: of its fitting.
        code: of its fitting's problem.
    """
    return "time_out" if code is Code.DEADLINE_EXCEEDED else _STATUS[state]


def is_asked_in_fashns_words(path: str) -> bool:
    """Whether a request's path is one of FASHN's API, whose clients read other names."""
    return path == "/v1/run" or path.startswith("/v1/status/")
