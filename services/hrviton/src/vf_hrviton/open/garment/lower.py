"""What the picture of a skirt or of trousers shows, as meshes: rows from the waist to the hem, columns across.

A skirt is one mesh. Trousers are two, one for each leg with its half of the seat; both meet in the middle above the
crotch. The rows of a mesh follow the waist's curve at its top and the hem's at its bottom, so that a hem that lies
curved in the picture can hang level on a body.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from scipy.ndimage import gaussian_filter1d

from vf_anatomy import Doubles, Mask, PictureSide, Point, Sided
from vf_hrviton.open.garment.contour import bounding_box, edge_along, polyline_length, resample
from vf_hrviton.open.garment.landmarks import SURE, wearer_names
from vf_hrviton.open.garment.types import Garment, Polyline
from vfkit.contracts import GarmentDocument, Visibility

COLUMNS = 9
OVERHANG = 0.03
"""Share of the width added beyond both edges, so that soft borders are not cut."""
SEAT_ROWS, LEG_ROWS, SKIRT_ROWS = 9, 25, 33
EDGE = 61
"""Points at which an edge is followed in the picture."""
OUTER_REACH, INNER_REACH = 0.3, 0.1
"""Waist widths beside the straight line between two landmarks in which the edge between them is sought."""
SURE_INSEAM, BELOW_CROTCH, INSEAM_SMOOTHING = 0.6, 0.4, 3.0
"""Share of the reach up to which a leg's inner edge is believed, share of the leg from which it is, and its smoothing
in points of the edge."""
ENDS = 0.02
"""Share of the height from the mask's ends at which a garment is measured that the reader saw no landmarks of."""
WAIST_ROWS = 0.03
"""Share of the height around the waist's curve in which the garment's upper edge is made even."""
LEAST_CURVE_COLUMNS = 8


@dataclass(frozen=True)
class Skirt:
    """The part of a garment that hangs around both legs.

    Attributes:
        edges: (SKIRT_ROWS, 2) along each side from the top to the hem.
        sag: (SKIRT_ROWS,) pixels by which the middle of each row lies lower than its ends.
        waist_width: of the whole garment, in pixels.
    """

    edges: Sided[PictureSide, Polyline]
    sag: Doubles
    waist_width: float

    def mesh(self) -> Doubles:
        """(SKIRT_ROWS, COLUMNS, 2)."""
        return mesh_between(self.edges.left, self.edges.right, self.sag)

    @property
    def down(self) -> Doubles:
        """(SKIRT_ROWS,) pixels from the top along the middle."""
        middle = (self.edges.left + self.edges.right) / 2 + np.stack([np.zeros(len(self.sag)), self.sag], 1)
        return np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(middle, axis=0), axis=1))])

    @property
    def half_widths(self) -> Doubles:
        """(SKIRT_ROWS,) from the middle to an edge."""
        return np.asarray(np.linalg.norm(self.edges.right - self.edges.left, axis=1) / 2)


@dataclass(frozen=True)
class TrouserHalf:
    """One leg with its half of the seat.

    Attributes:
        outer: (SEAT_ROWS + LEG_ROWS, 2) from the waist down the side to the leg's end.
        inner: as many, from the middle of the waist to the crotch and down the inseam.
    """

    outer: Polyline
    inner: Polyline


@dataclass(frozen=True)
class Trousers:
    """The part of a garment that has legs.

    Attributes:
        halves: by picture side.
        waist_width: in pixels.
        rise: pixels from the waist's middle to the crotch.
    """

    halves: Sided[PictureSide, TrouserHalf]
    waist_width: float
    rise: float

    @property
    def leg_length(self) -> float:
        """Mean length of both legs from the crotch's height to their ends in pixels."""
        middles = [(half.outer + half.inner)[SEAT_ROWS - 1 :] / 2 for half in self.halves.values()]
        return sum(polyline_length(middle) for middle in middles) / 2


def mark(document: GarmentDocument, side: PictureSide, name: str) -> Point | None:
    """A landmark at a side of the picture; None when it is absent or doubtful."""
    return _points(document).get(f"{side.value}_{name}")


