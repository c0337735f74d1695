"""The authors' checkpoint files to the modules, strictly and safely.

`mtviton.pth` and `gen.pth` are plain state dicts. They are read with ``weights_only``, so a file can carry numbers
and nothing that runs. A key that is missing, left over or of another shape is an error that names it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

from vfkit.problems import Code, Problem

ORIGINAL, LEFT, RIGHT = ".weight_orig", ".weight_u", ".weight_v"
"""How `torch.nn.utils.spectral_norm` names what it keeps of a weight."""


def read_state(path: Path) -> dict[str, Tensor]:
    """Read a state dict.

    Raises:
        Problem: ``weights_missing`` when the file is not a state dict of tensors.
    """
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises many kinds for a bad file
        raise Problem(Code.WEIGHTS_MISSING, f"{path.name} cannot be read as a PyTorch state dict.") from error
    if not isinstance(state, Mapping) or not all(isinstance(value, Tensor) for value in state.values()):
        raise Problem(Code.WEIGHTS_MISSING, f"{path.name} is not a plain state dict.")
    return dict(state)


def with_published_names(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Old generator files say ``ace`` for ``alias`` and have a ``.Spade`` level more."""
    return {key.replace("ace", "alias").replace(".Spade", ""): value for key, value in state.items()}


def fold_spectral_norm(state: Mapping[str, Tensor], file_name: str) -> dict[str, Tensor]:
    """Replace every spectral-normed weight by the weight that evaluation uses.

    In evaluation spectral norm (Miyato et al., ICLR 2018, arXiv:1802.05957) divides W by sigma = u . (W v) with the
    stored vectors, W taken as (out, rest).

    Raises:
        Problem: ``weights_missing`` when a weight has no vectors, or vectors of another size.
    """
    folded = {key: value for key, value in state.items() if not key.endswith((ORIGINAL, LEFT, RIGHT))}
    for key, weight in state.items():
        if key.endswith(ORIGINAL):
            stem = key.removesuffix(ORIGINAL)
            left, right = state.get(stem + LEFT), state.get(stem + RIGHT)
            if left is None or right is None or left.numel() * right.numel() != weight.numel():
                detail = (
                    f"{file_name} does not fit the network: {key} and its spectral-norm vectors do not belong together."
                )
                raise Problem(Code.WEIGHTS_MISSING, detail)
            matrix = weight.reshape(left.numel(), right.numel())
            folded[stem + ".weight"] = weight / torch.dot(left.flatten(), torch.mv(matrix, right.flatten()))
    return folded


def load_strictly(module: nn.Module, state: Mapping[str, Tensor], file_name: str) -> None:
    """Fill a module.

    Raises:
        Problem: ``weights_missing``, naming the first keys that do not fit.
    """
    expected = {key: tuple(value.shape) for key, value in module.state_dict().items()}
    given = {key: tuple(value.shape) for key, value in state.items()}
    wrong = [f"{key} is missing" for key in expected if key not in given]
    wrong += [f"{key} is not known" for key in given if key not in expected]
    wrong += [
        f"{key} has shape {given[key]}, not {shape}"
        for key, shape in expected.items()
        if given.get(key, shape) != shape
    ]
    if wrong:
        more = f", and {len(wrong) - 3} more" if len(wrong) > 3 else ""
        raise Problem(Code.WEIGHTS_MISSING, f"{file_name} does not fit the network: {'; '.join(wrong[:3])}{more}.")
    module.load_state_dict(dict(state))
