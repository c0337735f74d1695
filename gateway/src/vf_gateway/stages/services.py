"""The client of the six model services: one call of one stage, with its deadline, retries and checks.

A stage is a pure function of its pictures, so a call that did not reach the service, or that a dying service
dropped, is made again, elsewhere if there is another address. A service that is away, restarting or full is waited
for, `Settings.outage_seconds` long, counted from when it went away: the time that a call had run before does not
count. A call that broke off in the middle is made a few times only, as it may be the reason. A call that is slow is
not made again: it would only double the load.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import random
import struct
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import stamina
from pydantic import BaseModel, TypeAdapter, ValidationError

from vf_gateway.settings import Settings
from vf_gateway.stages.replicas import Replica, Replicas, Resolve, resolve_host
from vfkit.contracts import (
    CONTRACTS,
    HEIGHT,
    TIMEOUT_HEADER,
    WARNINGS_HEADER,
    WIDTH,
    Artifact,
    GarmentDocument,
    PoseDocument,
    Stage,
    StageContract,
)
from vfkit.engines import AnswerWarning, EngineInfo
from vfkit.problems import OF_THE_PHOTO, STATUS, Code, Problem
from vfkit.serving import media_type_of, unpack


class Deadline:
    """A moment until which something must be finished."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def remaining(self) -> float:
        """Seconds left, never negative."""
        return max(0.0, self._end - time.monotonic())


@dataclass(frozen=True)
class StageAnswer:
    """What one stage gave."""

    artifacts: dict[Artifact, bytes]
    warnings: list[AnswerWarning] = field(default_factory=list)


class ServiceInfo(BaseModel):
    """What is known of one service, as ``GET /v1/system`` tells it."""

    stage: Stage
    available: bool
    engine: EngineInfo | None = None
    problem: str | None = None


class _Outage:
    """How long a service has been away for one call: from the failure that began it.

    Args:
        patience: seconds that it is waited for.
    """

    def __init__(self, patience: float) -> None:
        self._patience = patience
        self._until: float | None = None

    def is_over(self, *, broken: bool) -> bool:
        """Take a failure into account; True: the service has been waited for long enough.

        Args:
            broken: the service was there and dropped the call, so that it is away only since now.
        """
        now = time.monotonic()
        if self._until is None or broken:
            self._until = now + self._patience
        return now >= self._until


class TransientFailureError(Exception):
    """A failure after which the same call may be made again, elsewhere or later.

    Args:
        problem: what it is if it stays.
        broken: the service had the call and dropped it.
    """

    def __init__(self, problem: Problem, *, broken: bool = False) -> None:
        super().__init__(str(problem))
        self.problem = problem
        self.broken = broken


# What a service says about the caller's picture or about itself is passed on; anything else it says about the
# request is a misunderstanding between gateway and service, which the caller cannot mend.
_PASSED_ON = OF_THE_PHOTO | {
    Code.WEIGHTS_MISSING,
    Code.OVERLOADED,
    Code.DEADLINE_EXCEEDED,
    Code.STAGE_UNAVAILABLE,
}

_MAX_ANSWER_BYTES = 64_000_000
"""A stage's answer is at most a few RGB pictures of 768x1024 (2.4 MB each uncompressed)."""

_FIRST_WAIT, _LONGEST_WAIT, _JITTER = 0.1, 2.0, 0.2
_UNAVAILABLE_RETRY_AFTER = 5.0
_RETRIED_STATUS = frozenset({502, 503})
_SHORTEST = 0.001
_DESCRIBED_SECONDS = 0.5
_BRIEF = 1.0
"""Seconds of patience where an answer of before will do too."""
_NOW = 0.4
"""Seconds of patience where the question is how things are: enough for another address of the name."""


@dataclass(frozen=True)
class _Call:
    stage: Stage
    method: str
    path: str
    deadline: Deadline
    patience: float
    headers: dict[str, str] = field(default_factory=dict)
    files: dict[str, tuple[str, bytes, str]] | None = None
    words: Mapping[str, str] | None = None


