"""Stages, artifacts and the size of every picture."""

from __future__ import annotations

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
"""RGB picture, (H, W, 3) uint8; or label map / mask, (H, W) uint8."""

WIDTH, HEIGHT = 768, 1024
"""Size of every artifact in pixels."""


class Stage(StrEnum):
    """The six stages; also the names of the services that run them."""

    OPENPOSE = "openpose"
    PARSE = "parse"
    DENSEPOSE = "densepose"
    CLOTHMASK = "clothmask"
    AGNOSTIC = "agnostic"
    HRVITON = "hrviton"


class Artifact(StrEnum):
    """File names of everything a fitting leaves behind."""

    PERSON = "person.png"
    GARMENT_PHOTO = "garment_photo.png"
    POSE_JSON = "pose.json"
    POSE = "pose.png"
    PARSE = "parse.png"
    PARSE_EDGE = "parse_edge.png"
    DENSEPOSE = "densepose.png"
    IUV = "iuv.png"
    GARMENT_JSON = "garment.json"
    GARMENT_PARTS = "garment_parts.png"
    CLOTH = "cloth.png"
    CLOTH_MASK = "cloth_mask.png"
    PARSE_AGNOSTIC = "parse_agnostic.png"
    AGNOSTIC = "agnostic.png"
    WARPED_CLOTH = "warped_cloth.png"
    WARPED_MASK = "warped_mask.png"
    SEGMENTATION = "segmentation.npz"
    FLOW = "flow.npz"
    RESULT = "result.png"
    RESULT_FULL = "result_full.png"
    GRID = "grid.png"


ON_REQUEST = frozenset({Artifact.PARSE_EDGE, Artifact.IUV, Artifact.SEGMENTATION, Artifact.FLOW})
"""Artifacts that a service gives only when it is asked for them (``?include=``); a fitting has the others."""
