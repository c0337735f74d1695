"""Arms: the line along an arm, and how the arm would look without its sleeve."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d, median_filter

from vf_hrviton.fitting.body import ARMS, SIGN, UPPER, Arm, Body, Floats, Mask, Point, march
from vf_hrviton.fitting.fills import softened
from vf_hrviton.fitting.strips import Strip, strip_warp
from vf_hrviton.garment import SIDES, Side
from vfkit.contracts import Label

STATIONS = 49
"""Places along an arm at which its outline is found."""
BARE_RADIUS = ((0.0, 0.12, 0.3, 0.48, 0.56, 0.66, 0.85, 1.0), (0.13, 0.135, 0.12, 0.102, 0.1, 0.1, 0.075, 0.06))
"""Radius of a bare arm in units by the share of its length: shoulder, biceps, elbow, the forearm's muscle, wrist."""
SHOWN_LIMITS = (0.45, 1.6)
"""Believed radii of an arm that the photo shows, over the usual one."""
FORGETS = 0.5
"""Share of the arm's length over which the shown arm's width gives way to the usual one."""
LIMB_SHOWS = 0.12
"""Share of a limb's cross-section that is arm in the parse, from which it shows."""
UNBROKEN = 0.8
"""Share of the arm below a sleeve's end that the parse must call arm."""
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

    at: NDArray[np.float64]
    line: NDArray[np.float64]
    tangent: NDArray[np.float64]

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

    def points(self, at: NDArray[np.float64]) -> NDArray[np.float64]:
        """(n, 2) points at n lengths."""
        return np.stack([np.interp(at, self.at, self.line[:, axis]) for axis in (0, 1)], 1)

    def normals(self, at: NDArray[np.float64], sign: int) -> NDArray[np.float64]:
        """(n, 2) unit normals; sign 1 is to the picture's right of a hanging arm."""
        tangent = np.stack([np.interp(at, self.at, self.tangent[:, axis]) for axis in (0, 1)], 1)
        tangent /= np.maximum(np.linalg.norm(tangent, axis=1, keepdims=True), 1e-6)
        return np.stack([tangent[:, 1], -tangent[:, 0]], 1) * sign

    def project(self, point: Point) -> float:
        """Length at which the path passes a point most closely."""
        return float(self.at[np.argmin(((self.line - point) ** 2).sum(1))])

    def reach(self, mask: Mask, at: NDArray[np.float64], sign: int, longest: float) -> NDArray[np.float64]:
        """(n,) distances from the path to the end of a mask; nan where it does not end within ``longest``."""
        ends = [
            march(mask, point, normal, longest)
            for point, normal in zip(self.points(at), self.normals(at, sign), strict=True)
        ]
        return np.array([np.nan if end is None else end for end in ends])


def joined(edge: NDArray[np.float64], start: Point, share: float) -> NDArray[np.float64]:
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


def bare_arms(body: Body) -> BareArms:
    """Both arms drawn along their bones, as wide as their shown part says, lit like limbs."""
    alpha, hidden = np.zeros(body.size, np.float32), np.zeros(body.size, np.float32)
    light = np.ones(body.size, np.float32)
    side_light = _side_light(body)
    for side in SIDES:
        arm = _bare_arm(body, side, side_light)
        light = np.where(arm.alpha > alpha, arm.light, light)
        alpha, hidden = np.maximum(alpha, arm.alpha), np.maximum(hidden, arm.hidden)
    return BareArms(alpha, hidden, light)


def _bare_arm(body: Body, side: Side, side_light: float) -> BareArms:
    arm = body.arms[side]
    path = ArmPath.along(arm)
    at = np.linspace(0, (1 + BEYOND_WRIST) * arm.length, STATIONS)
    shows = _shows(body, arm, path, at)
    # Some of the shown arm below the sleeve fades into the invented one: it has the sleeve's shadow and colour.
    hidden_at = 1 - np.clip((np.cumsum(shows) - SLEEVE_END[0]) / (SLEEVE_END[1] - SLEEVE_END[0]), 0, 1)
    outline = Strip(*(_edge(body, side, path, at, shows, sign) for sign in (SIGN[side], -SIGN[side])))
    flat = Strip(*(np.stack([np.full(STATIONS, x), np.arange(STATIONS)], 1) for x in (0.0, 1.0)))
    across, along = strip_warp(flat, outline, body.size)
    drawn = softened(along >= 0, 1.0)
    place = np.clip(2 * across - 1, -1, 1)
    share = np.asarray(along.clip(0) / (STATIONS - 1), np.float32)
    light = 1 - (1 - LIMB_EDGE) * np.abs(place) ** LIMB_POWER * _rounded(place, share, body, side, path, at)
    light *= 1 - SIGN[side] * side_light * place * np.clip(share / JOINS_OVER, 0, 1)
    hidden = np.interp(along.clip(0), np.arange(STATIONS), hidden_at)
    light = np.where(along >= 0, light, 1)
    return BareArms(drawn, np.asarray(drawn * hidden, np.float32), np.asarray(light, np.float32))


