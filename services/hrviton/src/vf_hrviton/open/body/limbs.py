"""Arms and legs: the line along a limb, and how the limb would look without clothes."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from scipy.ndimage import gaussian_filter1d, median_filter

from vf_anatomy import Doubles, Floats, Mask, PictureSide, Point, Sided
from vf_hrviton.open.body.labels import ARMS, LEGS, LOWER, UPPER
from vf_hrviton.open.body.shape import Arm, BodyShape, PersonPhoto, sampled
from vf_hrviton.open.paint.fills import box_around, softened
from vf_hrviton.open.paint.skin import face_colour, like_face, to_lab
from vf_hrviton.open.warp.strips import Strip, strip_warp
from vfkit.contracts import Joint, Label

STATIONS = 49
"""Places along an arm at which its outline is found."""
BARE_RADIUS = ((0.0, 0.12, 0.3, 0.48, 0.56, 0.66, 0.85, 1.0), (0.13, 0.135, 0.12, 0.102, 0.1, 0.1, 0.075, 0.06))
"""Radius of a bare arm in units by the share of its length: shoulder, biceps, elbow, the forearm's muscle, wrist."""
LEG_RADIUS = ((0.0, 0.12, 0.3, 0.48, 0.56, 0.7, 0.88, 1.0), (0.27, 0.25, 0.2, 0.145, 0.14, 0.145, 0.095, 0.08))
"""The same of a leg: hip, thigh, knee, calf, ankle."""
THIGH, SHIN = 1.3, 1.17
"""Lengths in units, for a knee or an ankle that was not found."""
BESIDE_LIMB = 8
"""Pixels around a limb's edges that its soft edge takes."""
SECTION_REACH = 0.3
"""Units on either side of the bones within which a limb's cross-section is sought: found joints are not its middle."""
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
LEG_EDGE = 0.78
"""Light of an arm at its edge over its middle's, and how late towards the edge it falls; and a leg's."""
JOINS_OVER = 0.15
"""Share of the arm's length over which it gets a limb's light below shoulder and armpit."""
SIDE_LIGHT, MOST_SIDE_LIGHT = 0.5, 0.12
"""Share of the face's difference of light between its sides that invented limbs get."""
ENOUGH_FACE = 500


@dataclass(frozen=True)
class LimbPath:
    """The line along a limb's three joints and a little beyond, rounded at the middle one, by its length in pixels."""

    at: Doubles
    line: Doubles
    tangent: Doubles

    @classmethod
    def along(cls, arm: Arm) -> LimbPath:
        """The path of one arm."""
        return cls.through(arm.shoulder, arm.elbow, arm.wrist)

    @classmethod
    def through(cls, start: Point, middle: Point, end: Point) -> LimbPath:
        """The path along three joints, (2,) each."""
        return cls.through_all(np.array([start, middle, end, end + 0.3 * (end - middle)]))

    @classmethod
    def through_all(cls, corners: Doubles) -> LimbPath:
        """The path along (n, 2) points."""
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
class BareLimbs:
    """Arms or legs as they would look without clothes.

    Attributes:
        alpha: (H, W) in [0, 1]: where they are, shown or not.
        hidden: (H, W) in [0, 1]: the share of ``alpha`` that clothes hide.
        light: (H, W) around 1: shading across the limbs, 1 elsewhere.
    """

    alpha: Floats
    hidden: Floats
    light: Floats


def bare_arms(
    shape: BodyShape, shown: Sided[PictureSide, ShownLimb], side_light: float, size: tuple[int, int]
) -> BareLimbs:
    """Both arms drawn along their bones, as wide as their shown part says, lit like limbs.

    Args:
        shape: the body's measures.
        shown: what the photo shows of the arms.
        side_light: as `side_light` finds it.
        size: (height, width) of the photo.
    """

    def armpit(side: PictureSide) -> float:
        return shown[side].path.project(shape.side_at(0.3, side)) / float(shown[side].at[-1])

    return _both(
        Sided.of(PictureSide, lambda side: _bare_limb(shown[side], side, armpit(side), LIMB_EDGE, side_light, size))
    )


def bare_legs(shown: Sided[PictureSide, ShownLimb], side_light: float, size: tuple[int, int]) -> BareLimbs:
    """Both legs, as `bare_arms` draws arms."""
    return _both(Sided.of(PictureSide, lambda side: _bare_limb(shown[side], side, 0.0, LEG_EDGE, side_light, size)))


