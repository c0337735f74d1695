"""`vf train`, `vf evaluate`, `vf export`: the package of learned weights in an environment of its own."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence

from vf_cli import environments
from vf_cli.output import CommandError, Exit, console

MODULE = "vf_training"


def run(command: str, arguments: Sequence[str]) -> int:
    """Make the environment where that is needed, then run the package's command in this process's terminal.

    Returns:
        the package's exit code.

    Raises:
        CommandError: the environment could not be made.
    """
    try:
        python = environments.training_environment().ensure(lambda line: console.print(f"[dim]set-up: {line}[/]"))
    except environments.SetupError as error:
        raise CommandError(Exit.SYSTEM, str(error)) from error
    with subprocess.Popen([python, "-m", MODULE, command, *arguments]) as child:
        try:
            return child.wait()
        except KeyboardInterrupt:  # the child got it too, and ends in its own time
            return child.wait()
