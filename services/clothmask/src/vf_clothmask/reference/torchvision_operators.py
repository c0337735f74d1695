"""Lets torchvision be imported where its compiled operators are missing.

torchvision's wheel is built for PyTorch with CUDA. Beside PyTorch for CPUs its library ``_C`` does not load, which
torchvision itself takes in its stride, except that it then describes two operators that only ``_C`` declares, and
``import torchvision`` ends with "operator torchvision::nms does not exist". CarveKit uses no operator of
torchvision, only its picture transforms, so declaring the two is enough. They get no implementation: calling one is
still an error. Where ``_C`` loads, nothing is done.
"""

from __future__ import annotations

from importlib.machinery import EXTENSION_SUFFIXES
from importlib.util import find_spec
from pathlib import Path

import torch

UNCONDITIONAL = ("nms", "qnms")
"""Operators that torchvision 0.28 describes whether or not its library was loaded."""
SCHEMA = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
"""Of both: boxes, their scores, and the overlap from which the weaker of two boxes goes."""


def declare_missing() -> tuple[str, ...]:
    """Declare what ``import torchvision`` needs and nobody declares; call it before that import.

    Returns:
        Names of the operators that were declared; none where torchvision is whole or this was called before.
    """
    if _library_loads():
        return ()
    missing = tuple(name for name in UNCONDITIONAL if not hasattr(torch.ops.torchvision, name))
    for name in missing:
        torch.library.define(f"torchvision::{name}", SCHEMA)
    return missing


def _library_loads() -> bool:
    """Whether torchvision's compiled library is there and fits; loading it twice does no harm."""
    spec = find_spec("torchvision")
    folders = [Path(folder) for folder in spec.submodule_search_locations or ()] if spec else []
    for library in (folder / f"_C{suffix}" for folder in folders for suffix in EXTENSION_SUFFIXES):
        if library.is_file():
            try:
                torch.ops.load_library(library)
            except OSError:
                return False
            return True
    return False