class StageServices:
    """Calls the services.

    Args:
        settings: addresses, timeouts, attempts.
        on_retry: told of every call that is made again.
        resolve: asks for the addresses of a service's name.
    """

    def __init__(
        self, settings: Settings, on_retry: Callable[[Stage], None] = lambda _: None, resolve: Resolve = resolve_host
    ) -> None:
        self._settings = settings
        self._on_retry = on_retry
        self._replicas = {
            stage: Replicas(
                settings.url(stage),
                resolve_seconds=settings.resolve_seconds,
                aside_seconds=settings.aside_seconds,
                resolve=resolve,
            )
            for stage in Stage
        }
        limits = httpx.Limits(max_connections=settings.connections, max_keepalive_connections=settings.connections)
        self._clients = {
            stage: httpx.AsyncClient(
                limits=limits,
                timeout=httpx.Timeout(None, connect=settings.connect_timeout),
                follow_redirects=False,
                trust_env=False,
            )
            for stage in Stage
        }
        self._engines: dict[Stage, tuple[float, EngineInfo]] = {}
        self._describing = asyncio.Lock()
        self._described: tuple[float, list[ServiceInfo]] = (float("-inf"), [])
        self._asking = {stage: asyncio.Lock() for stage in Stage}

    async def close(self) -> None:
        """Close all connections."""
        await asyncio.gather(*(client.aclose() for client in self._clients.values()))

    @property
    def clients(self) -> list[httpx.AsyncClient]:
        """What calls the services."""
        return list(self._clients.values())

    def addresses(self) -> dict[Stage, tuple[int, int]]:
        """Of each service: known addresses, and how many of them are set aside now."""
        return {stage: replicas.count() for stage, replicas in self._replicas.items()}

    # --- what a service is ---

    async def engine(self, stage: Stage, deadline: Deadline) -> EngineInfo:
        """The engine behind a stage, believed for ``info_seconds``.

        Raises:
            Problem: ``stage_unavailable`` when the service cannot be asked, ``weights_missing`` when it says so.
        """
        async with self._asking[stage]:
            known = self._engines.get(stage)
            if known and time.monotonic() - known[0] < self._settings.info_seconds:
                return known[1]
            try:
                engine = await self._ask_engine(stage, deadline, _BRIEF if known else self._settings.outage_seconds)
            except Problem:
                # A service that is away for a moment is most likely what it was; its kept pictures stay usable.
                if known is None:
                    raise
                engine = known[1]
            self._engines[stage] = (time.monotonic(), engine)
            return engine

    async def _ask_engine(self, stage: Stage, deadline: Deadline, patience: float) -> EngineInfo:
        response = await self._send(_Call(stage, "GET", "/v1/info", deadline, patience))
        try:
            document = json.loads(response.content)
            return EngineInfo.model_validate(document.get("engine", document))
        except (ValueError, TypeError, ValidationError):
            raise Problem(Code.STAGE_FAILED, "A part of the fitting service gave no sense.", stage=stage) from None

    async def describe(self) -> list[ServiceInfo]:
        """All six services as they are now, or were a moment ago: probes ask often, and anybody may."""
        async with self._describing:
            asked, described = self._described
            if time.monotonic() - asked >= _DESCRIBED_SECONDS:
                described = list(await asyncio.gather(*map(self._describe, Stage)))
                self._described = (time.monotonic(), described)
            return described

    async def _describe(self, stage: Stage) -> ServiceInfo:
        try:
            engine = await self._ask_engine(stage, Deadline(self._settings.connect_timeout * 2), _NOW)
        except Problem as problem:
            return ServiceInfo(stage=stage, available=False, problem=problem.detail)
        self._engines[stage] = (time.monotonic(), engine)
        return ServiceInfo(stage=stage, available=True, engine=engine)

    # --- calling it ---

    async def call(
        self,
        stage: Stage,
        inputs: Mapping[Artifact, bytes],
        deadline: Deadline,
        headers: Mapping[str, str] | None = None,
        words: Mapping[str, str] | None = None,
        *,
        contract: StageContract | None = None,
    ) -> StageAnswer:
        """Run one stage, or its precomputation.

        Args:
            stage: which.
            inputs: the files that its contract names; what was precomputed may be among them.
            deadline: of the whole fitting; the stage's own timeout applies too.
            headers: passed along (trace context).
            words: the contract's form fields that take no file.
            contract: of the call, where it is not the stage's own.

        Raises:
            Problem: with ``stage`` set: the service's own, or ``stage_unavailable``, ``stage_failed``,
                ``deadline_exceeded``.
        """
        contract = contract or CONTRACTS[stage]
        fields = dict(contract.fields)
        if contract.precomputation:
            (precomputed,) = contract.precomputation.returns
            fields |= {contract.precomputed: precomputed} if precomputed in inputs else {}
        files = {name: (artifact.value, inputs[artifact], media_type_of(artifact)) for name, artifact in fields.items()}
        patience = self._settings.outage_seconds
        call = _Call(stage, "POST", contract.path, deadline, patience, dict(headers or {}), files, words)
        response = await self._send(call)
        try:
            return _read_answer(response, contract)
        except ValueError as error:
            raise Problem(
                Code.STAGE_FAILED, "A part of the fitting service gave an answer that makes no sense.", stage=stage
            ) from error

    async def _send(self, call: _Call) -> httpx.Response:
        """One request, made again where that is safe."""
        broken, outage = 0, _Outage(call.patience)

        def backoff(error: Exception) -> bool | float:
            nonlocal broken
            if not isinstance(error, TransientFailureError):
                return False
            broken += error.broken
            wait = error.problem.retry_after or 0.0
            if broken >= self._settings.attempts or wait >= call.deadline.remaining():
                return False
            if outage.is_over(broken=error.broken):
                return False
            return wait * (1 + _JITTER * random.random()) or True

        try:
            async for attempt in stamina.retry_context(
                on=backoff,
                attempts=None,
                timeout=max(_SHORTEST, call.deadline.remaining()),
                wait_initial=_FIRST_WAIT,
                wait_max=_LONGEST_WAIT,
                wait_jitter=_JITTER,
            ):
                with attempt:
                    if attempt.num > 1:
                        self._on_retry(call.stage)
                    return await self._send_once(call)
        except TransientFailureError as failure:
            problem = failure.problem
            if problem.retry_after is None:
                problem.retry_after = _UNAVAILABLE_RETRY_AFTER
            raise problem from failure
        raise AssertionError("the retry context either returns or raises")

    async def _send_once(self, call: _Call) -> httpx.Response:
        seconds = min(self._settings.stage_timeout, call.deadline.remaining())
        if seconds <= 0:
            raise Problem(Code.DEADLINE_EXCEEDED, stage=call.stage)
        replicas = self._replicas[call.stage]
        try:
            addresses = await replicas.addresses()
        except OSError as error:
            raise _unavailable(call.stage) from error
        with replicas.lease(addresses) as replica:
            request = self._clients[call.stage].build_request(
                call.method,
                replicas.request_url(replica, call.path),
                headers={**call.headers, **replicas.request_headers(), TIMEOUT_HEADER: f"{seconds:.3f}"},
                files=call.files,
                data=call.words,
                extensions={"sni_hostname": replicas.base_url.host},
            )
            return await self._exchange(call.stage, replicas, replica, request, seconds)

    async def _exchange(
        self, stage: Stage, replicas: Replicas, replica: Replica, request: httpx.Request, seconds: float
    ) -> httpx.Response:
        try:
            async with asyncio.timeout(seconds):
                response = await self._clients[stage].send(request, stream=True)
                try:
                    content = await _read_bounded(response)
                finally:
                    await response.aclose()
        except TimeoutError as error:
            raise Problem(Code.DEADLINE_EXCEEDED, stage=stage) from error
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            replicas.set_aside(replica)
            raise _unavailable(stage) from error
        except (httpx.NetworkError, httpx.RemoteProtocolError) as error:
            replicas.set_aside(replica)
            raise _unavailable(stage, broken=True) from error
        except (httpx.HTTPError, ValueError) as error:
            raise Problem(Code.STAGE_FAILED, stage=stage) from error
        complete = httpx.Response(response.status_code, headers=response.headers, content=content, request=request)
        if response.is_success:
            return complete
        problem = _read_problem(complete, stage)
        if complete.status_code in _RETRIED_STATUS and "retry-after" in complete.headers:
            raise TransientFailureError(problem)
        raise problem


