"""The version is one: of every package, of the images, and of what the programs say."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

from vf_gateway import VERSION

ROOT = Path(__file__).resolve().parents[1]
PROJECTS = sorted(
    path for folder in ("*", "services/*", "training/*") for path in ROOT.glob(f"{folder}/pyproject.toml")
)
IMAGES = [
    *ROOT.glob("docker-compose*.yml"),
    ROOT / "bench/scaling.yml",
    *(ROOT / "deploy/kubernetes").rglob("*.yaml"),
    ROOT / "deploy/kubernetes/README.md",
]


@pytest.mark.parametrize("project", PROJECTS, ids=lambda path: path.parent.name)
def test_a_package_has_the_version(project: Path) -> None:
    assert tomllib.loads(project.read_text())["project"]["version"] == VERSION


def test_images_and_settings_have_the_version() -> None:
    text = "".join(path.read_text() for path in IMAGES)
    told = re.findall(r"VF_VERSION:-([\d.]+)\}", text) + re.findall(r"newTag: (\d+\.\d+\.\d+)", text)
    told += re.findall(r"vf-market/\w+:(\d+\.\d+\.\d+)", text)
    told += re.findall(r"^VF_VERSION=(.*)$", (ROOT / ".env.example").read_text(), re.MULTILINE)
    assert len(told) > 20
    assert set(told) == {VERSION}


def test_what_is_said_has_the_version() -> None:
    service = (ROOT / "kit/src/vfkit/serving/service.py").read_text()
    assert re.findall(r'return "(\d+\.\d+\.\d+)"', service) == [VERSION]
    assert json.loads((ROOT / "gateway/openapi.json").read_text())["info"]["version"] == VERSION
    newest = re.search(r"^## (\d+\.\d+\.\d+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert newest
    assert newest[1] == VERSION
