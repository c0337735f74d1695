import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PILImage

from vf_blazepose import FaceMesh, PersonFinder

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def weights() -> Path:
    folder = Path(os.environ.get("VF_WEIGHTS", ROOT / "weights"))
    if not (folder / "blazepose" / "pose_detection.tflite").is_file():
        pytest.fail(f"BlazePose's weights are not in {folder}: run ./vf weights fetch, or set VF_WEIGHTS.")
    return folder


@pytest.fixture(scope="session")
def finder(weights):
    return PersonFinder(weights)


@pytest.fixture(scope="session")
def face_mesh(weights):
    return FaceMesh(weights)


@pytest.fixture(scope="session")
def photo():
    """Our own rendered person, standing, from the front."""
    return np.asarray(PILImage.open(ROOT / "samples" / "person.jpg").convert("RGB"))
