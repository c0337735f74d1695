"""Is this a garment? What a mask must look like to be answered, and when the answer carries a warning.

A photo in which almost nothing stands out is refused (``no_garment_found``). ``low_confidence`` warns when the garment
is small in the photo, when much of it is cut off, when its outline is unclear, or when its kind is.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vf_clothmask.garment.reading import Reading
from vf_clothmask.open.masking import Evidence
from vfkit.engines import AnswerWarning
from vfkit.problems import Code, Problem

LEAST_AREA = 0.01  # of the photo
DOUBTFUL_AREA = 0.04
DOUBTFUL_CONTACT = 0.2  # of the frame's length
DOUBTFUL_CERTAINTY = 0.75  # mean probability over the mask that is no contour before a plain backdrop
DOUBTFUL_AGREEMENT = 0.8
DOUBTFUL_KIND = 0.5

NOTHING = "No garment stands out in the photo. Photograph one garment, whole, before a plain ground."


def judge(evidence: Evidence, reading: Reading) -> Problem | tuple[AnswerWarning, ...]:
    """The warnings of an acceptable mask, or the problem of one that cannot be a garment."""
    mask = evidence.mask
    area = float(mask.mean())
    if area < LEAST_AREA:
        return Problem(Code.NO_GARMENT_FOUND, NOTHING)
    doubts = []
    if area < DOUBTFUL_AREA:
        doubts.append("it is small in the photo")
    if _frame_contact(mask) > DOUBTFUL_CONTACT:
        doubts.append("it is cut by the frame")
    unclear = evidence.certainty < DOUBTFUL_CERTAINTY or evidence.agreement < DOUBTFUL_AGREEMENT
    if not evidence.on_backdrop and unclear:
        doubts.append("its outline is unclear")
    if float(reading.kind.max()) < DOUBTFUL_KIND:
        doubts.append("its kind is unclear")
    if not doubts:
        return ()
    detail = (
        f"The garment may be read wrongly: {', '.join(doubts)}. Photograph it whole and alone, before a plain ground."
    )
    return (AnswerWarning(code="low_confidence", detail=detail),)


def _frame_contact(mask: NDArray[np.bool_]) -> float:
    frame = np.concatenate([mask[0], mask[-1], mask[1:-1, 0], mask[1:-1, -1]])
    return float(frame.mean())
