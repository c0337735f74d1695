"""The open engine: a geometric fitting. No network, no weights.

1. `prepare` makes the person ready: measured, and without the worn garment.
2. `fit` puts a garment on a prepared body.

Garments for one person in one batch share the first step.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vf_hrviton.open.body.prepared import PreparedBody
from vf_hrviton.open.fit import fit
from vf_hrviton.open.prepare import prepare
from vf_hrviton.types import TryOnAnswer, TryOnRequest
from vfkit.contracts import GarmentKind
from vfkit.engines import EngineInfo
from vfkit.problems import Code, Problem

VERSION = "2"
NOT_YET = {
    GarmentKind.DRESS: "Dresses",
    GarmentKind.TROUSERS: "Trousers",
    GarmentKind.SHORTS: "Shorts",
    GarmentKind.SKIRT: "Skirts",
}
"""Kinds that cannot be fitted."""


class OpenEngine:
    """Geometric warp and composition of upper-body garments."""

    def load(self) -> None:
        """There is nothing to load."""

    @property
    def info(self) -> EngineInfo:
        """What this engine is."""
        return EngineInfo(
            name="open",
            description=(
                "Geometry, no network: the garment's picture is bent onto the person and shaded like the old garment."
                " Tops with any sleeves; no dresses, trousers or skirts. Seen from the front only."
            ),
            version=VERSION,
            licence="Apache-2.0",
        )

    def predict(self, batch: Sequence[TryOnRequest]) -> list[TryOnAnswer | Problem]:
        """Dress every person of the batch.

        An item gets ``unsupported_garment``, ``no_garment_found``, ``body_not_visible`` or ``invalid_request`` in its
        place.
        """
        answers: list[TryOnAnswer | Problem] = []
        known: tuple[TryOnRequest, PreparedBody] | None = None
        for request in batch:
            try:
                _require_a_top(request)
                if known is None or not _same_person(known[0], request):
                    known = request, _prepared(request)
                answers.append(fit(request.image, known[1], request.cloth, request.cloth_mask, request.garment))
            except Problem as problem:
                answers.append(problem)
        return answers


def _prepared(request: TryOnRequest) -> PreparedBody:
    if request.parse is None or request.pose is None:
        raise Problem(Code.INVALID_REQUEST, "The open engine needs the person's parse and pose.")
    return prepare(request.image, request.parse, request.pose)


def _require_a_top(request: TryOnRequest) -> None:
    if request.garment is not None and request.garment.fitted_as in NOT_YET:
        name = NOT_YET[request.garment.fitted_as]
        raise Problem(Code.UNSUPPORTED_GARMENT, f"{name} cannot be tried on yet; tops can.")


def _same_person(one: TryOnRequest, other: TryOnRequest) -> bool:
    return (
        one.pose == other.pose
        and np.array_equal(one.image, other.image)
        and one.parse is not None
        and other.parse is not None
        and np.array_equal(one.parse, other.parse)
    )
