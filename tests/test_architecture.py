"""docs/architecture.md's table of packages and the code agree: who imports whom."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
GUIDE = (ROOT / "docs/architecture.md").read_text()
FOLDERS = ("kit", "anatomy", "blazepose", "gateway", "client", "cli", "testing", "training/synthetic")
PACKAGES = {
    path.parent.name: path.parent
    for folder in (*FOLDERS, "services/*")
    for path in ROOT.glob(f"{folder}/src/*/__init__.py")
}


def allowed() -> dict[str, set[str]]:
    """What each folder of the table may import."""
    rows = re.findall(r"^\| `([\w/*]+)`(?: \(`\w+`\))? \| [^|]+ \| ([^|]+) \|$", GUIDE, re.MULTILINE)
    return {folder: set(re.findall(r"`(\w+)`", words)) for folder, words in rows}


def imported(package: Path) -> set[str]:
    """Packages of ours that a package's modules import, itself left out."""
    names: set[str] = set()
    for module in package.rglob("*.py"):
        for node in ast.walk(ast.parse(module.read_text())):
            if isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                names.add(node.module)
    return {name.split(".")[0] for name in names} & PACKAGES.keys() - {package.name}


def test_the_table_has_every_package() -> None:
    assert set(FOLDERS) | {"services/*"} == allowed().keys()


@pytest.mark.parametrize("name", sorted(PACKAGES))
def test_a_package_imports_what_it_may(name: str) -> None:
    folder = PACKAGES[name].parents[1].relative_to(ROOT)
    row = "services/*" if folder.parts[0] == "services" else str(folder)
    assert imported(PACKAGES[name]) <= allowed()[row]
