"""`vf weights`, and the fetching of what a command is about to need. The manifest and the fetcher are vfkit's."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterable, Sequence
from typing import Any

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn

from vf_cli.output import CommandError, Exit, console
from vf_cli.stack import weights_folder
from vfkit import weights
from vfkit.problems import Problem
from vfkit.weights import Author, NpmMember, State, Status, Url, WeightFile, WheelMember

OPEN = "open"
PATH_WIDTH, STATE_WIDTH, SIZE_WIDTH = 40, 14, 9


def require(engine: str, services: Iterable[str]) -> None:
    """Fetch what these services need and may be fetched.

    Args:
        engine: `open`, `reference`, ...
        services: that will run it.

    Raises:
        CommandError: a file could not be fetched, or its author has to be asked; it says which file, where it goes and
            where it is published.
    """
    files = [file for file in weights.manifest(engine, services) if not file.optional]
    absent = [entry for entry in _status(files) if entry.state in _ABSENT]
    by_hand = [entry for entry in absent if isinstance(entry.file.source, Author) or entry.file.needs_consent]
    fetch([entry.file for entry in absent if entry not in by_hand])
    if by_hand:
        messages = "\n".join(f"  {weights.complaint(entry)}" for entry in by_hand)
        raise CommandError(Exit.SYSTEM, f"the {engine} engine lacks weight files below {weights_folder()}:\n{messages}")


def fetch(files: Sequence[WeightFile]) -> list[str]:
    """Fetch these files, with a progress bar.

    Returns:
        Paths of what came; what was there is left alone.

    Raises:
        CommandError: one could not be fetched.
    """
    if not files:
        return []
    display = Progress(
        TextColumn("{task.description}"), BarColumn(bar_width=30), DownloadColumn(), TimeElapsedColumn(),
        console=console, disable=not console.is_terminal,
    )  # fmt: skip
    tasks = {file.path: display.add_task(file.path, total=file.size or None) for file in files}
    if display.disable:
        console.print(f"fetching weight files: {', '.join(tasks)}")
    try:
        with display:
            return weights.fetch(
                weights_folder(), files, lambda path, done, _: display.update(tasks[path], completed=done)
            )
    except weights.FetchError as error:
        raise CommandError(Exit.SYSTEM, str(error)) from error
    except Problem as problem:
        raise CommandError(Exit.SYSTEM, problem.detail) from problem


def fetch_all(engine: str, *, optional: bool, accept_licences: bool) -> list[str]:
    """Fetch every file of an engine that has an address.

    Args:
        engine: `open` or `reference`.
        optional: also those that only a setting asks for.
        accept_licences: licences that have to be accepted are; else the terminal is asked, once for all of them.

    Raises:
        CommandError: a licence is not accepted, or see `require`.
    """
    files = weights.manifest(engine)
    missing = [entry.file for entry in _status(files) if entry.state == State.MISSING]
    public = [file for file in files if not isinstance(file.source, Author) and (optional or not file.optional)]
    bound = [file for file in public if file.needs_consent and file in missing]
    if bound and not (accept_licences or _is_accepted(bound)):
        raise CommandError(
            Exit.USAGE, "the licences are not accepted, so nothing is fetched; --accept-licences accepts them"
        )
    failure: CommandError | None = None
    fetched: list[str] = []
    try:
        fetched = fetch(public)
    except CommandError as error:  # what has to be done by hand is said all the same
        failure = error
    try:
        require(engine, {service.value for file in files for service in file.services})
    except CommandError as error:
        raise CommandError(Exit.SYSTEM, f"{failure}\n{error}" if failure else str(error)) from error
    if failure:
        raise failure
    return fetched


def _is_accepted(files: Sequence[WeightFile]) -> bool:
    """Ask the terminal for consent to the licences of all these files, once."""
    console.print("These files come from their authors, under their authors' terms:")
    for file in files:
        console.print(f"  {file.path}: {file.licence}; from {origin(file)}", soft_wrap=True, markup=False)
    if not sys.stdin.isatty():
        return False
    return typer.confirm("Do you accept these licences?", err=True)


def listing(engine: str | None, *, thorough: bool = False) -> list[Status]:
    """How the weight files of an engine (of all: None) are; thorough compares digests.

    Raises:
        CommandError: no file belongs to such an engine, or weights.lock cannot be read.
    """
    files = weights.manifest(engine)
    if not files:
        raise CommandError(Exit.USAGE, f"no weight file belongs to an engine {engine!r}")
    return _status(files, thorough=thorough)


def _status(files: Sequence[WeightFile], *, thorough: bool = False) -> list[Status]:
    try:
        return weights.status(weights_folder(), files, thorough=thorough)
    except Problem as problem:
        raise CommandError(Exit.SYSTEM, problem.detail) from problem


def pin(entries: Sequence[Status]) -> list[Status]:
    """Pin the reference engines' files that are there in weights.lock.

    Args:
        entries: of a thorough `listing`.

    Returns:
        The same, as they are now.

    Raises:
        CommandError: a file is damaged, or weights.lock cannot be written.
    """
    try:
        return weights.pin(weights_folder(), entries)
    except (ValueError, OSError) as error:
        raise CommandError(Exit.SYSTEM, f"{weights.PINS_FILE} was not written: {error}") from error


def document(entry: Status) -> dict[str, Any]:
    """One weight file for `--json`."""
    file = entry.file
    return {
        "path": file.path,
        "folder": str(weights_folder()),
        "state": entry.state.value,
        "engine": file.engine,
        "services": [service.value for service in file.services],
        "optional": file.optional,
        "size": file.size or None,
        "sha256": file.sha256 or None,
        "needs_consent": file.needs_consent,
        "found_sha256": entry.sha256 or None,
        "recorded": None if entry.recorded is None else dataclasses.asdict(entry.recorded),
        "licence": file.licence,
        "source": origin(file),
    }


def table(entries: Sequence[Status]) -> str:
    """The weight files for people, an engine after the other."""
    lines = [f"weight files below {weights_folder()}"]
    for entry in entries:
        file = entry.file
        size = f"{file.size / 1e6:.1f} MB" if file.size else ""
        optional = ", only where a setting asks for it" if file.optional else ""
        lines.append(f"\n{file.path:{PATH_WIDTH}} {entry.state.value:{STATE_WIDTH}} {size:>{SIZE_WIDTH}}")
        lines.append(f"    {file.engine} engine of {', '.join(file.services)}{optional}; licence: {file.licence}")
        lines.append(f"    from {origin(file)}")
        if entry.recorded is not None:
            lines.append(f"    recorded by {entry.recorded.by}: {entry.recorded.algorithm} {entry.recorded.value}")
        if entry.recorded is None or entry.sha256 not in ("", entry.recorded.value):
            lines.append(f"    {f'found: sha256 {entry.sha256}' if entry.sha256 else 'no digest is recorded'}")
    return "\n".join(lines)


def origin(file: WeightFile) -> str:
    """Where a file comes from, in words."""
    match file.source:
        case WheelMember(package=package, member=member):
            return f"{member} in the Python package {package}"
        case NpmMember(package=package, member=member):
            return f"{member} in the npm package {package}"
        case Url(address=address):
            return address
        case Author(page=page):
            return f"its authors, by hand: {page}"


_ABSENT = (State.MISSING, State.DAMAGED)
