"""Arms: the line along an arm, and how the arm would look without its sleeve."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from scipy.ndimage import gaussian_filter1d, median_filter

from vf_anatomy import Doubles, Floats, Mask, PictureSide, Point, Sided
from vf_hrviton.open.body.labels import ARMS, UPPER
from vf_hrviton.open.body.shape import Arm, BodyShape, PersonPhoto, sampled
from vf_hrviton.open.paint.fills import softened
from vf_hrviton.open.paint.skin import face_colour, like_face, to_lab
from vf_hrviton.open.warp.strips import Strip, strip_warp
from vfkit.contracts import Label

STATIONS = 49
"""Places along an arm at which its outline is found."""
BARE_RADIUS = ((0.0, 0.12, 0.3, 0.48, 0.56, 0.66, 0.85, 1.0), (0.13, 0.135, 0.12, 0.102, 0.1, 0.1, 0.075, 0.06))
"""Radius of a bare arm in units by the share of its length: shoulder, biceps, elbow, the forearm's muscle, wrist."""
SECTION_REACH = 0.3
"""Units on either side of the bones within which an arm's cross-section is sought: found joints are not its middle."""
SHOWN_LIMITS = (0.45, 1.9)
"""Believed radii of an arm that the photo shows, over the usual one."""
SHOWN_UP_TO = 0.97
"""Share of the arm's length up to which the shown width is an arm's; beyond, it is the hand's."""
FORGETS = 0.5
"""Share of the arm's length over which the shown arm's width gives way to the usual one."""
LIMB_SHOWS = 0.12
"""Share of a limb's cross-section that is arm in the parse, from which it shows."""
UNBROKEN = 0.8
"""Share of the arm below a sleeve's end that the parse must call arm."""
LEAST_RUN = 6
"""Stations over which an arm must show that is hidden further down."""
SLEEVE_END = (1, 8)
"""Stations beyond a sleeve's end between which the invented arm fades into the shown one."""
BEYOND_WRIST = 0.15
"""Share of its length by which the arm goes on under the hand."""
LIMB_EDGE, LIMB_POWER = 0.66, 2.4
"""Light of an arm at its edge over its middle's, and how late towards the edge it falls."""
JOINS_OVER = 0.15
"""Share of the arm's length over which it gets a limb's light below shoulder and armpit."""
SIDE_LIGHT, MOST_SIDE_LIGHT = 0.5, 0.12
"""Share of the face's difference of light between its sides that invented limbs get."""
ENOUGH_FACE = 500


@dataclass(frozen=True)
class ArmPath:
    """The line shoulder, elbow, wrist and a little beyond, rounded at the elbow, by its length in pixels."""

    at: Doubles
    line: Doubles
    tangent: Doubles

    @classmethod
    def along(cls, arm: Arm) -> ArmPath:
        """The path of one arm."""
        corners = np.array([arm.shoulder, arm.elbow, arm.wrist, arm.wrist + 0.3 * (arm.wrist - arm.elbow)])
        corner_at = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(corners, axis=0), axis=1))])
        at = np.linspace(0, corner_at[-1], 240)
        line = np.stack([np.interp(at, corner_at, corners[:, axis]) for axis in (0, 1)], 1)
        line = gaussian_filter1d(line, 6, axis=0, mode="nearest")
        tangent = np.gradient(line, axis=0)
        return cls(at, line, tangent / np.maximum(np.linalg.norm(tangent, axis=1, keepdims=True), 1e-6))

    def points(self, at: Doubles) -> Doubles:
        """(n, 2) points at n lengths."""
        return np.stack([np.interp(at, self.at, self.line[:, axis]) for axis in (0, 1)], 1)

    def normals(self, at: Doubles, sign: int) -> Doubles:
        """(n, 2) unit normals; sign 1 is to the picture's right of a hanging arm."""
        tangent = np.stack([np.interp(at, self.at, self.tangent[:, axis]) for axis in (0, 1)], 1)
        tangent /= np.maximum(np.linalg.norm(tangent, axis=1, keepdims=True), 1e-6)
        return np.stack([tangent[:, 1], -tangent[:, 0]], 1) * sign

    def project(self, point: Point) -> float:
        """Length at which the path passes a point most closely."""
        return float(self.at[np.argmin(((self.line - point) ** 2).sum(1))])

    def sections(self, mask: Mask, at: Doubles, reach: float) -> tuple[Doubles, Doubles]:
        """Where a mask begins and ends across the path: the run of it that is nearest to the path.

        Args:
            mask: (H, W).
            at: (n,) lengths.
            reach: pixels to either side that are looked at.

        Returns:
            Two (n,) signed distances along ``normals(at, 1)``; nan where the mask does not end within ``reach``, or is
            not met.
        """
        offsets = np.arange(-np.ceil(reach), np.ceil(reach) + 1)
        across = self.points(at)[:, None] + offsets[:, None] * self.normals(at, 1)[:, None]
        return _nearest_runs(sampled(mask, across), offsets)


