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
from scipy.ndimage import gaussian_filter1d

from vf_anatomy import Doubles, Floats, PictureSide, Point, Sided
from vf_hrviton.open.garment.contour import Silhouette
from vf_hrviton.open.garment.paths import cheapest_path

JUMP_ROWS = 0.025
"""Share of the height: rows within which a junction widens the run."""
JUMP_WIDTH = 0.06
"""Share of the torso's width: least widening at a junction."""
HIGHEST_JUNCTION = 0.10
"""Share of the height, from the top."""
HEM_ROWS = 0.04
"""Share of the height: rows above the hem's lowest point in which a rounded hem widens the run."""
TORSO_TOLERANCE = 1.35
"""The run below a junction is at most this wider than the torso's half width."""
LEAST_BRANCH = 0.12
"""Share of the torso's half width: what hangs down beside the torso and is narrower is no cuff."""
LEAST_TORSO = 0.4
"""Share of the run's lower quartile: a narrower place is a dip of the hem."""
MIRROR_ROWS, MIRROR_OUT = 0.06, 1.35
"""Share of the height; ratio: how unlike the junctions of both sides may be."""
DEEPEST_ARMPIT = 0.95
"""Share of the torso's width below the shoulder; a lower junction is a cuff that touches the torso."""
LEAST_ARMHOLE = 0.22
"""Share of the torso's width: depth of an armhole at least."""
SIDE_FROM = 1.1
"""Share of the torso's width below the shoulder: there the side has begun, and a skirt not yet."""
DOUBTFUL_JUNCTION = 0.7
"""Confidence in an armpit deeper than usual without a seam above it."""
HEM_BELOW, HEM_BELOW_SEAM = 0.05, 0.01
"""Share of the height: how far corners hang below the hem's middle; with touching."""
# sleeves less, as their cuffs begin there
EXPECTED_ARMPIT = 0.72
"""Share of the torso's width below the shoulder, in garments with a visible armpit."""
SHOULDER_AT = 0.85
"""Share of the torso's half width from the axis: where the shoulder's height is read."""
LOW_JUNCTION = 1.2
"""Share of the torso's width below the shoulder: lower is surely no armpit."""
LEAST_SLEEVE = 0.4
"""Share of the torso's half width: what a hanging sleeve adds at least."""
CLEAR_SEAM = 0.25
"""By how much a seam's edge strength must exceed its surroundings."""
BESIDE = 12
"""Pixels to the side of a seam, where its surroundings are measured."""
CORRIDOR = 0.16
"""Share of the torso's width to either side of the straight guess in which a seam is sought."""


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
    x: Doubles
    junction: bool
    seam: bool
    confidence: float


@dataclass(frozen=True)
class Torso:
    """Both sides and the hem of a torso."""

    sides: Sided[PictureSide, SideLine]
    hem: Sided[PictureSide, Point]
    hem_centre: Point
    bottom: int

    @property
    def chest_width(self) -> float:
        """Distance of the armpits."""
        return float(self.sides.right.armpit[0] - self.sides.left.armpit[0])


def find_torso(shape: Silhouette, edges: Floats) -> Torso:
    """Find the torso of a top or dress.

    Args:
        shape: the garment's silhouette.
        edges: (H, W) float32 in [0, 1], strength of vertical edges (horizontal differences) in the picture.
    """
    outs = {sign: _outward(shape, sign) for sign in (-1, 1)}
    chosen = _choose(shape, edges, outs)
    left, right = chosen[-1], chosen[1]
    if left is None or right is None:
        lines = {sign: _sleeveless(shape, sign) for sign in (-1, 1)}
    else:
        lines = _sleeved(shape, edges, outs, (left, right))
    return _with_hem(shape, lines[-1], lines[1])


def _outward(shape: Silhouette, sign: int) -> Doubles:
    """(H,) distance from the axis to the end of the central run; 0 below it, its topmost value above it."""
    rows = shape.covered()
    ends = shape.left if sign < 0 else shape.right
    return np.interp(np.arange(len(ends)), rows, sign * (ends[rows] - shape.axis), right=0.0)


