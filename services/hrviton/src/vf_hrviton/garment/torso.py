"""The torso's sides, the armpits and the hem.

Going up from the hem, the side of the torso is the end of the run of pixels through the axis. Where a sleeve joins,
that end jumps outward: the *junction*. If the junction is as high as an armpit can be, it is the armpit. If it is
lower, the sleeve hangs against the torso with no gap, the junction is only the notch between cuff and hem, and the
side is continued upward along the seam that is visible inside the garment (`trace_seam`) to where an armpit is
expected.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from vf_hrviton.garment.contour import Silhouette
from vf_hrviton.garment.paths import cheapest_path
from vf_hrviton.garment.types import Point, Side

JUMP_ROWS = 0.025  # of the height: rows within which a junction widens the run
JUMP_WIDTH = 0.06  # of the torso's width: least widening at a junction
HIGHEST_JUNCTION = 0.10  # of the height, from the top
HEM_ROWS = 0.04  # of the height: rows above the hem's lowest point in which a rounded hem widens the run
TORSO_TOLERANCE = 1.35  # the run below a junction is at most this wider than the torso's half width
LEAST_TORSO = 0.4  # of the run's lower quartile: a narrower place is a dip of the hem
MIRROR_ROWS, MIRROR_OUT = 0.06, 1.35  # of the height; ratio: how unlike the junctions of both sides may be
DEEPEST_ARMPIT = 0.95  # of the torso's width below the shoulder; a lower junction is a cuff that touches the torso
EXPECTED_ARMPIT = 0.72  # of the torso's width below the shoulder, in garments with a visible armpit
SHOULDER_AT = 0.85  # of the torso's half width from the axis: where the shoulder's height is read
CLEAR_SEAM = 0.25  # by how much a seam's edge strength must exceed its surroundings'
BESIDE = 12  # pixels to the side of a seam, where its surroundings are measured
CORRIDOR = 0.16  # of the torso's width to either side of the straight guess in which a seam is sought


@dataclass(frozen=True)
class Junction:
    """A row just above which a sleeve joins, and the torso's distance from the axis just below it."""

    row: int
    out: float


@dataclass(frozen=True)
class SideLine:
    """One side of the torso.

    Attributes:
        armpit: where the sleeve or armhole meets the side.
        x: (H,) float64, the side in each row; constant above the armpit and below the hem.
        junction: a sleeve joins here.
        seam: the sleeve touches the torso; ``x`` follows a seam above the notch.
        confidence: 0 to 1.
    """

    armpit: Point
    x: NDArray[np.float64]
    junction: bool
    seam: bool
    confidence: float


@dataclass(frozen=True)
class Torso:
    """Both sides and the hem of a torso."""

    left: SideLine
    right: SideLine
    hem_left: Point
    hem_right: Point
    hem_centre: Point
    bottom: int

    def side(self, side: Side) -> SideLine:
        """One of both sides."""
        return self.left if side == "left" else self.right

    @property
    def chest_width(self) -> float:
        """Distance of the armpits."""
        return float(self.right.armpit[0] - self.left.armpit[0])


def find_torso(shape: Silhouette, edges: NDArray[np.float32]) -> Torso:
    """Find the torso of a top or dress.

    Args:
        shape: the garment's silhouette.
        edges: (H, W) float32 in [0, 1], strength of vertical edges (horizontal differences) in the picture.
    """
    outs = {sign: _outward(shape, sign) for sign in (-1, 1)}
    chosen = _choose(shape, edges, outs)
    halves = [junction.out for junction in chosen.values() if junction]
    half = float(np.mean(halves)) if halves else 0.0
    lines = {sign: _side_line(shape, edges, outs[sign], chosen[sign], half, sign) for sign in (-1, 1)}
    return _with_hem(shape, lines[-1], lines[1])


def _outward(shape: Silhouette, sign: int) -> NDArray[np.float64]:
    """(H,) distance from the axis to the end of the central run, filled beyond the covered rows."""
    rows = shape.covered()
    ends = shape.left if sign < 0 else shape.right
    return np.interp(np.arange(len(ends)), rows, sign * (ends[rows] - shape.axis))


