"""The local stack: six services and the gateway as real processes of this machine.

    with Stack(programs, logs) as stack:
        stack.wait_ready(report)
        ...                          # http://127.0.0.1:<gateway's port>

All start at once (importing their libraries takes most of the time) and all end with this process, however it ends.
"""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import IO, Self

import httpx

from vf_cli import environments
from vf_cli.output import CommandError, Exit
from vfkit.contracts import Stage
from vfkit.problems import Code

GATEWAY = "gateway"
SERVICES = tuple(stage.value for stage in Stage)
PROGRAMS = (GATEWAY, *SERVICES)
PORT_BASE = 8000
"""The gateway's port; `vf fit` and its like take free ports for the stacks that they start."""
FIRST_SERVICE = 101
"""How far the first service's port lies above the gateway's; the others follow."""
LARGEST_PORT_BASE = 65535 - FIRST_SERVICE - len(SERVICES) + 1

READY_SECONDS = 180.0
"""Enough for the slowest: a reference engine that reads gigabytes of weights from a cold disk."""
POLL_SECONDS = 0.05
PROBE_TIMEOUT = 2.0
TERM_SECONDS = 15.0
FIRST_BACKOFF, LONGEST_BACKOFF = 0.5, 30.0
STEADY_SECONDS = 60.0
"""A process that ran this long has earned a fresh backoff."""
LOG_TAIL_LINES = 15
KEPT_RUNS = 10

Report = Callable[[str], None]


class StackError(Exception):
    """The stack did not come up; the message names the program and says why."""


@dataclass(frozen=True)
class Program:
    """One process of the stack: an app module of this repository on a port of 127.0.0.1."""

    name: str
    module: str
    port: int
    python: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"


def plan(ports: Mapping[str, int], engines: Mapping[str, str], data: Path) -> list[Program]:
    """The programs of a whole stack.

    Args:
        ports: of each service and the gateway.
        engines: engine of each service.
        data: folder of the gateway's state.
    """
    services = [service_program(name, ports[name], engines[name]) for name in SERVICES]
    addresses = {f"VF_{service.name.upper()}_URL": service.url for service in services}
    # Not VF_LOCAL: a forwarder of this machine (ssh -R, socat) would let everybody in whom it lets through.
    state = {"VF_DATA": str(data), "VF_LOCAL": "false", "VF_LOCAL_KEY": local_key(), "VF_WEB": str(has_web()).lower()}
    return [*services, gateway_program(ports[GATEWAY], {**addresses, **state})]


def gateway_program(port: int, environment: Mapping[str, str] = MappingProxyType({})) -> Program:
    """The gateway."""
    return Program(GATEWAY, "vf_gateway.app", port, environment_python("open"), environment)


def service_program(name: str, port: int, engine: str) -> Program:
    """One service with one engine."""
    python = environment_python("open" if engine == "open" else f"{name}-reference")
    return Program(name, f"vf_{name}.app", port, python, {"VF_ENGINE": engine, "VF_WEIGHTS": str(weights_folder())})


def local_key_file() -> Path:
    """Where the API key of this checkout's local stacks lies."""
    return environments.home() / "var/key"


def local_key() -> str:
    """The API key of this checkout's local stacks; made at first, readable by this user alone."""
    file = local_key_file()
    try:
        return file.read_text()
    except FileNotFoundError:
        file.parent.mkdir(parents=True, exist_ok=True)
    # Under another name first: whoever else looks finds a whole key or none. The file has mode 0600.
    with tempfile.NamedTemporaryFile("w", dir=file.parent, prefix="key-") as made:
        made.write(f"vf_{secrets.token_urlsafe(32)}")
        made.flush()
        with suppress(FileExistsError):  # another command was faster
            os.link(made.name, file)
    return file.read_text()


def has_web() -> bool:
    """Whether local stacks serve the fitting room and the demo market: they do unless VF_WEB is false."""
    return (os.environ.get("VF_WEB") or "true").lower() not in ("false", "0", "no", "off")


def web_link(url: str) -> str:
    """What opens the demo market in a browser: the key stands behind #, so that no request and no log names it."""
    return f"{url}/#key={local_key()}"


