"""Regions at the picture's size, with boundaries on the picture's edges.

Each region's chance is filtered with the picture as guide (He, Sun and Tang, "Guided Image Filtering", 2010). That
draws a boundary, which the network saw only coarsely, onto the edge that it stands for.
"""

from __future__ import annotations

import cv2
import numpy as np

from vf_anatomy import Floats
from vf_parse.open.chances import likeliest
from vf_parse.open.window import Letterbox
from vfkit.contracts import Image

_RADIUS = 1 / 100
"""Radius of the filter as a share of the picture's height."""
_EDGE = 0.02
"""Differences of colour below this share of the value range are no edge."""
_FASTER = 0.5
"""The filter's sums are taken at this scale."""


def enlarged(chances: Floats, box: Letterbox, picture: Image) -> Image:
    """(H, W) uint8 of `PersonRegion` for a (H, W, 3) uint8 RGB picture that lies in ``box`` on the network's input."""
    height, width = picture.shape[:2]
    radius = max(2, round(height * _RADIUS))
    guided = cv2.ximgproc.createGuidedFilter(picture, radius, (_EDGE * 255) ** 2, _FASTER)
    best = np.full((height, width), -np.inf, np.float32)
    choice = np.zeros((height, width), np.uint8)
    for region in np.unique(likeliest(chances)):
        large = guided.filter(box.lift(chances[region]))
        better = large > best
        choice[better] = region
        np.maximum(best, large, out=best)
    return choice
