"""A gateway to work with: the one that runs, or a local stack that is started for the command and stopped again."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from vf_cli import stack
from vf_cli.client import GatewayClient, find_gateway
from vf_cli.engines import choose_engines, prepare_engines
from vf_cli.output import CommandError, Exit, console


@contextmanager
def gateway(engine: str | None) -> Iterator[GatewayClient]:
    """A client of a gateway that is ready.

    Args:
        engine: the engines that the caller insists on (see `choose_engines`); None takes what runs.

    Raises:
        CommandError: there is none and none can be started.
    """
    engines = choose_engines(engine)
    running = find_gateway()
    if running and (engine is None or _runs(running, engines)):
        console.print(f"[dim]using the gateway at {running}[/]")
        with GatewayClient(running) as client:
            yield client
        return
    prepare_engines(engines)
    with (
        stack.run_folder() as logs,
        tempfile.TemporaryDirectory(prefix="vf-") as data,
        started(stack.plan(stack.free_ports(), engines, Path(data)), logs) as local,
        GatewayClient(local.url) as client,
    ):
        yield client


@contextmanager
def started(programs: list[stack.Program], logs: Path) -> Iterator[stack.Stack]:
    """A stack that is ready, its start shown."""
    try:
        with console.status("starting the local stack") as status, stack.Stack(programs, logs) as local:
            local.wait_ready(lambda line: status.update(f"starting the local stack: {line}"))
            status.stop()
            yield local
    except stack.StackError as error:
        raise CommandError(Exit.SYSTEM, f"{error}\n(logs: {logs})") from error


def _runs(url: str, engines: dict[str, str]) -> bool:
    with GatewayClient(url) as client:
        services = client.system().services
    found = {service.stage: (service.engine or {}).get("name") for service in services}
    return found == engines
