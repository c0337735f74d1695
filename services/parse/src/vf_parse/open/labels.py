"""From regions to the 20 CIHP labels."""

from __future__ import annotations

from types import MappingProxyType

import numpy as np

from vf_parse.open.sides import arms_of, feet_of, left_of, legs_of
from vf_parse.open.subject import Subject
from vfkit.contracts import Image, Label
from vfkit.contracts.people import PersonRegion

WITHOUT_SIDE = MappingProxyType({
    PersonRegion.BACKGROUND: Label.BACKGROUND,
    PersonRegion.HAT: Label.HAT,
    PersonRegion.HAIR: Label.HAIR,
    PersonRegion.GLOVE: Label.GLOVE,
    PersonRegion.EYEWEAR: Label.SUNGLASSES,
    PersonRegion.UPPER: Label.UPPER_CLOTHES,
    PersonRegion.DRESS: Label.DRESS,
    PersonRegion.COAT: Label.COAT,
    PersonRegion.SOCKS: Label.SOCKS,
    PersonRegion.TROUSERS: Label.PANTS,
    PersonRegion.SCARF: Label.SCARF,
    PersonRegion.SKIRT: Label.SKIRT,
    PersonRegion.HELD: Label.BACKGROUND,
    PersonRegion.FACE: Label.FACE,
    PersonRegion.TORSO_SKIN: Label.TORSO_SKIN,
})  # fmt: skip
"""The label of each region that has no side. CIHP has none for bags."""
SIDED = (
    (PersonRegion.ARM, arms_of, Label.LEFT_ARM, Label.RIGHT_ARM),
    (PersonRegion.LEG, legs_of, Label.LEFT_LEG, Label.RIGHT_LEG),
    (PersonRegion.SHOE, feet_of, Label.LEFT_SHOE, Label.RIGHT_SHOE),
)
"""The regions that have sides: their limbs, and the labels of the person's left and right one."""


def named(regions: Image, subject: Subject) -> Image:
    """(h, w) uint8 of `Label` from (h, w) uint8 of `PersonRegion`, and the person's landmarks at that size."""
    table = np.zeros(len(PersonRegion), np.uint8)
    table[list(WITHOUT_SIDE)] = list(WITHOUT_SIDE.values())
    labels = table[regions]
    for region, limbs, left_label, right_label in SIDED:
        mask = regions == region
        if mask.any():
            left = left_of(mask, subject, limbs)
            labels[mask] = right_label
            labels[left] = left_label
    return np.asarray(labels, np.uint8)