def with_traced_sides(garment: Garment, document: GarmentDocument, body: Mask) -> Garment:
    """A one-piece garment whose sides follow its outline from the armpits over the waist to the hem.

    Args:
        garment: what its picture shows.
        document: its garment.json.
        body: (H, W), the garment without its sleeves.
    """
    points = _points(document)
    pairs = [_pair(points, name) for name in ("armpit", "waist", "hem")]
    if any(pair is None for pair in pairs):
        return garment
    armpit, waist, hem = (pair for pair in pairs if pair is not None)
    rows = np.arange(len(body), dtype=np.float64)
    middle = (waist.left + waist.right + hem.left + hem.right) / 4
    reach = OUTER_REACH * float(np.linalg.norm(waist.right - waist.left))

    def side_of(side: PictureSide) -> Doubles:
        upper = edge_along(_line(armpit[side], waist[side]), middle, body, reach / 2)
        line = np.concatenate([upper, edge_along(_line(waist[side], hem[side]), middle, body, reach)])
        order = np.argsort(line[:, 1], kind="stable")
        return np.asarray(np.interp(rows, line[order, 1], line[order, 0]))

    shoulder = _pair(points, "shoulder")
    if not garment.sleeves:  # an outline without sleeves shows armholes less clearly than the reader sees them
        garment = replace(garment, armpit=armpit, shoulder=shoulder or garment.shoulder)
    return replace(
        garment,
        hem=hem,
        hem_centre=(hem.left + hem.right) / 2,
        torso=Sided.of(PictureSide, side_of),
        torso_bottom=int(max(hem.left[1], hem.right[1])),
    )


def mesh_between(first: Polyline, last: Polyline, sag: Doubles) -> Doubles:
    """(n, COLUMNS, 2) between two edges of n points; the middle of each row lies ``sag`` lower than a straight line."""
    across = np.linspace(-OVERHANG, 1 + OVERHANG, COLUMNS)[None, :, None]
    mesh = first[:, None] * (1 - across) + last[:, None] * across
    mesh[..., 1] += sag[:, None] * (1 - (2 * across[..., 0] - 1) ** 2)
    return np.asarray(mesh)


def read_lower(document: GarmentDocument, mask: Mask) -> Skirt | Trousers:
    """The lower garment of a cloth picture.

    Args:
        document: its garment.json; landmarks are in pixels of the mask.
        mask: (H, W), the garment without what is seen of its inside; not empty.
    """
    points = _points(document)
    waist = _pair(points, "waist") or _extent(mask, ENDS)
    width = max(float(np.linalg.norm(waist.right - waist.left)), 1.0)
    if "crotch" in points:
        return _trousers(points, waist, width, mask)
    hem = _pair(points, "hem") or _extent(mask, 1 - ENDS)
    return skirt_between(waist, hem, width, mask)


def even_waist(document: GarmentDocument, mask: Mask, inside: Mask) -> Mask:
    """The garment without what is seen of its inside, with an even upper edge: a waistband is no ragged line.

    Args:
        document: its garment.json.
        mask: (H, W), the garment.
        inside: (H, W), the inside of its back.
    """
    outside = mask & ~inside
    waist = _pair(_points(document), "waist")
    if waist is None or not outside.any():
        return outside
    left, right = waist.left, waist.right
    columns = np.arange(mask.shape[1])
    place = np.clip((columns - left[0]) / (right[0] - left[0]), 0, 1)
    line = np.interp(columns, (left[0], right[0]), (left[1], right[1]))
    offset = _sag(outside, waist, first=True)
    edge = line + offset * (1 - (2 * place - 1) ** 2)
    height = bounding_box(outside)[3] - bounding_box(outside)[1]
    near = np.abs(np.arange(len(mask))[:, None] - edge) < WAIST_ROWS * height
    below = np.arange(len(mask))[:, None] >= edge
    return np.asarray(np.where(near | (inside & ~below), mask & below, outside))


def read_below(document: GarmentDocument, mask: Mask, top: Sided[PictureSide, Point]) -> Skirt | Trousers:
    """The part of a one-piece garment below a row of its sides.

    Args:
        document: its garment.json.
        mask: (H, W), the garment.
        top: where its sides are cut.
    """
    points = _points(document)
    width = max(float(np.linalg.norm(top.right - top.left)), 1.0)
    if "crotch" in points and points["crotch"][1] > max(top.left[1], top.right[1]):
        return _trousers(points, top, width, mask, cut=True)
    hem = _pair(points, "hem") or _extent(mask, 1 - ENDS)
    return skirt_between(top, hem, width, mask, cut=True)


def skirt_between(
    top: Sided[PictureSide, Point], hem: Sided[PictureSide, Point], waist_width: float, mask: Mask, cut: bool = False
) -> Skirt:
    """A skirt by its four corners.

    Args:
        top, hem: its corners.
        waist_width: in pixels.
        mask: (H, W), the garment.
        cut: its upper edge is a straight line inside the garment.
    """
    middle = (top.left + top.right + hem.left + hem.right) / 4
    edges = Sided.of(
        PictureSide,
        lambda side: resample(
            edge_along(_line(top[side], hem[side]), middle, mask, OUTER_REACH * waist_width), SKIRT_ROWS
        ),
    )
    upper = 0.0 if cut else _sag(mask, top, first=True)
    sag = np.linspace(upper, _sag(mask, hem, first=False), SKIRT_ROWS)
    return Skirt(edges, sag, waist_width)


