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


def fetch(root: Path, engine: str) -> int:
    """Fetch what may be fetched, and name what only an author hands out.

    Args:
        root: ``VF_WEIGHTS``.
        engine: ``open`` or ``reference``.

    Returns:
        Exit code: 0 when all required files are there, 1 when one could not be fetched, 2 when one has to be put
        there, or ``weights.lock`` mended, by hand.
    """
    files = [file for file in weights.manifest(engine) if not file.optional]
    public = [file for file in files if not isinstance(file.source, Author)]
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
    return 2 if any(isinstance(file.source, Author) for file in absent) else 0


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    """Fetch, and end with the exit code."""
    parser = argparse.ArgumentParser(prog="vfkit.fetch_weights", description="Fetch the weight files of an engine.")
    parser.add_argument("root", type=Path, help="folder of the weight files (VF_WEIGHTS)")
    parser.add_argument("--engine", default="open", choices=["open", "reference"])
    options = parser.parse_args()
    sys.exit(fetch(options.root, options.engine))


if __name__ == "__main__":
    main()
