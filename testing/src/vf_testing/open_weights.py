"""The open engines' weight files, for tests that run a network."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


def blazepose_weights() -> Path:
    """The folder that `VF_WEIGHTS` names, or `weights/`; where BlazePose is not in it, the test fails."""
    folder = Path(os.environ.get("VF_WEIGHTS", ROOT / "weights"))
    if not (folder / "blazepose" / "pose_detection.tflite").is_file():
        pytest.fail(f"BlazePose's weights are not in {folder}: run ./vf weights fetch, or set VF_WEIGHTS.")
    return folder
