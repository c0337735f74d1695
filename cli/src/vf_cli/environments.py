"""Virtual environments from lock files: made once, changed when the lock changes, shared by calls at the same time.

Standard library only, and imported by `vf` before anything is installed.

An environment is ready when its marker file says so: the marker is written last and in one step, so a call that was
killed leaves an environment without one, and the next call makes it anew. A lock file beside the environment lets
one call install while the others wait.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.metadata
import json
import os
import re
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
"""The checkout that this file belongs to."""

PACKAGES = ("*/src/*/py.typed", "services/*/src/*/py.typed", "training/*/src/*/py.typed")
MARKER = "vf-ready.json"
PTH = "vf-market.pth"
CUDA_PACKAGE = re.compile("cuda-|nvidia-")
PIP_STARTS = ("Collecting ", "Processing ")
"""How the lines of pip's output begin that name the next package: from an index, from a folder."""
PIP_TAIL_LINES = 12
"""How much of pip's output is repeated when it fails; the reason stands in its last lines."""

Report = Callable[[str], None]


class SetupError(Exception):
    """An environment could not be made; the message says why and what to do."""


def home() -> Path:
    """The folder that holds `.venv/` and `var/`: VF_HOME, or the checkout."""
    return Path(os.environ.get("VF_HOME") or ROOT).resolve()


def source_folders() -> list[Path]:
    """The `src` folder of every package of the checkout, importable in each environment."""
    return sorted(marker.parent.parent for pattern in PACKAGES for marker in ROOT.glob(pattern))


@dataclass(frozen=True)
class Environment:
    """A virtual environment below `home()`.

    Attributes:
        name: folder name below `.venv/`.
        locks: requirement files with digests, installed together.
        paths: folders that are importable in it besides what is installed.
        framework: requirement file of PyTorch, installed first: one version has builds with and without CUDA, and
            which one comes is for pip's configuration to say.
        cuda: requirement file of what the build with CUDA needs besides.
    """

    name: str
    locks: tuple[Path, ...]
    paths: tuple[Path, ...]
    framework: Path | None = None
    cuda: Path | None = None

    @property
    def folder(self) -> Path:
        """Where it lies."""
        return home() / ".venv" / self.name

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.folder / "bin" / "python"

    @property
    def site_packages(self) -> Path:
        """Where its packages lie."""
        return self.folder / f"lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"

    def wanted(self) -> dict[str, str]:
        """What the marker holds when the environment is as the lock files say."""
        digest = hashlib.sha256()
        for lock in (*self.locks, self.framework, self.cuda):
            digest.update(lock.read_bytes() if lock else b"")
        return {
            "locks": digest.hexdigest(),
            "paths": os.pathsep.join(map(str, self.paths)),
            "folder": str(self.folder),
        }

    def found(self) -> dict[str, str]:
        """What the marker holds; empty when there is none, or the Python it stands on is gone."""
        try:
            marker: dict[str, str] = json.loads((self.folder / MARKER).read_text())
        except (OSError, ValueError):
            return {}
        return marker if self.python.exists() else {}

    def ready(self) -> bool:
        """Whether nothing has to be done."""
        return self.found() == self.wanted()

    def ensure(self, report: Report) -> Path:
        """Make or change the environment where that is needed.

        Args:
            report: is given one line per step.

        Returns:
            Its interpreter.

        Raises:
            SetupError: pip or venv failed.
        """
        if not self.ready():
            self.folder.parent.mkdir(parents=True, exist_ok=True)
            with _locked(self.folder.with_suffix(".lock"), report):
                if not self.ready():
                    self._install(report)
        return self.python

    def _install(self, report: Report) -> None:
        wanted, found = self.wanted(), self.found()
        (self.folder / MARKER).unlink(missing_ok=True)
        if found.get("folder") != wanted["folder"]:
            report(f"making {self.folder}")
            _make_venv(self.folder)
        if self.framework:
            _install_framework(self.python, self.framework, report)
        if self.cuda and _wants_cuda(self.site_packages):
            _pip_install(self.python, [self.cuda], report)
        _pip_install(self.python, self.locks, report)
        (self.site_packages / PTH).write_text("".join(f"{path}\n" for path in self.paths))
        partial = self.folder / f"{MARKER}.partial"
        partial.write_text(json.dumps(wanted, indent=1))
        partial.replace(self.folder / MARKER)
        report(f"{self.folder.name}: ready")