def _junctions(shape: Silhouette, out: NDArray[np.float64], sign: int) -> list[Junction]:
    """Where a sleeve joins the torso, from the bottom up."""
    rows = shape.covered()
    y0, height = shape.box[1], shape.height
    reach = max(3, round(JUMP_ROWS * height))
    typical = float(np.percentile(out[rows], 25))
    least = JUMP_WIDTH * 2 * typical
    last = int(rows[-1])
    highest = max(int(rows[0]) + reach, y0 + round(HIGHEST_JUNCTION * height))
    established = last - round(HEM_ROWS * height)
    found: list[Junction] = []
    y = last
    while y > highest:
        merged = out[y - 1] - out[y] > 2 and _branch_below(shape, out, y, sign, reach)
        jump = (
            y < established
            and out[y] > 0.5 * typical
            and out[y - reach] - out[y] > 0.6 * least
            and out[max(int(rows[0]), y - 3 * reach) : y].max() - out[y] > least
        )
        if merged:
            found.append(Junction(y, float(out[min(y + 1, last)])))
            y -= reach
        elif jump:
            y = _corner(out, y, reach)
            found.append(Junction(y, float(out[min(y + 1, last)])))
            y -= reach
            while y > highest and out[y - 2] > out[y]:  # leave the slope that was just found
                y -= 2
        y -= 1
    return found


def _branch_below(shape: Silhouette, out: NDArray[np.float64], y: int, sign: int, reach: int) -> bool:
    """Whether the pixels by which the run widens above row ``y`` hang down below it, apart from the torso: a cuff."""
    near, far = sorted((shape.axis + sign * (out[y] + 1), shape.axis + sign * out[y - 1]))
    strip = shape.mask[y + 1 : y + 1 + reach, max(0, round(near)) : round(far) + 1]
    return bool(strip.any(axis=1).sum() >= 0.6 * reach)


def _corner(out: NDArray[np.float64], y: int, reach: int) -> int:
    """The row at which the outline bends: farthest from the chord over the jump."""
    above = y - 2 * reach
    below = min(len(out) - 1, y + reach)
    rows = np.arange(max(0, above), below + 1)
    chord = np.interp(rows, [rows[0], rows[-1]], [out[rows[0]], out[rows[-1]]])
    return int(rows[np.argmax(chord - out[rows])])


def _choose(
    shape: Silhouette, edges: NDArray[np.float32], outs: dict[int, NDArray[np.float64]]
) -> dict[int, Junction | None]:
    """The junctions of both sleeves: the topmost pair that mirrors each other about the axis and is not the sleeves'
    own ruffles (no farther out than the torso below), where a low pair must also have a seam above it."""
    left, right = (_junctions(shape, outs[sign], sign) for sign in (-1, 1))
    pairs = [(a, b) for a in left for b in right if _mirrored(a, b, shape)]
    pairs.sort(key=lambda pair: -(pair[0].row + pair[1].row))
    typical = float(np.percentile(np.concatenate([outs[sign][shape.covered()] for sign in (-1, 1)]), 25))
    chosen: tuple[Junction, Junction] | None = None
    for pair in pairs:
        half = (pair[0].out + pair[1].out) / 2
        if half < LEAST_TORSO * typical or (chosen and half > TORSO_TOLERANCE * (chosen[0].out + chosen[1].out) / 2):
            continue
        if chosen is None and _is_low(shape, pair) and not _has_seam(shape, edges, pair):
            continue
        chosen = pair
    if chosen:
        return {-1: chosen[0], 1: chosen[1]}
    return _one_sided({-1: left, 1: right}, outs, shape)


def _mirrored(a: Junction, b: Junction, shape: Silhouette) -> bool:
    near = abs(a.row - b.row) <= MIRROR_ROWS * shape.height
    return near and max(a.out, b.out) <= MIRROR_OUT * max(1.0, min(a.out, b.out))


def _is_low(shape: Silhouette, pair: tuple[Junction, Junction]) -> bool:
    return any(
        junction.row - _shoulder_height(shape, junction.out, sign) > DEEPEST_ARMPIT * 2 * junction.out
        for sign, junction in zip((-1, 1), pair, strict=True)
    )


