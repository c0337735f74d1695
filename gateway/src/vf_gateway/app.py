"""The gateway as an ASGI application."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import ClientDisconnect

from vf_gateway import VERSION
from vf_gateway.api.answers import Refusal, problem_response
from vf_gateway.api.fashn import routes as fashn
from vf_gateway.api.forms import Uploads
from vf_gateway.api.json_bodies import describe_errors
from vf_gateway.api.manual import add_manual
from vf_gateway.api.middleware import CountRequests, GuardBodies
from vf_gateway.api.openapi import correct_document
from vf_gateway.api.routes import backends, comparisons, fittings, system
from vf_gateway.api.routes.photos import photo_routes
from vf_gateway.api.routes.web import add_web
from vf_gateway.gateway import Gateway
from vf_gateway.settings import Settings
from vf_gateway.stages.replicas import Resolve, resolve_host
from vfkit.pictures import PictureKind
from vfkit.problems import Code, Problem
from vfkit.serving import logs
from vfkit.serving.connections import ConnectionLimits

log = structlog.get_logger(__name__)

_CALLER_GONE = 499
"""The status that proxies log for a caller who went away while sending; nobody reads it."""


def create_app(settings: Settings | None = None, resolve: Resolve = resolve_host) -> FastAPI:
    """The gateway, not yet started.

    Args:
        settings: what the operator set; None: read from the environment.
        resolve: asks for the addresses of a service's name.
    """
    settings = settings or Settings()
    logs.configure("gateway", settings.log_level)
    gateway = Gateway(settings, resolve)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with gateway.running():
            yield

    app = FastAPI(
        title="VF-Market fitting",
        version=VERSION,
        description="Upload a photo of a person and one of a garment; see the person wearing it.",
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    app.state.gateway = gateway
    app.state.uploads = Uploads(settings)
    app.state.connection_limits = ConnectionLimits(
        connections=settings.client_connections,
        connections_address=settings.client_connections_address,
        head_seconds=settings.head_seconds,
        idle_seconds=settings.keepalive_seconds,
    )
    for router in (photo_routes(PictureKind.PERSON), photo_routes(PictureKind.GARMENT)):
        app.include_router(router)
    for module in (fittings, comparisons, backends, system, fashn):
        app.include_router(module.router)
    add_web(app, gateway)
    add_manual(app)
    correct_document(app)
    _answer_problems(app)
    app.add_middleware(GuardBodies, gateway=gateway)
    app.add_middleware(CountRequests, metrics=gateway.metrics)
    origins = [origin.strip() for origin in settings.cors_origins.split(",") if origin.strip()]
    if origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=origins,
            allow_methods=["GET", "POST", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "Prefer", "Idempotency-Key", "Last-Event-ID"],
            expose_headers=["Location", "ETag", "Retry-After", "Preference-Applied"],
        )
    gateway.tracing.watch(app, gateway.services.clients)
    return app


def _answer_problems(app: FastAPI) -> None:
    """Every error as RFC 9457 problem+json."""

    @app.exception_handler(Problem)
    async def on_problem(request: Request, problem: Problem) -> Response:
        return problem_response(problem, request.url.path)

    @app.exception_handler(RequestValidationError)
    async def on_invalid(request: Request, error: RequestValidationError) -> Response:
        return problem_response(Problem(Code.INVALID_REQUEST, describe_errors(error.errors())), request.url.path)

    @app.exception_handler(Refusal)
    async def on_refusal(request: Request, refusal: Refusal) -> Response:
        return refusal.response(request.url.path)

    @app.exception_handler(HTTPException)
    async def on_http(request: Request, error: HTTPException) -> Response:
        problem = Problem(Code.NOT_FOUND if error.status_code == 404 else Code.INVALID_REQUEST)
        return problem_response(problem, request.url.path, status=error.status_code, headers=dict(error.headers or {}))

    @app.exception_handler(ClientDisconnect)
    async def on_gone(_: Request, __: ClientDisconnect) -> Response:
        return Response(status_code=_CALLER_GONE)

    @app.exception_handler(Exception)
    async def on_bug(request: Request, error: Exception) -> Response:
        log.error("unexpected error", route=getattr(request.scope.get("route"), "path", "none"), exc_info=error)
        return problem_response(Problem(Code.INTERNAL), request.url.path)
