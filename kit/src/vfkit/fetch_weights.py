"""Fetch the weight files of an engine into a folder: ``python -m vfkit.fetch_weights /weights``.

For containers and cluster jobs; people use ``vf weights``, which shows progress bars.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from vfkit import weights
from vfkit.problems import Problem
from vfkit.weights import Author, State


def fetch(root: Path, engine: str, *, accept_licences: bool = False) -> int:
    """Fetch what may be fetched, and name what has to be put there by hand.

    Args:
        root: ``VF_WEIGHTS``.
        engine: ``open`` or ``reference``.
        accept_licences: whether the licences that need it have been accepted.

    Returns:
        Exit code: 0 when all required files are there, 1 when one could not be fetched, 2 when one has to be put
        there, or ``weights.lock`` mended, by hand, or its licence to be accepted.
    """
    files = [file for file in weights.manifest(engine) if not file.optional]
    public = [
        file for file in files if not isinstance(file.source, Author) and (accept_licences or not file.needs_consent)
    ]
    try:
        # A folder that holds only authors' files may be read-only here.
        fetched = weights.fetch(root, public) if public else []
        found = weights.status(root, files)
    except Problem as problem:
        _say(f"weights: {problem.detail}")
        return 2
    except (weights.FetchError, OSError) as error:
        _say(f"weights: {error}")
        return 1
    absent = {entry.file: entry for entry in found if entry.state in (State.MISSING, State.DAMAGED)}
    for file in files:
        if file not in absent:
            _say(f"{file.path}: {'fetched' if file.path in fetched else 'present'}")
    for entry in absent.values():
        _say(weights.complaint(entry))
    if any(
        entry.state is State.MISSING and file.needs_consent and not isinstance(file.source, Author)
        for file, entry in absent.items()
    ):
        _say("With --accept-licences those that have an address are fetched from there.")
    return 2 if absent else 0


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    """Fetch, and end with the exit code."""
    parser = argparse.ArgumentParser(prog="vfkit.fetch_weights", description="Fetch the weight files of an engine.")
    parser.add_argument("root", type=Path, help="folder of the weight files (VF_WEIGHTS)")
    parser.add_argument("--engine", default="open", choices=["open", "reference"])
    parser.add_argument(
        "--accept-licences", action="store_true", help="fetch files whose licences (see NOTICE) have to be accepted"
    )
    options = parser.parse_args()
    sys.exit(fetch(options.root, options.engine, accept_licences=options.accept_licences))


if __name__ == "__main__":
    main()
