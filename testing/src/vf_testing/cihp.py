"""Made-up weights and pictures for CIHP_PGN, as its recorded outputs were made with.

Plain made-up weights grow through the 33 residual blocks until the sigmoid of the edges saturates; the rule here keeps
every layer between 0.5 and 10 in standard deviation. Without the biases for the two classifiers one class would win
nearly everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from vf_testing.detweights import tf_variables

STEM_FACTOR, BRANCH_FACTOR = 1 / 64, 0.25


def variables(
    shapes: Mapping[str, tuple[int, ...]], biases: Mapping[str, Sequence[float]], seed: int = 0
) -> dict[str, np.ndarray]:
    """All variables of the checkpoint, float32; ``biases`` replace those of the same name."""
    out = tf_variables(shapes, seed)
    out["conv1/weights"] *= np.float32(STEM_FACTOR)
    for name in out:
        if name.endswith("_branch2c/gamma"):
            out[name] *= np.float32(BRANCH_FACTOR)
    return out | {name: np.array(values, np.float32) for name, values in biases.items()}


def blocks(height: int, width: int, block: int, seed: int) -> np.ndarray:
    """(height, width, 3) uint8 RGB of squares in random colours."""
    cells = -(-height // block), -(-width // block), 3
    picture = np.random.RandomState(seed).randint(0, 256, cells).astype(np.uint8)
    return picture.repeat(block, 0).repeat(block, 1)[:height, :width]
