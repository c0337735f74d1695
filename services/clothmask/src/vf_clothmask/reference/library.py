"""CarveKit's classes, imported so that the library works offline and leaves all files alone.

CarveKit looks for weights in a folder that it makes in the home directory at import; a file there with another
SHA-512 than the recorded one is deleted, and what is missing is downloaded. All of that hangs on one module, which
is replaced here before the first import by one whose every function refuses. The networks are then built without
weights and filled by `checkpoints`. Nothing else of the library is changed.
"""

# ruff: noqa: E402  the order of the imports is the point

from __future__ import annotations

import sys
from types import ModuleType
from typing import NoReturn

from vf_clothmask.reference import torchvision_operators
from vfkit.problems import Code, Problem

LOCATIONS = "carvekit.ml.files.models_loc"
"""The module that every network asks for the path of its weights."""
FINDERS = ("tracer_b7_pretrained", "tracer_hair_pretrained", "fba_pretrained", "u2net_full_pretrained")
"""Its functions that the networks used here import."""


def refuse_downloads() -> None:
    """Put the refusing module in CarveKit's place for finding weights; call it before importing CarveKit.

    Raises:
        Problem: ``internal`` when CarveKit's own module has been imported already.
    """
    present = sys.modules.get(LOCATIONS)
    if present is not None and hasattr(present, "__file__"):
        raise Problem(Code.INTERNAL, "CarveKit was imported before its downloads could be refused.")
    locations = ModuleType(LOCATIONS, "Weights come from VF_WEIGHTS alone.")
    for name in FINDERS:
        setattr(locations, name, _refuse)
    sys.modules[LOCATIONS] = locations


def _refuse() -> NoReturn:
    raise Problem(Code.WEIGHTS_MISSING, "CarveKit may not look for weight files itself.")


torchvision_operators.declare_missing()
refuse_downloads()

from carvekit.ml.wrap.fba_matting import FBAMatting
from carvekit.ml.wrap.tracer_b7 import TracerUniversalB7
from carvekit.ml.wrap.u2net import U2NET
from carvekit.pipelines.postprocessing import MattingMethod
from carvekit.trimap.generator import TrimapGenerator

__all__ = ["U2NET", "FBAMatting", "MattingMethod", "TracerUniversalB7", "TrimapGenerator"]