def _unavailable(stage: Stage, *, broken: bool = False) -> TransientFailureError:
    return TransientFailureError(Problem(Code.STAGE_UNAVAILABLE, stage=stage), broken=broken)


async def _read_bounded(response: httpx.Response) -> bytes:
    """The raw body (no stage compresses), refused above the bound."""
    content = bytearray()
    async for chunk in response.aiter_raw():
        content += chunk
        if len(content) > _MAX_ANSWER_BYTES:
            raise ValueError("the answer is too large")
    return bytes(content)


def _read_problem(response: httpx.Response, stage: Stage) -> Problem:
    """A service's refusal as a Problem that names the stage."""
    retry_after = _seconds(response.headers.get("retry-after"))
    try:
        document: dict[str, Any] = json.loads(response.content)
        code = Code(document["code"])
        detail = str(document["detail"])
    except (ValueError, KeyError, TypeError):
        code = Code.STAGE_UNAVAILABLE if response.status_code == STATUS[Code.STAGE_UNAVAILABLE] else Code.STAGE_FAILED
        detail = ""
    if code not in _PASSED_ON:
        code, detail = (code, "") if code is Code.STAGE_UNAVAILABLE else (Code.STAGE_FAILED, "")
    return Problem(code, detail or None, retry_after=retry_after, stage=stage)


