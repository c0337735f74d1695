"""What the synthesis engines take and give."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vfkit.contracts import Clothes, GarmentDocument, Image, PosePerson
from vfkit.engines import AnswerWarning


@dataclass(frozen=True)
class TryOnRequest:
    """One person and one garment; all pictures of the person have one size, both of the cloth too.

    Attributes:
        image: (H, W, 3) uint8 RGB, the person.
        cloth: (H', W', 3) uint8 RGB, the garment.
        cloth_mask: (H', W') uint8, 0 or 255.
        parse_agnostic: (H, W) uint8 labels, the worn garment removed.
        agnostic: (H, W, 3) uint8 RGB, the worn garment painted grey.
        densepose: (H, W, 3) uint8 RGB.
        parse: (H, W) uint8 labels; the open engine needs it.
        pose: the person's joints; the open engine needs them.
        garment: what was read of the garment; without it the open engine takes it for a top.
        garment_parts: (H', W') uint8 `GarmentPart`; the open engine leaves out what they call the garment's inside.
        body: what `BodyAnswer` gave for this person; it spares work and changes no answer. One that is damaged, or of
            another photo or version, is as good as none.
    """

    image: Image
    cloth: Image
    cloth_mask: Image
    parse_agnostic: Image
    agnostic: Image
    densepose: Image
    parse: Image | None = None
    pose: PosePerson | None = None
    garment: GarmentDocument | None = None
    garment_parts: Image | None = None
    body: bytes | None = None


@dataclass(frozen=True)
class BodyRequest:
    """One person, to be prepared for many garments; see `TryOnRequest`.

    Attributes:
        image, parse, pose: as there.
        clothes: what the garments replace.
    """

    image: Image
    parse: Image
    pose: PosePerson
    clothes: Clothes = Clothes.UPPER


@dataclass(frozen=True)
class BodyAnswer:
    """A prepared person.

    Attributes:
        content: the file, for `TryOnRequest`; only its own engine reads it.
    """

    content: bytes


@dataclass(frozen=True)
class TryOnAnswer:
    """The fitting.

    Attributes:
        result: (H, W, 3) uint8 RGB.
        warped_cloth: (H, W, 3) uint8 RGB, on white.
        warped_mask: (H, W) uint8, 0..255.
        warnings: what the caller should know.
        segmentation: (13, 256, 192) float32 logits of the dressed person's parse; None where an engine has none.
        flow: (128, 96, 2) float32, x and y in pixels of that size: where each pixel's cloth comes from; or None.
    """

    result: Image
    warped_cloth: Image
    warped_mask: Image
    warnings: tuple[AnswerWarning, ...] = ()
    segmentation: NDArray[np.float32] | None = None
    flow: NDArray[np.float32] | None = None
