"""The lock files: complete, consistent with each other and with what the packages ask for, under free licences."""

from __future__ import annotations

import importlib.metadata
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WHOLE = ROOT / "locks/open.txt"
PARTS = sorted([*ROOT.glob("services/*/locks/open.txt"), ROOT / "gateway/locks/gateway.txt"])


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(lock: Path) -> dict[str, str]:
    return dict(re.findall(r"^([\w.-]+)==([\w.]+)", lock.read_text(), re.MULTILINE))


def package_of(lock: Path) -> Path:
    return lock.parent.parent / "pyproject.toml"


def local_names() -> set[str]:
    files = [
        *ROOT.glob("*/pyproject.toml"),
        *ROOT.glob("services/*/pyproject.toml"),
        *ROOT.glob("training/*/pyproject.toml"),
    ]
    return {tomllib.loads(file.read_text())["project"]["name"] for file in files}


@pytest.mark.parametrize(
    "lock",
    [WHOLE, ROOT / "locks/dev.txt", ROOT / "training/learned/locks/training.txt", *PARTS],
    ids=lambda lock: str(lock.relative_to(ROOT)),
)
def test_every_package_has_digests_and_no_address(lock: Path) -> None:
    text = lock.read_text()
    entries = re.split(r"^(?=[a-z])", text, flags=re.MULTILINE)[1:]
    assert entries
    assert all("--hash=sha256:" in entry for entry in entries)
    assert "://" not in text
    assert "--index" not in text


def test_training_s_lock_has_what_its_package_asks_for_but_the_framework() -> None:
    lock = ROOT / "training/learned/locks/training.txt"
    project = tomllib.loads(package_of(lock).read_text())["project"]
    wanted = project["dependencies"] + project["optional-dependencies"]["training"]
    names = {canonical(re.match(r"[\w.-]+", requirement)[0]) for requirement in wanted} - local_names()
    assert names - {"torch"} <= {canonical(name) for name in pins(lock)}, "run locks/refresh"
    assert "torch" not in pins(lock)


@pytest.mark.parametrize("lock", PARTS, ids=lambda lock: str(lock.relative_to(ROOT)))
def test_a_part_runs_the_versions_of_the_whole(lock: Path) -> None:
    whole = pins(WHOLE)
    assert pins(lock).items() <= whole.items()


@pytest.mark.parametrize("lock", PARTS, ids=lambda lock: str(lock.relative_to(ROOT)))
def test_a_part_has_what_its_package_asks_for(lock: Path) -> None:
    project = tomllib.loads(package_of(lock).read_text())["project"]
    wanted = project["dependencies"] + project.get("optional-dependencies", {}).get("open", [])
    names = {canonical(re.match(r"[\w.-]+", requirement)[0]) for requirement in wanted} - local_names()
    assert names <= set(pins(lock)), "run locks/refresh"


def test_no_gui_build_of_opencv() -> None:
    assert [name for name in pins(WHOLE) if "opencv" in name] == ["opencv-contrib-python-headless"]


def test_licences_allow_what_the_project_s_own_allows() -> None:
    """No GPL; the LGPL of a library that is loaded, not copied, is fine (pi-heif's libheif and libde265)."""
    gpl = re.compile(r"(?<![L])GPL|GNU General|GNU Affero", re.IGNORECASE)
    for name in pins(WHOLE):
        try:
            facts = importlib.metadata.metadata(name)
        except importlib.metadata.PackageNotFoundError:
            continue  # a lock newer than the environment: the next set-up brings it
        said = [facts.get("License-Expression") or "", *facts.get_all("Classifier", [])]
        assert not any(gpl.search(text) for text in said), name