def _seconds(value: str | None) -> float | None:
    """Retry-After in seconds; its date form is not used between our services."""
    try:
        return max(0.0, float(value)) if value else None
    except ValueError:
        return None


def _read_answer(response: httpx.Response, contract: StageContract) -> StageAnswer:
    """The artifacts of an answer.

    Raises:
        ValueError: it is not what the contract says.
    """
    artifacts = contract.in_order(unpack(response.headers.get("content-type", ""), response.content, contract.returns))
    for artifact, content in artifacts.items():
        _check_artifact(artifact, content)
    warnings = _WARNINGS.validate_json(response.headers.get(WARNINGS_HEADER, "[]"))
    return StageAnswer(artifacts, warnings)


_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PNG_END = b"IEND\xaeB`\x82"
_PNG_SIZE = struct.pack(">II", WIDTH, HEIGHT)

_WARNINGS = TypeAdapter(list[AnswerWarning])

_DOCUMENTS: Mapping[Artifact, type[BaseModel]] = {
    Artifact.POSE_JSON: PoseDocument,
    Artifact.GARMENT_JSON: GarmentDocument,
}


def _check_artifact(artifact: Artifact, content: bytes) -> None:
    """Refuse what is not a whole PNG of 768x1024, or not the document that it should be.

    What a service precomputed only that service can read.
    """
    if artifact is Artifact.BODY:
        return
    if artifact in _DOCUMENTS:
        _DOCUMENTS[artifact].model_validate_json(content)
        return
    if not content.startswith(_PNG_SIGNATURE) or not content.endswith(_PNG_END):
        raise ValueError(f"{artifact} is not a whole PNG file")
    if content[16:24] != _PNG_SIZE:
        raise ValueError(f"{artifact} has the wrong size")


def engine_identity(engine: EngineInfo) -> str:
    """A digest of everything about an engine that may change its pictures."""
    facts = {
        "name": engine.name,
        "version": engine.version,
        "weights": sorted((weights.file, weights.sha256) for weights in engine.weights),
        "options": engine.options,
    }
    return hashlib.sha256(json.dumps(facts, sort_keys=True, default=str).encode()).hexdigest()
