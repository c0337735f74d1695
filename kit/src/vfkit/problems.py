"""Every error that a caller can cause or meet, with its stable code and HTTP status.

An engine raises (or, for one item of a batch, returns) a `Problem`; a service answers it as RFC 9457
``application/problem+json``. The ``detail`` is a sentence that may be shown to a buyer.
"""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel


class Code(StrEnum):
    """The stable code of a problem, the ``code`` member of the answer."""

    INVALID_REQUEST = "invalid_request"
    HEADERS_TOO_LARGE = "headers_too_large"
    BODY_TOO_LARGE = "body_too_large"
    REQUEST_TIMEOUT = "request_timeout"
    UNSUPPORTED_IMAGE = "unsupported_image"
    IMAGE_TOO_LARGE = "image_too_large"
    IMAGE_TOO_SMALL = "image_too_small"
    IMAGE_UNREACHABLE = "image_unreachable"
    NO_PERSON_FOUND = "no_person_found"
    SEVERAL_PEOPLE = "several_people"
    BODY_NOT_VISIBLE = "body_not_visible"
    PERSON_TOO_SMALL = "person_too_small"
    PERSON_NOT_UPRIGHT = "person_not_upright"
    PERSON_NOT_FRONTAL = "person_not_frontal"
    PERSON_SEATED = "person_seated"
    NO_GARMENT_FOUND = "no_garment_found"
    UNSUPPORTED_GARMENT = "unsupported_garment"
    SEVERAL_GARMENTS = "several_garments"
    GARMENT_FOLDED = "garment_folded"
    GARMENT_WORN = "garment_worn"
    STAGE_UNAVAILABLE = "stage_unavailable"
    STAGE_FAILED = "stage_failed"
    WEIGHTS_MISSING = "weights_missing"
    OVERLOADED = "overloaded"
    DEADLINE_EXCEEDED = "deadline_exceeded"
    CANCELLED = "cancelled"
    NOT_FOUND = "not_found"
    NOT_READY = "not_ready"
    NOT_ACCEPTABLE = "not_acceptable"
    UNAUTHORIZED = "unauthorized"
    FORBIDDEN = "forbidden"
    RATE_LIMITED = "rate_limited"
    CONFLICT = "conflict"
    QUOTA_EXCEEDED = "quota_exceeded"
    STORAGE_FULL = "storage_full"
    INTERNAL = "internal"


STATUS: dict[Code, int] = {
    Code.INVALID_REQUEST: 422,
    Code.HEADERS_TOO_LARGE: 431,
    Code.BODY_TOO_LARGE: 413,
    Code.REQUEST_TIMEOUT: 408,
    Code.UNSUPPORTED_IMAGE: 415,
    Code.IMAGE_TOO_LARGE: 413,
    Code.IMAGE_TOO_SMALL: 422,
    Code.IMAGE_UNREACHABLE: 422,
    Code.NO_PERSON_FOUND: 422,
    Code.SEVERAL_PEOPLE: 422,
    Code.BODY_NOT_VISIBLE: 422,
    Code.PERSON_TOO_SMALL: 422,
    Code.PERSON_NOT_UPRIGHT: 422,
    Code.PERSON_NOT_FRONTAL: 422,
    Code.PERSON_SEATED: 422,
    Code.NO_GARMENT_FOUND: 422,
    Code.UNSUPPORTED_GARMENT: 422,
    Code.SEVERAL_GARMENTS: 422,
    Code.GARMENT_FOLDED: 422,
    Code.GARMENT_WORN: 422,
    Code.STAGE_UNAVAILABLE: 503,
    Code.STAGE_FAILED: 502,
    Code.WEIGHTS_MISSING: 503,
    Code.OVERLOADED: 503,
    Code.DEADLINE_EXCEEDED: 504,
    Code.CANCELLED: 409,
    Code.NOT_FOUND: 404,
    Code.NOT_READY: 409,
    Code.NOT_ACCEPTABLE: 406,
    Code.UNAUTHORIZED: 401,
    Code.FORBIDDEN: 403,
    Code.RATE_LIMITED: 429,
    Code.CONFLICT: 409,
    Code.QUOTA_EXCEEDED: 409,
    Code.STORAGE_FULL: 507,
    Code.INTERNAL: 500,
}

