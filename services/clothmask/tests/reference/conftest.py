import sys
from pathlib import Path

import pytest
import torch

sys.path.insert(0, str(Path(__file__).parent))

import clothmask_golden as golden

from vf_clothmask.reference.engine import FBA_FILE, TRACER_FILE
from vf_testing.pinning import pin_weights

THREADS = 2


@pytest.fixture(scope="session", autouse=True)
def threads():
    torch.set_num_threads(THREADS)


@pytest.fixture(scope="session")
def weights(tmp_path_factory):
    """VF_WEIGHTS with both weight files in the authors' format."""
    folder = tmp_path_factory.mktemp("weights")
    (folder / "clothmask").mkdir()
    torch.save(golden.state("tracer_b7"), folder / TRACER_FILE)
    torch.save(golden.state("fba"), folder / FBA_FILE)
    pin_weights(folder, TRACER_FILE, FBA_FILE)
    return folder


@pytest.fixture(scope="session")
def case():
    return golden.case()
