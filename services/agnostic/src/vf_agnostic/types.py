"""What the agnostic engine takes and gives."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vfkit.contracts import Image
from vfkit.engines import AnswerWarning


@dataclass(frozen=True)
class AgnosticRequest:
    """One person.

    Attributes:
        image: (H, W, 3) uint8 RGB photo.
        parse: (H, W) uint8 CIHP labels 0..19.
        joints: (25, 2) float64 BODY_25 x, y in pixels; (0, 0) is a joint that was not found.
    """

    image: Image
    parse: Image
    joints: NDArray[np.float64]


@dataclass(frozen=True)
class AgnosticAnswer:
    """The person without the worn garment.

    Attributes:
        parse_agnostic: (H, W) uint8 labels, the garment's region set to background.
        agnostic: (H, W, 3) uint8 RGB, the garment's region painted grey (128).
        warnings: what the caller should know.
    """

    parse_agnostic: Image
    agnostic: Image
    warnings: tuple[AnswerWarning, ...] = ()
