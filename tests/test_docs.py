"""What the documents tell to type works, and what they point at is there.

Every command of a document is run here, or stands in a table with the reason why not: a cluster, a database, a GPU.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from typer.main import get_command

from vf_cli import stack
from vf_cli.commands import app

ROOT = Path(__file__).resolve().parents[1]
COMMANDS = ["README.md", "CONTRIBUTING.md", "gateway/README.md", *(f"docs/{p.name}" for p in ROOT.glob("docs/*.md"))]
"""Documents whose commands are looked at."""
EVERY = sorted(
    {
        *ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("*/README.md"), *ROOT.glob("services/*/README.md"),
        ROOT / "deploy/kubernetes/README.md",
    }
)  # fmt: skip
WORDS_OF_README = 900

NOT_HERE = {
    r"docker(-compose| compose| build| stop| inspect)?\b": "needs a Docker daemon; tests/compose does it in CI",
    r"old=\$\(docker": "needs a Docker daemon",
    r"kubectl ": "needs a cluster; tests/deploy renders and checks the manifests",
    r"pg_(dump|restore) ": "needs an operator's PostgreSQL",
    r"\./vf (test|bench)\b": "is this very run, or takes minutes",
    r"\./vf serve ": "runs until it is stopped; cli/tests and tests/test_up.py start the same programs",
    r"\./vf weights fetch --engine reference": "calls the authors' servers; the tests of kit and cli call their own",
    r"\./vf weights verify --write": "writes beside whatever weights are there; cli/tests has a folder of its own",
    r"VF_ENGINE=reference \./vf serve ": "needs the authors' weights; services/*/tests/reference start it",
    r"curl -F image=@samples/person.jpg http://127.0.0.1:8102": "calls one service; services/parse/tests do",
    r"vf-gateway serve ": "runs until it is stopped; every test of the gateway starts it",
    r"\.venv/": "the linters and tests of this very run",
    r"git ": "changes the repository",
    r"cp \.env\.example": "tests/deploy compares the file",
}
"""Commands that are not run here, by what they begin with, and why."""


def commands(document: str) -> list[str]:
    """The commands of a document: lines of its indented blocks, comments left out, continued lines joined."""
    text = re.sub(r"^```(?!sh).*?^```", "", (ROOT / document).read_text(), flags=re.MULTILINE | re.DOTALL)
    text = re.sub(r"\\\n\s+", "", text)
    blocks = [block.strip("\n").split("\n") for block in text.split("\n\n")]
    indented = [block for block in blocks if all(line.startswith("    ") for line in block)]
    found = [line.strip() for block in indented for line in block if not line.startswith("     ")]
    return [re.sub(r"\s+#.*| &$", "", line) for line in found]


def reason(command: str) -> str | None:
    """Why a command is not run here."""
    return next((why for start, why in NOT_HERE.items() if re.match(start, command)), None)


HERE = [(document, command) for document in COMMANDS for command in commands(document) if reason(command) is None]


def test_there_are_commands() -> None:
    run = {command.split()[0] for _, command in HERE}
    assert {"./vf", "curl", "vf-gateway"} <= run
    for start in NOT_HERE:
        assert any(re.match(start, command) for document in COMMANDS for command in commands(document)), start


@pytest.fixture(scope="module")
def type_in(local_stack: stack.Stack, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], str]:
    """Types a command into a shell, where the running stack answers on the documented port's behalf."""
    folder = tmp_path_factory.mktemp("typed")
    for name in ("samples", "locks", "gateway", "client"):
        (folder / name).symlink_to(ROOT / name)
    stack.local_key()
    (folder / "var").mkdir()
    (folder / "var/key").symlink_to(stack.local_key_file())
    programs = folder / "bin"
    programs.mkdir()
    for name, code in {
        "vf": "-m vf_cli",
        "vf-gateway": "-m vf_gateway",
    }.items():
        (programs / name).write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -P {code} "$@"\n')
        (programs / name).chmod(0o755)
    (folder / "vf").symlink_to(programs / "vf")
    environment: Mapping[str, str] = {
        **os.environ,
        "PATH": f"{programs}:{os.environ['PATH']}",
        "VF_GATEWAY": local_stack.url,
        "VF_DATA": str(folder / "data"),
    }
    made: dict[str, str] = {}

    def type_in(command: str) -> str:
        command = command.replace("http://127.0.0.1:8000", local_stack.url).replace("vf_...", "none")
        for placeholder, name in made.items():
            command = command.replace(placeholder, name)
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", command],
            cwd=folder, env=dict(environment), capture_output=True, text=True, timeout=200, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{command}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
        for placeholder, pattern in {"fit_...": r'"id": ?"(fit_\w+)"', "KEY_ID": r'"id": "(\w+)", "key"'}.items():
            if found := re.search(pattern, done.stdout):
                made[placeholder] = found[1]
        return done.stdout

    return type_in


def test_commands_do_what_they_say(type_in: Callable[[str], str]) -> None:
    """In the order of each document, since later commands use what earlier ones made."""
    for document, command in HERE:
        said = type_in(command)
        assert "Traceback" not in said, (document, command)


def test_every_option_of_vf_that_is_told_exists() -> None:
    root = get_command(app)
    for path in EVERY:
        for words in re.findall(r"\./vf ([a-z]+(?: [^`\n|#]*)?)", path.read_text()):
            name, *rest = words.split()
            command = root.commands.get(name)  # type: ignore[attr-defined]
            assert command is not None, f"{path.name}: ./vf {words}"
            if name == "test":
                continue  # what follows is pytest's
            known = {option for parameter in command.params for option in parameter.opts}
            inner = getattr(command, "commands", {}).values()
            known |= {option for one in inner for parameter in one.params for option in parameter.opts}
            told = {word.rstrip(",.;)") for word in rest if word.startswith("--")} - {"--help"}
            assert told <= known, f"{path.name}: ./vf {words}"


def anchors(path: Path) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", path.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("path", EVERY, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", path.read_text()):
        if "://" in target:
            continue
        file, _, anchor = target.partition("#")
        place = (path.parent / file).resolve() if file else path
        assert place.exists(), target
        assert not anchor or anchor in anchors(place), target


def test_files_that_the_architecture_names_are_there() -> None:
    text = (ROOT / "docs/architecture.md").read_text()
    journey = text[text.index("## One fitting's journey") : text.index("## The packages")]
    below_the_gateway = re.findall(r"`((?:\w+/)+\w+\.py)`", journey)
    assert len(below_the_gateway) > 10
    for name in below_the_gateway:
        assert (ROOT / name).exists() or (ROOT / "gateway/src/vf_gateway" / name).exists(), name
    for name in re.findall(r"`((?:kit|services|tests|deploy|docs|training)/[\w./-]+)`", text):
        assert (ROOT / name).exists(), name


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text().split()) <= WORDS_OF_README


def test_every_package_has_a_readme() -> None:
    for project in [*ROOT.glob("*/pyproject.toml"), *ROOT.glob("services/*/pyproject.toml")]:
        assert (project.parent / "README.md").exists(), project.parent.name


def test_decisions_are_listed() -> None:
    folder = ROOT / "docs/decisions"
    listed = set(re.findall(r"\]\((\d{4}[\w-]+\.md)\)", (folder / "README.md").read_text()))
    assert listed == {path.name for path in folder.glob("0*.md")}
