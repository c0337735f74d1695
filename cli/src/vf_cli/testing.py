"""`vf test`: linters, types, unit and end-to-end tests; with `--all` reference engines, training and containers too.

Every part runs to its end whatever the others do; a part that cannot run is skipped with its reason.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from vf_cli import environments, weights
from vf_cli.output import CommandError, console
from vf_cli.stack import SERVICES

REFERENCE_TESTS = "services/{service}/tests/reference"
TRAINING_TESTS = "training/learned/tests/torch"
COMPOSE_TESTS = "tests/compose"
SCRIPTS = ("vf", "locks/refresh", ".ci/audit")
"""Python files without the suffix, which the linter does not find by itself."""
KEPT = ("VF_HOME", "VF_WEIGHTS")
"""What the tests are told of this machine's settings; every other VF_ variable would change what they test."""
NO_TESTS_COLLECTED = 5  # pytest's exit code


@dataclass(frozen=True)
class Part:
    """How one part went."""

    name: str
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0
    reason: str = ""

    def line(self) -> str:
        """One line for the summary."""
        state = "FAILED" if self.failed else "passed" if self.passed else "skipped"
        counts = [f"{count} {word}" for count, word in self.counts() if count]
        return f"{self.name:24} {state:8} {', '.join(counts):40} {self.seconds:6.1f} s  {self.reason}".rstrip()

    def counts(self) -> list[tuple[int, str]]:
        """Numbers with their words, as pytest says them."""
        return [(self.failed, "failed"), (self.passed, "passed"), (self.skipped, "skipped")]


def run(everything: bool, arguments: Sequence[str]) -> list[Part]:
    """Run all parts.

    Args:
        everything: the reference engines, training and the containers too.
        arguments: given to pytest; when there are any, only pytest runs.

    Raises:
        SetupError: the environment of the test runner could not be made.
    """
    python = environments.dev_environment().ensure(lambda line: console.print(f"[dim]set-up: {line}[/]"))
    if arguments:
        return [_weights(), _pytest("tests", python, arguments)]
    parts = [
        _weights(),
        _command("ruff check", [python, "-m", "ruff", "check", ".", *SCRIPTS]),
        _command("ruff format", [python, "-m", "ruff", "format", "--check", ".", *SCRIPTS]),
        _command("mypy", [python, "-m", "mypy", "--python-executable", python]),
        *_web(),
        _pytest("tests", python, _without_heavy()),
    ]
    if everything:
        parts += [_reference(service) for service in SERVICES]
        parts += [_heavy("training", environments.training_environment(), TRAINING_TESTS)]
        parts += [_pytest("compose", python, [COMPOSE_TESTS])]
    return parts


def summary(parts: Sequence[Part]) -> str:
    """The last lines of the run, the very last as pytest writes it."""
    total = Part(
        "all",
        sum(part.passed for part in parts),
        sum(part.failed for part in parts),
        sum(part.skipped for part in parts),
        sum(part.seconds for part in parts),
    )
    words = ", ".join(f"{count} {word}" for count, word in total.counts() if count)
    lines = [" vf test ".center(100, "=")]
    lines += [part.line() for part in parts]
    lines += [f" {words} in {total.seconds:.2f}s ".center(100, "=")]
    return "\n".join(lines)


def _weights() -> Part:
    """The open engines' weight files, which their tests use: fetched, counted as one test."""
    began = time.monotonic()
    try:
        weights.require(weights.OPEN, SERVICES)
    except CommandError as error:
        console.print(str(error), markup=False)
        return Part("weights", failed=1, seconds=time.monotonic() - began, reason="could not be fetched")
    return Part("weights", passed=1, seconds=time.monotonic() - began)


def _web() -> list[Part]:
    """The fitting room's own checks; in CI they must run."""
    npm = shutil.which("npm")
    if npm is None:
        must = bool(os.environ.get("CI"))
        return [Part("web", failed=int(must), skipped=int(not must), reason="npm is not installed")]
    in_web = [npm, "--prefix", "web"]
    packages = _command("web packages", [*in_web, "ci", "--no-audit", "--no-fund"])
    return [packages] if packages.failed else [packages, _command("web", [*in_web, "run", "check"])]


def _without_heavy() -> list[str]:
    """Arguments that leave out what needs an environment of its own, or Docker."""
    heavy = REFERENCE_TESTS.format(service="*")
    return ["--ignore-glob", heavy, "--ignore", TRAINING_TESTS, "--ignore", COMPOSE_TESTS]


def _reference(service: str) -> Part:
    name = f"reference {service}"
    environment = environments.reference_environment(service)
    tests = REFERENCE_TESTS.format(service=service)
    if environment is None or not (environments.ROOT / tests).is_dir():
        return Part(name, skipped=1, reason=f"{service} has no reference engine with an environment of its own")
    return _heavy(name, environment, tests)


def _heavy(name: str, environment: environments.Environment, tests: str) -> Part:
    """Tests that need an environment of their own."""
    began = time.monotonic()
    try:
        python = environment.ensure(lambda line: console.print(f"[dim]set-up: {line}[/]"))
    except environments.SetupError as error:
        console.print(str(error), markup=False)
        return Part(name, failed=1, seconds=time.monotonic() - began, reason="its environment could not be made")
    return _pytest(name, python, [tests])


def _command(name: str, command: Sequence[str | Path]) -> Part:
    """A tool that either is content or not: counted as one test."""
    code, seconds = _run(name, command)
    return Part(name, passed=int(code == 0), failed=int(code != 0), seconds=seconds)


def _pytest(name: str, python: Path, arguments: Sequence[str]) -> Part:
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.xml")
        code, seconds = _run(name, [python, "-m", "pytest", f"--junitxml={report}", *arguments])
        if code == NO_TESTS_COLLECTED:
            return Part(name, skipped=1, seconds=seconds, reason="there are no tests")
        try:
            suite = ET.parse(report).getroot().find("testsuite")  # noqa: S314
            counts = (
                {key: int(suite.get(key, "0")) for key in ("tests", "failures", "errors", "skipped")}
                if suite is not None
                else {}
            )
        except (OSError, ET.ParseError):
            counts = {}
    if not counts:
        return Part(name, failed=1, seconds=seconds, reason=f"pytest ended with {code} and left no report")
    failed = counts["failures"] + counts["errors"]
    passed = counts["tests"] - failed - counts["skipped"]
    broken = code != 0 and not failed
    return Part(
        name, passed, failed + int(broken), counts["skipped"], seconds, f"pytest ended with {code}" if broken else ""
    )


def _run(name: str, command: Sequence[str | Path]) -> tuple[int, float]:
    console.rule(f"vf test: {name}", characters="=")
    sys.stdout.flush()
    environment = {key: value for key, value in os.environ.items() if not key.startswith("VF_") or key in KEPT}
    began = time.monotonic()
    done = subprocess.run(
        list(map(str, command)), cwd=environments.ROOT, stdin=subprocess.DEVNULL, env=environment, check=False
    )
    return done.returncode, time.monotonic() - began
