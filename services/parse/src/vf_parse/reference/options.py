"""What an operator may choose; TensorFlow is not needed to know it."""

from __future__ import annotations

from enum import StrEnum

SCALES = (0.5, 0.75, 1.0, 1.25, 1.5, 1.75)
"""Those of the published script."""


class Sampling(StrEnum):
    """Whose rule of resizing."""

    TF1 = "tf1"
    UPGRADED = "upgraded"