def _has_seam(shape: Silhouette, edges: NDArray[np.float32], pair: tuple[Junction, Junction]) -> bool:
    """Whether a seam goes up from the notches: a line clearer than its surroundings, on both sides together."""
    half = (pair[0].out + pair[1].out) / 2
    clear = []
    for sign, junction in zip((-1, 1), pair, strict=True):
        armpit = _expected_armpit(shape, junction, half, sign)
        clear.append(trace_seam(shape, edges, (junction.out, junction.row), armpit, half, sign)[1])
    return float(np.mean(clear)) >= CLEAR_SEAM


def _expected_armpit(shape: Silhouette, junction: Junction, half: float, sign: int) -> int:
    depth = _shoulder_height(shape, half, sign) + EXPECTED_ARMPIT * 2 * half
    return max(1, round(min(junction.row - 2, depth)))


def _one_sided(
    junctions: dict[int, list[Junction]], outs: dict[int, NDArray[np.float64]], shape: Silhouette
) -> dict[int, Junction | None]:
    """A garment has two sleeves or none: a junction on one side counts for both where the other side is as wide."""
    for sign in (-1, 1):
        for junction in reversed(junctions[sign]):
            above = outs[-sign][max(0, junction.row - round(0.1 * shape.height)) : junction.row]
            if _is_low(shape, (junction, junction)) or not len(above):
                continue
            if above.max() > 1.12 * junction.out:
                other = min(junction.out, float(outs[-sign][junction.row]))
                return {sign: junction, -sign: Junction(junction.row, other)}
    return {-1: None, 1: None}


def _side_line(
    shape: Silhouette,
    edges: NDArray[np.float32],
    out: NDArray[np.float64],
    junction: Junction | None,
    half: float,
    sign: int,
) -> SideLine:
    rows = shape.covered()
    last = int(rows[-1])
    if junction is None:
        armpit, confidence = _armhole_corner(shape, out, sign)
        return _line(shape, out, armpit, last, sign, junction=False, seam=False, confidence=confidence)
    shoulder = _shoulder_height(shape, half, sign)
    if junction.row - shoulder <= DEEPEST_ARMPIT * 2 * half:
        return _line(shape, out, junction.row, last, sign, junction=True, seam=False, confidence=1.0)
    armpit = _expected_armpit(shape, junction, half, sign)
    followed, strength = trace_seam(shape, edges, (junction.out, junction.row), armpit, half, sign)
    traced = out.copy()
    traced[armpit : junction.row + 1] = followed
    return _line(shape, traced, armpit, last, sign, junction=True, seam=True, confidence=strength)


def _line(
    shape: Silhouette,
    out: NDArray[np.float64],
    armpit: int,
    last: int,
    sign: int,
    *,
    junction: bool,
    seam: bool,
    confidence: float,
) -> SideLine:
    rows = np.arange(len(out))
    start = armpit + (2 if junction else 0)
    start = min(start, last - 1)
    ends = gaussian_filter1d(out[start : last + 1], 2.0, mode="nearest")
    x = shape.axis + sign * np.interp(rows, np.arange(start, last + 1), ends)
    return SideLine(np.array([x[start], armpit], np.float64), x, junction, seam, confidence)


def _shoulder_height(shape: Silhouette, half: float, sign: int) -> float:
    """y of the top contour over the shoulder."""
    column = int(np.clip(shape.axis + sign * SHOULDER_AT * half, shape.box[0], shape.box[2] - 1))
    value = shape.top[column]
    return float(shape.box[1] if np.isnan(value) else value)


def _armhole_corner(shape: Silhouette, out: NDArray[np.float64], sign: int) -> tuple[int, float]:
    """Armpit row of a sleeveless garment: where the side turns inward to the armhole.

    It is the outline's point farthest outside the straight line from the top of the outline to the side half-way
    down the garment.
    """
    rows = shape.covered()
    first = int(rows[0])
    outline = _full_outline(shape, sign)
    low = shape.box[1] + round(0.6 * shape.height)
    high = int(np.nonzero(~np.isnan(outline))[0][0])
    if low - high < 4:
        return max(first, low), 0.0
    span = np.arange(high, low + 1)
    values = np.interp(span, np.arange(len(outline))[~np.isnan(outline)], outline[~np.isnan(outline)])
    chord = np.interp(span, [high, low], [values[0], values[-1]])
    excess = values - chord
    k = int(np.argmax(excess))
    clear = float(np.clip(excess[k] / (0.05 * shape.width), 0.0, 1.0))
    return max(first, int(span[k])), clear


