"""What goes into and comes out of every clothmask engine."""

from __future__ import annotations

from dataclasses import dataclass

from vfkit.contracts import Image
from vfkit.engines import AnswerWarning


@dataclass(frozen=True)
class MaskRequest:
    """One garment photo.

    Attributes:
        image: (H, W, 3) uint8 RGB, any size.
        alpha: (H, W) uint8, 0 where the photo is transparent; None: it is opaque.
    """

    image: Image
    alpha: Image | None = None

    @classmethod
    def of(cls, cutout: Image) -> MaskRequest:
        """From what `vfkit.pictures.read_cutout` reads: (H, W, 3) or (H, W, 4) uint8."""
        return cls(cutout[:, :, :3], cutout[:, :, 3] if cutout.shape[2] == 4 else None)


@dataclass(frozen=True)
class MaskAnswer:
    """The garment's pixels.

    Attributes:
        mask: (H, W) uint8 of the photo's size, 255 on the garment and 0 elsewhere.
        warnings: ``low_confidence`` when the mask may be wrong.
    """

    mask: Image
    warnings: tuple[AnswerWarning, ...] = ()