def weights_folder() -> Path:
    """Where the weight files lie: VF_WEIGHTS, or `weights/` in the checkout."""
    return Path(os.environ.get("VF_WEIGHTS") or environments.ROOT / "weights").resolve()


def environment_python(name: str) -> Path:
    """The interpreter of an environment below `.venv/`; this one's where the environment is not set up."""
    if name.endswith("-reference"):
        environment = environments.reference_environment(name.removesuffix("-reference"))
    else:
        environment = environments.open_environment()
    return environment.python if environment and environment.python.exists() else Path(sys.executable)


def port_base() -> int:
    """The gateway's port where the command line names none: VF_PORT_BASE, or 8000.

    Raises:
        CommandError: VF_PORT_BASE is no port, or leaves no room for the services' ports above it.
    """
    text = os.environ.get("VF_PORT_BASE") or str(PORT_BASE)
    if not text.isdecimal() or not 1 <= int(text) <= LARGEST_PORT_BASE:
        raise CommandError(Exit.USAGE, f"VF_PORT_BASE is {text!r}; it must be a number from 1 to {LARGEST_PORT_BASE}")
    return int(text)


def ports(base: int) -> dict[str, int]:
    """The port of each program: `base` is the gateway's, the services' begin 101 above it."""
    return {GATEWAY: base} | {name: base + FIRST_SERVICE + index for index, name in enumerate(SERVICES)}


def free_ports() -> dict[str, int]:
    """A free port for each program, all different."""
    sockets = {name: socket.create_server(("127.0.0.1", 0)) for name in PROGRAMS}
    ports = {name: server.getsockname()[1] for name, server in sockets.items()}
    for server in sockets.values():
        server.close()
    return ports


def require_free(ports: Mapping[str, int]) -> None:
    """Refuse before anything is started.

    Raises:
        StackError: a port is taken.
    """
    for name, port in ports.items():
        try:
            socket.create_server(("127.0.0.1", port)).close()
        except OSError as error:
            raise StackError(
                f"port {port} ({name}) is taken: {error.strerror}. See ./vf doctor; other ports: --port-base or "
                "VF_PORT_BASE"
            ) from error


@contextmanager
def run_folder() -> Iterator[Path]:
    """A new folder below `var/runs` for the logs of one run; the oldest ones are removed."""
    runs = environments.home() / "var/runs"
    folder = runs / f"{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}"
    folder.mkdir(parents=True)
    for old in sorted(path for path in runs.iterdir() if path.is_dir())[:-KEPT_RUNS]:
        shutil.rmtree(old, ignore_errors=True)
    yield folder


class Running:
    """A program's process, its log and how often it has failed."""

    def __init__(self, program: Program, log: Path, echo: Report | None) -> None:
        self.program = program
        self.log = log
        self._echo = echo
        self.failures = 0
        self.restart_at: float | None = None
        self.started_at = 0.0
        self.process = self._spawn()

    def _spawn(self) -> subprocess.Popen[bytes]:
        program = self.program
        command = [str(program.python), "-P", "-m", "vf_cli.child", program.module]
        command += ["--port", str(program.port), "--parent", str(os.getpid())]
        inherited = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        environment = {**inherited, **program.environment}
        self.started_at = time.monotonic()
        self.restart_at = None
        with self.log.open("ab") as file:
            # Its own process group: Ctrl-C is for this process, which then ends the others in order.
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE if self._echo else file,
                stderr=subprocess.STDOUT, env=environment, process_group=0,
            )  # fmt: skip
        if process.stdout is not None:
            threading.Thread(target=self._copy, args=(process.stdout,), daemon=True).start()
        return process

    def _copy(self, output: IO[bytes]) -> None:
        with self.log.open("ab", buffering=0) as file:
            for line in output:
                file.write(line)
                if self._echo:
                    self._echo(line.decode(errors="replace").rstrip())

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self.process.poll() is None

    def log_tail(self) -> str:
        """The last lines of its log."""
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        return "\n".join(f"  {self.program.name}: {line}" for line in lines[-LOG_TAIL_LINES:])

    def restart_when_due(self, now: float) -> str | None:
        """Start it again once its backoff is over.

        Returns:
            A line to show when something happened.
        """
        if self.alive:
            return None
        if self.restart_at is None:
            self.failures = 0 if now - self.started_at > STEADY_SECONDS else self.failures
            wait = min(LONGEST_BACKOFF, FIRST_BACKOFF * 2**self.failures)
            self.failures += 1
            self.restart_at = now + wait
            return f"ended with {self.process.returncode}; starting again in {wait:.1f} s"
        if now >= self.restart_at:
            self.process = self._spawn()
            return f"started again as process {self.process.pid}"
        return None


