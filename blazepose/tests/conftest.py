from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PILImage

from vf_blazepose import PersonFinder
from vf_testing.open_weights import blazepose_weights

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def weights() -> Path:
    return blazepose_weights()


@pytest.fixture(scope="session")
def finder(weights):
    return PersonFinder(weights)


@pytest.fixture(scope="session")
def photo():
    """Our own rendered person, standing, from the front."""
    return np.asarray(PILImage.open(ROOT / "samples" / "person.jpg").convert("RGB"))
