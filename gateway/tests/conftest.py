from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from gateway_harness import Services, serve, stub_settings
from gateway_stubs import create_stub

from vf_gateway.app import create_app


@pytest.fixture
def services() -> Iterator[Services]:
    app = create_stub()
    with serve(app) as url:
        yield Services(url, app)


StartGateway = Callable[..., httpx.Client]


@pytest.fixture
def start_gateway(services: Services, tmp_path: Path) -> Iterator[StartGateway]:
    """Start a gateway with these settings; returns a client of it."""
    with contextlib.ExitStack() as stack:

        def start(**more: Any) -> httpx.Client:
            settings = stub_settings(services.url, more.pop("data", tmp_path / "data"), **more)
            url = stack.enter_context(serve(create_app(settings)))
            return stack.enter_context(httpx.Client(base_url=url, timeout=30))

        yield start


@pytest.fixture
def gateway(start_gateway: StartGateway) -> httpx.Client:
    return start_gateway()
