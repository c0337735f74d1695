"""The one person that is parsed, as BlazePose saw them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from vf_anatomy import Floats

HEAD_MARKS = slice(0, 11)
"""Nose, eyes, ears and mouth corners among the landmarks."""


@dataclass(frozen=True)
class Subject:
    """One person in a picture of H x W pixels.

    ``landmarks``: (33, 4) float32 by `vf_blazepose.Mark`: x, y in pixels, z in the scale of x, visibility in [0, 1].
    ``mask``: (H, W) float32, the probability that a pixel is the person, soft at the outline.
    ``face``: (468, 2) float32 FaceMesh points in pixels, or None when no face was found.
    """

    landmarks: Floats
    mask: Floats
    face: Floats | None = None

    def with_mask(self, mask: Floats) -> Subject:
        """The same person with another mask of the same size."""
        return replace(self, mask=mask)
