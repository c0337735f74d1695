"""The open engine: a geometric fitting. No network, no weights.

1. `prepare` makes the person ready: measured, and without the worn garment.
2. `fit` puts a garment on a prepared body.

Garments for one person in one batch share the first step.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vf_hrviton.open.body.prepared import Clothes, PreparedBody
from vf_hrviton.open.fit import ClothPicture, fit
from vf_hrviton.open.prepare import prepare
from vf_hrviton.types import TryOnAnswer, TryOnRequest
from vfkit.engines import EngineInfo
from vfkit.problems import Code, Problem

VERSION = "3"


class OpenEngine:
    """Geometric warp and composition of every kind of garment."""

    def load(self) -> None:
        """There is nothing to load."""

    @property
    def info(self) -> EngineInfo:
        """What this engine is."""
        return EngineInfo(
            name="open",
            description=(
                "Geometry, no network: the garment's picture is bent onto the person and shaded like the old garment."
                " Tops, skirts, trousers, shorts, dresses and jumpsuits, on people who stand and face the camera."
            ),
            version=VERSION,
            licence="Apache-2.0",
        )

    def predict(self, batch: Sequence[TryOnRequest]) -> list[TryOnAnswer | Problem]:
        """Dress every person of the batch.

        An item gets ``no_garment_found``, ``body_not_visible``, ``person_not_frontal``, ``person_seated`` or
        ``invalid_request`` in its place.
        """
        answers: list[TryOnAnswer | Problem] = []
        known: tuple[TryOnRequest, PreparedBody] | None = None
        for request in batch:
            try:
                garment = ClothPicture(request.cloth, request.cloth_mask, request.garment_parts, request.garment)
                off = garment.takes_off
                if known is None or known[1].off is not off or not _same_person(known[0], request):
                    known = request, _prepared(request, off)
                answers.append(fit(request.image, known[1], garment))
            except Problem as problem:
                answers.append(problem)
        return answers


def _prepared(request: TryOnRequest, off: Clothes) -> PreparedBody:
    if request.parse is None or request.pose is None:
        raise Problem(Code.INVALID_REQUEST, "The open engine needs the person's parse and pose.")
    return prepare(request.image, request.parse, request.pose, off)


def _same_person(one: TryOnRequest, other: TryOnRequest) -> bool:
    return (
        one.pose == other.pose
        and np.array_equal(one.image, other.image)
        and one.parse is not None
        and other.parse is not None
        and np.array_equal(one.parse, other.parse)
    )
