"""One local stack for all end-to-end tests: the real services and the real gateway, as `vf up` runs them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from vf_cli import stack
from vf_cli.client import GatewayClient
from vf_cli.engines import choose_engines, prepare_engines
from vf_testing.gateway import GatewayProcess
from vfkit.contracts import Stage

SAMPLES = Path(__file__).resolve().parent.parent / "samples"


@pytest.fixture(scope="session")
def person() -> bytes:
    return (SAMPLES / "person.jpg").read_bytes()


@pytest.fixture(scope="session")
def garment() -> bytes:
    return (SAMPLES / "tshirt.jpg").read_bytes()


@pytest.fixture(scope="session")
def local_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[stack.Stack]:
    engines = choose_engines("open")
    prepare_engines(engines)
    programs = stack.plan(stack.free_ports(), engines, tmp_path_factory.mktemp("data"))
    with stack.Stack(programs, tmp_path_factory.mktemp("logs")) as running:
        running.wait_ready()
        yield running


@pytest.fixture(scope="session")
def client(local_stack: stack.Stack) -> Iterator[GatewayClient]:
    with GatewayClient(local_stack.url) as client:
        yield client


@pytest.fixture
def http(local_stack: stack.Stack) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {stack.local_key()}"}
    with httpx.Client(base_url=local_stack.url, headers=headers, timeout=60, trust_env=False) as client:
        yield client


@pytest.fixture
def cli_environment(local_stack: stack.Stack) -> dict[str, str]:
    """Environment in which `vf` finds the running stack."""
    return {**os.environ, "VF_GATEWAY": local_stack.url}


@pytest.fixture(scope="session")
def samples() -> Path:
    return SAMPLES


@pytest.fixture
def start_gateway(local_stack: stack.Stack, tmp_path: Path) -> Iterator[Callable[..., GatewayProcess]]:
    """Starts gateways on one folder that share the real services of the session's stack."""
    addresses = {f"VF_{stage.name}_URL": local_stack.running[stage.value].program.url for stage in Stage}
    made: list[GatewayProcess] = []

    def start(**settings: str) -> GatewayProcess:
        environment = {**addresses, "VF_DATA": str(tmp_path / "data"), "VF_LEASE_SECONDS": "2", **settings}
        made.append(GatewayProcess(environment, tmp_path / "gateway.log"))
        made[-1].start()
        return made[-1]

    yield start
    for gateway in made:
        gateway.kill()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--fitting-room-pictures", metavar="FOLDER", help="keep a picture of every view of the fitting room there"
    )