def _junctions(shape: Silhouette, out: Doubles, sign: int) -> list[Junction]:
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
    y = min(last + 1, len(out) - 2)
    while y > highest:
        branch = _branch(shape, out, y, sign, reach) if out[y - 1] - out[y] > 2 else np.zeros(0)
        jump = (
            y < established
            and out[y] > 0.5 * typical
            and out[y - reach] - out[y] > 0.6 * least
            and out[max(int(rows[0]), y - 3 * reach) : y].max() - out[y] > least
        )
        if len(branch) > LEAST_BRANCH * typical:
            found.append(Junction(y, max(float(out[y]), float(branch[0]) - 1)))
            y -= reach
        elif jump:
            y = _corner(out, y, reach)
            found.append(Junction(y, float(out[min(y + 1, last)])))
            y -= reach
            while y > highest and out[y - 2] > out[y]:  # leave the slope that was just found
                y -= 2
        y -= 1
    return found


def _branch(shape: Silhouette, out: Doubles, y: int, sign: int, reach: int) -> Doubles:
    """Distances from the axis of the longest run of pixels that hangs below row ``y`` where the run widens above it;
    looked at a little lower, past the frills of a hem."""
    row = shape.mask[min(y + round(0.6 * reach), len(shape.mask) - 1)]
    near, far = round(out[y]) + 1, round(out[y - 1])
    at = np.arange(near, far + 1)
    columns = np.round(shape.axis + sign * at).astype(int)
    inside = (columns >= 0) & (columns < len(row))
    filled = np.zeros(len(at), np.bool_)
    filled[inside] = row[columns[inside]]
    edges = np.flatnonzero(np.diff(np.concatenate([[0], filled.astype(np.int8), [0]])))
    starts, ends = edges[::2], edges[1::2]
    if len(starts) == 0:
        return np.zeros(0)
    k = int(np.argmax(ends - starts))
    return at[starts[k] : ends[k]].astype(np.float64)


def _corner(out: Doubles, y: int, reach: int) -> int:
    """The row at which the outline bends: farthest from the chord over the jump."""
    above = y - 2 * reach
    below = min(len(out) - 1, y + reach)
    rows = np.arange(max(0, above), below + 1)
    chord = np.interp(rows, [rows[0], rows[-1]], [out[rows[0]], out[rows[-1]]])
    return int(rows[np.argmax(chord - out[rows])])


def _choose(shape: Silhouette, edges: Floats, outs: dict[int, Doubles]) -> dict[int, Junction | None]:
    """The junctions of both sleeves: the lowest pair that mirrors each other about the axis, or, where that is lower
    than an armpit, the next pair above it that is as near to the axis (a gap between sleeve and torso that both
    touch below). A low pair counts only with full sleeves outside it and a seam above it."""
    left, right = (_junctions(shape, outs[sign], sign) for sign in (-1, 1))
    pairs = [(a, b) for a in left for b in right if _mirrored(a, b, shape)]
    pairs.sort(key=lambda pair: -(pair[0].row + pair[1].row))
    typical = float(np.percentile(np.concatenate([outs[sign][shape.covered()] for sign in (-1, 1)]), 25))
    cuffs: tuple[Junction, Junction] | None = None
    for pair in pairs:
        half = (pair[0].out + pair[1].out) / 2
        if half < LEAST_TORSO * typical or (cuffs and half > TORSO_TOLERANCE * (cuffs[0].out + cuffs[1].out) / 2):
            continue
        if not _is_low(shape, pair):
            return {-1: pair[0], 1: pair[1]}
        if cuffs is None and _hangs(outs, pair) and _has_seam(shape, edges, pair):
            cuffs = pair
    if cuffs:
        return {-1: cuffs[0], 1: cuffs[1]}
    return _one_sided({-1: left, 1: right}, outs, shape)


