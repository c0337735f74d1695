"""What both clients share: requests as data, answers and errors, when to try again. No input or output here."""

from __future__ import annotations

import base64
import json
import random
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import httpx

from vf_client.answers import Document, Fitting, Photo, StageRecord

LONGEST_WAIT = 30
"""Seconds that one request asks the gateway to wait; longer waits are several requests."""

_RETRIED = frozenset({429, 502, 503})
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 10.0
"""Seconds between tries of one request, doubled each time."""
LOOK_SECONDS = 0.5
"""Between two looks at a photo that is being prepared."""
RECONNECT_SECONDS = 1.0
"""Pause before events that broke off are followed again."""


UNREACHABLE = "unreachable"
"""Code of a `ProblemError` that no gateway answered."""


class ProblemError(Exception):
    """The API answered a problem (RFC 9457).

    Attributes:
        status: the HTTP status; 0 when it did not answer at all.
        code: the stable code.
        detail: a sentence that may be shown to a buyer.
        stage: the stage that it happened in, if any.
        retry_after: seconds after which trying again makes sense, if any.
        document: the problem as it was answered.
    """

    def __init__(self, status: int, document: Mapping[str, Any], retry_after: float | None = None) -> None:
        self.status = status
        self.document = dict(document)
        self.code = str(document.get("code", "unknown"))
        self.detail = str(document.get("detail") or document.get("title") or f"HTTP status {status}")
        self.stage: str | None = document.get("stage")
        self.retry_after = retry_after
        super().__init__(f"{self.code}: {self.detail}")


class FittingFailedError(ProblemError):
    """A fitting ended without a result; ``fitting`` is it."""

    def __init__(self, fitting: Fitting) -> None:
        self.fitting = fitting
        super().__init__(*_end_of(fitting))


class PhotoFailedError(ProblemError):
    """A person or garment cannot be used; ``photo`` is it."""

    def __init__(self, photo: Photo) -> None:
        self.photo = photo
        super().__init__(*_end_of(photo))


def _end_of(ended: Fitting | Photo) -> tuple[int, Document]:
    """Status and problem of what ended without success."""
    problem = ended.problem or {"code": ended.state}
    return int(problem.get("status", 0)), problem


@dataclass(frozen=True)
class Event:
    """One server-sent event of a fitting."""

    id: str
    kind: str
    data: Document


@dataclass(frozen=True)
class Call:
    """One request."""

    method: str
    path: str
    query: dict[str, Any] = field(default_factory=dict)
    json: Any = None
    files: dict[str, tuple[str, bytes]] | None = None
    fields: dict[str, str] | None = None
    headers: dict[str, str] = field(default_factory=dict)

    def arguments(self) -> dict[str, Any]:
        """For httpx's ``request``."""
        query = {name: value for name, value in self.query.items() if value is not None}
        return {
            "method": self.method, "url": self.path, "params": query or None, "json": self.json, "files": self.files,
            "data": self.fields, "headers": self.headers,
        }  # fmt: skip

    def waiting(self, seconds: float) -> Call:
        """The same, answered when it has ended."""
        return replace(self, headers={**self.headers, "Prefer": f"wait={int(min(seconds, LONGEST_WAIT))}"})


def once(call: Call) -> Call:
    """A call that makes something, safe to send again."""
    return replace(call, headers={"Idempotency-Key": uuid.uuid4().hex, **call.headers})


def upload(
    collection: str, image: bytes | str, buyer: str | None, reference: str | None = None, category: str | None = None
) -> Call:
    """Store a photo: a file, or one at an address."""
    named = {"buyer": buyer, "reference": reference, "category": category}
    fields = {name: value for name, value in named.items() if value is not None}
    if isinstance(image, str):
        return once(Call("POST", f"/v1/{collection}", json={"image": image, **fields}))
    return once(Call("POST", f"/v1/{collection}", files={"image": ("image", image)}, fields=fields))


def fitting(person: str | bytes, garment: str | bytes, buyer: str | None, category: str | None = None) -> Call:
    """Fit a garment on a person: ids, addresses or photo files; ``category`` goes with a garment's photo."""
    asked = {"person": person, "garment": garment}
    files = {name: (name, value) for name, value in asked.items() if isinstance(value, bytes)}
    words = {name: value for name, value in asked.items() if isinstance(value, str)}
    by_address = {name for name, value in words.items() if _is_address(value)}
    named = {"category": category, "buyer": buyer if files or by_address else None}
    fields = {
        **{name if name in by_address else f"{name}_id": value for name, value in words.items()},
        **{name: value for name, value in named.items() if value},
    }
    if files and not by_address:
        return once(Call("POST", "/v1/fittings", files=files, fields=fields))
    inline = {name: _data_uri(content) for name, (_, content) in files.items()}
    return once(Call("POST", "/v1/fittings", json={**fields, **inline}))


def _is_address(text: str) -> bool:
    """Whether a person or garment is named by where its picture is, or brought as a data URI; else it is an id."""
    return text.lower().startswith(("http:", "https:", "data:"))


def _data_uri(content: bytes) -> str:
    """A file beside an address in one JSON body. The gateway looks at the content, not at the type."""
    return f"data:;base64,{base64.b64encode(content).decode()}"


def check(response: httpx.Response) -> httpx.Response:
    """The response, if it is a success. Raises ProblemError."""
    if response.is_success:
        return response
    try:
        document = response.json()
        document = document if isinstance(document, dict) else {}
    except ValueError:
        document = {}
    raise ProblemError(response.status_code, document, _seconds(response.headers.get("retry-after")))


def pause_before(attempt: int, error: Exception, attempts: int) -> float | None:
    """Seconds before a further try; None: it makes no sense."""
    if attempt >= attempts:
        return None
    wait = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0**attempt) * (1 + random.random())
    if isinstance(error, ProblemError):
        return max(wait, error.retry_after or 0.0) if error.status in _RETRIED else None
    return wait if isinstance(error, httpx.TransportError) else None


def unreachable(error: httpx.HTTPError) -> ProblemError:
    """The gateway did not answer."""
    return ProblemError(0, {"code": UNREACHABLE, "detail": f"The gateway does not answer ({type(error).__name__})."})


def too_late() -> ProblemError:
    """The caller's patience is over; the work goes on."""
    return ProblemError(0, {"code": "deadline_exceeded", "detail": "It did not end in time."})


def advance(fitting: Fitting, event: Event) -> Fitting:
    """The fitting as it is after an event; what only its own document tells (pictures, warnings) is left as it was."""
    if event.kind != "stage":
        return replace(fitting, state=event.kind)
    return replace(fitting, stages={**fitting.stages, event.data["stage"]: StageRecord.read(event.data)})


class EventParser:
    """Puts the lines of server-sent events together."""

    def __init__(self) -> None:
        self._fields: dict[str, str] = {}

    def feed(self, line: str) -> Event | None:
        """An event, when this line ends one."""
        if line.startswith(":"):
            return None
        if line:
            name, _, value = line.partition(":")
            self._fields[name] = value.removeprefix(" ")
            return None
        fields, self._fields = self._fields, {}
        if "data" not in fields:
            return None
        return Event(fields.get("id", ""), fields.get("event", "message"), json.loads(fields["data"]))


def _seconds(value: str | None) -> float | None:
    try:
        return float(value) if value else None
    except ValueError:
        return None
