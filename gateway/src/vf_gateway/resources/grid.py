"""The 4x3 sheet: all pictures of a fitting beside each other, as HR-VITON's evaluation shows them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from vfkit.contracts import HEIGHT, WIDTH, Artifact, Image
from vfkit.pictures import decode_png, encode_png

ROWS: tuple[tuple[Artifact, ...], ...] = (
    (Artifact.CLOTH, Artifact.CLOTH_MASK, Artifact.PARSE_AGNOSTIC, Artifact.DENSEPOSE),
    (Artifact.WARPED_CLOTH, Artifact.WARPED_MASK, Artifact.PARSE, Artifact.POSE),
    (Artifact.WARPED_CLOTH, Artifact.AGNOSTIC, Artifact.PERSON, Artifact.RESULT),
)
GRID_ARTIFACTS = frozenset(artifact for row in ROWS for artifact in row)

_GAP = 2
"""Pixels between the tiles and around them, black."""
_SIZE = (_GAP + len(ROWS[0]) * (WIDTH + _GAP), _GAP + len(ROWS) * (HEIGHT + _GAP))
GRID_PIXELS = _SIZE[0] * _SIZE[1]
DRAWING_BYTES = 13 * GRID_PIXELS
"""Memory that drawing a grid takes, the given files apart; measured: 12 a pixel."""


def draw_grid(pictures: Mapping[Artifact, bytes]) -> bytes:
    """Lay the twelve pictures out.

    Args:
        pictures: PNG files of 768x1024 for all of `GRID_ARTIFACTS`; label maps are shown in their palette's colours.

    Returns:
        A PNG of (3080, 3082) RGB; tile (row r, column c) starts at x = 2 + 770 c, y = 2 + 1026 r.
    """
    tiles: dict[Artifact, Image] = {artifact: decode_png(pictures[artifact]) for artifact in GRID_ARTIFACTS}
    sheet = np.zeros((_SIZE[1], _SIZE[0], 3), np.uint8)
    for row, artifacts in enumerate(ROWS):
        for column, artifact in enumerate(artifacts):
            top, left = _GAP + row * (HEIGHT + _GAP), _GAP + column * (WIDTH + _GAP)
            sheet[top : top + HEIGHT, left : left + WIDTH] = tiles[artifact]
    return encode_png(sheet)
