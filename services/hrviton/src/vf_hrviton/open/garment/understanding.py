"""From a cloth picture and its mask to a `Garment`."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from vf_anatomy import Doubles, Floats, Mask, PictureSide, Points
from vf_hrviton.open.garment.contour import bounding_box, silhouette
from vf_hrviton.open.garment.neckline import find_neckline, find_shoulders
from vf_hrviton.open.garment.sleeves import find_sleeve
from vf_hrviton.open.garment.torso import find_torso
from vf_hrviton.open.garment.types import Garment, Sleeve, SleeveLength
from vfkit.contracts import Image
from vfkit.problems import Code, Problem

WORKING_HEIGHT = 1024
"""Pixels of the longer side; the constants in pixels of every module are meant at this size."""
UNUSUAL = 0.3
"""Confidence in a garment of a shape that the landmarks describe poorly: low enough for the caller to be warned."""
LEAST_SIZE = 16
"""Pixels of the mask's box: less is no garment."""


def understand(cloth: Image, mask: Image | Mask) -> Garment:
    """Read a top.

    Args:
        cloth: (H, W, 3) uint8 RGB, the garment laid out, neck up.
        mask: (H, W), non-zero on the garment.

    Raises:
        Problem: ``no_garment_found`` when the mask is (nearly) empty.
    """
    inside: Mask = np.asarray(mask != 0)
    if not _is_extended(inside):
        raise Problem(Code.NO_GARMENT_FOUND, "The cloth mask is empty.")
    height, width = inside.shape
    scale = WORKING_HEIGHT / max(height, width)
    if abs(scale - 1) < 0.02:
        return _understand(cloth, inside)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(cloth, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    small_mask = cv2.resize(inside.astype(np.uint8) * 255, size, interpolation=cv2.INTER_LINEAR) > 127
    return rescale(_understand(small, small_mask), (height, width), scale)


def _is_extended(mask: Mask) -> bool:
    if not mask.any():
        return False
    x0, y0, x1, y1 = bounding_box(mask)
    return min(x1 - x0, y1 - y0) >= LEAST_SIZE


def _understand(cloth: Image, mask: Mask) -> Garment:
    shape = silhouette(mask)
    lab = cv2.cvtColor(cloth.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    lab = cv2.GaussianBlur(lab, (0, 0), 1.5)
    torso = find_torso(shape, vertical_edges(lab))
    shoulders = find_shoulders(shape, torso)
    neckline = find_neckline(shape, shoulders, lab)
    sleeves: dict[PictureSide, Sleeve] = {}
    for side in PictureSide:
        if torso.sides[side].junction:
            sleeve = find_sleeve(shape, torso.sides[side], shoulders.tip[side], torso.chest_width, side.sign)
            if sleeve is not None:
                sleeves[side] = sleeve
    longest = max(sleeves.values(), key=lambda s: s.length_ratio, default=None)
    doubts = [torso.sides.left.confidence, torso.sides.right.confidence]
    if shoulders.off_shoulder or len(sleeves) == 1:
        doubts.append(UNUSUAL)
    return Garment(
        sleeve=longest.length if longest else SleeveLength.NONE,
        neck=shoulders.neck,
        shoulder=shoulders.tip,
        armpit=torso.sides.map(lambda line: line.armpit),
        hem=torso.hem,
        hem_centre=torso.hem_centre,
        neckline=neckline.point,
        torso=torso.sides.map(lambda line: line.x),
        torso_top=int(min(torso.sides.left.armpit[1], torso.sides.right.armpit[1])),
        torso_bottom=torso.bottom,
        inner_back=neckline.inner_back,
        inner_back_confidence=neckline.confidence,
        sleeves=sleeves,
        off_shoulder=shoulders.off_shoulder,
        straps=shoulders.straps,
        collar_height=shoulders.collar_height,
        box=shape.box,
        confidence=min(doubts),
    )


def vertical_edges(lab: Floats) -> Floats:
    """(H, W) float32 in [0, 1]: horizontal colour change, 1 from about 6 Lab units over four pixels on."""
    change = np.zeros_like(lab)
    change[:, 2:-2] = lab[:, 4:] - lab[:, :-4]
    return np.asarray(np.clip(np.linalg.norm(change, axis=2) / 6.0, 0, 1), np.float32)


def rescale(garment: Garment, size: tuple[int, int], scale: float) -> Garment:
    """The same garment in a picture of another size.

    Args:
        garment: as found in the working picture.
        size: height and width of the other picture.
        scale: working pixels per pixel of the other picture.
    """
    height, width = size

    def point(value: Points) -> Points:
        return (value + 0.5) / scale - 0.5

    def part(mask: Mask) -> Mask:
        grey = cv2.resize(mask.astype(np.uint8) * 255, (width, height), interpolation=cv2.INTER_LINEAR)
        return np.asarray(grey > 127)

    def row(value: int) -> int:
        return int(np.clip(round((value + 0.5) / scale - 0.5), 0, height - 1))

    def sides(values: Doubles) -> Doubles:
        at = (np.arange(height) + 0.5) * scale - 0.5
        return np.asarray(point(np.interp(at, np.arange(len(values)), values)), np.float64)

    return replace(
        garment,
        neck=garment.neck.map(point),
        shoulder=garment.shoulder.map(point),
        armpit=garment.armpit.map(point),
        hem=garment.hem.map(point),
        hem_centre=point(garment.hem_centre),
        neckline=point(garment.neckline),
        torso=garment.torso.map(sides),
        torso_top=row(garment.torso_top),
        torso_bottom=row(garment.torso_bottom),
        inner_back=part(garment.inner_back),
        sleeves={
            side: replace(sleeve, outer=point(sleeve.outer), inner=point(sleeve.inner), mask=part(sleeve.mask))
            for side, sleeve in garment.sleeves.items()
        },
        collar_height=garment.collar_height / scale,
        box=(
            int(garment.box[0] / scale),
            int(garment.box[1] / scale),
            min(width, int(np.ceil(garment.box[2] / scale))),
            min(height, int(np.ceil(garment.box[3] / scale))),
        ),
    )
