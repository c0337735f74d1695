"""gateway/openapi.json, which callers generate clients from, is what the gateway serves."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1]


def test_the_file_is_current() -> None:
    code = "import make_openapi; print(make_openapi.document(), end='')"
    done = subprocess.run([sys.executable, "-c", code], cwd=FOLDER, capture_output=True, text=True, check=True)
    assert (FOLDER / "openapi.json").read_text() == done.stdout, "run .venv/open/bin/python gateway/make_openapi.py"
