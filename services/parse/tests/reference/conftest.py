import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

sys.path.insert(0, str(Path(__file__).parent))

from parse_golden import BIASES, write_checkpoint

from vf_parse.reference.layers import variable_shapes
from vf_testing import cihp

# Making checkpoints is TensorFlow's first computation, and an engine in this process wants these.
tf.config.threading.set_intra_op_parallelism_threads(2)
tf.config.threading.set_inter_op_parallelism_threads(1)


@pytest.fixture(scope="session")
def variables() -> dict[str, np.ndarray]:
    """The weights that the recorded outputs were made with."""
    return cihp.variables(variable_shapes(), BIASES)


@pytest.fixture(scope="session")
def weights(variables, tmp_path_factory) -> Path:
    """A VF_WEIGHTS with those weights in the authors' format, beside the leftovers of a training."""
    root = tmp_path_factory.mktemp("weights")
    write_checkpoint(root / "parse/CIHP_pgn", variables | {"global_step": np.int64(593292)})
    return root
