"""The command line answers for help and for wrong files without PyTorch."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


def call(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "vf_training", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize(
    ("command", "option"), [("train", "--resume"), ("evaluate", "--photos"), ("export", "--weights")]
)
def test_help_names_the_options(command: str, option: str) -> None:
    done = call(command, "garment", "--help")
    assert done.returncode == 0
    assert option in done.stdout


def test_a_file_that_is_no_network_is_named(tmp_path: Path) -> None:
    weights = tmp_path / "reader.onnx"
    weights.write_bytes(b"not a network")
    done = call("evaluate", "garment", "--photos", tmp_path, "--weights", weights)
    assert done.returncode == 2
    assert "reader.onnx cannot be read as an ONNX network" in done.stderr
    assert "Traceback" not in done.stderr
