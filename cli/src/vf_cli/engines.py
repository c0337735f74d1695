"""Which engine each service runs, and whether what it needs is there."""

from __future__ import annotations

import os
from collections.abc import Mapping

from vf_cli import environments, weights
from vf_cli.output import CommandError, Exit, console
from vf_cli.stack import SERVICES

OPEN = "open"


def choose_engines(wanted: str | None) -> dict[str, str]:
    """The engine of each service.

    Args:
        wanted: an engine's name for all services, or a list such as `hrviton=reference,parse=open`, where the
            services that are not named get the default; None is the default: VF_ENGINE, else open.

    Raises:
        CommandError: a service does not exist, or an entry has no name.
    """
    default = os.environ.get("VF_ENGINE") or OPEN
    if wanted is None or "=" not in wanted:
        return dict.fromkeys(SERVICES, wanted or default)
    engines = dict.fromkeys(SERVICES, default)
    for entry in wanted.split(","):
        service, _, engine = (word.strip() for word in entry.partition("="))
        if service not in SERVICES or not engine:
            raise CommandError(Exit.USAGE, f"{entry!r}: write service=engine; the services are {', '.join(SERVICES)}")
        engines[service] = engine
    return engines


def prepare_engines(engines: Mapping[str, str]) -> None:
    """Fetch the weights that may be fetched and are missing; set up the environments that the engines need.

    Raises:
        CommandError: a weight file is missing and must come from its author, or an environment cannot be made.
    """
    for engine in sorted(set(engines.values()), key=OPEN.__eq__):  # the open one last: a refused run fetches nothing
        weights.require(engine, [service for service, chosen in engines.items() if chosen == engine])
    for service, engine in engines.items():
        environment = environments.reference_environment(service) if engine != OPEN else None
        if environment is not None:
            try:
                environment.ensure(lambda line: console.print(f"[dim]set-up: {line}[/]"))
            except environments.SetupError as error:
                raise CommandError(Exit.SYSTEM, str(error)) from error
