"""The open engine: a geometric fitting. No network, no weights.

1. `understand` finds the garment's landmarks and parts; `with_landmarks` adds sleeves that only garment.json tells of.
2. `read_body` finds the person's axes, arms, silhouette and torso profile.
3. `dress` lays the garment out on the body: the torso by thin-plate spline, sleeves along the arms.
4. `compose` takes the old garment off and puts the new one on.

Garments for one person in one batch share step 2.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vf_anatomy import Floats, TorsoFrame
from vf_hrviton.open.body.body import Body, read_body, require_torso
from vf_hrviton.open.body.window import Window, window_around
from vf_hrviton.open.garment import understand, with_landmarks
from vf_hrviton.open.paint.compose import compose
from vf_hrviton.open.warp.dress import Dressed, dress
from vf_hrviton.types import TryOnAnswer, TryOnRequest
from vfkit.contracts import GarmentKind, Image
from vfkit.engines import AnswerWarning, EngineInfo
from vfkit.problems import Code, Problem

VERSION = "2"
DOUBTFUL_GARMENT = 0.35
"""Confidence of the landmarks below which the caller is warned."""
TURNED = 0.38
"""Shoulder width over torso length of a person who is turned to the side."""
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
        known: tuple[TryOnRequest, Window, Body] | None = None
        for request in batch:
            try:
                if known is None or not _same_person(known[0], request):
                    known = request, *_body(request)
                answers.append(_fit(known[1], known[2], request))
            except Problem as problem:
                answers.append(problem)
        return answers


def _body(request: TryOnRequest) -> tuple[Window, Body]:
    if request.parse is None or request.pose is None:
        raise Problem(Code.INVALID_REQUEST, "The open engine needs the person's parse and pose.")
    if request.image.shape[:2] != request.parse.shape:
        raise Problem(Code.INVALID_REQUEST, "The photo and its parse must have the same size.")
    require_torso(request.pose)
    window = window_around(request.parse, request.pose)
    return window, read_body(window.cut(request.image), window.cut(request.parse), window.move(request.pose))


def _fit(window: Window, body: Body, request: TryOnRequest) -> TryOnAnswer:
    if request.cloth.shape[:2] != request.cloth_mask.shape:
        raise Problem(Code.INVALID_REQUEST, "The garment and its mask must have the same size.")
    if request.garment is not None and request.garment.fitted_as in NOT_YET:
        name = NOT_YET[request.garment.fitted_as]
        raise Problem(Code.UNSUPPORTED_GARMENT, f"{name} cannot be tried on yet; tops can.")
    garment = understand(request.cloth, request.cloth_mask)
    if request.garment is not None:
        garment = with_landmarks(garment, request.cloth_mask, request.garment)
    dressed = dress(body, request.cloth, request.cloth_mask, garment)
    cloth, mask = _warped(dressed)
    return TryOnAnswer(
        result=window.put(request.image, compose(body, dressed)),
        warped_cloth=window.put(np.full_like(request.image, 255), cloth),
        warped_mask=window.put(np.zeros_like(request.parse), mask),
        warnings=tuple(_warnings(body.torso, garment.confidence)),
    )


def _warped(dressed: Dressed) -> tuple[Image, Image]:
    """The warped garment on white, and its mask."""
    picture = np.full((*dressed.torso.alpha.shape, 3), 255, np.float32)
    for layer in (dressed.torso, *dressed.sleeves.values()):
        picture += (layer.image - picture) * layer.alpha[..., None]
    return _bytes(picture), _bytes(dressed.alpha() * 255)


def _bytes(picture: Floats) -> Image:
    return np.asarray(np.clip(np.rint(picture), 0, 255), np.uint8)


def _warnings(torso: TorsoFrame, confidence: float) -> list[AnswerWarning]:
    warnings = []
    if confidence < DOUBTFUL_GARMENT:
        detail = "The garment's outline is hard to read; the fitting may be wrong."
        warnings.append(AnswerWarning(code="garment_uncertain", detail=detail))
    if torso.shoulder_width < TURNED * torso.length:
        detail = "The person is turned to the side; a photo from the front fits better."
        warnings.append(AnswerWarning(code="pose_difficult", detail=detail))
    return warnings


def _same_person(one: TryOnRequest, other: TryOnRequest) -> bool:
    return one.pose == other.pose and np.array_equal(one.image, other.image)