def _hangs(outs: dict[int, Doubles], pair: tuple[Junction, Junction]) -> bool:
    """Whether what is outside a low pair of junctions is wide enough to be sleeves."""
    return all(
        outs[sign][: junction.row].max() > (1 + LEAST_SLEEVE) * junction.out
        for sign, junction in zip((-1, 1), pair, strict=True)
    )


def _mirrored(a: Junction, b: Junction, shape: Silhouette) -> bool:
    near = abs(a.row - b.row) <= MIRROR_ROWS * shape.height
    return near and max(a.out, b.out) <= MIRROR_OUT * max(1.0, min(a.out, b.out))


def _is_low(shape: Silhouette, pair: tuple[Junction, Junction]) -> bool:
    depths = [
        (junction.row - _shoulder_height(shape, junction.out, sign)) / max(1.0, 2 * junction.out)
        for sign, junction in zip((-1, 1), pair, strict=True)
    ]
    return float(np.mean(depths)) > LOW_JUNCTION


def _has_seam(shape: Silhouette, edges: Floats, pair: tuple[Junction, Junction]) -> bool:
    """Whether a seam goes up from the notches: a line clearer than its surroundings, on both sides together."""
    half = (pair[0].out + pair[1].out) / 2
    clear = []
    for sign, junction in zip((-1, 1), pair, strict=True):
        clear.append(trace_seam(shape, edges, junction, half, sign)[1])
    return float(np.mean(clear)) >= CLEAR_SEAM


def _expected_armpit(shape: Silhouette, junction: Junction, half: float, sign: int) -> int:
    depth = _shoulder_height(shape, half, sign) + EXPECTED_ARMPIT * 2 * half
    return max(1, round(min(junction.row - 2, depth)))


