"""`vf up` starts again what is killed, and nothing outlives it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
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


def test_a_program_that_cannot_start_is_named(tmp_path: Path) -> None:
    broken = stack.Program("hrviton", "vf_no_such_module", stack.free_ports()["hrviton"], Path(sys.executable))
    with (
        pytest.raises(stack.StackError, match=r"(?s)hrviton ended with 1.*No module named"),
        stack.Stack([broken], tmp_path) as running,
    ):
        running.wait_ready()
