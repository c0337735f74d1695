"""The application around one engine: loading, health, readiness, metrics, info."""

from __future__ import annotations

import asyncio
import importlib.metadata
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Generic, TypeVar

import anyio
import anyio.to_thread
import cv2
import structlog
from fastapi import FastAPI, Response, UploadFile
from fastapi.routing import APIRoute
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.process_collector import ProcessCollector
from pydantic import BaseModel

from vfkit.contracts import CONTRACTS, Artifact, Stage, StageContract
from vfkit.engines import AnswerWarning, Engine, EngineInfo
from vfkit.pictures.decoding import Decoders, MadeT
from vfkit.problems import Code, Problem, ProblemDocument
from vfkit.serving import errors, logs
from vfkit.serving.answers import respond
from vfkit.serving.batching import Batcher
from vfkit.serving.requests import RequestLimits
from vfkit.serving.settings import ServiceSettings
from vfkit.serving.tracking import OpenRequests, RequestTracker

WorkT = TypeVar("WorkT")
HandlerT = TypeVar("HandlerT", bound=Callable[..., Any])
SettingsT = TypeVar("SettingsT", bound=ServiceSettings)
EngineFactory = Callable[[SettingsT], Engine[Any, Any]]
"""Makes an engine, not loaded yet. It imports the engine's module, so that ``open`` never imports torch."""

STILL_LOADING_RETRY = 2.0
PICTURES_AT_ONCE = 2
"""Requests whose pictures are packed at the same time."""
SECONDS_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 60, 150, 400)

log = structlog.get_logger("vf.service")


class Status(BaseModel):
    """Answer of the probes."""

    status: str


class ServiceInfo(BaseModel):
    """Answer of ``GET /v1/info``."""

    service: Stage
    version: str
    engine: EngineInfo
    queue: int
    batch: int
    max_body_mb: float


class _Metrics:
    """What operators see of one service."""

    def __init__(self, queue: Callable[[], float]) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.answers = Counter("vf_requests", "Answers", ["path", "status"], registry=self.registry)
        self.seconds = Histogram(
            "vf_request_seconds", "Time to answer", ["path"], buckets=SECONDS_BUCKETS, registry=self.registry
        )
        self.batch_size = Histogram(
            "vf_batch_size", "Requests per forward pass", buckets=(1, 2, 4, 8, 16, 32), registry=self.registry
        )
        self.batch_seconds = Histogram(
            "vf_batch_seconds", "Time of a forward pass", buckets=SECONDS_BUCKETS, registry=self.registry
        )
        gauge = Gauge("vf_queue_length", "Requests waiting or running", registry=self.registry)
        gauge.set_function(queue)

    def answer(self, path: str, status: str, seconds: float) -> None:
        self.answers.labels(path, status).inc()
        self.seconds.labels(path).observe(seconds)

    def batch(self, size: int, seconds: float) -> None:
        self.batch_size.observe(size)
        self.batch_seconds.observe(seconds)