def _nearest_runs(inside: Mask, offsets: Doubles) -> tuple[Doubles, Doubles]:
    """First and last offset of each row's run that is nearest to offset 0; nan where it reaches the row's end."""
    first, last = np.full(len(inside), np.nan), np.full(len(inside), np.nan)
    for row, line in enumerate(inside):
        found, gaps = np.flatnonzero(line), np.flatnonzero(~line)
        if len(found) == 0:
            continue
        nearest = found[np.argmin(np.abs(offsets[found]))]
        before, after = gaps[gaps < nearest], gaps[gaps > nearest]
        first[row] = offsets[before[-1]] + 1 if len(before) else np.nan
        last[row] = offsets[after[0]] - 1 if len(after) else np.nan
    return first, last


def joined(edge: Doubles, start: Point, share: float) -> Doubles:
    """Move the beginning of an edge onto its seam, fading over a share of its length."""
    fade = np.clip(1 - np.linspace(0, 1, len(edge)) / share, 0, 1)[:, None] ** 1.5
    return np.asarray(edge + (start - edge[0]) * fade)


@dataclass(frozen=True)
class BareArms:
    """Arms as they would look without sleeves.

    Attributes:
        alpha: (H, W) in [0, 1]: where they are, shown or not.
        hidden: (H, W) in [0, 1]: the share of ``alpha`` above the sleeve's end.
        light: (H, W) around 1: shading across the limbs, 1 elsewhere.
    """

    alpha: Floats
    hidden: Floats
    light: Floats


def bare_arms(
    shape: BodyShape, shown: Sided[PictureSide, ShownArm], side_light: float, size: tuple[int, int]
) -> BareArms:
    """Both arms drawn along their bones, as wide as their shown part says, lit like limbs.

    Args:
        shape: the body's measures.
        shown: what the photo shows of the arms.
        side_light: as `side_light` finds it.
        size: (height, width) of the photo.
    """
    alpha, hidden = np.zeros(size, np.float32), np.zeros(size, np.float32)
    light = np.ones(size, np.float32)
    for side in PictureSide:
        arm = _bare_arm(shape, shown[side], side, side_light, size)
        light = np.where(arm.alpha > alpha, arm.light, light)
        alpha, hidden = np.maximum(alpha, arm.alpha), np.maximum(hidden, arm.hidden)
    return BareArms(alpha, hidden, light)


def _bare_arm(
    shape: BodyShape, shown: ShownArm, side: PictureSide, side_light: float, size: tuple[int, int]
) -> BareArms:
    flat = Strip(*(np.stack([np.full(STATIONS, x), np.arange(STATIONS)], 1) for x in (0.0, 1.0)))
    across, along = strip_warp(flat, shown.outline, size)
    drawn = softened(along >= 0, 1.0)
    place = np.clip(2 * across - 1, -1, 1)
    share = np.asarray(along.clip(0) / (STATIONS - 1), np.float32)
    armpit = shown.path.project(shape.side_at(0.3, side)) / shown.at[-1]
    light = 1 - (1 - LIMB_EDGE) * np.abs(place) ** LIMB_POWER * _rounded(place, share, armpit)
    light *= 1 - side.sign * side_light * place * np.clip(share / JOINS_OVER, 0, 1)
    hidden = np.interp(along.clip(0), np.arange(STATIONS), _hidden_at(shown.shows))
    light = np.where(along >= 0, light, 1)
    return BareArms(drawn, np.asarray(drawn * hidden, np.float32), np.asarray(light, np.float32))