TITLE: dict[Code, str] = {
    Code.INVALID_REQUEST: "The request is not complete or not well formed",
    Code.HEADERS_TOO_LARGE: "The URL or the headers are too large",
    Code.BODY_TOO_LARGE: "The request's body is too large",
    Code.REQUEST_TIMEOUT: "The request did not come in time",
    Code.UNSUPPORTED_IMAGE: "The file is not a picture that can be read",
    Code.IMAGE_TOO_LARGE: "The picture is too large",
    Code.IMAGE_TOO_SMALL: "The picture is too small",
    Code.IMAGE_UNREACHABLE: "The picture could not be fetched",
    Code.NO_PERSON_FOUND: "No person was found in the photo",
    Code.SEVERAL_PEOPLE: "Several people are in the photo",
    Code.BODY_NOT_VISIBLE: "The upper body is not fully visible",
    Code.PERSON_TOO_SMALL: "The person is too small in the photo",
    Code.PERSON_NOT_UPRIGHT: "The person is not upright in the photo",
    Code.PERSON_NOT_FRONTAL: "The person is not seen from the front",
    Code.PERSON_SEATED: "The person does not stand in the photo",
    Code.NO_GARMENT_FOUND: "No garment was found in the photo",
    Code.UNSUPPORTED_GARMENT: "What the photo shows cannot be tried on",
    Code.SEVERAL_GARMENTS: "Several garments are in the photo",
    Code.GARMENT_FOLDED: "The garment is folded",
    Code.GARMENT_WORN: "Somebody is wearing the garment",
    Code.STAGE_UNAVAILABLE: "A part of the fitting service is not available",
    Code.STAGE_FAILED: "A part of the fitting service failed",
    Code.WEIGHTS_MISSING: "A weight file is missing or damaged",
    Code.OVERLOADED: "The service is busy",
    Code.DEADLINE_EXCEEDED: "The time allowed was not enough",
    Code.CANCELLED: "The fitting was cancelled",
    Code.NOT_FOUND: "There is no such thing",
    Code.NOT_READY: "It is not finished yet",
    Code.NOT_ACCEPTABLE: "None of the accepted media types can be answered",
    Code.UNAUTHORIZED: "A valid credential is needed",
    Code.FORBIDDEN: "This credential does not allow it",
    Code.RATE_LIMITED: "Too many requests",
    Code.CONFLICT: "The request contradicts an earlier one",
    Code.QUOTA_EXCEEDED: "As much is stored as is allowed",
    Code.STORAGE_FULL: "There is no room left for pictures",
    Code.INTERNAL: "Something went wrong on our side",
}


ADVICE: dict[Code, str] = {
    Code.NO_PERSON_FOUND: "Please use a photo that shows you whole and upright, in good light.",
    Code.SEVERAL_PEOPLE: "Please use one that shows only you.",
    Code.BODY_NOT_VISIBLE: "Both shoulders and the hips must be in the photo. Please step back, or use another photo.",
    Code.PERSON_TOO_SMALL: "Please step closer, or cut the photo to size.",
    Code.PERSON_NOT_UPRIGHT: "Please turn the photo, or stand up.",
    Code.PERSON_NOT_FRONTAL: "Please use a photo that is taken from the front.",
    Code.PERSON_SEATED: "Please use a photo in which you stand.",
    Code.NO_GARMENT_FOUND: "Photograph one garment, whole, before a plain ground.",
    Code.UNSUPPORTED_GARMENT: "Please choose another one.",
    Code.SEVERAL_GARMENTS: "Photograph one alone, with nothing else around it.",
    Code.GARMENT_FOLDED: "Spread it out, and photograph it from above.",
    Code.GARMENT_WORN: "Photograph it alone, laid flat or on a hanger.",
}
"""What to do about it, said where there is nothing more exact to say."""

OF_THE_PHOTO = frozenset(ADVICE)
"""What stages say of the photo itself: the same photo will have it again, and another one mends it."""


class ProblemDocument(BaseModel):
    """The body of an ``application/problem+json`` answer (RFC 9457)."""

    type: str
    title: str
    status: int
    code: Code
    detail: str
    stage: str | None = None


class Problem(Exception):  # noqa: N818  RFC 9457's word
    """One thing that went wrong, told to the caller.

    Args:
        code: stable machine-readable code.
        detail: what happened and what to do, for a person; never a path, a stack trace or a secret. None: the title
            and the advice.
        retry_after: seconds after which trying again makes sense (``Retry-After``).
        stage: the stage it happened in, filled in by the gateway.
    """

    def __init__(
        self, code: Code, detail: str | None = None, *, retry_after: float | None = None, stage: str | None = None
    ) -> None:
        self.code = code
        self.detail = detail or " ".join(filter(None, (f"{TITLE[code]}.", ADVICE.get(code))))
        self.retry_after = retry_after
        self.stage = stage
        super().__init__(f"{code}: {self.detail}")

    @property
    def status(self) -> int:
        """The HTTP status."""
        return STATUS[self.code]

    def document(self) -> ProblemDocument:
        """The answer's body."""
        return ProblemDocument(
            type=f"urn:vf-market:problem:{self.code}",
            title=TITLE[self.code],
            status=self.status,
            code=self.code,
            detail=self.detail,
            stage=self.stage,
        )
