"""Photos that cannot be fitted: refused when they are uploaded, with a sentence that helps.

A wrong refusal loses a sale, so each needs a clear word of the network. The thresholds are chosen so that at most one
in a hundred real garments is refused.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from vf_clothmask.garment.reading import Reading
from vfkit.contracts import Category, GarmentKind, Image, PhotoKind
from vfkit.problems import Code, Problem

KINDS, PHOTOS = tuple(GarmentKind), tuple(PhotoKind)

NOT_CLOTHING = 0.6
"""Probability from which a photo shows nothing to wear on the body."""
NOT_CLOTHING_STATED = 0.95
"""The same where the market says that it does."""
SEVERAL = 0.7
FOLDED = 0.7
"""Probabilities from which a photo shows several garments, a folded one."""
SURELY_WORN = 0.97
"""Probability of `PhotoKind.WORN` that needs no second opinion."""
PERHAPS_WORN = 0.2
"""Probability of that, or of nothing to wear, from which a person found in the photo settles it."""
BLANK = 8
"""Of 255: a photo whose colours, but for one in a hundred pixels, differ less shows nothing."""
EVERY = 4
"""Of so many rows and columns one is looked at for that."""

WORN = "Somebody is wearing the garment. Photograph it alone, laid flat or on a hanger."
NO_CLOTHING = (
    "The photo shows no top, jacket, dress, skirt, trousers or shorts. Photograph one such garment alone, laid flat"
    " or on a hanger."
)
NOTHING = "Nothing is to be seen in the photo. Photograph one garment, laid flat or on a hanger."
TOO_MANY = "Several garments are in the photo. Photograph one alone, with nothing else around it."
BUNDLED = "The garment is folded. Spread it out, so that its whole shape is to be seen, and photograph it from above."


def refusal(
    photo: Image, reading: Reading, category: Category, shows_somebody: Callable[[], bool] | None
) -> Problem | None:
    """Why a photo cannot be fitted, None when it can.

    Args:
        photo: (H, W, 3) uint8 RGB.
        reading: of the photo.
        category: what the market says that it sells.
        shows_somebody: asks whether a person is in the photo; None where nothing can tell.
    """
    low, high = np.percentile(photo[::EVERY, ::EVERY], (0.5, 99.5), axis=(0, 1))
    if (high - low).max() < BLANK:
        return Problem(Code.NO_GARMENT_FOUND, NOTHING)
    other, several = (float(reading.kind[KINDS.index(kind)]) for kind in (GarmentKind.OTHER, GarmentKind.SEVERAL))
    worn, folded = (float(reading.photo[PHOTOS.index(kind)]) for kind in (PhotoKind.WORN, PhotoKind.FOLDED))
    if worn >= SURELY_WORN or (worn + other >= PERHAPS_WORN and shows_somebody is not None and shows_somebody()):
        return Problem(Code.GARMENT_WORN, WORN)
    if other >= (NOT_CLOTHING if category is Category.AUTO else NOT_CLOTHING_STATED):
        return Problem(Code.UNSUPPORTED_GARMENT, NO_CLOTHING)
    if several >= SEVERAL:
        return Problem(Code.SEVERAL_GARMENTS, TOO_MANY)
    if folded >= FOLDED:
        return Problem(Code.GARMENT_FOLDED, BUNDLED)
    return None