def _one_sided(
    junctions: dict[int, list[Junction]], outs: dict[int, Doubles], shape: Silhouette
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


def _sleeveless(shape: Silhouette, sign: int) -> SideLine:
    outline = _full_outline(shape, sign)
    armpit, confidence = _armhole_corner(shape, outline)
    return _line(shape, outline, armpit, sign, junction=False, seam=False, confidence=confidence)


def _sleeved(
    shape: Silhouette,
    edges: Floats,
    outs: dict[int, Doubles],
    pair: tuple[Junction, Junction],
) -> dict[int, SideLine]:
    """Both sides of a garment with sleeves: up to the junctions, or beyond them along the seams."""
    half = (pair[0].out + pair[1].out) / 2
    junctions = dict(zip((-1, 1), pair, strict=True))
    depth = np.mean([j.row - _shoulder_height(shape, half, sign) for sign, j in junctions.items()]) / (2 * half)
    if depth > DEEPEST_ARMPIT:
        lines = {sign: _along_seam(shape, edges, outs[sign], j, half, sign) for sign, j in junctions.items()}
        if depth > LOW_JUNCTION or np.mean([line.confidence for line in lines.values()]) >= CLEAR_SEAM:
            return lines
    confidence = 1.0 if depth <= DEEPEST_ARMPIT else DOUBTFUL_JUNCTION
    return {
        sign: _line(shape, outs[sign], j.row, sign, junction=True, seam=False, confidence=confidence)
        for sign, j in junctions.items()
    }


def _along_seam(shape: Silhouette, edges: Floats, out: Doubles, junction: Junction, half: float, sign: int) -> SideLine:
    followed, strength = trace_seam(shape, edges, junction, half, sign)
    armpit = junction.row + 1 - len(followed)
    traced = out.copy()
    traced[armpit : junction.row + 1] = followed
    return _line(shape, traced, armpit, sign, junction=True, seam=True, confidence=strength)


def _line(
    shape: Silhouette,
    out: Doubles,
    armpit: int,
    sign: int,
    *,
    junction: bool,
    seam: bool,
    confidence: float,
) -> SideLine:
    rows = np.arange(len(out))
    start = armpit + (2 if junction else 0)
    last = int(shape.covered()[-1])
    start = min(start, last - 1)
    ends = gaussian_filter1d(out[start : last + 1], 2.0, mode="nearest")
    x = shape.axis + sign * np.interp(rows, np.arange(start, last + 1), ends)
    return SideLine(np.array([x[start], armpit], np.float64), x, junction, seam, confidence)


def _shoulder_height(shape: Silhouette, half: float, sign: int) -> float:
    """y of the top contour over the shoulder."""
    column = int(np.clip(shape.axis + sign * SHOULDER_AT * half, shape.box[0], shape.box[2] - 1))
    value = shape.top[column]
    return float(shape.box[1] if np.isnan(value) else value)


def _armhole_corner(shape: Silhouette, outline: Doubles) -> tuple[int, float]:
    """Armpit row of a sleeveless garment: where the side turns inward to the armhole, and how clear that is.

    It is the outline's point farthest outside the straight line from the shoulder's tip to the side half-way down
    the garment, no nearer to the tip than an armhole is deep.
    """
    y0, height = shape.box[1], shape.height
    width = 2 * max(1.0, float(outline[y0 + round(0.35 * height)]))
    upper = np.arange(y0, y0 + max(1, round(0.3 * height)))
    tip = int(upper[np.argmax(0.75 * outline[upper] - upper)])
    first = tip + round(min(LEAST_ARMHOLE * width, 0.25 * height))
    low = min(y0 + round(0.6 * height), tip + round(SIDE_FROM * width))
    span = np.arange(tip, min(max(low, first + 2), len(outline) - 1) + 1)
    chord = np.interp(span, [span[0], span[-1]], [outline[span[0]], outline[span[-1]]])
    excess = (outline[span] - chord)[first - tip :]
    k = int(np.argmax(excess))
    clear = float(np.clip(0.3 + excess[k] / (0.05 * shape.width), 0.3, 1.0))
    return first + k, clear


def _full_outline(shape: Silhouette, sign: int) -> Doubles:
    """(H,) distance from the axis to the outermost garment pixel of this side, filled in rows without one."""
    mask = shape.mask
    width = mask.shape[1]
    filled = mask.any(axis=1)
    ends = mask.argmax(axis=1) if sign < 0 else width - 1 - mask[:, ::-1].argmax(axis=1)
    rows = np.nonzero(filled)[0]
    return np.asarray(np.interp(np.arange(len(mask)), rows, sign * (ends[rows] - shape.axis)), np.float64)


def trace_seam(
    shape: Silhouette,
    edges: Floats,
    notch: Junction,
    half: float,
    sign: int,
) -> tuple[Doubles, float]:
    """Follow the line between a touching sleeve and the torso upward from the notch.

    Args:
        shape: the silhouette.
        edges: (H, W) strength of vertical edges, 0 to 1.
        notch: between cuff and torso.
        half: half the torso's width.
        sign: -1 for the left side, 1 for the right.

    Returns:
        Distance from the axis, from the expected armpit's row to the notch's, and by how much the edge strength on
        the way exceeds that beside it, 0 to 1.
    """
    rows = np.arange(_expected_armpit(shape, notch, half, sign), notch.row + 1)
    reach = max(4, round(CORRIDOR * 2 * half))
    offsets = np.arange(-reach, reach + 1, dtype=np.float64)
    height, width = edges.shape
    guess = np.full(len(rows), notch.out, np.float64)
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
    below = HEM_BELOW_SEAM if left.seam else HEM_BELOW
    inside = (
        shape.mask[top:]
        & (xs >= left.x[top:, None] - 1)
        & (xs <= right.x[top:, None] + 1)
        & (ys <= last + below * shape.height)
    )
    ys, xs = ys[inside], xs[inside]
    if len(ys) == 0:
        ys, xs = np.array([last, last]), np.array([round(left.x[last]), round(right.x[last])])
    corners = (int(np.argmax(ys + side.sign * 0.8 * xs)) for side in PictureSide)
    hem: Sided[PictureSide, Point] = Sided(*(np.array([xs[k], ys[k]], np.float64) for k in corners))
    hem_centre = np.array([shape.axis, last], np.float64)
    bottom = int(max(last, hem.left[1], hem.right[1]))
    return Torso(Sided(left, right), hem, hem_centre, bottom)