def _full_outline(shape: Silhouette, sign: int) -> NDArray[np.float64]:
    """(H,) distance from the axis to the outermost garment pixel of this side; nan in rows without one."""
    mask = shape.mask
    width = mask.shape[1]
    filled = mask.any(axis=1)
    ends = mask.argmax(axis=1) if sign < 0 else width - 1 - mask[:, ::-1].argmax(axis=1)
    return np.where(filled, sign * (ends - shape.axis), np.nan)


def trace_seam(
    shape: Silhouette,
    edges: NDArray[np.float32],
    notch: tuple[float, int],
    armpit: int,
    half: float,
    sign: int,
) -> tuple[NDArray[np.float64], float]:
    """Follow the line between a touching sleeve and the torso upward from the notch.

    Args:
        shape: the silhouette.
        edges: (H, W) strength of vertical edges, 0 to 1.
        notch: distance from the axis and row of the notch between cuff and torso.
        armpit: row at which to stop.
        half: half the torso's width.
        sign: -1 for the left side, 1 for the right.

    Returns:
        Distance from the axis for the rows from ``armpit`` to the notch's, and by how much the edge strength on
        the way exceeds that beside it, 0 to 1.
    """
    start, row = notch
    rows = np.arange(armpit, row + 1)
    reach = max(4, round(CORRIDOR * 2 * half))
    offsets = np.arange(-reach, reach + 1)
    height, width = edges.shape
    guess = np.full(len(rows), start)
    at = guess[:, None] + offsets[None]
    x = np.clip(np.round(shape.axis + sign * at), 0, width - 1).astype(int)
    mirrored = np.clip(np.round(shape.axis - sign * at), 0, width - 1).astype(int)
    y = np.clip(rows, 0, height - 1)[:, None]
    strength = edges[y, x] + 0.5 * edges[y, mirrored]
    strength = np.where(shape.mask[y, x], strength, 1.5)  # a visible gap is the best of seams
    drift = np.abs(offsets)[None] / reach
    cost = 1.0 / (0.08 + strength) + 0.8 * drift
    cost[-1] = np.where(np.abs(offsets) <= 2, cost[-1], cost.max() * 10)
    path = cheapest_path(cost, slope=1)
    followed = np.take_along_axis(at, path[:, None], axis=1)[:, 0]
    on_line = np.take_along_axis(strength, path[:, None], axis=1).mean()
    beside = [
        np.take_along_axis(strength, np.clip(path + shift, 0, 2 * reach)[:, None], axis=1).mean()
        for shift in (-BESIDE, -BESIDE // 2, BESIDE // 2, BESIDE)
    ]
    return followed, float(np.clip(on_line - np.mean(beside), 0.0, 1.0))


def _with_hem(shape: Silhouette, left: SideLine, right: SideLine) -> Torso:
    """Hem corners: the torso's points farthest down and out."""
    height, width = shape.mask.shape
    top = int(max(left.armpit[1], right.armpit[1]))
    ys, xs = np.mgrid[top:height, 0:width]
    last = int(shape.covered()[-1])
    inside = (
        shape.mask[top:]
        & (xs >= left.x[top:, None] - 1)
        & (xs <= right.x[top:, None] + 1)
        & (ys <= last + 0.05 * shape.height)
    )
    ys, xs = ys[inside], xs[inside]
    if len(ys) == 0:
        ys, xs = np.array([last, last]), np.array([round(left.x[last]), round(right.x[last])])
    k = int(np.argmax(ys - 0.8 * xs))
    hem_left = np.array([xs[k], ys[k]], np.float64)
    k = int(np.argmax(ys + 0.8 * xs))
    hem_right = np.array([xs[k], ys[k]], np.float64)
    hem_centre = np.array([shape.axis, last], np.float64)
    bottom = int(max(last, hem_left[1], hem_right[1]))
    return Torso(left, right, hem_left, hem_right, hem_centre, bottom)
