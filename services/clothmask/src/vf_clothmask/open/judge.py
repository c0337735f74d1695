"""Is this a garment? What a mask must look like to be answered, and when the answer carries a warning.

The engine has no notion of clothes; it refuses what cannot be one garment photographed whole. A picture is refused
(``no_garment_found``) when any of these holds:

- the mask covers less than 2 % or more than 85 % of the picture (nothing there, or a close-up of cloth);
- it runs along more than 45 % of the frame (a landscape or an interior, not an article laid out);
- U-2-Net ran and is undecided over the mask (mean probability below 0.6): no salient object at all;
- the mask is ragged: a garment's outline is at most about 14 times the root of its area (a disc: 3.5, a
  T-shirt: 5, trousers: 7).

A salient object that is not a garment (a cat, a chair) on a plain backdrop passes; the garment analysis of the
synthesis service is the next to refuse. ``low_confidence`` warns when the contour stands out nowhere and U-2-Net
was the only witness, or when either of the first three numbers is near its limit.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from vfkit.engines import AnswerWarning
from vfkit.problems import Code, Problem

AREA = (0.02, 0.85)  # of the picture
FRAME_CONTACT = 0.45  # of the frame's length
CERTAINTY = 0.6  # mean U-2-Net probability over the mask
RAGGEDNESS = 14.0  # perimeter / sqrt(area)
DOUBTFUL_AREA = 0.04
DOUBTFUL_CONTACT = 0.2
DOUBTFUL_CERTAINTY = 0.85
SHARP_SHARE = 0.8  # of U-2-Net's support that must be decided for its mask alone to be trusted


@dataclass(frozen=True)
class Evidence:
    """A mask and how it came about.

    Attributes:
        mask: (H, W) bool.
        contrast: share of the contour that stands out from a plain backdrop; 0 when the backdrop gave no mask.
        probability: (H, W) float32 of U-2-Net, None when it was not asked.
        agreement: intersection over union of both masks, 0 when they were not joined.
        backed: U-2-Net sees the same thing as the backdrop mask.
    """

    mask: NDArray[np.bool_]
    contrast: float
    probability: NDArray[np.float32] | None = None
    agreement: float = 0.0
    backed: bool = False


def judge(evidence: Evidence) -> Problem | tuple[AnswerWarning, ...]:
    """The warnings of an acceptable mask, or the problem of one that cannot be a garment."""
    mask = evidence.mask
    area = float(mask.mean())
    if not AREA[0] <= area <= AREA[1]:
        return Problem(Code.NO_GARMENT_FOUND, "No garment stands out in the photo.")
    contact = _frame_contact(mask)
    certainty, sharpness = _certainty(evidence)
    undecided = certainty < CERTAINTY and not evidence.agreement
    if contact > FRAME_CONTACT or undecided or _raggedness(mask) > RAGGEDNESS:
        return Problem(Code.NO_GARMENT_FOUND, "What stands out in the photo does not look like one whole garment.")
    doubts = []
    if area < DOUBTFUL_AREA:
        doubts.append("it is small in the picture")
    if contact > DOUBTFUL_CONTACT:
        doubts.append("it is cut by the frame")
    unclear = certainty < DOUBTFUL_CERTAINTY or sharpness < SHARP_SHARE
    if evidence.probability is not None and not evidence.backed and unclear:
        doubts.append("its outline is unclear")
    if not doubts:
        return ()
    return (AnswerWarning(code="low_confidence", detail=f"The garment may be masked wrongly: {', '.join(doubts)}."),)


def _frame_contact(mask: NDArray[np.bool_]) -> float:
    frame = np.concatenate([mask[0], mask[-1], mask[1:-1, 0], mask[1:-1, -1]])
    return float(frame.mean())


def _certainty(evidence: Evidence) -> tuple[float, float]:
    """Mean probability over the mask, and the decided part of all that U-2-Net sees; 1, 1 without it."""
    if evidence.probability is None:
        return 1.0, 1.0
    support = evidence.probability > 0.1
    sharpness = float((evidence.probability > 0.9).sum() / max(1, support.sum()))
    return float(evidence.probability[evidence.mask].mean()), sharpness


def _raggedness(mask: NDArray[np.bool_]) -> float:
    contours, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    perimeter = max(cv2.arcLength(contour, True) for contour in contours)
    return float(perimeter / np.sqrt(mask.sum()))
