"""All layers on the undressed photo, bottom to top.

The undressed photo; the lower garment where it is drawn up; the collar's back; the torso; arms in front of it; sleeves;
hands and hair. Pixels away from the old and the new garment stay exactly as they are.
"""

from __future__ import annotations

from collections.abc import Mapping

import cv2
import numpy as np

from vf_anatomy import Floats, Mask, PictureSide, Segment
from vf_hrviton.open.body.prepared import PreparedBody, light_of_folds, to_share
from vf_hrviton.open.body.shape import PersonPhoto, TorsoMaps
from vf_hrviton.open.body.waist import raised_waist
from vf_hrviton.open.paint.fills import blurred, box_of, dilated, eroded, over, points_of, push_pull, softened
from vf_hrviton.open.paint.shading import cast, lit, rounded_edge
from vf_hrviton.open.paint.undress import FRINGE
from vf_hrviton.open.warp.dress import Dressed, Layer, SleeveLayer
from vfkit.contracts import Image, Label

LARGEST_GAP = 0.06
"""Area of a gap at the shoulder, in squared units."""
COLLAR_SHADE = 0.72
SOFT_EDGE = 16
"""Pixels around a layer that its shade looks at."""
BEFORE_HEM = 0.03
"""Torso coordinates above the new garment's hem from which a worn dress stays."""


def compose(photo: Image, prepared: PreparedBody, maps: TorsoMaps, dressed: Dressed) -> Image:
    """The person wearing the garment.

    Args:
        photo: (H, W, 3) uint8 RGB, the window of the person's photo.
        prepared: the person.
        maps: the torso's coordinates.
        dressed: the garment laid out on them.

    Returns:
        (H, W, 3) uint8 RGB.
    """
    unit, person = prepared.shape.unit, prepared.silhouette > 102
    torso, folds = dressed.torso, light_of_folds(prepared.folds)
    chest, bare_arms = to_share(prepared.chest), to_share(prepared.bare_arms)
    face = softened(prepared.is_in(Label.FACE, Label.SUNGLASSES), 1.0)
    kept = prepared.skirt & (maps.t > dressed.targets.hem_t - BEFORE_HEM)
    worn = prepared.worn & ~kept
    picture = _with_skirt(prepared.undressed.astype(np.float32), photo, kept)
    picture = _with_raised_waist(picture, photo, prepared, worn, maps, dressed.targets.hem_t)
    picture = cast(picture, torso.alpha, person, 0.45, 0.02 * unit, 0.012 * unit)
    neck = prepared.is_in(Label.HAIR, Label.FACE, Label.TORSO_SKIN)
    picture = _with_collar_back(picture, dressed.back, torso.alpha, chest, neck, maps.t)
    torso_alpha = torso.alpha * (1 - face)
    picture = _with_torso(picture, torso, torso_alpha, maps, prepared.shape.torso.shoulder_width, unit, folds)
    sleeves = dressed.sleeves
    bare_torso = worn & (maps.t > 0.3) & (np.abs(maps.across) < maps.half_width + 2)
    picture = _with_arms(picture, photo, prepared, maps.t, _under_sleeves(sleeves, prepared.size),
                         np.maximum(torso_alpha, bare_torso), unit)  # fmt: skip
    only_face = softened(prepared.is_in(Label.FACE), 1.0)
    for side, sleeve in sleeves.items():
        seam = Segment(dressed.targets.shoulder[side], dressed.targets.armpit[side])
        picture = _with_sleeve(picture, sleeve, torso.alpha, seam, 1 - only_face, person, folds, unit)
    if sleeves:
        body = _skin_or_clothes(prepared, worn, chest, bare_arms, maps)
        hole = _holes(dressed, body, maps, prepared.shape.torso.shoulder_width, unit)
        picture = _with_seams_closed(picture, dressed.alpha(), hole)
    picture = over(picture, photo, to_share(prepared.front))
    return np.clip(np.rint(picture), 0, 255).astype(np.uint8)


def _with_skirt(picture: Floats, photo: Image, kept: Mask) -> Floats:
    """The part of a worn dress that stays, as the photo has it."""
    return over(picture, photo, softened(dilated(kept, FRINGE), 1.2)) if kept.any() else picture


def _with_raised_waist(
    picture: Floats, photo: Image, prepared: PreparedBody, worn: Mask, maps: TorsoMaps, hem_t: float
) -> Floats:
    """The lower garment drawn up below a short one."""
    person = PersonPhoto(photo, prepared.labels, to_share(prepared.silhouette))
    raised = raised_waist(person, worn, prepared.waist, prepared.shape.torso, maps, hem_t)
    return picture if raised is None else over(picture, *raised)


def _with_collar_back(picture: Floats, back: Layer, torso: Floats, chest: Floats, neck: Mask, t: Floats) -> Floats:
    """The inside of the back beside the neck, in its own shade."""
    alpha = softened(~neck, 1.0) * back.alpha * np.clip(1 - torso, 0, 1) * (t < 0.1) * (1 - chest)
    return over(picture, back.image.astype(np.float32) * COLLAR_SHADE, alpha.astype(np.float32))


def _with_torso(
    picture: Floats, torso: Layer, alpha: Floats, maps: TorsoMaps, shoulder_width: float, unit: float, folds: Floats
) -> Floats:
    """The torso's cloth, with the worn garment's light, darker where the body turns away."""
    box = box_of(alpha > 0, SOFT_EDGE)
    side = np.clip(np.abs(maps.across[box]) / (0.5 * shoulder_width), 0, 1.2)
    shade = rounded_edge(torso.alpha[box], 0.14, 0.07 * unit) * (1 - 0.05 * side**2) * folds[box]
    out = picture.copy()
    out[box] = over(picture[box], lit(torso.image[box], shade.astype(np.float32)), alpha[box].astype(np.float32))
    return out


