"""The recorded outputs of the published network class, and checkpoints in the authors' format."""

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import tensorflow as tf

from vf_testing import cihp

FIXTURES = Path(__file__).parent / "fixtures"
CASE = json.loads((FIXTURES / "case.json").read_text())
BIASES = CASE["bias_override"]
CERTAIN = 2e-3
"""Labels are compared where the best logit is at least this far above the second."""


def recorded(variant: str) -> Mapping[str, np.ndarray]:
    return np.load(FIXTURES / f"{variant}.npz")


def picture(name: str) -> np.ndarray:
    case = CASE[name]
    return cihp.blocks(case["height"], case["width"], case["block"], case["image_seed"])


def assert_labels(labels: np.ndarray, golden: Mapping[str, np.ndarray]) -> None:
    certain = golden["full/margin"] > CERTAIN
    assert labels.shape == certain.shape
    assert np.array_equal(labels[certain], golden["full/label"][certain])


def write_checkpoint(folder: Path, variables: Mapping[str, np.ndarray], name: str = "model.ckpt-593292") -> None:
    """As TensorFlow 1's saver writes it, with a state file that names a folder of the author's machine."""
    folder.mkdir(parents=True, exist_ok=True)
    names = list(variables)
    tf.raw_ops.SaveV2(
        prefix=str(folder / name),
        tensor_names=names,
        shape_and_slices=[""] * len(names),
        tensors=[tf.constant(variables[key]) for key in names],
    )
    path = f"/home/author/CIHP_pgn/{name}"
    (folder / "checkpoint").write_text(
        f'model_checkpoint_path: "{path}"\nall_model_checkpoint_paths: "/home/author/CIHP_pgn/model.ckpt-1"\n'
        f'all_model_checkpoint_paths: "{path}"\n'
    )
