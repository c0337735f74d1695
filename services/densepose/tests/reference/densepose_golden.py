"""The recorded runs of the published program: their pictures, their made-up weights, their numbers."""

import json
import re
from functools import cache
from pathlib import Path

import numpy as np

from vf_testing import detweights

FIXTURES = Path(__file__).parent / "fixtures"
RUNS = ("noise256", "smooth320", "full800")
CASES = json.loads((FIXTURES / "cases.json").read_text())
LIMIT = CASES["config"]["DETECTIONS_PER_IMAGE"]


@cache
def recorded(name):
    with np.load(FIXTURES / f"{name}.npz") as file:
        return {key: file[key] for key in file.files}


def made_up_weights():
    """All parameters from their names, scaled so that activations stay small."""
    shapes = json.loads((FIXTURES / "keys.json").read_text())
    state = detweights.torch_state(shapes, CASES["cases"]["noise256"]["weights_seed"])
    for name in state:
        for pattern, factor in CASES["scales"]:
            if re.match(pattern, name):
                state[name] = state[name] * np.float32(factor)
    return state


def picture_of(case):
    """(h, w, 3) uint8 BGR."""
    height, width, seed = case["h"], case["w"], case["image_seed"]
    if case["image"] == "noise":
        return np.random.RandomState(seed).randint(0, 256, (height, width, 3), dtype=np.uint8)
    y, x = np.mgrid[:height, :width].astype(np.float64)
    waves = [np.sin(2 * np.pi * ((c + 1) * x / width + (seed + 1) * y / height) + c) for c in range(3)]
    return np.floor(127.5 + 127.5 * np.stack(waves, -1)).astype(np.uint8)


def strided(name, quantity, value):
    """The part of a full array that was recorded."""
    strides = CASES["cases"][name]["strides"].get(quantity)
    value = np.asarray(value)
    return value[tuple(slice(None, None, step) for step in strides)] if strides else value