def _with_arms(
    picture: Floats, photo: Image, prepared: PreparedBody, t: Floats, sleeves: Mask, below: Floats, unit: float
) -> Floats:
    """Arms in front of the torso: the real ones, and invented ones where the old sleeve was.

    Args:
        picture: (H, W, 3) so far.
        photo: (H, W, 3) uint8.
        prepared: the person.
        t: (H, W) torso coordinates.
        sleeves: (H, W) what the new sleeves cover.
        below: (H, W) in [0, 1], the torso on which arms cast a shadow.
        unit: the body unit in pixels.
    """
    below_armhole = np.clip((t - 0.30) / 0.05, 0, 1)
    shown = to_share(prepared.shown_arms) * below_armhole
    invented = np.minimum(to_share(prepared.hidden_arms), softened(~sleeves, 1.0)) * below_armhole
    picture = over(picture, prepared.skin, invented)
    both = np.maximum(shown, invented)
    contact = np.clip(blurred(both, 0.03 * unit) - both, 0, 1) * below
    picture = picture * (1 - 0.35 * contact[..., None])
    return over(picture, photo, shown)


def _under_sleeves(sleeves: Mapping[PictureSide, SleeveLayer], size: tuple[int, int]) -> Mask:
    covered = np.zeros(size, bool)
    for sleeve in sleeves.values():
        covered |= sleeve.alpha > 0.9
    return covered


def _with_sleeve(
    picture: Floats, sleeve: SleeveLayer, torso: Floats, seam: Segment, visible: Floats, person: Mask, folds: Floats,
    unit: float,
) -> Floats:  # fmt: skip
    """A sleeve over torso and arm, shaded at its edges but not at the seam.

    Args:
        picture: (H, W, 3) so far.
        sleeve: its layer.
        torso: (H, W) alpha of the torso's cloth.
        seam: from the shoulder's tip to the armpit.
        visible: (H, W) in [0, 1], 0 behind the face.
        person: (H, W) on which a shadow falls.
        folds: (H, W) around 1, the worn garment's light.
        unit: the body unit in pixels.
    """
    out = cast(picture, sleeve.alpha, person, 0.5, 0.02 * unit, 0.012 * unit)
    box = box_of(sleeve.alpha > 0, SOFT_EDGE)
    alpha = sleeve.alpha[box]
    away = seam.nearest(points_of(box))[0].astype(np.float32)
    at_seam = np.exp(-((away / (0.10 * unit)) ** 2)).astype(np.float32)
    shade = rounded_edge(alpha, 0.20, 0.05 * unit) * (1 - at_seam) + 0.98 * at_seam
    colour = lit(sleeve.image[box], shade * (0.5 * folds[box] + 0.5))
    # At the seam the sleeve fades into the torso's cloth, which lies below it.
    inner = (torso[box] > 0.9) & (away < 0.05 * unit)
    fade = np.where(inner, np.clip(away / (0.05 * unit), 0, 1), 1).astype(np.float32)
    out[box] = over(out[box], colour, alpha * visible[box] * fade)
    return out


def _skin_or_clothes(prepared: PreparedBody, worn: Mask, chest: Floats, bare_arms: Floats, maps: TorsoMaps) -> Mask:
    """Where the body is, without hair and face; where only the old garment was, there is wall now."""
    shown = (np.maximum(bare_arms, chest) > 0.5) | ~worn | ((maps.t > 0.3) & maps.inside)
    return np.asarray((prepared.silhouette > 127) & shown & ~prepared.is_in(Label.HAIR, Label.FACE))


def _holes(dressed: Dressed, body: Mask, maps: TorsoMaps, shoulder_width: float, unit: float) -> Mask:
    """Holes between sleeve and torso, where the body would show."""
    garment = dressed.alpha()
    width = int(0.17 * unit) | 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (width, width))
    closed = cv2.morphologyEx((garment > 0.5).astype(np.uint8), cv2.MORPH_CLOSE, kernel) > 0
    neck = (np.abs(maps.across) < 0.30 * shoulder_width) & (maps.t < 0.12)
    neck |= dilated(dressed.back.alpha > 0.05, 5)  # a wide neckline is no hole
    bare = body & (garment < 0.5) & ~neck
    hole = bare & closed & (maps.t > -0.45) & (maps.t < 0.36)
    if not dressed.garment.bares_shoulders:
        hole |= _shoulder_gaps(bare, maps, shoulder_width, unit)
    return np.asarray(hole)


def _shoulder_gaps(bare: Mask, maps: TorsoMaps, shoulder_width: float, unit: float) -> Mask:
    """Patches of the shoulder that no cloth reached: small, and not joined to the arm below."""
    count, parts, stats, _ = cv2.connectedComponentsWithStats(bare.astype(np.uint8))
    lowest = np.full(count, -np.inf)
    np.maximum.at(lowest, parts[bare], maps.t[bare])
    beside = np.zeros(count, bool)
    beside[np.unique(parts[bare & (np.abs(maps.across) > 0.25 * shoulder_width) & (maps.t > -0.3)])] = True
    small = stats[:, cv2.CC_STAT_AREA] < LARGEST_GAP * unit**2
    gap = (lowest < 0.33) & beside & small
    gap[0] = False
    return np.asarray(gap[parts])


def _with_seams_closed(picture: Floats, garment: Floats, hole: Mask) -> Floats:
    """Holes take the cloth's colour."""
    if not hole.any():
        return picture
    alpha = np.clip(softened(hole, 1.0) - garment, 0, 1)
    return over(picture, push_pull(picture, eroded(garment > 0.9, 2)) * 0.93, alpha)
