"""The process manager, with programs that are ready at once."""

from __future__ import annotations

import itertools
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from vf_cli import stack
from vf_cli.stack import Stack, StackError

LAUNCHER = """
import sys, pathlib
from vf_cli.stack import Program, Stack
folder, port = pathlib.Path(sys.argv[1]), int(sys.argv[2])
program = Program("gateway", "sample_app", port, pathlib.Path(sys.executable), {"PYTHONPATH": sys.argv[3]})
with Stack([program], folder) as running:
    running.wait_ready()
    print(*running.pids().values(), flush=True)
    running.supervise(lambda name, line: None)
"""


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_until(condition, seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def test_starts_together_and_stops_together(program, tmp_path: Path) -> None:
    said: list[str] = []
    heard: list[tuple[str, str]] = []
    programs = [program("openpose"), program("gateway")]
    with Stack(programs, tmp_path, lambda name, line: heard.append((name, line))) as running:
        running.wait_ready(said.append)
        assert said[-1] == "2 of 2 ready"
        assert httpx.get(running.url).status_code == 200
        pids = list(running.pids().values())
        assert len(pids) == 2
    assert not any(map(is_alive, pids))
    wait_until(lambda: ("openpose", "hello from the app") in heard)
    assert "hello from the app" in (tmp_path / "openpose.log").read_text()


def test_missing_weights_are_told_at_once(program, tmp_path: Path) -> None:
    programs = [program("openpose", SAMPLE_STATUS="503", SAMPLE_CODE="weights_missing")]
    with (
        Stack(programs, tmp_path) as running,
        pytest.raises(StackError, match=r"openpose: pose\.caffemodel is missing"),
    ):
        running.wait_ready()


def test_a_program_that_ends_is_named_with_its_last_words(program, tmp_path: Path) -> None:
    told = pytest.raises(StackError, match=r"(?s)parse ended with 1.*No module named 'no_such_module'")
    with Stack([program("parse", "no_such_module")], tmp_path) as running, told:
        running.wait_ready()


def test_an_engine_that_cannot_be_started_is_told_with_its_log(program, tmp_path: Path) -> None:
    told = pytest.raises(StackError, match=r"(?s)parse: .*hello from the app")
    with Stack([program("parse", SAMPLE_STATUS="503")], tmp_path) as running, told:
        running.wait_ready()


def test_not_ready_in_time(program, tmp_path: Path) -> None:
    told = pytest.raises(StackError, match="not ready after 2 s: parse")
    with Stack([program("parse", SAMPLE_STATUS="503", SAMPLE_CODE="starting")], tmp_path) as running, told:
        running.wait_ready(seconds=2)


def test_killed_program_is_started_again_with_growing_pauses(program, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(stack, "FIRST_BACKOFF", 0.05)
    said: list[str] = []

    class EnoughError(Exception):
        pass

    def report(_: str, line: str) -> None:
        said.append(line)
        if "started again" in line:
            if len(said) == 4:
                raise EnoughError
            running.wait_ready()
            os.kill(running.pids()["gateway"], signal.SIGKILL)

    with Stack([program("gateway")], tmp_path) as running:
        running.wait_ready()
        os.kill(running.pids()["gateway"], signal.SIGKILL)
        with pytest.raises(EnoughError):
            running.supervise(report)
        running.wait_ready()
    assert said[0] == "ended with -9; starting again in 0.1 s"
    pauses = [line for line in said if line.startswith("ended")]
    assert len(pauses) == 2


def test_backoff_doubles_up_to_its_limit_and_is_forgiven(program, tmp_path: Path) -> None:
    one = stack.Running(program("parse"), tmp_path / "log", None)
    one.process.kill()
    one.process.wait()
    waits = []
    for now in itertools.repeat(one.started_at, 8):
        one.restart_at = None
        line = one.restart_when_due(now)
        assert line
        waits.append(float(line.split()[-2]))
    assert waits == [0.5, 1, 2, 4, 8, 16, 30, 30]
    one.restart_at = None
    assert one.restart_when_due(one.started_at + stack.STEADY_SECONDS + 1).endswith("0.5 s")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process of its parent's death")
def test_nothing_outlives_a_killed_parent(tmp_path: Path, python_path: str) -> None:
    port = str(stack.free_ports()["gateway"])
    command = [sys.executable, "-c", LAUNCHER, str(tmp_path), port, python_path]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        pids = [int(word) for word in parent.stdout.readline().split()]
        assert pids
        assert all(map(is_alive, pids))
        parent.kill()
    wait_until(lambda: not any(map(is_alive, pids)), seconds=5)


def test_a_taken_port_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(StackError, match=f"port {port} \\(parse\\) is taken"):
            stack.require_free({"parse": port})


def test_free_ports_differ() -> None:
    assert len(set(stack.free_ports().values())) == len(stack.PROGRAMS) == 7
