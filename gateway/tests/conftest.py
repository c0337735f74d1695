from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog

sys.path.insert(0, str(Path(__file__).parent))

from gateway_harness import Services, serve, stub_settings
from gateway_postgres import find_binaries, new_database, postgres
from gateway_shop import Shop, open_shop
from gateway_stubs import create_stub

from vf_gateway.app import create_app
from vf_gateway.stages.replicas import resolve_host

# structlog's own way of drawing an exception, with the locals of every frame, takes seconds.
structlog.configure(processors=[structlog.processors.format_exc_info, structlog.processors.KeyValueRenderer()])


@pytest.fixture(scope="session")
def stub_server() -> Iterator[Services]:
    app = create_stub()
    with serve(app) as url:
        yield Services(url, app)


@pytest.fixture
def services(stub_server: Services) -> Services:
    stub_server.reset()
    return stub_server


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    binaries = find_binaries()
    if binaries is None:
        if os.environ.get("CI"):
            pytest.fail("PostgreSQL is not installed, and CI must test on it")
        pytest.skip("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    with postgres(binaries) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database, of each kind in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'db' / 'gateway.sqlite'}"
    return new_database(request.getfixturevalue("postgres_server"))


StartGateway = Callable[..., httpx.Client]


@pytest.fixture
def start_gateway(services: Services, tmp_path: Path) -> Iterator[StartGateway]:
    """Start a gateway with these settings; returns a client of it."""
    with contextlib.ExitStack() as stack:

        def start(**more: Any) -> httpx.Client:
            resolve = more.pop("resolve", resolve_host)
            settings = stub_settings(services.url, more.pop("data", tmp_path / "data"), **more)
            url = stack.enter_context(serve(create_app(settings, resolve)))
            return stack.enter_context(httpx.Client(base_url=url, timeout=60))

        yield start


@pytest.fixture
def gateway(start_gateway: StartGateway) -> httpx.Client:
    return start_gateway()


@pytest.fixture
def shop() -> Iterator[Shop]:
    with open_shop() as made:
        yield made
