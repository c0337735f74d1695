"""Problems as HTTP answers (RFC 9457)."""

from __future__ import annotations

from typing import Any

from starlette.responses import JSONResponse, Response

from vfkit.problems import Code, Problem

PROBLEM_TYPE = "application/problem+json"


def problem_response(problem: Problem, *, status: int | None = None, headers: dict[str, str] | None = None) -> Response:
    """A problem as an answer."""
    document: dict[str, Any] = problem.document().model_dump(mode="json")
    document["status"] = status or problem.status
    response = JSONResponse(document, document["status"], headers, media_type=PROBLEM_TYPE)
    if problem.code is Code.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = "Bearer"
    if problem.retry_after is not None:
        response.headers["Retry-After"] = str(max(1, round(problem.retry_after)))
    return response
