"""A client of the gateway's REST API, as `vf` needs it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from vf_cli.output import CommandError, Exit
from vfkit.problems import Code

DEFAULT_GATEWAY = "http://127.0.0.1:8000"
POLL_SECONDS = 0.1
PROBE_TIMEOUT = 2.0
CALL_TIMEOUT = 60.0
FINAL_STATES = frozenset({"succeeded", "failed", "cancelled"})

PICTURE_CODES = frozenset(
    {
        Code.UNSUPPORTED_IMAGE,
        Code.IMAGE_TOO_LARGE,
        Code.IMAGE_TOO_SMALL,
        Code.NO_PERSON_FOUND,
        Code.SEVERAL_PEOPLE,
        Code.BODY_NOT_VISIBLE,
        Code.NO_GARMENT_FOUND,
        Code.UNSUPPORTED_GARMENT,
    }
)
"""Problems that another picture mends; all others are the system's."""

Fitting = dict[str, Any]
"""A fitting as `GET /v1/fittings/{id}` tells it."""


class ProblemError(CommandError):
    """The gateway answered a problem (RFC 9457).

    Args:
        problem: the `application/problem+json` document.
        retry_after: seconds after which the gateway wants to be asked again.
    """

    def __init__(self, problem: Mapping[str, Any], retry_after: float | None = None) -> None:
        self.picture = problem.get("code") in PICTURE_CODES
        self.retry_after = retry_after
        self.stage: str | None = problem.get("stage")
        where = f" [{self.stage}]" if self.stage else ""
        super().__init__(
            Exit.PICTURE if self.picture else Exit.SYSTEM,
            f"{problem.get('detail') or problem.get('title')} ({problem.get('code')}){where}",
            dict(problem),
        )


class GatewayClient:
    """Calls one gateway.

    Args:
        url: its address.
        transport: a replacement for the network, for tests.
    """

    def __init__(self, url: str, transport: httpx.BaseTransport | None = None) -> None:
        self.url = url
        self._http = httpx.Client(
            base_url=url, timeout=CALL_TIMEOUT, trust_env=False, transport=transport, headers=_credential()
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def system(self) -> dict[str, Any]:
        """Engines and state of the six services.

        Raises:
            CommandError: it does not answer, or not as a gateway of ours.
        """
        document = self._get("/v1/system").json()
        if not isinstance(document, dict) or "services" not in document:
            raise CommandError(Exit.SYSTEM, f"{self.url} is not a gateway of VF-Market fitting")
        return document

    def start_fitting(self, person: bytes, garment: bytes) -> Fitting:
        """Accept a fitting; it runs on.

        Args:
            person: a photo file.
            garment: a photo file.

        Raises:
            ProblemError: the gateway refused it.
        """
        files = {"person": ("person", person), "garment": ("garment", garment)}
        fitting: Fitting = self._send("POST", "/v1/fittings", files=files).json()
        return fitting

    def finish_fitting(self, fitting: Fitting, watch: Callable[[Fitting], None] = lambda _: None) -> Fitting:
        """Wait for a fitting's end.

        Args:
            fitting: what `start_fitting` gave.
            watch: is given the fitting each time it is looked at.

        Raises:
            ProblemError: it failed.
        """
        while fitting["state"] not in FINAL_STATES:
            time.sleep(POLL_SECONDS)
            fitting = self._get(f"/v1/fittings/{fitting['id']}").json()
            watch(fitting)
        if fitting["state"] != "succeeded":
            raise ProblemError(fitting.get("problem") or {"code": fitting["state"], "title": "The fitting did not end"})
        return fitting

    def fit(self, person: bytes, garment: bytes, watch: Callable[[Fitting], None] = lambda _: None) -> Fitting:
        """A whole fitting, from two photo files; see `start_fitting` and `finish_fitting`."""
        return self.finish_fitting(self.start_fitting(person, garment), watch)

    def artifact(self, fitting: Fitting, name: str) -> bytes:
        """One picture of a finished fitting, or its pose.json."""
        return self._get(fitting["artifacts"][name]).content

    def _get(self, path: str) -> httpx.Response:
        return self._send("GET", path)

    def _send(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        try:
            response = self._http.request(method, path, **arguments)
        except httpx.HTTPError as error:
            raise CommandError(Exit.SYSTEM, f"the gateway at {self.url} does not answer: {error}") from error
        if response.is_success:
            return response
        try:
            problem = response.json()
        except ValueError:
            problem = {"code": str(response.status_code), "title": f"{self.url}{path} answered {response.status_code}"}
        raise ProblemError(problem, _retry_after(response))


def _credential() -> dict[str, str]:
    """The API key of VF_API_KEY; a gateway of this machine needs none."""
    key = os.environ.get("VF_API_KEY")
    return {"Authorization": f"Bearer {key}"} if key else {}


def _retry_after(response: httpx.Response) -> float | None:
    value = response.headers.get("retry-after", "")
    return float(value) if value.isdecimal() else None


def find_gateway() -> str | None:
    """The address of a running gateway: VF_GATEWAY (which must answer then), or the documented local one.

    Raises:
        CommandError: VF_GATEWAY is set and nothing of ours answers there.
    """
    wanted = os.environ.get("VF_GATEWAY")
    url = wanted or DEFAULT_GATEWAY
    response = None
    try:
        timeout = CALL_TIMEOUT if wanted else PROBE_TIMEOUT
        response = httpx.get(f"{url}/v1/system", timeout=timeout, trust_env=False, headers=_credential())
        ours = response.is_success and "services" in response.json()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError):
        ours = False
    if wanted and not ours and response is not None and response.status_code == HTTPStatus.UNAUTHORIZED:
        raise CommandError(Exit.SYSTEM, f"the gateway at {wanted} wants an API key: set VF_API_KEY")
    if wanted and not ours:
        raise CommandError(Exit.SYSTEM, f"VF_GATEWAY is {wanted}, where no gateway of VF-Market fitting answers")
    return url if ours else None


def read_photo(path: Path) -> bytes:
    """A photo file's bytes.

    Raises:
        CommandError: it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise CommandError(Exit.USAGE, f"{path} cannot be read: {error.strerror}") from error
