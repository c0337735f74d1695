"""Sleeves that the outline does not show: a garment's landmarks from garment.json.

A sleeve that lies against the torso leaves no gap in the silhouette, so that tracing it finds no sleeve or a short one.
The garment reader's landmarks say where it ends. Where they tell of longer sleeves, shoulders, armpits, hem and sleeves
are theirs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import cv2
import numpy as np

from vf_anatomy import Doubles, Mask, PictureSide, Point, Sided
from vf_hrviton.open.garment.contour import edge_along, polyline_length
from vf_hrviton.open.garment.sleeves import classify_length
from vf_hrviton.open.garment.types import EDGE_POINTS, Garment, Sleeve, SleeveLength
from vfkit.contracts import GarmentDocument, GarmentView, Image, LandmarkReading, Visibility

SURE, SURER = 0.15, 0.35
"""Confidence from which landmarks are believed where the outline shows no sleeve, and against an outline that does."""
LONGER = 1.3
"""The landmarks' sleeves must be so much longer than the traced ones to be used."""
LEAST_LENGTH = 0.3
"""Chest widths: shorter sleeves are left to the outline."""
REACH = 0.15
"""Chest widths on either side of the straight line in which a sleeve's outer edge is sought."""


@dataclass(frozen=True)
class _Side:
    """One side's landmarks in pixels of cloth.png, and the least confidence in them."""

    shoulder: Point
    armpit: Point
    hem: Point
    outer: Point | None
    inner: Point | None
    confidence: float

    @property
    def sleeve_length(self) -> float:
        """Pixels; 0 without a sleeve."""
        if self.outer is None or self.inner is None:
            return 0.0
        return float(np.linalg.norm((self.outer + self.inner) / 2 - (self.shoulder + self.armpit) / 2))


def with_landmarks(garment: Garment, mask: Image, document: GarmentDocument) -> Garment:
    """The garment with the sleeves that the reader saw, where it saw longer ones than the outline shows.

    Args:
        garment: as its outline was traced.
        mask: (H, W) uint8, non-zero on the garment.
        document: its garment.json; landmarks are in pixels of the mask.
    """
    sides = _sides(document)
    if sides is None:
        return garment
    chest = float(np.linalg.norm(sides.right.armpit - sides.left.armpit))
    if chest < 1 or not any(_is_longer(sides[side], garment.sleeves.get(side), chest) for side in PictureSide):
        return garment
    inside = mask > 0
    rows = np.arange(len(mask), dtype=np.float64)
    torso = sides.map(lambda side: _line(rows, side.armpit, side.hem))
    found = {side: _sleeve(sides[side], torso[side], inside, chest, side.sign) for side in PictureSide}
    sleeves = {side: sleeve for side, sleeve in found.items() if sleeve is not None}
    longest = max(sleeves.values(), key=lambda sleeve: sleeve.length_ratio, default=None)
    return replace(
        garment,
        sleeve=longest.length if longest else SleeveLength.NONE,
        shoulder=sides.map(lambda side: side.shoulder),
        armpit=sides.map(lambda side: side.armpit),
        hem=sides.map(lambda side: side.hem),
        torso=torso,
        torso_top=int(min(side.armpit[1] for side in sides.values())),
        torso_bottom=int(max(side.hem[1] for side in sides.values())),
        sleeves=sleeves,
        off_shoulder=False,
        straps=False,
        confidence=max(garment.confidence, min(side.confidence for side in sides.values())),
    )


def _sides(document: GarmentDocument) -> Sided[PictureSide, _Side] | None:
    """Both sides' landmarks; None when one of the torso's is not sure."""
    sure = {
        landmark.name: landmark
        for landmark in document.landmarks
        if landmark.visibility is not Visibility.ABSENT and landmark.confidence >= SURE
    }
    names = wearer_names(document)
    if any(f"{name}_{part}" not in sure for name in names.values() for part in ("shoulder", "armpit", "hem")):
        return None
    return Sided.of(PictureSide, lambda side: _side(sure, names[side]))


def wearer_names(document: GarmentDocument) -> dict[PictureSide, str]:
    """The wearer's side, ``left`` or ``right``, at each side of the picture."""
    if document.view.value is GarmentView.BACK:
        return {side: side.value for side in PictureSide}
    return {side: side.other.value for side in PictureSide}


def _side(sure: Mapping[str, LandmarkReading], name: str) -> _Side:
    found = {key.removeprefix(f"{name}_"): mark for key, mark in sure.items() if key.startswith(f"{name}_")}
    points = {key: np.array([mark.x, mark.y], np.float64) for key, mark in found.items()}
    used = ("shoulder", "armpit", "hem", "sleeve_outer", "sleeve_inner")
    return _Side(
        points["shoulder"],
        points["armpit"],
        points["hem"],
        points.get("sleeve_outer"),
        points.get("sleeve_inner"),
        min(found[key].confidence for key in used if key in found),
    )


def _is_longer(side: _Side, traced: Sleeve | None, chest: float) -> bool:
    length = side.sleeve_length / chest
    if traced is None:
        return length > LEAST_LENGTH
    return side.confidence >= SURER and length > max(LEAST_LENGTH, LONGER * traced.length_ratio)


def _line(rows: Doubles, first: Point, last: Point) -> Doubles:
    """x of the straight line in each row, constant beyond its ends."""
    return np.asarray(np.interp(rows, (first[1], max(last[1], first[1] + 1)), (first[0], last[0])))


def _sleeve(side: _Side, edge: Doubles, inside: Mask, chest: float, sign: int) -> Sleeve | None:
    """One side's sleeve: what lies between its edges and, below the armpit, beside the torso's edge.

    Args:
        side: its landmarks.
        edge: (H,) x of the torso's side in each row.
        inside: (H, W), the garment.
        chest: its width in pixels.
        sign: -1 for the picture's left, 1 for its right.
    """
    if side.outer is None or side.inner is None:
        return None
    share = np.linspace(0, 1, EDGE_POINTS)[:, None]
    inner = side.armpit + share * (side.inner - side.armpit)
    outer = edge_along(side.shoulder + share * (side.outer - side.shoulder), inner.mean(0), inside, REACH * chest)
    area = np.zeros(inside.shape, np.uint8)
    cv2.fillPoly(area, [np.rint(np.concatenate([outer, inner[::-1]])).astype(np.int32)], 1)
    rows, columns = np.ogrid[: inside.shape[0], : inside.shape[1]]
    beside = (sign * (columns - edge[:, None]) > 0) & (rows > side.armpit[1])
    ratio = polyline_length((outer + inner) / 2) / chest
    return Sleeve(
        outer,
        inner,
        ((area > 0) | beside) & inside,
        ratio,
        classify_length(ratio),
        touches_torso=True,
        confidence=side.confidence,
    )