def _rounded(place: Floats, share: Floats, body: Body, side: Side, path: ArmPath, at: NDArray[np.float64]) -> Floats:
    """0 at the shoulder and above the armpit, where arm and chest are one, 1 elsewhere."""
    armpit = path.project(body.side_at(0.3, side)) / at[-1]
    start = np.where(place > 0, armpit, 0)
    return np.asarray(np.clip((share - start) / JOINS_OVER, 0, 1), np.float32)


def _edge(
    body: Body, side: Side, path: ArmPath, at: NDArray[np.float64], shows: Mask, sign: int
) -> NDArray[np.float64]:
    """One edge of a bare arm: as far as the shown arm reaches, and never beyond the sleeve."""
    length = body.arms[side].length
    usual = body.unit * np.interp(at / length, *BARE_RADIUS)
    shown = path.reach(body.is_in(*ARMS) & (body.alpha > 0.5), at, sign, 0.24 * body.unit) / usual
    known = shows & (shown > SHOWN_LIMITS[0]) & (shown < SHOWN_LIMITS[1])
    ratio = np.ones(len(at))
    if known.any():
        nearest = np.interp(at, at[known], median_filter(shown[known], 5, mode="nearest"))
        away = np.abs(at[:, None] - at[known]).min(1) / (FORGETS * length)
        ratio = 1 + (nearest - 1) * np.exp(-away)
    clothed = path.reach(body.is_in(*UPPER, *ARMS) & (body.alpha > 0.5), at, sign, 0.24 * body.unit)
    limit = np.where(clothed > 0.5 * usual, clothed, np.inf)
    reach = gaussian_filter1d(np.minimum(usual * ratio, limit), 1.5, mode="nearest")
    edge = path.points(at) + path.normals(at, sign) * reach[:, None]
    return joined(edge, body.shoulder_tip(side), 0.3) if sign == SIGN[side] else edge


def _shows(body: Body, arm: Arm, path: ArmPath, at: NDArray[np.float64]) -> Mask:
    """(n,) below a sleeve's end, where the photo shows the arm.

    Nowhere when most of the forearm is clothed: single patches of arm in its parse are errors.
    """
    offsets = np.linspace(-0.12, 0.12, 25) * body.unit
    stations = path.points(at)[:, None] + offsets[:, None] * path.normals(at, 1)[:, None]
    xs, ys = np.moveaxis(np.rint(stations).astype(int), -1, 0)
    height, width = body.size
    is_arm = body.is_in(*ARMS)[ys.clip(0, height - 1), xs.clip(0, width - 1)]
    shows = median_filter(is_arm.mean(1) > LIMB_SHOWS, 5, mode="nearest")
    wrist = int(np.searchsorted(at, arm.length))
    if shows[(at > path.project(arm.elbow)) & (at < arm.length)].mean() < 0.5:
        return np.zeros(len(at), bool)
    from_here = [bool(shows[i]) and shows[i:wrist].mean() >= UNBROKEN for i in range(wrist)]
    return np.asarray(np.arange(len(at)) >= (np.argmax(from_here) if any(from_here) else wrist))


def _side_light(body: Body) -> float:
    """How much brighter the picture's right side of the face is than its left, as the limbs are to show it."""
    face = body.is_in(Label.FACE)
    if face.sum() < ENOUGH_FACE:
        return 0.0
    xs = np.nonzero(face)[1]
    grey = cv2.cvtColor(body.image, cv2.COLOR_RGB2GRAY)[face].astype(np.float32)
    middle = np.median(xs)
    left, right = float(np.median(grey[xs < middle])), float(np.median(grey[xs >= middle]))
    return float(np.clip(SIDE_LIGHT * (right - left) / max(right + left, 1.0), -MOST_SIDE_LIGHT, MOST_SIDE_LIGHT))