def open_environment() -> Environment:
    """The local stack with the open engines, the gateway and the command line."""
    return Environment("open", (ROOT / "locks/open.txt",), tuple(source_folders()))


def dev_environment() -> Environment:
    """The linters and the test runner, over the packages of the open environment."""
    base = open_environment()
    return Environment("dev", (ROOT / "locks/dev.txt",), (base.site_packages, *base.paths))


def reference_environment(service: str) -> Environment | None:
    """The environment of a service's reference engine, with the test runner in reach; None when it has no lock file."""
    locks = ROOT / "services" / service / "locks"
    lock, framework, cuda = (locks / f"reference{part}.txt" for part in ("", "-framework", "-cuda"))
    if not lock.exists():
        return None
    return Environment(
        f"{service}-reference",
        (lock,),
        (*source_folders(), dev_environment().site_packages),
        framework if framework.exists() else None,
        cuda if cuda.exists() else None,
    )


def training_environment() -> Environment:
    """Where networks are trained: PyTorch and what stands on it, with the test runner in reach."""
    locks = ROOT / "training/learned/locks"
    return Environment(
        "training",
        (locks / "training.txt",),
        (*source_folders(), dev_environment().site_packages),
        locks / "training-framework.txt",
        locks / "training-cuda.txt",
    )


@contextmanager
def _locked(path: Path, report: Report) -> Iterator[None]:
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            report("another vf is setting up; waiting for it")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _make_venv(folder: Path) -> None:
    try:
        venv.EnvBuilder(clear=True, with_pip=True, symlinks=True).create(folder)
    except (subprocess.CalledProcessError, OSError) as error:
        raise SetupError(
            f"{folder} could not be made: {error}\n"
            "On Debian and Ubuntu, Python's venv is a package of its own: apt-get install python3.11-venv"
        ) from error


def _install_framework(python: Path, lock: Path, report: Report) -> None:
    """Install the build that pip's configuration names, and no other than the lock knows.

    With digests at hand pip would take the build whose digest its index tells before it looks; so it first fetches what
    its configuration names, and then installs that against the digests.
    """
    with tempfile.TemporaryDirectory() as folder:
        pins = Path(folder, "pins.txt")
        pins.write_text("\n".join(re.findall(r"^[\w.-]+==[\w.]+", lock.read_text(), re.MULTILINE)))
        _pip(python, ["download", "--no-deps", "--dest", folder], [pins], report)
        _pip_install(python, [lock], report, "--no-index", "--find-links", folder)


def _wants_cuda(site_packages: Path) -> bool:
    """Whether the build of PyTorch that came asks for CUDA's libraries."""
    torch = importlib.metadata.distributions(path=[str(site_packages)], name="torch")
    return any(CUDA_PACKAGE.match(needed) for found in torch for needed in found.requires or ())


def _pip_install(python: Path, locks: Sequence[Path], report: Report, *options: str) -> None:
    """Install requirement files; they name every package with its digest, so pip adds nothing to them."""
    _pip(python, ["install", "--require-hashes", "--no-deps", *options], locks, report)


def _pip(python: Path, action: Sequence[str], locks: Sequence[Path], report: Report) -> None:
    """Let pip install or download what requirement files name."""
    total = sum(len(re.findall(r"^[A-Za-z0-9]", lock.read_text(), re.MULTILINE)) for lock in locks)
    command: list[str | Path] = [
        python,
        "-m",
        "pip",
        *action,
        "--only-binary",
        ":all:",
        "--progress-bar",
        "off",
    ]
    command += ["--no-input", "--disable-pip-version-check"]
    for lock in locks:
        command += ["--requirement", lock]
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONSAFEPATH")}
    lines: list[str] = []
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
    ) as pip:
        for line in pip.stdout or ():
            lines.append(line.rstrip())
            if line.startswith(PIP_STARTS):
                done = sum(earlier.startswith(PIP_STARTS) for earlier in lines)
                report(f"package {done} of {total}: {line.split()[1].rpartition('/')[2]}")
            elif line.startswith("Installing collected"):
                report(f"installing {total} packages")
    if pip.returncode:
        tail = "\n".join(f"  pip: {line}" for line in lines[-PIP_TAIL_LINES:])
        raise SetupError(
            f"{tail}\nInstalling {', '.join(str(lock) for lock in locks)} failed. Without a network, point pip at a "
            "folder or an index that has the packages (PIP_FIND_LINKS, PIP_INDEX_URL) and try again."
        )