class Stack:
    """Several programs that start and end together.

    Args:
        programs: what to run.
        logs: folder for one log file each.
        echo: is given the program's name and each line of its log as it is written.
    """

    def __init__(self, programs: list[Program], logs: Path, echo: Callable[[str, str], None] | None = None) -> None:
        self._programs = programs
        self._logs = logs
        self._echo = echo
        self.running: dict[str, Running] = {}

    def __enter__(self) -> Self:
        try:
            for program in self._programs:
                self._start(program)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _start(self, program: Program) -> None:
        def echo(line: str, name: str = program.name) -> None:
            if self._echo:
                self._echo(name, line)

        log = self._logs / f"{program.name}.log"
        self.running[program.name] = Running(program, log, echo if self._echo else None)

    @property
    def url(self) -> str:
        """The gateway's address."""
        return self.running[GATEWAY].program.url

    def pids(self) -> dict[str, int]:
        """Process id of each program that runs."""
        return {name: one.process.pid for name, one in self.running.items() if one.alive}

    def wait_ready(self, report: Report = lambda _: None, seconds: float = READY_SECONDS) -> None:
        """Return when every program says it is ready.

        Raises:
            StackError: one ended, misses its weights, or is not ready in time.
        """
        end = time.monotonic() + seconds
        waiting = dict(self.running)
        with httpx.Client(trust_env=False, timeout=PROBE_TIMEOUT) as client:
            while waiting:
                for name, one in list(waiting.items()):
                    if not one.alive:
                        raise StackError(
                            f"{name} ended with {one.process.returncode} while starting:\n{one.log_tail()}"
                        )
                    # The gateway is ready when the services are: asking it earlier only takes its time.
                    if (name != GATEWAY or len(waiting) == 1) and _is_ready(client, one):
                        del waiting[name]
                        report(f"{len(self.running) - len(waiting)} of {len(self.running)} ready")
                if time.monotonic() > end:
                    names = ", ".join(waiting)
                    tails = "\n".join(one.log_tail() for one in waiting.values())
                    raise StackError(f"not ready after {seconds:.0f} s: {names}\n{tails}")
                time.sleep(POLL_SECONDS)

    def supervise(self, report: Callable[[str, str], None]) -> None:
        """Start again what crashes, until an exception (Ctrl-C) ends it. Call it from the thread that started them."""
        while True:
            now = time.monotonic()
            for name, one in self.running.items():
                line = one.restart_when_due(now)
                if line:
                    report(name, line)
            time.sleep(POLL_SECONDS)

    def stop(self) -> None:
        """End the gateway, which finishes its calls, then the services; whoever does not end is killed."""
        gateway = [one for name, one in self.running.items() if name == GATEWAY]
        services = [one for name, one in self.running.items() if name != GATEWAY]
        for group in (gateway, services):
            for one in group:
                if one.alive:
                    one.process.terminate()
            end = time.monotonic() + TERM_SECONDS
            for one in group:
                try:
                    one.process.wait(max(0.0, end - time.monotonic()))
                except subprocess.TimeoutExpired:
                    one.process.kill()
                    one.process.wait()


def _is_ready(client: httpx.Client, one: Running) -> bool:
    """Whether a program answers that it is ready.

    Raises:
        StackError: it answers that it never will be: a refusal that asks nobody to come back (no Retry-After).
    """
    name = one.program.name
    try:
        response = client.get(f"{one.program.url}/readyz")
        document = response.json()
    except (httpx.HTTPError, ValueError):
        return False
    if response.is_success or "retry-after" in response.headers:
        return response.is_success
    if document.get("code") == Code.WEIGHTS_MISSING:
        raise StackError(f"{name}: {document.get('detail')} See ./vf weights list.")
    raise StackError(f"{name}: {document.get('detail')}\n{one.log_tail()}")
