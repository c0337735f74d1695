"""The client's two modules are one source, and it runs on the oldest Python that it names."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CLIENT = Path(__file__).parents[1]


def test_the_synchronous_client_is_current() -> None:
    subprocess.run([sys.executable, CLIENT / "make_synchronous.py", "--check"], check=True)


@pytest.mark.parametrize("path", sorted((CLIENT / "src/vf_client").glob("*.py")), ids=lambda path: path.name)
def test_the_syntax_is_that_of_python_3_10(path: Path) -> None:
    ast.parse(path.read_text(), feature_version=(3, 10))


@pytest.mark.parametrize("version", ["3.10", "3.12", "3.13", "3.14"])
def test_it_works_with_other_pythons(version: str) -> None:
    python = shutil.which(f"python{version}")
    if python is None or subprocess.run([python, "--version"], capture_output=True, check=False).returncode:
        pytest.skip(f"there is no Python {version} here")
    code = """
import httpx, vf_client
answer = {"id": "per_1", "state": "succeeded", "created_at": "2026-01-31T09:00:00Z", "news": 1, "links": {}}
with vf_client.Client("http://gateway", transport=httpx.MockTransport(lambda r: httpx.Response(200, json=answer))) as c:
    assert c.person("per_1").created_at.year == 2026
"""
    paths = [str(CLIENT / "src"), *(path for path in sys.path if path.endswith("site-packages"))]
    subprocess.run([python, "-c", code], check=True, env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)})