def _rounded(place: Floats, share: Floats, armpit: float) -> Floats:
    """0 at the shoulder and above the armpit, where arm and chest are one, 1 elsewhere."""
    start = np.where(place > 0, armpit, 0)
    return np.asarray(np.clip((share - start) / JOINS_OVER, 0, 1), np.float32)


@dataclass(frozen=True)
class ShownArm:
    """What the photo shows of an arm, at stations along its path.

    Attributes:
        path: the arm's line.
        at: (STATIONS,) lengths on the path, from the shoulder to beyond the wrist.
        shows: (STATIONS,) below the sleeve's end.
        known: (STATIONS,) bare, and as wide as an arm can be.
        middle: (STATIONS,) signed distance of the arm's middle from the path along ``normals(at, 1)``; carried on to
            where it is not known, down to 0 at the shoulder.
        ratio: (STATIONS,) its radius over the usual bare one, carried on, fading to 1.
        outline: both edges of the bare arm, (STATIONS, 2) each, in the photo.
    """

    path: ArmPath
    at: Doubles
    shows: Mask
    known: Mask
    middle: Doubles
    ratio: Doubles
    outline: Strip


def shown_arm(photo: PersonPhoto, shape: BodyShape, side: PictureSide) -> ShownArm:
    """Measure the shown part of an arm.

    The joints of a found pose lie near an arm's middle, not on it, so width is measured from edge to edge.
    """
    arm, unit = shape.arms[side], shape.unit
    path = ArmPath.along(arm)
    at = np.linspace(0, (1 + BEYOND_WRIST) * arm.length, STATIONS)
    shows = _shows(photo, arm, path, at, unit)
    is_arm = photo.is_in(*ARMS) & (photo.silhouette > 0.5)
    first, last = path.sections(is_arm, at, SECTION_REACH * unit)
    usual = usual_radius(arm, unit, at)
    middle, ratio = (last + first) / 2, (last - first) / 2 / usual
    known = shows & (ratio > SHOWN_LIMITS[0]) & (ratio < SHOWN_LIMITS[1]) & (at < SHOWN_UP_TO * arm.length)
    if known.any():
        ratio, middle = (
            np.interp(at, at[known], median_filter(values[known], 5, mode="nearest")) for values in (ratio, middle)
        )
        away = np.abs(at[:, None] - at[known]).min(1) / (FORGETS * arm.length)
        middle = middle * np.clip(at / max(float(at[known][0]), 1.0), 0, 1)
        ratio = 1 + (ratio - 1) * np.exp(-away)
    else:
        middle, ratio = np.zeros(STATIONS), np.ones(STATIONS)
    clothed = path.sections(clothed_arms(photo), at, SECTION_REACH * unit)
    outline = _bare_outline(path, at, middle, usual, usual * ratio, clothed, side, shape.shoulder_tip[side])
    return ShownArm(path, at, shows, known, middle, ratio, outline)


def clothed_arms(photo: PersonPhoto) -> Mask:
    """(H, W) where an arm may be, bare or in its sleeve."""
    return photo.is_in(*UPPER, *ARMS) & (photo.silhouette > 0.5)


def usual_radius(arm: Arm, unit: float, at: Doubles) -> Doubles:
    """(n,) radius in pixels of a usual bare arm at n lengths."""
    return unit * np.interp(at / arm.length, *BARE_RADIUS)