def _both(limbs: Sided[PictureSide, BareLimbs]) -> BareLimbs:
    left, right = limbs.values()
    light = np.where(left.alpha > 0, left.light, 1)
    light = np.where(right.alpha > left.alpha, right.light, light)
    return BareLimbs(np.maximum(left.alpha, right.alpha), np.maximum(left.hidden, right.hidden), light)


def _bare_limb(
    shown: ShownLimb, side: PictureSide, inner_start: float, edge: float, side_light: float, size: tuple[int, int]
) -> BareLimbs:
    """One limb.

    Args:
        shown: what the photo shows of it.
        side: the picture's.
        inner_start: share of its length at which its inner edge begins: above it, an arm and the chest are one.
        edge: its light at its edge over its middle's.
        side_light: as `side_light` finds it.
        size: (height, width) of the photo.
    """
    box = box_around(np.concatenate([shown.outline.outer, shown.outline.inner]), BESIDE_LIMB, size)
    outline = shown.outline.moved((-box[1].start, -box[0].start))
    flat = Strip(*(np.stack([np.full(STATIONS, x), np.arange(STATIONS)], 1) for x in (0.0, 1.0)))
    across, along = strip_warp(flat, outline, (box[0].stop - box[0].start, box[1].stop - box[1].start))
    drawn = softened(along >= 0, 1.0)
    place = np.clip(2 * across - 1, -1, 1)
    share = np.asarray(along.clip(0) / (STATIONS - 1), np.float32)
    rounded = np.clip((share - np.where(place > 0, inner_start, 0)) / JOINS_OVER, 0, 1).astype(np.float32)
    light = 1 - (1 - edge) * np.abs(place) ** LIMB_POWER * rounded
    light *= 1 - side.sign * side_light * place * np.clip(share / JOINS_OVER, 0, 1)
    hidden = drawn * np.interp(along.clip(0), np.arange(STATIONS), _hidden_at(shown.shows))
    limb = BareLimbs(np.zeros(size, np.float32), np.zeros(size, np.float32), np.ones(size, np.float32))
    limb.alpha[box], limb.hidden[box], limb.light[box] = drawn, hidden, np.where(along >= 0, light, 1)
    return limb


@dataclass(frozen=True)
class ShownLimb:
    """What the photo shows of an arm or a leg, at stations along its path.

    Attributes:
        path: the limb's line.
        at: (STATIONS,) lengths on the path, from the first joint to beyond the last.
        shows: (STATIONS,) below the sleeve's or the trousers' end.
        known: (STATIONS,) bare, and as wide as a limb can be.
        middle: (STATIONS,) signed distance of the limb's middle from the path along ``normals(at, 1)``; carried on to
            where it is not known, down to 0 at the first joint.
        ratio: (STATIONS,) its radius over the usual bare one, carried on, fading to 1.
        outline: both edges of the bare limb, (STATIONS, 2) each, in the photo.
    """

    path: LimbPath
    at: Doubles
    shows: Mask
    known: Mask
    middle: Doubles
    ratio: Doubles
    outline: Strip


def shown_arm(photo: PersonPhoto, shape: BodyShape, side: PictureSide) -> ShownLimb:
    """Measure the shown part of an arm."""
    arm, unit = shape.arms[side], shape.unit
    path = LimbPath.along(arm)
    at = _stations(arm.length)
    shows = _shows(photo, arm, path, at, unit)
    bare = photo.is_in(*ARMS) & (photo.silhouette > 0.5)
    limb = _measured(path, arm.length, shows, bare, clothed_arms(photo), usual_radius(arm, unit, at), unit, side)
    outline = replace(
        limb.outline, outer=joined(np.asarray(limb.outline.outer, np.float64), shape.shoulder_tip[side], 0.3)
    )
    return replace(limb, outline=outline)


