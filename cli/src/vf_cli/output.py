"""What the command says and how it ends.

Results go to standard output (as JSON with `--json`), progress and complaints to standard error.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import IntEnum
from typing import Any, NoReturn

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn


class Exit(IntEnum):
    """Exit codes of `vf`."""

    OK = 0
    FAILED = 1
    USAGE = 2
    PICTURE = 3
    SYSTEM = 4


EXIT_CODES_HELP = (
    "Exit codes: 0 done; 1 tests failed or something unforeseen; 2 wrong usage; "
    "3 a picture cannot be used; 4 the system cannot do it now (set-up, weights, services)."
)

console = Console(stderr=True, highlight=False, soft_wrap=True)
"""Progress and complaints."""


class CommandError(Exception):
    """Ends the command with a message and an exit code.

    Args:
        code: how the command ends.
        message: for people.
        problem: what the gateway said, for `--json`.
    """

    def __init__(self, code: Exit, message: str, problem: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.problem = dict(problem or {})


_SURROGATE = re.compile("[\ud800-\udfff]")
"""What Python puts for each byte of a file name that is not UTF-8."""


def as_json_text(document: Any) -> str:
    """Readable JSON, with any file name in it: a byte that is not UTF-8 is told as ``\\udcXX``, as Python does."""
    text = json.dumps(document, indent=2, ensure_ascii=False, default=str)
    return _SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def answer(document: Any, as_json: bool, text: str) -> None:
    """Print a command's result."""
    typer.echo(as_json_text(document) if as_json else text)


def fail(error: CommandError, as_json: bool) -> NoReturn:
    """Say what went wrong and end."""
    if as_json:
        typer.echo(as_json_text({"error": error.message, "problem": error.problem}))
    console.print(f"[bold red]vf:[/] {escape(error.message)}")
    raise typer.Exit(error.code)


@contextmanager
def ending(as_json: bool) -> Iterator[None]:
    """Turn a `CommandError` inside into the command's end."""
    try:
        yield
    except CommandError as error:
        fail(error, as_json)


def progress(*, transient: bool = True) -> Progress:
    """A progress display with a name, a bar, a count and the time; silent where nobody watches."""
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("[dim]{task.fields[note]}"),
        console=console,
        transient=transient,
        disable=not console.is_terminal,
    )
