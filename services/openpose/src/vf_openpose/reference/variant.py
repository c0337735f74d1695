"""Which of the two published programs is meant after the network."""

from __future__ import annotations

from enum import StrEnum


class Variant(StrEnum):
    """The published build whose numbers are reproduced."""

    CUDA = "cuda"
    CPU = "cpu"
