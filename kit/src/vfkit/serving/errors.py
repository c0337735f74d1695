"""Everything that goes wrong as RFC 9457 problem+json, without traces, paths or the caller's data."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from vfkit.problems import Code, Problem

MEDIA_TYPE = "application/problem+json"
CODE_OF_STATUS = {404: Code.NOT_FOUND, 405: Code.INVALID_REQUEST}


def problem_response(
    problem: Problem,
    status: int | None = None,
    headers: Mapping[str, str] | None = None,
    extensions: Mapping[str, Any] | None = None,
) -> Response:
    """A problem as a response.

    Args:
        problem: what happened.
        status: another status than the code's (405 has no code of its own).
        headers: to send along.
        extensions: members of the body beside those that every problem has.
    """
    document = problem.document()
    if status is not None:
        document = document.model_copy(update={"status": status})
    retry = {} if problem.retry_after is None else {"Retry-After": str(math.ceil(problem.retry_after))}
    body = json.dumps(document.model_dump(mode="json", exclude_none=True) | dict(extensions or {}))
    return Response(body, status_code=document.status, media_type=MEDIA_TYPE, headers={**(headers or {}), **retry})


def install(app: FastAPI) -> None:
    """Answer the errors that an application raises on purpose as problems; the gate answers the unexpected ones."""
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(HTTPException, _http)


async def _problem(_: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)  # noqa: S101  what it is registered for
    return problem_response(error)


async def _validation(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101  what it is registered for
    places = [".".join(str(part) for part in entry["loc"]) + ": " + entry["msg"] for entry in error.errors()[:5]]
    return problem_response(Problem(Code.INVALID_REQUEST, "; ".join(places) + "."))


async def _http(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101  what it is registered for
    code = CODE_OF_STATUS.get(error.status_code, Code.INVALID_REQUEST if error.status_code < 500 else Code.INTERNAL)
    return problem_response(Problem(code, f"{error.detail}."), error.status_code, error.headers)
