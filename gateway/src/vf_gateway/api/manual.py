"""The pages that show every call, ``/docs`` (Swagger UI) and ``/redoc`` (Redoc), without any request to the outside.

Scripts and styles come from the package fastapi-standalone-docs. Its own way of putting them into FastAPI replaces
functions of FastAPI for the whole process, so only its files are used here.
"""

from __future__ import annotations

from importlib.resources import as_file, files
from pathlib import Path

from fastapi import APIRouter, FastAPI, Response
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; worker-src blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Browsers keep the pages to this gateway. Both draw with styles of their own making, hence 'unsafe-inline'."""

_SWAGGER = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}: every call</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="docs/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs-start.js"></script>
</body>
</html>
"""
_SWAGGER_START = """SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  displayRequestDuration: true,
});
"""
_REDOC = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}: reference</title>
<link rel="icon" href="data:,">
<style>body {{ margin: 0; }}</style>
</head>
<body>
<redoc spec-url="openapi.json"></redoc>
<script src="redoc/redoc.standalone.js"></script>
</body>
</html>
"""


def add_manual(app: FastAPI) -> None:
    """Serve both pages and what they load. Addresses are relative, so a proxy may put a prefix before them."""
    router = APIRouter(include_in_schema=False)

    @router.get("/docs")
    async def swagger() -> Response:
        return _page(_SWAGGER.format(title=app.title))

    @router.get("/docs-start.js")
    async def swagger_start() -> Response:
        return Response(_SWAGGER_START, media_type="text/javascript")

    @router.get("/redoc")
    async def redoc() -> Response:
        return _page(_REDOC.format(title=app.title))

    app.include_router(router)
    app.mount("/docs", StaticFiles(directory=_assets("swagger")))
    app.mount("/redoc", StaticFiles(directory=_assets("redoc")))


def _page(html: str) -> Response:
    return HTMLResponse(html, headers={"Content-Security-Policy": _POLICY, "X-Content-Type-Options": "nosniff"})


def _assets(name: str) -> Path:
    with as_file(files("fastapi_standalone_docs") / "static" / name) as folder:
        return folder
