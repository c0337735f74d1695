"""Made-up weights, recorded outputs and the pictures they were recorded for.

Recorded with carvekit 4.1.2 as published on torch 2.13.0. Every parameter is made from its own name
(`vf_testing.detweights`); some of Tracer's are made smaller, or the encoder's sums overflow the sigmoid.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from vf_testing import detweights, golden_inputs

FIXTURES = Path(__file__).parent / "fixtures"
CASE = "case_seed0_w0_160_256x192.npz"
SIZE = 160  # of Tracer's input in the recorded case; the engine's is 640
HEIGHT, WIDTH = 256, 192


def shapes(network):
    """Recorded state dict: key to shape."""
    table = json.loads((FIXTURES / f"keys_{network}.json").read_text())
    return {key: tuple(shape) for key, shape in table.items()}


def state(network):
    """Made-up state dict of ``tracer_b7``, ``fba`` or ``u2net``."""
    made = detweights.torch_state(shapes(network), seed=0)
    return {key: torch.from_numpy(_adjusted(network, key, np.asarray(value))) for key, value in made.items()}


def picture():
    """(256, 192, 3) uint8 RGB: the recorded case's picture."""
    large = Image.fromarray(golden_inputs.cloth(0)[0])
    return np.asarray(large.resize((WIDTH, HEIGHT), Image.Resampling.BILINEAR))


def case():
    """The recorded arrays."""
    with np.load(FIXTURES / CASE) as arrays:
        return dict(arrays)


def _adjusted(network, key, value):
    factor = _factor(key) if network == "tracer_b7" else 1.0
    return value if factor == 1.0 else (value.astype(np.float64) * factor).astype(np.float32)


def _factor(key):
    if key.endswith("_project_conv.weight"):
        return 0.3
    if key.startswith(("rfb2.", "rfb3.", "rfb4.")) and key.endswith((".conv_cat.conv.weight", ".conv_res.conv.weight")):
        return 0.1
    return 0.3 if key == "agg.conv_concat3.conv.weight" else 1.0