class Service(Generic[SettingsT]):
    """A model service.

    The engine is loaded in the background, so that `/healthz` answers at once; until it is loaded `/readyz` and
    predictions say 503. When it cannot be loaded they say why, and the process stays up to say it.

    Args:
        stage: which of the six it is.
        engines: name to factory; ``settings.engine`` picks one.
        settings: from the environment.

    Attributes:
        app: the application.
        contract: how the stage is called.
    """

    def __init__(self, stage: Stage, engines: Mapping[str, EngineFactory[SettingsT]], settings: SettingsT) -> None:
        if settings.engine not in engines:
            raise ValueError(f"VF_ENGINE is {settings.engine!r}; {stage} has {', '.join(sorted(engines))}")
        self.settings = settings
        self.contract = CONTRACTS[stage]
        self._stage = stage
        self._engine = engines[settings.engine](settings)
        self._batcher: Batcher[Any, Any] | None = None
        self._failure: Problem | None = None
        self._metrics = _Metrics(lambda: self._batcher.held if self._batcher else 0)
        self._open_requests = OpenRequests()
        self._decoders = Decoders(settings)
        # Few at a time: an unpacked picture is far larger than its file.
        self._hands = anyio.CapacityLimiter(PICTURES_AT_ONCE)
        self.app = self._create_app()

    def route(self, **options: Any) -> Callable[[HandlerT], HandlerT]:
        """Make the decorated function the answer to the stage's call.

        Args:
            options: of FastAPI's ``post``.

        Raises:
            ValueError: its form fields are not the contract's.
        """
        return self._register(self.contract, options)

    def precomputation(self, **options: Any) -> Callable[[HandlerT], HandlerT]:
        """Make the decorated function the answer to the contract's precomputation.

        Args:
            options: of FastAPI's ``post``.

        Raises:
            ValueError: the contract has no such call, or the form fields are not its.
        """
        if self.contract.precomputation is None:
            raise ValueError(f"{self._stage} has no precomputation")
        return self._register(self.contract.precomputation, options)

    def _register(self, contract: StageContract, options: Mapping[str, Any]) -> Callable[[HandlerT], HandlerT]:
        def register(handler: HandlerT) -> HandlerT:
            route = APIRoute(contract.path, handler, methods=["POST"], response_class=Response, **options)
            fields = {parameter.name for parameter in route.dependant.body_params}
            expected = {*contract.fields, *contract.words, *filter(None, (contract.precomputed,))}
            if fields != expected:
                raise ValueError(f"{contract.path} takes {sorted(expected)}, not {sorted(fields)}")
            return self.app.post(contract.path, response_class=Response, **options)(handler)

        return register

    @property
    def engine(self) -> EngineInfo:
        """What the engine is. Raises Problem (``stage_unavailable``) while it is loading."""
        self._ready()
        return self._engine.info

    def respond(
        self,
        artifacts: Mapping[Artifact, bytes],
        *,
        accept: str | None = None,
        warnings: Sequence[AnswerWarning] = (),
        contract: StageContract | None = None,
    ) -> Response:
        """The answer to a call, the stage's unless another is named; see `vfkit.serving.answers.respond`.

        Raises:
            Problem: ``not_acceptable``.
            ValueError: these are not the contract's artifacts.
        """
        return respond((contract or self.contract).in_order(artifacts), accept=accept, warnings=warnings)

    async def predict(self, request: Any) -> Any:
        """The engine's answer to one request, through the queue.

        Raises:
            Problem: the engine's own, ``overloaded``, or ``stage_unavailable`` while it is loading.
        """
        return await self._ready().predict(request)

    async def decode(self, function: Callable[..., MadeT], file: UploadFile, *arguments: Any) -> MadeT:
        """Read a picture that a caller sent, in a process that can do nothing else.

        Args:
            function: `vfkit.pictures.read_picture`, `decode_mask`, `decode_labels` or `decode_png`.
            file: the picture.
            arguments: of the function, behind the file.

        Raises:
            Problem: what ``function`` raises; ``unsupported_image`` when reading it crashes or takes too long;
                ``overloaded``; ``stage_unavailable`` while the engine is loading.
        """
        self._ready()
        return await self._decoders.run(function, await file.read(), *arguments)

    async def aside(self, work: Callable[..., WorkT], *arguments: Any) -> WorkT:
        """Write pictures in a thread: a large one takes seconds, in which probes must be answered.

        Raises:
            Problem: what ``work`` raises; ``stage_unavailable`` while the engine is loading.
        """
        self._ready()
        return await anyio.to_thread.run_sync(work, *arguments, limiter=self._hands)

    def _ready(self) -> Batcher[Any, Any]:
        if self._failure is not None:
            raise self._failure
        if self._batcher is None:
            raise Problem(Code.STAGE_UNAVAILABLE, "The service is starting.", retry_after=STILL_LOADING_RETRY)
        return self._batcher

    def _create_app(self) -> FastAPI:
        logs.configure(self._stage, self.settings.log_level)
        cv2.setNumThreads(self.settings.threads)
        app = FastAPI(
            title=f"VF-Market fitting: {self._stage}",
            version=_version(self._stage),
            lifespan=self._lifespan,
            responses={"4XX": {"model": ProblemDocument}, "5XX": {"model": ProblemDocument}},
        )
        errors.install(app)
        app.add_middleware(RequestLimits, max_body=int(self.settings.max_body_mb * 1e6))
        app.add_middleware(RequestTracker, open_requests=self._open_requests, on_answer=self._metrics.answer)
        app.add_middleware(logs.AccessLog)
        app.state.open_requests = self._open_requests
        app.get("/healthz", tags=["operations"])(self._healthz)
        app.get("/readyz", tags=["operations"])(self._readyz)
        app.get("/metrics", tags=["operations"])(self._show_metrics)
        app.get("/v1/info", tags=["operations"], response_model=ServiceInfo)(self._info)
        return app

    @asynccontextmanager
    async def _lifespan(self, _: FastAPI) -> AsyncIterator[None]:
        self._decoders.start()
        loading = asyncio.create_task(self._load())
        try:
            yield
        finally:
            await loading
            if self._batcher is not None:
                await self._batcher.close()
            await asyncio.to_thread(self._decoders.close)

    async def _load(self) -> None:
        start = time.monotonic()
        try:
            await asyncio.to_thread(self._engine.load)
        except Problem as problem:
            log.error("engine not loaded", reason=problem.detail)
            self._failure = problem
        except Exception:  # whatever a model library throws
            log.exception("engine not loaded")
            self._failure = Problem(Code.STAGE_UNAVAILABLE, "The engine could not be started; its log says why.")
        else:
            self._batcher = Batcher(
                self._engine,
                capacity=self.settings.queue,
                batch=self.settings.batch,
                wait=self.settings.batch_wait_ms / 1000,
                on_batch=self._metrics.batch,
            )
            log.info("engine loaded", engine=self.settings.engine, seconds=round(time.monotonic() - start, 2))
            for weights in self._engine.info.weights:
                if not weights.known:
                    log.warning(
                        "weight file not known",
                        file=weights.file,
                        sha256=weights.sha256,
                        pin="vf weights verify --write",
                    )

    async def _healthz(self) -> Status:
        """The process is alive."""
        return Status(status="alive")

    async def _readyz(self) -> Status:
        """The engine is loaded and warm, and the service is not stopping."""
        self._ready()
        if self._open_requests.draining:
            raise Problem(Code.STAGE_UNAVAILABLE, "The service is stopping.")
        return Status(status="ready")

    async def _show_metrics(self) -> Response:
        """Prometheus metrics."""
        return Response(generate_latest(self._metrics.registry), media_type=CONTENT_TYPE_LATEST)

    async def _info(self) -> ServiceInfo | Response:
        """What this service is: engine, weights with their digests, licences.

        Where the engine is not loaded the problem has the member ``engine``: the one that was asked for.
        """
        try:
            self._ready()
        except Problem as problem:
            engine = self._engine.info.model_dump(mode="json")
            return errors.problem_response(problem, extensions={"engine": engine})
        return ServiceInfo(
            service=self._stage,
            version=_version(self._stage),
            engine=self._engine.info,
            queue=self.settings.queue,
            batch=self.settings.batch,
            max_body_mb=self.settings.max_body_mb,
        )


def _version(stage: Stage) -> str:
    try:
        return importlib.metadata.version(f"vf-{stage}")
    except importlib.metadata.PackageNotFoundError:  # run from a checkout
        return "0.2.0"
