"""A garment on a prepared body.

Tops and one-piece garments: `understand` finds landmarks and parts; `dress` or `dress_one_piece` lays the garment out;
`compose` puts it on the undressed photo. Garments for the lower body: `read_lower`, `lay_out_lower`, `put_on_below`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from vf_anatomy import Floats, Mask, TorsoFrame
from vf_hrviton.open.body.lower import read_lower_body
from vf_hrviton.open.body.prepared import PreparedBody
from vf_hrviton.open.body.shape import TorsoMaps, torso_maps
from vf_hrviton.open.garment import understand, with_landmarks
from vf_hrviton.open.garment.lower import even_waist, read_lower
from vf_hrviton.open.paint.below import put_on_below
from vf_hrviton.open.paint.compose import compose
from vf_hrviton.open.paint.fills import dilated
from vf_hrviton.open.warp.dress import Dressed, Layer, dress, without_background
from vf_hrviton.open.warp.lower import lay_out_lower, scale_of, soft_mask
from vf_hrviton.open.warp.one_piece import dress_one_piece
from vf_hrviton.types import TryOnAnswer
from vfkit.contracts import Clothes, GarmentDocument, GarmentPart, Image
from vfkit.engines import AnswerWarning
from vfkit.problems import Code, Problem

DOUBTFUL_GARMENT = 0.35
"""Confidence of the landmarks below which the caller is warned."""
TURNED = 0.38
"""Shoulder width over torso length of a person who is turned to the side."""
AT_EDGE = 4
"""Pixels of the cloth picture from the garment's outline within which the inside of its back begins."""


@dataclass(frozen=True)
class ClothPicture:
    """A garment's pictures.

    Attributes:
        cloth: (H, W, 3) uint8 RGB.
        mask: (H, W) uint8, 0 or 255.
        parts: (H, W) uint8, `GarmentPart` of each pixel; None: not known.
        read: what was read of its photo; None: it is a top.
    """

    cloth: Image
    mask: Image
    parts: Image | None = None
    read: GarmentDocument | None = None

    def is_in(self, *parts: GarmentPart) -> Mask:
        """(H, W): pixels of any of the parts; none where the parts are not known."""
        if self.parts is None:
            return np.zeros(self.mask.shape, bool)
        return np.isin(self.parts, parts) & (self.mask > 0)

    @property
    def inside(self) -> Mask:
        """(H, W): the inside of its back, seen over its upper edge; not what is called so within the garment."""
        inside = self.is_in(GarmentPart.INSIDE)
        _, found = cv2.connectedComponents(inside.astype(np.uint8))
        at_edge = dilated(self.mask == 0, AT_EDGE) & inside
        return np.asarray(inside & np.isin(found, np.unique(found[at_edge])))

    @property
    def takes_off(self) -> Clothes:
        """What it replaces."""
        return Clothes.UPPER if self.read is None else self.read.fitted_as.replaces


@dataclass(frozen=True)
class _Fitted:
    """A fitting in the window: the result, the warped garment, and how sure its landmarks are."""

    result: Image
    worn: Layer
    confidence: float


def fit(photo: Image, prepared: PreparedBody, garment: ClothPicture) -> TryOnAnswer:
    """Put a garment on a person.

    Args:
        photo: (H, W, 3) uint8 RGB, the photo that was prepared.
        prepared: the person, without what the garment replaces.
        garment: its pictures.

    Raises:
        Problem: ``invalid_request`` when cloth and mask differ in size; ``no_garment_found``; ``person_not_frontal``
            and ``person_seated`` for garments that cover hips and legs.
    """
    if garment.cloth.shape[:2] != garment.mask.shape:
        raise Problem(Code.INVALID_REQUEST, "The garment and its mask must have the same size.")
    maps = torso_maps(prepared.shape, prepared.size)
    window = prepared.window
    part = window.cut(photo)
    if garment.read is not None and garment.takes_off is Clothes.LOWER:
        fitted = _fit_lower(part, prepared, maps, garment, garment.read)
    else:
        fitted = _fit_upper(part, prepared, maps, garment)
    return TryOnAnswer(
        result=window.put(photo, fitted.result),
        warped_cloth=window.put(np.full_like(photo, 255), fitted.worn.image),
        warped_mask=window.put(np.zeros(photo.shape[:2], np.uint8), _bytes(fitted.worn.alpha * 255)),
        warnings=tuple(_warnings(prepared.shape.torso, fitted.confidence)),
    )


def _fit_upper(photo: Image, prepared: PreparedBody, maps: TorsoMaps, picture: ClothPicture) -> _Fitted:
    garment = understand(picture.cloth, picture.mask)
    if picture.read is not None:
        garment = with_landmarks(garment, picture.mask, picture.read)
    if (inside := picture.inside).any():
        garment = replace(garment, inner_back=inside, inner_back_confidence=1.0)
    if picture.read is not None and picture.takes_off is Clothes.WHOLE:
        lower = read_lower_body(prepared, maps)
        body = (picture.mask > 0) & ~picture.is_in(GarmentPart.LEFT_SLEEVE, GarmentPart.RIGHT_SLEEVE)
        dressed = dress_one_piece(prepared, maps, lower, picture.cloth, picture.mask, body, garment, picture.read)
    else:
        dressed = dress(prepared, maps, picture.cloth, picture.mask, garment)
    worn = Layer(_on_white(dressed), dressed.alpha())
    return _Fitted(compose(photo, prepared, maps, dressed), worn, garment.confidence)


def _fit_lower(
    photo: Image, prepared: PreparedBody, maps: TorsoMaps, picture: ClothPicture, read: GarmentDocument
) -> _Fitted:
    lower = read_lower_body(prepared, maps)
    mask = even_waist(read, picture.mask > 0, picture.inside)
    if not mask.any():
        raise Problem(Code.NO_GARMENT_FOUND, "The cloth mask is empty.")
    garment = read_lower(read, mask)
    scale = scale_of(garment, lower, prepared.shape)
    meshes = lay_out_lower(garment, read.fitted_as, lower, prepared.shape, lower.waist_t, scale)
    map_x, map_y = meshes.maps(prepared.size)
    fabric = without_background(picture.cloth, mask)
    image = cv2.remap(fabric, map_x, map_y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    alpha = cv2.remap(soft_mask(mask), map_x, map_y, cv2.INTER_LINEAR) * (map_x >= 0)
    layer = Layer(image, np.asarray(alpha, np.float32))
    white = np.full_like(image, 255) + (image.astype(np.float32) - 255) * layer.alpha[..., None]
    return _Fitted(put_on_below(photo, prepared, maps, lower, layer), Layer(_bytes(white), layer.alpha), 1.0)


def _on_white(dressed: Dressed) -> Image:
    picture = np.full((*dressed.torso.alpha.shape, 3), 255, np.float32)
    for layer in (dressed.torso, *dressed.sleeves.values()):
        picture += (layer.image - picture) * layer.alpha[..., None]
    return _bytes(picture)


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
