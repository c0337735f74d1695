"""One compose stack for all tests of this folder: images built, weights fetched, gateway on a free port."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from compose.buyers import Market
from compose.containers import ROOT, SERVICES, Compose, ensure_base_image, why_not

from vf_testing.door import free_port

START_SECONDS = 300
FOLDER = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Time for the images, which the first test waits for: minutes on a new machine."""
    for item in items:
        if item.path.is_relative_to(FOLDER):
            item.add_marker(pytest.mark.timeout(1800))


@pytest.fixture(scope="session")
def engine() -> None:
    """A Docker engine; without one these tests are skipped, which CI does not allow."""
    reason = why_not()
    if reason and os.environ.get("CI"):
        pytest.fail(f"CI has to run the container tests: {reason}")
    if reason:
        pytest.skip(reason)


@pytest.fixture(scope="session")
def stack(engine: None) -> Iterator[Compose]:
    """The whole stack, started as the operators' guide says; removed with its volumes at the end."""
    ensure_base_image()
    settings = {"GATEWAY_PORT": str(free_port()), "VF_LOCAL_KEY": f"vf_{secrets.token_urlsafe(24)}"}
    compose = Compose("vf-test", settings)
    # What a run that was killed left behind.
    compose("down", "--volumes", "--remove-orphans")
    build_images(compose)
    try:
        compose("up", "--detach", timeout=START_SECONDS)
        yield compose
    finally:
        if folder := os.environ.get("VF_COMPOSE_LOGS"):
            compose_logs(compose, folder)
        compose("down", "--volumes", "--remove-orphans")


def build_images(compose: Compose) -> None:
    """Build all images, two at a time: after the first one, which makes the environment that the others begin with."""
    compose("build", "weights", timeout=900)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda service: compose("build", service, timeout=900), (*SERVICES, "gateway")))


def compose_logs(compose: Compose, folder: str) -> None:
    """Keep what the containers said, for whoever has to find out why a test failed."""
    (ROOT / folder).mkdir(parents=True, exist_ok=True)
    (ROOT / folder / "compose.log").write_text(compose("logs", "--no-color"))


@pytest.fixture(scope="session")
def market(stack: Compose) -> Iterator[Market]:
    """A market's backend that talks to the published port."""
    with Market(f"http://127.0.0.1:{stack.settings['GATEWAY_PORT']}", stack.settings["VF_LOCAL_KEY"]) as market:
        market.wait_ready()
        yield market
