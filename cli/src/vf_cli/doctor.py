"""`vf doctor`: what is there, what is missing and how to mend it."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from vf_cli import environments, machine, stack, weights
from vf_cli.client import GatewayClient, answer_at, find_gateway, local_gateway
from vf_cli.identity import Answer
from vf_cli.output import CommandError
from vfkit.weights import Author, State, complaint

OK, NOTE, MISSING = "ok", "note", "missing"
STACK_GIB = 3.0
SETUP_GIB = 3.0
"""Room for the environment, its packages while they are unpacked, and the weights of the open engines."""


@dataclass(frozen=True)
class Check:
    """One thing that was looked at."""

    name: str
    state: str
    found: str
    mend: str = ""

    def line(self) -> str:
        """For people."""
        mend = f"\n{'':8}-> {self.mend}" if self.mend else ""
        return f"{self.state:7} {self.name}: {self.found}{mend}"

    def document(self) -> dict[str, str]:
        """For `--json`."""
        return asdict(self)


def examine() -> list[Check]:
    """Look at everything."""
    return [*_machine(), *_environments(), *_weights(), *_gateway(), *_tools()]


def _machine() -> Iterator[Check]:
    yield Check("machine", OK, machine.describe())
    memory = machine.memory_gib()
    enough = memory >= STACK_GIB
    yield Check(
        "memory", OK if enough else NOTE, f"{memory:.1f} GiB", "" if enough else f"the stack takes {STACK_GIB} GiB"
    )
    disk = machine.free_disk_gib(environments.ROOT)
    room = disk >= SETUP_GIB
    yield Check("disk", OK if room else NOTE, f"{disk:.1f} GiB free", "" if room else f"set-up takes {SETUP_GIB} GiB")


def _environments() -> Iterator[Check]:
    base = environments.open_environment()
    state = OK if base.ready() else NOTE
    yield Check(
        "open environment",
        state,
        f"{base.folder}, Python {sys.version.split()[0]}",
        "" if state == OK else "./vf sets it up",
    )
    for service in stack.SERVICES:
        environment = environments.reference_environment(service)
        if environment is not None:
            ready = environment.ready()
            mend = "" if ready else f"is made when needed: ./vf fit --engine {service}=reference"
            yield Check(f"{service} reference", OK if ready else NOTE, "set up" if ready else "not set up", mend)


def _weights() -> Iterator[Check]:
    for entry in weights.listing(None):
        file = entry.file
        if entry.state == State.DAMAGED:
            mend = f"./vf weights fetch --engine {file.engine}" if file.engine == weights.OPEN else complaint(entry)
            yield Check(file.path, MISSING, "damaged", mend)
        elif entry.state != State.MISSING:
            yield Check(file.path, OK, "there")
        elif isinstance(file.source, Author):
            yield Check(file.path, NOTE, "not there", f"only for the reference engine; from {weights.origin(file)}")
        elif file.needs_consent:
            yield Check(
                file.path, NOTE, "not there", "only for the reference engine: ./vf weights fetch --engine reference"
            )
        elif not file.optional:
            yield Check(file.path, NOTE, "not there yet", "fetched when needed, or now by ./vf weights fetch")


def _gateway() -> Iterator[Check]:
    try:
        url = find_gateway()
        if url is None:
            yield _local_gateway(local_gateway())
            return
        with GatewayClient(url) as client:
            system = client.system()
    except CommandError as error:
        yield Check("gateway", MISSING, error.message, "start it, or unset VF_GATEWAY and VF_PORT_BASE")
        return
    down = [service.stage for service in system.services if not service.available]
    yield Check("gateway", NOTE if down else OK, url, f"not available: {', '.join(down)}" if down else "")


def _local_gateway(url: str) -> Check:
    """The place of this checkout's gateway where it does not run."""
    answer = answer_at(url)
    if answer is Answer.NOBODY:
        return Check("gateway", OK, "none runs; vf fit starts a local stack", "to keep one running: ./vf up")
    mend = "vf fit takes ports of its own; for ./vf up choose others by --port-base or VF_PORT_BASE"
    return Check("gateway", NOTE, f"at {url} answers {answer}", mend)


def _tools() -> Iterator[Check]:
    found = shutil.which("docker")
    yield Check("docker", OK if found else NOTE, found or "not there", "" if found else "only for docker compose up")
