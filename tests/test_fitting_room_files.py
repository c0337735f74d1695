"""The fitting room's files that ship with the gateway are built from web/, small enough, and know every code."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from pathlib import Path

import pytest

from vfkit.problems import Code

ROOT = Path(__file__).resolve().parents[1]
WEB = ROOT / "web"
SHIPPED = ROOT / "gateway/src/vf_gateway/fitting_room"
TYPES_ONLY = "src/api/schema.ts"
MOST_COMPRESSED = 60_000


def sources_digest() -> str:
    """As web/scripts/build.js computes it."""
    files = [
        *(path for name in ("src", "demo", "scripts") for path in (WEB / name).rglob("*")),
        WEB / "package-lock.json",
    ]
    names = sorted(str(path.relative_to(WEB)) for path in files if path.is_file())
    lines = [
        f"{hashlib.sha256((WEB / name).read_bytes()).hexdigest()}  {name}\n" for name in names if name != TYPES_ONLY
    ]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def test_the_files_are_built_from_the_sources() -> None:
    recorded = json.loads((SHIPPED / "built-from.json").read_text())["sources"]
    assert recorded == sources_digest(), "web/ has changed: cd web && npm ci && npm run build"
    for picture in (SHIPPED / "samples").iterdir():
        assert picture.read_bytes() == (ROOT / "samples" / picture.name).read_bytes(), picture.name


def test_they_are_small() -> None:
    files = [path for path in SHIPPED.iterdir() if path.suffix in {".js", ".css", ".html", ".svg"}]
    assert len(files) >= 4
    assert sum(len(gzip.compress(path.read_bytes(), 9)) for path in files) <= MOST_COMPRESSED


@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_problem_and_warning_has_a_sentence(language: str) -> None:
    texts = json.loads((WEB / f"src/text/{language}.json").read_text())
    assert set(Code) <= texts["problems"].keys()
    sources = [path for folder in ("kit/src", "gateway/src", "services") for path in (ROOT / folder).rglob("*.py")]
    warned = {
        code
        for path in sources
        if "/tests/" not in str(path)
        for code in re.findall(r'AnswerWarning\(\s*code="(\w+)"', path.read_text())
    }
    assert len(warned) > 10
    assert warned == texts["warnings"].keys()
