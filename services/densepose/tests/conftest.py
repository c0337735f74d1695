from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PILImage

from vf_testing.open_weights import blazepose_weights

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="session")
def weights() -> Path:
    return blazepose_weights()


@pytest.fixture(scope="session")
def photo_file() -> bytes:
    """Our own rendered person, standing, from the front."""
    return (ROOT / "samples" / "person.jpg").read_bytes()


@pytest.fixture(scope="session")
def photo():
    return np.asarray(PILImage.open(ROOT / "samples" / "person.jpg").convert("RGB"))