def _trousers(
    points: Mapping[str, Point], waist: Sided[PictureSide, Point], width: float, mask: Mask, cut: bool = False
) -> Trousers:
    crotch = points["crotch"]
    middle = (waist.left + waist.right) / 2
    middle = middle + np.array([0.0, 0.0 if cut else _sag(mask, waist, first=True)])

    def half(side: PictureSide) -> TrouserHalf:
        end_outer, end_inner = _leg_end(points, side, crotch, mask)
        outer = edge_along(_line(waist[side], end_outer), crotch, mask, OUTER_REACH * width)
        seat = int(np.clip(np.searchsorted(outer[:, 1], crotch[1]), 2, EDGE - 3))
        inseam = _inseam(crotch, end_inner, end_outer, mask, INNER_REACH * width)
        return TrouserHalf(
            np.concatenate([resample(outer[: seat + 1], SEAT_ROWS), resample(outer[seat:], LEG_ROWS + 1)[1:]]),
            np.concatenate([_line(middle, crotch, SEAT_ROWS), resample(inseam, LEG_ROWS + 1)[1:]]),
        )

    return Trousers(Sided.of(PictureSide, half), width, max(float(crotch[1] - middle[1]), 1.0))


def _inseam(crotch: Point, end: Point, beside: Point, mask: Mask, reach: float) -> Polyline:
    """The inner edge of a leg: near the crotch and where the legs touch it is not to be seen, and a straight line."""
    line = _line(crotch, end)
    away = edge_along(line, beside, mask, reach) - line
    seen = np.linalg.norm(away, axis=1) < SURE_INSEAM * reach
    share = seen * np.clip(np.linspace(0, 1, len(line)) / BELOW_CROTCH, 0, 1) ** 2
    return np.asarray(line + gaussian_filter1d(away * share[:, None], INSEAM_SMOOTHING, axis=0, mode="nearest"))


def _leg_end(points: Mapping[str, Point], side: PictureSide, crotch: Point, mask: Mask) -> tuple[Point, Point]:
    outer, inner = points.get(f"{side.value}_leg_outer"), points.get(f"{side.value}_leg_inner")
    if outer is not None and inner is not None:
        return outer, inner
    half = mask.copy()
    if side is PictureSide.LEFT:
        half[:, int(crotch[0]) + 1 :] = False
    else:
        half[:, : int(crotch[0])] = False
    corners = _extent(half if half.any() else mask, 1 - ENDS)
    return corners[side], corners[side.other]


def _points(document: GarmentDocument) -> dict[str, Point]:
    """Landmarks by name, ``left`` and ``right`` being the picture's; without those that are absent or doubtful."""
    names = {wearer: side.value for side, wearer in wearer_names(document).items()}
    found: dict[str, Point] = {}
    for mark in document.landmarks:
        if mark.visibility is Visibility.ABSENT or mark.confidence < SURE:
            continue
        first, _, rest = mark.name.partition("_")
        name = f"{names[first]}_{rest}" if first in names else mark.name
        found[name] = np.array([mark.x, mark.y])
    return found


def _pair(points: Mapping[str, Point], name: str) -> Sided[PictureSide, Point] | None:
    left, right = points.get(f"left_{name}"), points.get(f"right_{name}")
    if left is None or right is None or right[0] - left[0] < 2:
        return None
    return Sided(left, right)


def _extent(mask: Mask, share: float) -> Sided[PictureSide, Point]:
    """The mask's first and last pixel in the row at a share of its height."""
    x0, y0, x1, y1 = bounding_box(mask)
    row = int(np.clip(y0 + share * (y1 - y0), y0, y1 - 1))
    columns = np.flatnonzero(mask[row])
    ends = (columns[0], columns[-1]) if len(columns) else (x0, x1 - 1)
    return Sided(np.array([ends[0], row], np.float64), np.array([ends[1], row], np.float64))


def _line(start: Point, end: Point, count: int = EDGE) -> Polyline:
    share = np.linspace(0, 1, count)[:, None]
    return np.asarray(start + share * (end - start))


def _sag(mask: Mask, corners: Sided[PictureSide, Point], *, first: bool) -> float:
    """How much lower than its corners the middle of the garment's upper or lower edge lies: of a fitted parabola."""
    left, right = corners.left, corners.right
    xs = np.arange(max(0, int(left[0]) + 1), min(mask.shape[1], int(right[0])))
    xs = xs[mask[:, xs].any(axis=0)]
    if len(xs) < LEAST_CURVE_COLUMNS:
        return 0.0
    part = mask[:, xs]
    ys = part.argmax(0) if first else len(mask) - 1 - part[::-1].argmax(0)
    line = np.interp(xs, (left[0], right[0]), (left[1], right[1]))
    place = (xs - left[0]) / (right[0] - left[0])
    curve = 1 - (2 * place - 1) ** 2
    away = gaussian_filter1d((ys - line).astype(np.float64), 2.0)
    inner = (place > 0.15) & (place < 0.85)
    return float(np.median(away[inner] / curve[inner])) if inner.any() else 0.0
