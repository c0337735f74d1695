"""Made-up weight files in the place of published ones."""

from __future__ import annotations

from pathlib import Path

from vfkit.weights import file_digest, write_pins


def pin_weights(root: Path, *paths: str) -> None:
    """Make files that are not their authors' loadable, as an operator does with files of their own.

    Args:
        root: ``VF_WEIGHTS``.
        paths: below it; nothing else stays pinned.
    """
    write_pins(root, {path: file_digest(root / path) for path in paths})