def _bare_outline(
    path: ArmPath, at: Doubles, middle: Doubles, usual: Doubles, radius: Doubles, clothed: tuple[Doubles, Doubles],
    side: PictureSide, tip: Point,
) -> Strip:  # fmt: skip
    """Both edges of a bare arm: as far as the shown arm reaches, and never beyond the sleeve."""
    edges = []
    for sign in (side.sign, -side.sign):
        end = clothed[1] if sign > 0 else -clothed[0]
        limit = np.where(end > 0.5 * usual, end, np.inf)
        reach = gaussian_filter1d(np.minimum(sign * middle + radius, limit), 1.5, mode="nearest")
        edges.append(path.points(at) + path.normals(at, sign) * reach[:, None])
    return Strip(joined(edges[0], tip, 0.3), edges[1])


def _shows(photo: PersonPhoto, arm: Arm, path: ArmPath, at: Doubles, unit: float) -> Mask:
    """(n,) where the photo shows the arm: all of it below a sleeve's end, or the part above where it goes behind.

    Where most of the forearm is hidden, patches that the parse calls arm are often errors: only a long run that has
    the face's colour counts.
    """
    offsets = np.linspace(-0.12, 0.12, 25) * unit
    across = path.points(at)[:, None] + offsets[:, None] * path.normals(at, 1)[:, None]
    is_arm = sampled(photo.is_in(*ARMS), across)
    shows = median_filter(is_arm.mean(1) > LIMB_SHOWS, 5, mode="nearest")
    wrist = int(np.searchsorted(at, arm.length))
    if shows[(at > path.project(arm.elbow)) & (at < arm.length)].mean() < 0.5:
        return _run_of_skin(photo, across, is_arm, shows, wrist)
    from_here = [bool(shows[i]) and shows[i:wrist].mean() >= UNBROKEN for i in range(wrist)]
    return np.asarray(np.arange(len(at)) >= (np.argmax(from_here) if any(from_here) else wrist))


def _run_of_skin(photo: PersonPhoto, across: Doubles, is_arm: Mask, shows: Mask, wrist: int) -> Mask:
    """(n,) the first long run of stations above the wrist that have the face's colour."""
    face = face_colour(photo)
    out = np.zeros(len(shows), bool)
    if face is None:
        return out
    height, width = photo.size
    xs, ys = np.moveaxis(np.rint(across).astype(int), -1, 0)
    colours = photo.image[ys.clip(0, height - 1), xs.clip(0, width - 1)]
    skin = (is_arm & like_face(to_lab(colours), face)).sum(1) > 0.5 * is_arm.sum(1)
    wanted = shows & skin & (np.arange(len(shows)) < wrist)
    ends = np.flatnonzero(np.diff(np.concatenate([[0], wanted.astype(np.int8), [0]])))
    for start, end in ends.reshape(-1, 2):
        if end - start >= LEAST_RUN:
            out[start:end] = True
            break
    return out


def _hidden_at(shows: Mask) -> Doubles:
    """(n,) share of the invented arm at each station: it fades into the shown one beside what hides that.

    Some of the shown arm below a sleeve has the sleeve's shadow and colour.
    """
    since, until = _steps_since_hidden(shows), _steps_since_hidden(shows[::-1])[::-1]
    until = np.where(np.logical_and.accumulate(shows[::-1])[::-1], np.inf, until)
    return 1 - np.clip((np.minimum(since, until) - SLEEVE_END[0]) / (SLEEVE_END[1] - SLEEVE_END[0]), 0, 1)


def _steps_since_hidden(shows: Mask) -> Doubles:
    count = np.cumsum(shows).astype(np.float64)
    return count - np.maximum.accumulate(np.where(shows, 0, count))


def side_light(photo: PersonPhoto) -> float:
    """How much brighter the picture's right side of the face is than its left, as the limbs are to show it."""
    face = photo.is_in(Label.FACE)
    if face.sum() < ENOUGH_FACE:
        return 0.0
    xs = np.nonzero(face)[1]
    grey = cv2.cvtColor(photo.image, cv2.COLOR_RGB2GRAY)[face].astype(np.float32)
    middle = np.median(xs)
    left, right = float(np.median(grey[xs < middle])), float(np.median(grey[xs >= middle]))
    return float(np.clip(SIDE_LIGHT * (right - left) / max(right + left, 1.0), -MOST_SIDE_LIGHT, MOST_SIDE_LIGHT))