def shown_leg(photo: PersonPhoto, shape: BodyShape, side: PictureSide) -> ShownLimb:
    """Measure the shown part of a leg, from the hip to the ankle."""
    hip, knee, ankle = leg_joints(shape, side)
    path, length = LimbPath.through(hip, knee, ankle), float(np.linalg.norm(knee - hip) + np.linalg.norm(ankle - knee))
    at = _stations(length)
    bare = photo.is_in(*LEGS) & (photo.silhouette > 0.5)
    clothed = photo.is_in(*LEGS, *LOWER, Label.DRESS, Label.SOCKS) & (photo.silhouette > 0.5)
    shows = sampled(bare, path.points(at))
    usual = shape.unit * np.interp(at / length, *LEG_RADIUS)
    return _measured(path, length, shows, bare, clothed, usual, shape.unit, side)


def leg_joints(shape: BodyShape, side: PictureSide) -> tuple[Point, Point, Point]:
    """Hip, knee and ankle, (2,) each; what was not found is where a standing leg has it."""
    person = shape.sides[side].initial
    hip, knee, ankle = (shape.joints[Joint[f"{person}_{name}"]] for name in ("HIP", "KNEE", "ANKLE"))
    knee_at = knee[:2] if knee[2] > 0 else hip[:2] + shape.torso.axis * THIGH * shape.unit
    ankle_at = ankle[:2] if ankle[2] > 0 else knee_at + shape.torso.axis * SHIN * shape.unit
    return hip[:2], knee_at, ankle_at


def _stations(length: float) -> Doubles:
    return np.linspace(0, (1 + BEYOND_WRIST) * length, STATIONS)


def _measured(
    path: LimbPath, length: float, shows: Mask, bare: Mask, clothed: Mask, usual: Doubles, unit: float,
    side: PictureSide,
) -> ShownLimb:  # fmt: skip
    """A limb's width, from edge to edge: the joints of a found pose lie near its middle, not on it.

    Args:
        path: its line.
        length: from the first joint to the last in pixels.
        shows: (STATIONS,) where the photo shows it.
        bare: (H, W) its skin.
        clothed: (H, W) where it may be, bare or in clothes.
        usual: (STATIONS,) the usual radius in pixels.
        unit: the body unit in pixels.
        side: the picture's.
    """
    at = _stations(length)
    first, last = path.sections(bare, at, SECTION_REACH * unit)
    middle, ratio = (last + first) / 2, (last - first) / 2 / usual
    known = shows & (ratio > SHOWN_LIMITS[0]) & (ratio < SHOWN_LIMITS[1]) & (at < SHOWN_UP_TO * length)
    if known.any():
        ratio, middle = (
            np.interp(at, at[known], median_filter(values[known], 5, mode="nearest")) for values in (ratio, middle)
        )
        away = np.abs(at[:, None] - at[known]).min(1) / (FORGETS * length)
        middle = middle * np.clip(at / max(float(at[known][0]), 1.0), 0, 1)
        ratio = 1 + (ratio - 1) * np.exp(-away)
    else:
        middle, ratio = np.zeros(STATIONS), np.ones(STATIONS)
    ends = path.sections(clothed, at, SECTION_REACH * unit)
    outline = Strip(
        _bare_edge(path, at, middle, usual, usual * ratio, ends, side.sign),
        _bare_edge(path, at, middle, usual, usual * ratio, ends, -side.sign),
    )
    return ShownLimb(path, at, shows, known, middle, ratio, outline)


def _bare_edge(
    path: LimbPath, at: Doubles, middle: Doubles, usual: Doubles, radius: Doubles, clothed: tuple[Doubles, Doubles],
    sign: int,
) -> Doubles:  # fmt: skip
    """(STATIONS, 2) one edge of a bare limb: as far as the shown limb reaches, and never beyond its clothes."""
    end = clothed[1] if sign > 0 else -clothed[0]
    limit = np.where(end > 0.5 * usual, end, np.inf)
    reach = gaussian_filter1d(np.minimum(sign * middle + radius, limit), 1.5, mode="nearest")
    return np.asarray(path.points(at) + path.normals(at, sign) * reach[:, None])


def clothed_arms(photo: PersonPhoto) -> Mask:
    """(H, W) where an arm may be, bare or in its sleeve."""
    return photo.is_in(*UPPER, *ARMS) & (photo.silhouette > 0.5)


def usual_radius(arm: Arm, unit: float, at: Doubles) -> Doubles:
    """(n,) radius in pixels of a usual bare arm at n lengths."""
    return unit * np.interp(at / arm.length, *BARE_RADIUS)


def _shows(photo: PersonPhoto, arm: Arm, path: LimbPath, at: Doubles, unit: float) -> Mask:
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
