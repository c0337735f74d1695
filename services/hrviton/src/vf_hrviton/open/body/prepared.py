"""What a fitting needs of a person: everything about a photo that does not depend on the garment."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vf_anatomy import Doubles, Floats, Mask, PictureSide, Sided
from vf_hrviton.open.body.labels import ARMS, UPPER, labelled
from vf_hrviton.open.body.limbs import ShownLimb
from vf_hrviton.open.body.shape import BodyShape
from vf_hrviton.open.body.window import Window
from vfkit.contracts import Clothes, Image, Label

FOLD_STEP = 640.0
"""Steps of a byte in the light of folds: 128 is light 1, and one step is finer than a level of an 8-bit picture."""


@dataclass(frozen=True)
class PreparedBody:
    """A person made ready for any garment of a kind.

    Pictures have the window's size; shares are (H, W) uint8, 255 for all. Whole numbers let a body that was kept give
    the very fitting that a new one gives.

    Attributes:
        off: what is taken off.
        window: the part of the photo that a fitting can change.
        shape: axes, profile, shoulders, joints.
        arms: what the photo shows of each arm.
        legs: the same of each leg.
        waist: torso coordinate where the worn lower garment begins to show; None without one.
        worn_hem_t: torso coordinate where the worn upper garment ends; None when that is not seen.
        labels: (H, W) uint8 CIHP, where wall is no garment.
        silhouette: share of each pixel that is the person.
        undressed: (H, W, 3) uint8 RGB, the photo without what is taken off; elsewhere the photo, bit by bit.
        worn: (H, W) bool, what is taken off.
        skirt: (H, W) bool, the part of a worn dress that stays where it lies below a new top's hem.
        skin: (H, W, 3) uint8 RGB, the arms' skin where a sleeve hid it; black elsewhere.
        chest: bare neck, shoulders and chest.
        bare_arms: the arms without sleeves, shown or not.
        hidden_arms: skin of the arms that ``skin`` draws.
        shown_arms: skin of the arms that the photo shows, in front of a garment.
        front: what lies in front of every garment: hair, hat, hands.
        folds: the worn garment's light, see `light_of_folds`.
    """

    off: Clothes
    window: Window
    shape: BodyShape
    arms: Sided[PictureSide, ShownLimb]
    legs: Sided[PictureSide, ShownLimb]
    waist: float | None
    worn_hem_t: float | None
    labels: Image
    silhouette: Image
    undressed: Image
    worn: Mask
    skirt: Mask
    skin: Image
    chest: Image
    bare_arms: Image
    hidden_arms: Image
    shown_arms: Image
    front: Image
    folds: Image

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) of the window."""
        return self.labels.shape[0], self.labels.shape[1]

    def is_in(self, *labels: Label) -> Mask:
        """Pixels of any of the labels."""
        return labelled(self.labels, *labels)

    @property
    def clothed_arms(self) -> Mask:
        """(H, W) where an arm may be, bare or in its sleeve."""
        return self.is_in(*UPPER, *ARMS) & (self.silhouette > 127)


def to_bytes(share: Floats | Doubles) -> Image:
    """Numbers in [0, 1] as uint8."""
    return np.asarray(np.rint(np.clip(share, 0, 1) * 255), np.uint8)


def to_share(levels: Image) -> Floats:
    """uint8 as float32 in [0, 1]."""
    return levels.astype(np.float32) / np.float32(255)


def folds_of_light(light: Floats) -> Image:
    """Light around 1 as uint8."""
    return np.asarray(np.rint(np.clip((light - 1) * FOLD_STEP + 128, 0, 255)), np.uint8)


def light_of_folds(folds: Image) -> Floats:
    """`folds_of_light` back: (H, W) float32 around 1, how the worn garment's light varies."""
    return (folds.astype(np.float32) - np.float32(128)) / np.float32(FOLD_STEP) + np.float32(1)
