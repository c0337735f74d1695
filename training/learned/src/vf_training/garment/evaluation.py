"""How well the garment reader reads photos that it has not learned from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vf_training.garment.answer import KINDS
from vf_training.garment.reading import Network, read
from vf_training.garment.sources import listed, load


def kinds(network: Network, folder: Path) -> NDArray[np.int64]:
    """Count what the photos of a folder of listing photos are taken for.

    Returns:
        (7, 7) counts: rows are the true kinds, columns what the network says, both in the order of KINDS.
    """
    counts = np.zeros((len(KINDS), len(KINDS)), np.int64)
    photos = listed(folder)
    for path, kind in photos:
        counts[kind, read(network, load(path)).kind.argmax()] += 1
    return counts


def kind_numbers(counts: NDArray[np.int64]) -> Mapping[str, float]:
    """Share of right kinds, of others refused, and of garments that are taken for none."""
    other = KINDS.index("other")
    garments = np.delete(counts, other, 0)
    return {
        "kind": float(np.trace(counts) / counts.sum()),
        "other refused": float(counts[other, other] / counts[other].sum()),
        "garments refused": float(garments[:, other].sum() / garments.sum()),
    }


def kind_table(counts: NDArray[np.int64]) -> Sequence[str]:
    """The counts as lines of text."""
    lines = [f"{'':10}" + "".join(f"{name:>10}" for name in KINDS)]
    return lines + [f"{name:10}" + "".join(f"{count:10}" for count in row) for name, row in zip(KINDS, counts, strict=True)]
