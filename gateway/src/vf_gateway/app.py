"""The gateway's HTTP side: assembles the parts and answers requests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Annotated

import structlog
from fastapi import FastAPI, File, Header, Request, Response, UploadFile
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.exceptions import HTTPException

from vf_gateway.documents import FittingDocument, SystemDocument
from vf_gateway.fittings import Fittings, fitting_document
from vf_gateway.intake import take_picture
from vf_gateway.metrics import Metrics
from vf_gateway.pipeline import Pipeline
from vf_gateway.prefer import parse_wait
from vf_gateway.services import StageServices
from vf_gateway.settings import Settings
from vf_gateway.store import DamagedError, open_store
from vfkit.contracts import Artifact
from vfkit.pictures import DEFAULT_LIMITS, PictureKind
from vfkit.problems import Code, Problem

log = structlog.get_logger(__name__)

VERSION = "0.1.0"
_OWNER = "local"
_PROBLEM = "application/problem+json"


def create_app(settings: Settings | None = None) -> FastAPI:
    """The gateway as an ASGI application."""
    settings = settings or Settings()
    metrics = Metrics()
    store = open_store(settings)
    services = StageServices(settings, metrics.stage_retried)
    pipeline = Pipeline(services, store, metrics.stage_ended)
    fittings = Fittings(pipeline, store, settings.deadline)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await fittings.close()
        await services.close()

    app = FastAPI(title="VF-Market fitting", version=VERSION, lifespan=lifespan)
    _add_problems(app)

    @app.middleware("http")
    async def count(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        response = await call_next(request)
        route = getattr(request.scope.get("route"), "path", "none")
        metrics.requests.labels(request.method, route, str(response.status_code)).inc()
        return response

    @app.post("/v1/fittings", status_code=202)
    async def create_fitting(
        response: Response,
        person: Annotated[UploadFile, File(description="full-body photo: JPEG, PNG, WebP or HEIC")],
        garment: Annotated[UploadFile, File(description="photo of the garment alone")],
        prefer: Annotated[str | None, Header(description="wait=N: answer when finished, at most N seconds")] = None,
    ) -> FittingDocument:
        """Fit a garment on a person."""
        photos = [await _read_upload(person), await _read_upload(garment)]
        kinds = (PictureKind.PERSON, PictureKind.GARMENT)
        taken = await asyncio.gather(
            *(take_picture(photo, kind, _OWNER, store) for photo, kind in zip(photos, kinds, strict=True))
        )
        fitting = fittings.start(taken[0].source, taken[1].source)
        if wait := parse_wait(prefer, settings.wait_limit):
            response.headers["Preference-Applied"] = f"wait={wait:g}"
            try:
                await asyncio.wait_for(fitting.ended.wait(), wait)
                response.status_code = 200
            except TimeoutError:
                pass
        document = fitting_document(fitting, fittings.pictures(fitting))
        response.headers["Location"] = document.links.self
        return document

    @app.get("/v1/fittings/{fitting_id}")
    async def get_fitting(fitting_id: str) -> FittingDocument:
        """A fitting: its state, stages, warnings, pictures."""
        fitting = fittings.get(fitting_id)
        return fitting_document(fitting, fittings.pictures(fitting))

    @app.get("/v1/fittings/{fitting_id}/result", response_class=Response)
    async def get_result(fitting_id: str) -> Response:
        """The fitting's picture."""
        return await picture(fitting_id, Artifact.RESULT)

    @app.get("/v1/fittings/{fitting_id}/grid", response_class=Response)
    async def get_grid(fitting_id: str) -> Response:
        """All pictures on one sheet."""
        return await picture(fitting_id, Artifact.GRID)

    @app.get("/v1/fittings/{fitting_id}/artifacts/{name}", response_class=Response)
    async def get_artifact(fitting_id: str, name: str) -> Response:
        """One picture, or pose.json."""
        return await picture(fitting_id, name)

    async def picture(fitting_id: str, name: str) -> Response:
        fitting = fittings.get(fitting_id)
        if name not in fittings.pictures(fitting).names:
            if name in set(Artifact) and not fitting.ended.is_set():
                raise Problem(Code.NOT_READY, "The fitting is not finished yet.", retry_after=1)
            if name in set(Artifact) and fitting.problem:
                raise fitting.problem
            raise Problem(Code.NOT_FOUND, "There is no such picture.")
        try:
            content = await fittings.pictures(fitting).read(name)
        except DamagedError:
            await fittings.repair(fitting)
            content = await fittings.pictures(fitting).read(name)
        return Response(content, media_type="application/json" if name == Artifact.POSE_JSON else "image/png")

    @app.get("/v1/system")
    async def system() -> SystemDocument:
        """The six services: engines, weights' digests, licences; what is down is said to be down."""
        described = await services.describe()
        return SystemDocument(version=VERSION, ready=all(s.available for s in described), services=described)

    @app.get("/healthz")
    async def healthz() -> dict[str, str]:
        """Alive."""
        return {"status": "ok"}

    @app.get("/readyz")
    async def readyz() -> dict[str, str]:
        """Able to accept fittings: all services answer."""
        missing = [s.stage.value for s in await services.describe() if not s.available]
        if missing:
            raise Problem(Code.STAGE_UNAVAILABLE, f"Not available: {', '.join(missing)}.", retry_after=5)
        return {"status": "ready"}

    @app.get("/metrics", include_in_schema=False)
    async def get_metrics() -> Response:
        return PlainTextResponse(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)

    return app


async def _read_upload(upload: UploadFile) -> bytes:
    """The whole file, refused above the limit without reading on."""
    data = await upload.read(DEFAULT_LIMITS.max_bytes + 1)
    await upload.close()
    return data


def _add_problems(app: FastAPI) -> None:
    """Every error as RFC 9457 problem+json."""

    @app.exception_handler(Problem)
    async def on_problem(_: Request, problem: Problem) -> Response:
        return _problem_response(problem)

    @app.exception_handler(RequestValidationError)
    async def on_invalid(_: Request, error: RequestValidationError) -> Response:
        places = sorted({".".join(str(part) for part in entry["loc"][1:]) for entry in error.errors()})
        return _problem_response(Problem(Code.INVALID_REQUEST, f"Missing or not valid: {', '.join(places)}."))

    @app.exception_handler(HTTPException)
    async def on_http(_: Request, error: HTTPException) -> Response:
        codes = {404: Code.NOT_FOUND, 401: Code.UNAUTHORIZED, 403: Code.FORBIDDEN, 413: Code.IMAGE_TOO_LARGE}
        response = _problem_response(Problem(codes.get(error.status_code, Code.INVALID_REQUEST)))
        if error.status_code not in codes:
            response.status_code = error.status_code
        response.headers.update(error.headers or {})
        return response

    @app.exception_handler(Exception)
    async def on_bug(request: Request, error: Exception) -> Response:
        log.error("unexpected error", path=request.url.path, exc_info=error)
        return _problem_response(Problem(Code.INTERNAL))


def _problem_response(problem: Problem) -> Response:
    response = JSONResponse(problem.document().model_dump(mode="json"), problem.status, media_type=_PROBLEM)
    if problem.retry_after is not None:
        response.headers["Retry-After"] = str(max(1, round(problem.retry_after)))
    return response
