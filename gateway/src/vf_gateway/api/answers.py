"""Problems as HTTP answers (RFC 9457)."""

from __future__ import annotations

from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from vf_gateway.api.fashn.errors import THEIRS, is_asked_in_fashns_words
from vfkit.problems import Code, Problem

PROBLEM_TYPE = "application/problem+json"


def problem_document(problem: Problem, path: str, status: int | None = None) -> dict[str, Any]:
    """The body of a problem's answer.

    Args:
        problem: what is wrong.
        path: what was asked for; clients of FASHN's API find their own names in the document too.
        status: the HTTP status where it is not that of the code.
    """
    document = problem.document().model_dump(mode="json")
    if is_asked_in_fashns_words(path):
        theirs = THEIRS[problem.code]
        return document | {"status": theirs.status, "error": theirs.refusal, "message": problem.detail}
    return document | {"status": status or problem.status}


def problem_response(
    problem: Problem, path: str, *, status: int | None = None, headers: dict[str, str] | None = None
) -> Response:
    """A problem as an answer; see `problem_document`."""
    document = problem_document(problem, path, status)
    response = JSONResponse(document, document["status"], headers, media_type=PROBLEM_TYPE)
    if problem.code is Code.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = "Bearer"
    if problem.retry_after is not None:
        response.headers["Retry-After"] = str(max(1, round(problem.retry_after)))
    return response


class Refusal(HTTPException):
    """A problem, perhaps under another status than its code's, that FastAPI lets through while it reads a body.

    Args:
        problem: what is wrong.
        status: the HTTP status; None: that of the problem's code.
    """

    def __init__(self, problem: Problem, status: int | None = None) -> None:
        super().__init__(status or problem.status, problem.detail)
        self._problem = problem

    def response(self, path: str) -> Response:
        """The answer to a request for this path."""
        return problem_response(self._problem, path, status=self.status_code)


def printable(text: str) -> str:
    """What a caller sent, fit to be shown in an answer: short, and without signs that do something."""
    return "".join(c if c.isprintable() and c.isascii() else "?" for c in text[:200])
