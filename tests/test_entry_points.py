"""Every command that a package brings starts: its `[project.scripts]`, and each package that runs with `python -m`."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PROJECTS = sorted(
    path for pattern in ("*", "services/*", "training/*") for path in ROOT.glob(f"{pattern}/pyproject.toml")
)
SCRIPTS = {
    name: value
    for project in PROJECTS
    for name, value in tomllib.loads(project.read_text())["project"].get("scripts", {}).items()
}
MODULES = sorted(path.parent.name for project in PROJECTS for path in project.parent.glob("src/*/__main__.py"))
INSTALLED = """
import sys
from importlib.metadata import EntryPoint
name, value, *sys.argv[1:] = sys.argv[1:]
sys.argv[0] = name
sys.exit(EntryPoint(name, value, "console_scripts").load()())
"""
"""What the script does that pip writes for an entry point."""


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-P", *arguments], capture_output=True, text=True, timeout=60, check=False)


def test_there_are_commands() -> None:
    assert "vf-gateway" in SCRIPTS
    assert {"vf_cli", "vf_gateway", "vf_openpose"} <= set(MODULES)


@pytest.mark.parametrize("name", SCRIPTS)
def test_an_entry_point_runs(name: str) -> None:
    done = run("-c", INSTALLED, name, SCRIPTS[name], "--help")
    assert done.returncode == 0, done.stderr
    assert f"Usage: {name}" in done.stdout


@pytest.mark.parametrize("module", MODULES)
def test_a_package_runs_as_a_program(module: str) -> None:
    done = run("-m", module, "--help")
    assert done.returncode == 0, done.stderr
    assert "usage" in done.stdout.lower()
