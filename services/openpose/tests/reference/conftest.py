import sys
from pathlib import Path

import pytest
import torch

sys.path.insert(0, str(Path(__file__).parent))

import openpose_golden as golden

from vf_openpose.reference.engine import WEIGHTS
from vf_openpose.reference.network import Body25
from vf_testing.pinning import pin_weights

THREADS = 2


@pytest.fixture(scope="session")
def layers():
    """Made-up blobs under the published names."""
    return golden.made_up_layers()


@pytest.fixture(scope="session")
def network(layers):
    torch.set_num_threads(THREADS)
    net = Body25()
    net.load_layers(layers)
    return net.eval()


@pytest.fixture(scope="session")
def weight_file(layers, tmp_path_factory):
    """The made-up blobs in the authors' format, at their place below VF_WEIGHTS."""
    path = tmp_path_factory.mktemp("weights") / WEIGHTS
    path.parent.mkdir()
    path.write_bytes(golden.caffemodel(layers))
    pin_weights(path.parents[1], WEIGHTS)
    return path


@pytest.fixture(scope="session")
def weights_folder(weight_file):
    return weight_file.parents[1]
