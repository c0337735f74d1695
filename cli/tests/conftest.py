"""A program for the process manager that is ready at once."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from vf_cli import stack
from vf_cli.stack import Program

APP = """
import json, os
from starlette.applications import Starlette
def create_app():
    async def app(scope, receive, send):
        if scope["type"] != "http":
            return
        await receive()
        status = int(os.environ.get("SAMPLE_STATUS", "200"))
        code = os.environ.get("SAMPLE_CODE", "ok")
        body = json.dumps({"code": code, "detail": "pose.caffemodel is missing"}).encode()
        headers = [] if code != "starting" else [(b"retry-after", b"1")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})
    print("hello from the app", flush=True)
    whole = Starlette()
    whole.mount("/", app)
    return whole
"""


@pytest.fixture
def python_path(tmp_path: Path) -> str:
    """Where the sample app lies, and all that this interpreter sees."""
    (tmp_path / "apps").mkdir()
    (tmp_path / "apps/sample_app.py").write_text(APP)
    return os.pathsep.join([str(tmp_path / "apps"), *filter(None, sys.path)])


@pytest.fixture
def program(python_path: str):
    ports = iter(stack.free_ports().values())

    def make(name: str, module: str = "sample_app", **environment: str) -> Program:
        environment["PYTHONPATH"] = python_path
        return Program(name, module, next(ports), Path(sys.executable), environment)

    return make
