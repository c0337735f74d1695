"""The recorded runs of the published program: their made-up weights, their inputs, their numbers."""

import json
from functools import cache
from pathlib import Path

import numpy as np
import torch
from PIL import Image as PILImage

from vf_hrviton.types import TryOnRequest
from vf_testing import detweights, golden_inputs

FIXTURES = Path(__file__).parent / "fixtures"
CONDITION_BIAS = (3, 2, 1, 3, 1, 0.5, 2.5, 0.5, 1.5, 1.5, 1.5, 1.5, 3)
FIRST_INPUT_OF_OUT_LAYER = 96


def recorded(name):
    with np.load(FIXTURES / f"{name}.npz") as file:
        return {key: file[key] for key in file.files}


def _shapes(name):
    return {key: tuple(shape) for key, shape in json.loads((FIXTURES / f"keys_{name}.json").read_text()).items()}


def _times(values, factor):
    """Computed in float64, rounded once: the recipe's rule."""
    return (values.astype(np.float64) * factor).astype(np.float32)


def condition_state(seed=0):
    """Of mtviton.pth: made-up numbers, moved so that flows and segmentations come out lively."""
    state = detweights.torch_state(_shapes("tocg"), seed=seed)
    for key in state:
        if key.endswith(("scale.weight", "scale.1.weight")):
            state[key] = _times(state[key], 0.577)
        if key.startswith("flow_conv.") and key.endswith(".weight"):
            state[key] = _times(state[key], 2.0)
    weight = state["out_layer.scale.weight"].astype(np.float64)
    weight -= weight.mean(1, keepdims=True)
    weight[:, FIRST_INPUT_OF_OUT_LAYER:] *= 4
    state["out_layer.scale.weight"] = weight.astype(np.float32)
    state["out_layer.block.4.weight"] = _times(state["out_layer.block.4.weight"], 0.2)
    bias = state["out_layer.scale.bias"].astype(np.float64) + np.array(CONDITION_BIAS)
    state["out_layer.scale.bias"] = bias.astype(np.float32)
    return _tensors(state)


def generator_state(seed=0):
    """Of gen.pth: spectral norm's vectors after one more power iteration, so that sigma is well away from 0."""
    state = detweights.torch_state(_shapes("generator"), seed=seed)
    for key in list(state):
        if key.endswith(".weight_orig"):
            stem = key.removesuffix("weight_orig")
            matrix = state[key].astype(np.float64).reshape(len(state[key]), -1)
            right = matrix.T @ state[f"{stem}weight_u"].astype(np.float64)
            right /= np.linalg.norm(right)
            left = matrix @ right
            left /= np.linalg.norm(left)
            state[f"{stem}weight_u"], state[f"{stem}weight_v"] = left.astype(np.float32), right.astype(np.float32)
        if key.endswith("noise_scale"):
            state[key] = _times(state[key], 10)
    state["conv_img.weight"] = _times(state["conv_img.weight"], 0.5)
    return _tensors(state)


def _tensors(state):
    return {key: torch.from_numpy(np.array(values)) for key, values in state.items()}


@cache
def request():
    """Person 0 in garment 1, as the recordings have them; the agnostic pictures are the published program's own."""
    person, garment = golden_inputs.case(0), golden_inputs.case(1)
    hidden = np.asarray(PILImage.open(FIXTURES / "s0_human_grey.png").convert("L")) > 0
    return TryOnRequest(
        image=person["image"],
        cloth=garment["cloth"],
        cloth_mask=garment["cloth_mask"],
        parse_agnostic=np.asarray(PILImage.open(FIXTURES / "s0_parse_agnostic.png")),
        agnostic=np.where(hidden[..., None], np.uint8(128), person["image"]),
        densepose=person["densepose"],
    )
