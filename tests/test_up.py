"""`vf up` starts again what is killed, and nothing outlives it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from vf_cli import stack
from vf_cli.client import GatewayClient

LAUNCHER = """
import sys, pathlib
from vf_cli import stack
from vf_cli.engines import choose_engines
folder = pathlib.Path(sys.argv[1])
with stack.Stack(stack.plan(stack.free_ports(), choose_engines("open"), folder), folder, print) as running:
    running.wait_ready()
    print("URL", running.url, flush=True)
    print("PIDS", *running.pids().values(), flush=True)
    running.supervise(lambda name, line: print(name, line, flush=True))
"""


def wait_until(condition, seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.fixture
def supervisor(tmp_path: Path):
    """The process manager in a process of its own, as `vf up` has it; gives it, its gateway's address, its children."""
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", LAUNCHER, str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    url, pids = "", []
    for line in process.stdout or ():
        words = line.split()
        if words[:1] == ["URL"]:
            url = words[1]
        if words[:1] == ["PIDS"]:
            pids = [int(word) for word in words[1:]]
            break
    yield process, url, pids
    process.kill()
    process.wait()
    wait_until(lambda: not any(map(is_alive, pids)))


@pytest.mark.skipif(sys.platform != "linux", reason="looks at processes through /proc")
def test_killed_service_comes_back_and_all_end_with_their_parent(supervisor, person: bytes, garment: bytes) -> None:
    process, url, pids = supervisor
    assert len(pids) == len(stack.PROGRAMS)
    with GatewayClient(url) as client, httpx.Client(base_url=url, trust_env=False) as http:
        os.kill(pids[0], signal.SIGKILL)
        wait_until(lambda: http.get("/readyz").status_code != 200)
        wait_until(lambda: http.get("/readyz").status_code == 200)
        assert client.fit(person, garment).state == "succeeded"
    process.kill()  # not a chance to clean up
    process.wait()
    wait_until(lambda: not any(map(is_alive, pids)), seconds=5)


@pytest.fixture
def lone_gateway(tmp_path: Path) -> Iterator[stack.Program]:
    """The gateway of a local stack, its services away."""
    programs = stack.plan(stack.free_ports(), dict.fromkeys(stack.SERVICES, "open"), tmp_path / "data")
    program = next(each for each in programs if each.name == stack.GATEWAY)
    running = stack.Running(program, tmp_path / "log", None)
    try:
        wait_until(lambda: answers(program.url), seconds=120)
        yield program
    finally:
        running.process.kill()
        running.process.wait()


def answers(url: str) -> bool:
    with contextlib.suppress(httpx.HTTPError):
        return httpx.get(f"{url}/healthz", trust_env=False).status_code == 200
    return False


def test_a_forwarder_of_this_machine_lets_nobody_in_without_the_key(lone_gateway: stack.Program) -> None:
    """It adds no header, so that what it passes on looks like a local call."""

    async def ask(key: str | None) -> list[int]:
        port = lone_gateway.port

        async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            there, back = await asyncio.open_connection("127.0.0.1", port)
            await asyncio.gather(copy(reader, back), copy(there, writer))

        headers = {"Host": f"127.0.0.1:{port}"} | ({"Authorization": f"Bearer {key}"} if key else {})
        async with await asyncio.start_server(forward, "127.0.0.1", 0) as forwarder:
            forwarded = forwarder.sockets[0].getsockname()[1]
            async with httpx.AsyncClient(headers=headers, trust_env=False, timeout=30) as http:
                return [(await http.get(f"http://127.0.0.1:{at}/v1/people")).status_code for at in (forwarded, port)]

    assert asyncio.run(ask(None)) == [401, 401]
    assert asyncio.run(ask(stack.local_key())) == [200, 200]
    assert stack.local_key_file().stat().st_mode & 0o777 == 0o600


async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while part := await reader.read(65_536):
            writer.write(part)
            await writer.drain()
    writer.close()


def test_a_program_that_cannot_start_is_named(tmp_path: Path) -> None:
    broken = stack.Program("hrviton", "vf_no_such_module", stack.free_ports()["hrviton"], Path(sys.executable))
    with (
        pytest.raises(stack.StackError, match=r"(?s)hrviton ended with 1.*No module named"),
        stack.Stack([broken], tmp_path) as running,
    ):
        running.wait_ready()
