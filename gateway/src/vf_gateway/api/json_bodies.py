"""JSON bodies, and what is said of those that are not valid."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from vf_gateway.api.answers import printable
from vfkit.problems import Code, Problem

ModelT = TypeVar("ModelT", bound=BaseModel)

_MOST_TOLD = 10
"""Mistakes of one request that are told."""


def is_json(request: Request) -> bool:
    """Whether the body says that it is JSON."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json"


def validated(model: type[ModelT], body: bytes) -> ModelT:
    """A JSON body as a document. Raises Problem (``invalid_request``)."""
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        told = error.errors(include_url=False, include_context=False, include_input=False)
        raise Problem(Code.INVALID_REQUEST, describe_errors(told)) from None


def describe_errors(errors: Sequence[Any]) -> str:
    """Which parts of a request are wrong, the first few of them, without repeating what was sent."""
    places = sorted({".".join(str(part)[:40] for part in entry["loc"]) or "body" for entry in errors[:_MOST_TOLD]})
    more = " and others" if len(errors) > _MOST_TOLD else ""
    return f"Missing or not valid: {printable(', '.join(places))}{more}."
