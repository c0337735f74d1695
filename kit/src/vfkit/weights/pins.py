"""``weights.lock``: digests of weight files that an operator pins, below ``VF_WEIGHTS``.

One file a line: its SHA-256 in hexadecimal, two spaces, its path below ``VF_WEIGHTS``. Lines that begin with ``#`` are
comments. A folder's digest is `vfkit.weights.file_digest`'s.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from vfkit.problems import Code, Problem

PINS_FILE: Final = "weights.lock"
_LINE = re.compile(r"(?P<sha256>[0-9a-f]{64})  (?P<path>\S.*)")
_COMMENT = "# Digests of weight files; every start of a service compares them. See `vf weights verify --help`.\n"


def read_pins(root: Path) -> dict[str, str]:
    """SHA-256 by path of what is pinned; nothing where there is no ``weights.lock``.

    Args:
        root: ``VF_WEIGHTS``.

    Raises:
        Problem: ``weights_missing``, naming the first line that cannot be read.
    """
    try:
        lines = (root / PINS_FILE).read_text().splitlines()
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise Problem(Code.WEIGHTS_MISSING, f"{PINS_FILE} cannot be read.") from error
    pins: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        match = _LINE.fullmatch(line)
        if match is None or match["path"] in pins:
            fault = "names a file again" if match else "is not a SHA-256, two spaces and a path"
            raise Problem(Code.WEIGHTS_MISSING, f"Line {number} of {PINS_FILE} {fault}.")
        pins[match["path"]] = match["sha256"]
    return pins


def write_pins(root: Path, pins: Mapping[str, str]) -> None:
    """Write ``weights.lock`` anew, in one step.

    Args:
        root: ``VF_WEIGHTS``.
        pins: SHA-256 by path.
    """
    lines = [f"{pins[path]}  {path}\n" for path in sorted(pins)]
    partial = root / f"{PINS_FILE}.part"
    partial.write_text(_COMMENT + "".join(lines))
    partial.replace(root / PINS_FILE)
