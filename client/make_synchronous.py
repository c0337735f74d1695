#!/usr/bin/env python3
"""Writes the synchronous client from the asynchronous one: the same source without its `async` and `await`.

``python client/make_synchronous.py`` writes the file; with ``--check`` it only says whether the file is current.
"""

# ruff: noqa: T201  a script that prints

from __future__ import annotations

import re
import sys
from pathlib import Path

PACKAGE = Path(__file__).parent / "src/vf_client"
WORDS = {
    "AsyncClient": "Client",
    "AsyncBaseTransport": "BaseTransport",
    "AsyncIterator": "Iterator",
    "__aenter__": "__enter__",
    "__aexit__": "__exit__",
    "aclose": "close",
    "aread": "read",
    "aiter_lines": "iter_lines",
}
DOCSTRING = '"""The synchronous client, made from `asynchronous.py` by ``python client/make_synchronous.py``."""'


def synchronous(source: str) -> str:
    """The source of the synchronous client."""
    body = re.sub(r'\A""".*?"""', DOCSTRING, source, flags=re.DOTALL)
    body = re.sub(r"\b(async|await) ", "", body)
    body = body.replace("asyncio.sleep", "time.sleep").replace("import asyncio\n", "")
    body = body.replace("import AsyncIterator, Callable, Sequence", "import Callable, Iterator, Sequence")
    return re.sub("|".join(rf"\b{word}\b" for word in WORDS), lambda found: WORDS[found[0]], body)


def main() -> None:
    """Write or check."""
    wanted = synchronous((PACKAGE / "asynchronous.py").read_text())
    place = PACKAGE / "synchronous.py"
    if "--check" in sys.argv[1:]:
        if place.read_text() != wanted:
            sys.exit(f"{place.name} is not current: run python client/make_synchronous.py")
        return
    place.write_text(wanted)
    print(f"{place.name} written")


if __name__ == "__main__":
    main()
