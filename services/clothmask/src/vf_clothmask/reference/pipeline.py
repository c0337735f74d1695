"""From a picture to its cloth mask, by CarveKit's own steps.

1. Segmentation: Tracer-B7 at 640 x 640 (or U-2-Net at 320 x 320), the aspect not kept, back at the picture's size.
2. Trimap: certain where the mask is above 231 of 255, less five pixels; unknown thirty pixels around that and
   wherever the mask is neither certain nor 0; the rest is backdrop.
3. FBA matting gives alpha; below 0.3, and where the trimap says backdrop, it is 0.
4. The composite on grey (130, 130, 130): what differs from that grey is the garment. That is how HR-VITON's users
   read CarveKit's answer, so a garment's pixel of exactly that grey is not in the mask.

Without matting there is no composite: the mask is where the segmentation is surer than not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage

from vf_clothmask.reference.library import FBAMatting, MattingMethod, TrimapGenerator
from vfkit.contracts import Image

TRIMAP_THRESHOLD = 231
TRIMAP_DILATION = 30
TRIMAP_EROSION = 5
BACKDROP = (130, 130, 130)
"""Of CarveKit's composite."""
SURE = 128
"""Of 255: from here on the segmentation alone is surer of garment than of backdrop."""

Segmentation = Callable[[list[PillowImage.Image]], list[PillowImage.Image]]
"""RGB pictures to masks of their sizes, mode L, 255 where the object is certain."""


@dataclass(frozen=True)
class Pipeline:
    """Networks, loaded.

    Attributes:
        segmentation: Tracer-B7 or U-2-Net.
        matting: trimap, FBA matting and composite; None for the segmentation's own mask.
    """

    segmentation: Segmentation
    matting: MattingMethod | None

    def mask(self, image: Image) -> NDArray[np.bool_]:
        """(H, W) bool: the garment in an (H, W, 3) uint8 RGB picture of more than 32 pixels each way."""
        picture = PillowImage.fromarray(image)
        (soft,) = self.segmentation([picture])
        if self.matting is None:
            return np.asarray(np.asarray(soft) >= SURE)
        (composite,) = self.matting([picture], [soft])
        return differs_from_backdrop(np.asarray(composite))


def trimap_generator() -> TrimapGenerator:
    """CarveKit's trimap with the published numbers."""
    return TrimapGenerator(prob_threshold=TRIMAP_THRESHOLD, kernel_size=TRIMAP_DILATION, erosion_iters=TRIMAP_EROSION)


def matting_method(network: FBAMatting, device: str) -> MattingMethod:
    """Everything after the segmentation."""
    return MattingMethod(matting_module=network, trimap_generator=trimap_generator(), device=device)


def differs_from_backdrop(composite: Image) -> NDArray[np.bool_]:
    """(H, W) bool: where an (H, W, 4) uint8 RGBA composite is not the backdrop's grey."""
    return np.asarray((composite[..., :3] != np.array(BACKDROP, np.uint8)).any(axis=2))
