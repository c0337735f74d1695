"""The lock files: complete, consistent with each other and with what the packages ask for, under free licences."""

from __future__ import annotations

import importlib.metadata
import json
import re
import subprocess
import sys
import tomllib
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
WHOLE = ROOT / "locks/open.txt"
PARTS = sorted(
    [*ROOT.glob("services/*/locks/open.txt"), ROOT / "gateway/locks/gateway.txt", ROOT / "kit/locks/kit.txt"]
)

BY_HAND = ROOT / "services/densepose/locks/detectron2.txt"
EVERY = sorted(
    {
        *ROOT.glob("locks/*.txt"),
        *ROOT.glob("*/locks/*.txt"),
        *ROOT.glob("services/*/locks/*.txt"),
        *ROOT.glob("training/*/locks/*.txt"),
    }
    - {BY_HAND}
)


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


@pytest.mark.parametrize("lock", EVERY, ids=lambda lock: str(lock.relative_to(ROOT)))
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


START = """
import importlib, importlib.abc, importlib.metadata, importlib.util, pkgutil, sys

package, *locked = sys.argv[1:]
modules = importlib.metadata.packages_distributions().items()
missing = {name for name, owners in modules if not {*locked} & {owner.lower().replace("_", "-") for owner in owners}}

class Refuse(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name in missing:
            raise ModuleNotFoundError(f"the lock has no package with the module {name}")

sys.meta_path.insert(0, Refuse())
for module in {"vfkit": ["vfkit.fetch_weights", "vfkit.serving"]}.get(package, [f"{package}.__main__"]):
    importlib.import_module(module)
if importlib.util.find_spec(f"{package}.open"):
    opened = importlib.import_module(f"{package}.open")
    for found in pkgutil.iter_modules(opened.__path__):
        importlib.import_module(f"{package}.open.{found.name}")
"""
"""Imports what a container imports, in a Python that has no other packages than the lock's."""


@pytest.mark.parametrize("lock", PARTS, ids=lambda lock: str(lock.relative_to(ROOT)))
def test_a_part_starts_with_what_its_lock_has(lock: Path) -> None:
    """An image holds the packages of this lock alone: what a package takes for granted is missing there."""
    (package,) = (marker.parent.name for marker in lock.parent.parent.glob("src/*/py.typed"))
    locked = [canonical(name) for name in pins(lock)]
    done = subprocess.run(
        [sys.executable, "-c", START, package, *locked], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr


FRAMEWORKS = sorted(ROOT.glob("services/*/locks/reference-framework.txt"))


@pytest.mark.parametrize("lock", FRAMEWORKS, ids=lambda lock: lock.parts[-3])
def test_a_framework_comes_with_all_that_its_builds_need(lock: Path) -> None:
    """pip adds nothing to a lock, and takes no digest that is not in it."""
    cuda = pins(lock.with_name("reference-cuda.txt"))
    common = pins(lock)
    assert {"torch", "filelock", "sympy", "networkx", "jinja2", "fsspec"} <= common.keys()
    assert any(name.startswith("nvidia-cudnn") for name in cuda)
    assert not any(name.startswith(("nvidia-", "cuda-")) for name in common)
    rest = pins(lock.with_name("reference.txt"))
    assert all(rest[name] == common[name] for name in rest.keys() & common.keys())
    assert not rest.keys() & cuda.keys()


def test_every_framework_lock_knows_the_build_for_cpus() -> None:
    """Its digest is not on the registry's page of the version: `locks/refresh` takes it from the wheel."""
    wheel = "6746dbcbeb526eb61330b76b41ff1b4eb848951103a892eeb080dfa2b264667b"  # torch 2.13.0+cpu, cp311, x86-64
    for lock in FRAMEWORKS:
        assert pins(lock)["torch"] == "2.13.0", "a new version has a wheel of its own"
        assert wheel in lock.read_text()


def audit_module() -> ModuleType:
    loader = SourceFileLoader("audit", str(ROOT / ".ci/audit"))
    module = module_from_spec(spec_from_loader("audit", loader))
    loader.exec_module(module)
    return module


CLEAN = {"name": "idna", "version": "3.20", "vulns": []}
BAD = {"name": "pip", "version": "1.0", "vulns": [{"id": "PYSEC-1", "fix_versions": ["1.1"]}]}
SKIPPED = {"name": "torch", "skip_reason": "not found"}


@pytest.mark.parametrize(
    ("packages", "code", "words"),
    [
        ([CLEAN, SKIPPED], 0, "1 packages, no advisory; not looked up: torch"),
        ([CLEAN, BAD], 1, "pip 1.0: PYSEC-1, mended in 1.1"),
        ([SKIPPED], 0, "not done"),
    ],
)
def test_the_audit_fails_for_an_advisory_only(packages: list[dict], code: int, words: str) -> None:
    found, lines = audit_module().judge([(json.dumps({"dependencies": packages}), "")])
    assert found == code
    assert words in "\n".join(lines)


def test_the_audit_tells_a_missing_network_from_a_broken_tool() -> None:
    judge = audit_module().judge
    code, lines = judge([("", "...\nrequests.exceptions.ConnectionError: Max retries exceeded")])
    assert (code, len(lines)) == (0, 1)
    assert "cannot be reached" in lines[0]
    assert judge([("", "usage: pip-audit")])[0] == 1


def test_the_audit_looks_at_every_lock() -> None:
    wanted = {f"{name}=={version}" for lock in [*EVERY, BY_HAND] for name, version in pins(lock).items()}
    audit = audit_module()
    assert audit.pins() == wanted
    layers = audit.layers(wanted)
    assert {pin for layer in layers for pin in layer} == wanted
    for layer in layers:
        names = [canonical(pin.partition("==")[0]) for pin in layer]
        assert len(names) == len(set(names))


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
