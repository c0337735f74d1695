import pickle
import sys
from pathlib import Path

import pytest
import torch

sys.path.insert(0, str(Path(__file__).parent))

import densepose_golden as golden

from vf_densepose.reference import network
from vf_densepose.reference.engine import WEIGHTS
from vf_testing.pinning import pin_weights

THREADS = 2


@pytest.fixture(scope="session")
def published():
    """Made-up parameters under the published names."""
    return golden.made_up_weights()


@pytest.fixture(scope="session")
def net(published):
    torch.set_num_threads(THREADS)
    return network.build(published, torch.device("cpu"))


@pytest.fixture(scope="session")
def weights_folder(published, tmp_path_factory):
    """VF_WEIGHTS with a weight file in the authors' format."""
    folder = tmp_path_factory.mktemp("weights")
    path = folder / WEIGHTS
    path.parent.mkdir()
    with path.open("wb") as stream:
        pickle.dump({"model": published, "__author__": "made up for tests"}, stream, protocol=2)
    pin_weights(folder, WEIGHTS)
    return folder
