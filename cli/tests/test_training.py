"""`vf train`, `vf evaluate`, `vf export`: handed to the package of learned weights with everything that was typed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from vf_cli import environments
from vf_cli.commands import app
from vf_cli.environments import Environment, SetupError
from vf_cli.output import Exit


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """This interpreter in place of the environment, which would have to install PyTorch."""
    monkeypatch.setattr(Environment, "ensure", lambda *_: Path(sys.executable))


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(("command", "option"), [("train", "--resume"), ("evaluate", "--photos"), ("export", "--out")])
def test_help_is_the_package_s(command: str, option: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert CliRunner().invoke(app, [command, "garment", "--help"]).exit_code == 0
    assert option in capfd.readouterr().out


@pytest.mark.usefixtures("here")
def test_arguments_and_exit_code_are_the_package_s(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    done = CliRunner().invoke(app, ["evaluate", "garment", "--photos", str(tmp_path), "--weights", "nothing.onnx"])
    assert done.exit_code == Exit.USAGE
    assert "nothing.onnx" in capfd.readouterr().err


def test_a_failed_set_up_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> Path:
        raise SetupError("no network here")

    monkeypatch.setattr(Environment, "ensure", fail)
    assert CliRunner().invoke(app, ["train", "garment"]).exit_code == Exit.SYSTEM


def test_the_environment_s_locks_are_there() -> None:
    environment = environments.training_environment()
    assert environment.framework is not None
    assert "\ntorch==2.13.0 " in environment.framework.read_text()
    assert all(lock.is_file() for lock in environment.locks)
