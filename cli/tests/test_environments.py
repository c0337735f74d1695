"""Environments: made when there is none, left alone when nothing changed, never half made."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from vf_cli import environments
from vf_cli.environments import MARKER, Environment, SetupError


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Environment:
    """One that installs nothing, so that no network is needed."""
    monkeypatch.setenv("VF_HOME", str(tmp_path))
    lock = tmp_path / "lock.txt"
    lock.write_text("# nothing\n")
    package = tmp_path / "src/vf_sample"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("answer = 42\n")
    return Environment("sample", (lock,), (tmp_path / "src",))


def test_an_environment_s_life(environment: Environment) -> None:
    said: list[str] = []
    python = environment.ensure(said.append)
    assert said
    done = subprocess.run([python, "-c", "import vf_sample; print(vf_sample.answer)"], capture_output=True, check=True)
    assert done.stdout.strip() == b"42"

    said.clear()
    environment.ensure(said.append)
    assert not said, "nothing changed"

    witness = environment.folder / "witness"
    witness.touch()
    environment.locks[0].write_text("# changed\n")
    assert not environment.ready()
    environment.ensure(said.append)
    assert environment.ready()
    assert witness.exists(), "a changed lock is installed into the same environment"

    marker = environment.folder / MARKER
    kept = marker.read_text()
    marker.write_text(json.dumps({**json.loads(kept), "folder": "/elsewhere"}))
    assert not environment.ready(), "a moved checkout is noticed"

    marker.unlink()
    environment.ensure(said.append)
    assert not witness.exists(), "a half-made environment is made anew"


def test_failed_install_says_what_pip_said_and_leaves_no_marker(environment: Environment) -> None:
    environment.locks[0].write_text("vf-no-such-package==1 --hash=sha256:" + "0" * 64 + "\n--no-index\n")
    with pytest.raises(SetupError, match=r"(?s)pip: ERROR.*Without a network"):
        environment.ensure(lambda _: None)
    assert not environment.ready()


def test_two_calls_at_the_same_time_install_once(environment: Environment, tmp_path: Path) -> None:
    code = (
        "import pathlib\nfrom vf_cli.environments import Environment\n"
        f"root = pathlib.Path({str(tmp_path)!r})\n"
        "Environment('sample', (root / 'lock.txt',), (root / 'src',)).ensure(print)\n"
    )
    source = environments.ROOT / "cli/src"
    calls = [
        subprocess.Popen(
            [sys.executable, "-c", code],
            stdout=subprocess.PIPE,
            text=True,
            env={"VF_HOME": str(tmp_path), "PYTHONPATH": str(source)},
        )
        for _ in range(2)
    ]
    said = [call.communicate()[0] for call in calls]
    assert [call.returncode for call in calls] == [0, 0]
    assert sum("making" in text for text in said) == 1


def test_the_script_refuses_other_pythons_in_words() -> None:
    script = (environments.ROOT / "vf").read_text()
    code = script.replace("sys.version_info[:2] == (3, 11)", "False").replace('shutil.which("python3.11")', "None")
    done = subprocess.run(
        [sys.executable, "-c", code.replace("__file__", repr(str(environments.ROOT / "vf")))],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "needs Python 3.11" in done.stderr
