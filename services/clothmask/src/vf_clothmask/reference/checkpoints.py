"""Weight files into CarveKit's networks, safely.

The ``.pth`` files are plain state dicts, read with ``weights_only``: a file can carry numbers and nothing that runs.
A key that is missing or of another shape is an error that names it. Keys left over are ignored, as CarveKit does:
`tracer_b7.pth` also holds an edge detector that the network does without.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

from vf_clothmask.reference.library import U2NET, FBAMatting, TracerUniversalB7
from vf_clothmask.reference.onnx_u2net import read_u2net
from vfkit.problems import Code, Problem

TRACER_SIZE = 640
"""Side of Tracer's square input, as CarveKit recommends for objects."""
FBA_SIZE = 2048
"""Pictures larger than this are matted at a smaller size."""
NAMED_KEYS = 3
"""How many keys that do not fit are named."""


def load_tracer_b7(path: Path, device: str, size: int = TRACER_SIZE) -> TracerUniversalB7:
    """Tracer-B7 (Lee et al., TRACER: Extreme Attention Guided Salient Object Tracing Network, AAAI 2022).

    Raises:
        Problem: ``weights_missing`` when the file cannot be read or does not fit.
    """
    state = read_state(path)
    network = TracerUniversalB7(
        device=device, input_image_size=size, batch_size=1, load_pretrained=False, model_path=path
    )
    fill(network, state, path.name)
    return network


def load_fba_matting(path: Path, device: str) -> FBAMatting:
    """FBA matting (Forte and Pitié, F, B, Alpha Matting, 2020), one picture at a time: a batch would be stretched.

    Raises:
        Problem: ``weights_missing`` when the file cannot be read or does not fit.
    """
    state = read_state(path)
    network = FBAMatting(device=device, input_tensor_size=FBA_SIZE, batch_size=1, load_pretrained=False)
    fill(network, state, path.name)
    return network


def load_u2net(path: Path, device: str) -> U2NET:
    """U-2-Net (Qin et al., 2020) from its ONNX file.

    Raises:
        Problem: ``weights_missing`` when the file cannot be read or does not fit.
    """
    network = U2NET(device=device, batch_size=1, load_pretrained=False)
    try:
        state = read_u2net(path, network)
    except ValueError as error:
        raise Problem(Code.WEIGHTS_MISSING, f"{path.name} is not U-2-Net: {error}.") from error
    fill(network, state, path.name)
    return network


def read_state(path: Path) -> dict[str, Tensor]:
    """Read a state dict.

    Raises:
        Problem: ``weights_missing`` when the file is not a plain state dict of tensors.
    """
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises many kinds for a bad file
        raise Problem(Code.WEIGHTS_MISSING, f"{path.name} cannot be read as a PyTorch state dict.") from error
    if not isinstance(state, Mapping) or not all(isinstance(value, Tensor) for value in state.values()):
        raise Problem(Code.WEIGHTS_MISSING, f"{path.name} is not a plain state dict.")
    return dict(state)


def fill(network: nn.Module, state: Mapping[str, Tensor], file_name: str) -> None:
    """Load a state dict and make the network ready to answer: in evaluation mode and without gradients.

    Raises:
        Problem: ``weights_missing``, naming the first keys that do not fit.
    """
    expected = {key: tuple(value.shape) for key, value in network.state_dict().items()}
    wrong = [f"{key} is missing" for key in expected if key not in state]
    wrong += [
        f"{key} has shape {tuple(state[key].shape)}, not {shape}"
        for key, shape in expected.items()
        if key in state and tuple(state[key].shape) != shape
    ]
    if wrong:
        more = f", and {len(wrong) - NAMED_KEYS} more" if len(wrong) > NAMED_KEYS else ""
        named = "; ".join(wrong[:NAMED_KEYS])
        raise Problem(Code.WEIGHTS_MISSING, f"{file_name} does not fit the network: {named}{more}.")
    network.load_state_dict({key: state[key] for key in expected})
    network.requires_grad_(False).eval()
