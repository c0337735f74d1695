import os
import sys
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # before PyTorch: spinning threads starve a machine that is shared

import pytest
import torch

sys.path.insert(0, str(Path(__file__).parent))

import hrviton_golden as golden

from vf_hrviton.reference.checkpoints import fold_spectral_norm, load_strictly
from vf_hrviton.reference.condition import ConditionGenerator
from vf_hrviton.reference.engine import CONDITION_FILE, GENERATOR_FILE
from vf_hrviton.reference.generator import ImageGenerator

THREADS = 2


@pytest.fixture(scope="session")
def states():
    """Made-up state dicts under the published keys: condition generator, image generator."""
    return golden.condition_state(), golden.generator_state()


@pytest.fixture(scope="session")
def networks(states):
    torch.set_num_threads(THREADS)
    condition, generator = ConditionGenerator(), ImageGenerator()
    load_strictly(condition, states[0], "mtviton.pth")
    load_strictly(generator, fold_spectral_norm(states[1], "gen.pth"), "gen.pth")
    return condition.eval(), generator.eval().to(memory_format=torch.channels_last)


@pytest.fixture(scope="session")
def weights_folder(states, tmp_path_factory):
    """VF_WEIGHTS with both files in the authors' format."""
    folder = tmp_path_factory.mktemp("weights")
    (folder / "hrviton").mkdir()
    torch.save(states[0], folder / CONDITION_FILE)
    torch.save(states[1], folder / GENERATOR_FILE)
    return folder
