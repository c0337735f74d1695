"""Which labels of a parse are what, for a fitting."""

from __future__ import annotations

import cv2
import numpy as np

from vf_anatomy import Mask
from vfkit.contracts import Image, Label

UPPER = (Label.UPPER_CLOTHES, Label.DRESS, Label.COAT, Label.SCARF)
"""What comes off for a new top: a coat and a scarf lie over it."""
LOWER = (Label.PANTS, Label.SKIRT)
ARMS = (Label.LEFT_ARM, Label.RIGHT_ARM)
LEGS = (Label.LEFT_LEG, Label.RIGHT_LEG)
SKIN = (Label.TORSO_SKIN, Label.FACE, Label.LEFT_ARM, Label.RIGHT_ARM)
IN_FRONT = (Label.HAIR, Label.HAT)
"""What lies in front of a garment, with an edge as soft as the photo's."""


def labelled(labels: Image, *wanted: Label) -> Mask:
    """(H, W) bool: pixels of an (H, W) uint8 parse that have any of the wanted labels."""
    table = np.zeros(256, np.uint8)
    table[list(wanted)] = 1
    return np.asarray(cv2.LUT(labels, table), bool)
