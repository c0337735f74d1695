"""A garment on a prepared body.

1. `understand` finds the garment's landmarks and parts; `with_landmarks` adds sleeves that only garment.json tells of.
2. `dress` lays the garment out on the body: the torso by thin-plate spline, sleeves along the arms.
3. `compose` puts it on the undressed photo.
"""

from __future__ import annotations

import numpy as np

from vf_anatomy import Floats, TorsoFrame
from vf_hrviton.open.body.prepared import PreparedBody
from vf_hrviton.open.body.shape import torso_maps
from vf_hrviton.open.garment import understand, with_landmarks
from vf_hrviton.open.paint.compose import compose
from vf_hrviton.open.warp.dress import Dressed, dress
from vf_hrviton.types import TryOnAnswer
from vfkit.contracts import GarmentDocument, Image
from vfkit.engines import AnswerWarning
from vfkit.problems import Code, Problem

DOUBTFUL_GARMENT = 0.35
"""Confidence of the landmarks below which the caller is warned."""
TURNED = 0.38
"""Shoulder width over torso length of a person who is turned to the side."""


def fit(
    photo: Image, prepared: PreparedBody, cloth: Image, mask: Image, read: GarmentDocument | None = None
) -> TryOnAnswer:
    """Put a garment on a person.

    Args:
        photo: (H, W, 3) uint8 RGB, the photo that was prepared.
        prepared: the person.
        cloth: (H', W', 3) uint8 RGB.
        mask: (H', W') uint8 of the cloth, 0 or 255.
        read: what was read of the garment's photo.

    Raises:
        Problem: ``invalid_request`` when cloth and mask differ in size; ``no_garment_found``.
    """
    if cloth.shape[:2] != mask.shape:
        raise Problem(Code.INVALID_REQUEST, "The garment and its mask must have the same size.")
    garment = understand(cloth, mask)
    if read is not None:
        garment = with_landmarks(garment, mask, read)
    maps = torso_maps(prepared.shape, prepared.size)
    dressed = dress(prepared, maps, cloth, mask, garment)
    window = prepared.window
    warped_cloth, warped_mask = _warped(dressed)
    return TryOnAnswer(
        result=window.put(photo, compose(window.cut(photo), prepared, maps, dressed)),
        warped_cloth=window.put(np.full_like(photo, 255), warped_cloth),
        warped_mask=window.put(np.zeros(photo.shape[:2], np.uint8), warped_mask),
        warnings=tuple(_warnings(prepared.shape.torso, garment.confidence)),
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
