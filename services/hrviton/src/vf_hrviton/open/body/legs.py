"""Legs and hips as they are below the clothes: the line along each leg, its bare outline, the pelvis, the waistline."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter1d, median_filter

from vf_anatomy import Doubles, Mask, PictureSide, Point, Sided, pixel_grid
from vf_hrviton.open.body.body import LOWER, PROFILE_T, Body
from vf_hrviton.open.body.limbs import LimbPath
from vf_hrviton.open.paint.fills import eroded
from vf_hrviton.open.warp.strips import Strip
from vfkit.contracts import Joint, Label, PosePerson
from vfkit.problems import Code, Problem

SHOES = (Label.LEFT_SHOE, Label.RIGHT_SHOE)
THIGH, SHIN = 1.3, 1.17
"""Lengths in units, for a knee or an ankle that was not found."""
STATIONS = 65
BEYOND_ANKLE = 0.1
"""Units by which a leg goes on below its ankle, into the shoe."""
BARE_RADIUS = (
    (0.0, 0.3, 0.5, 0.7, 0.9, 1.0, 1.15, 1.35, 1.5, 1.7, 1.85, 2.0),
    (0.27, 0.24, 0.215, 0.19, 0.158, 0.148, 0.138, 0.144, 0.133, 0.105, 0.086, 0.074),
)
"""Radius of a bare leg in units by the place on it: 0 at the hip, 1 at the knee, 2 at the ankle. Measured on photos."""
SHOWN_LIMITS = (0.7, 1.35)
"""Believed radii of a leg that the photo shows, over the usual one."""
SECTION_REACH = 0.34
"""Units on either side of the bones within which a leg's cross-section is sought."""
LEAST_KNOWN = 4
"""Stations at which a leg must show before its width is believed."""
PELVIS = ((0.5, 0.65, 0.8, 0.95, 1.1, 1.25, 1.4), (0.42, 0.43, 0.47, 0.52, 0.555, 0.565, 0.56))
"""Half width of a bare waist and pelvis in units by the torso coordinate. Measured on photos."""
PELVIS_LIMITS = (0.85, 1.1)
"""Believed half widths over the usual one; what stands out further is cloth."""
CROTCH = 0.3
"""Units from the middle of the hip joints down to the crotch."""
NATURAL_WAIST = 0.8
"""Torso coordinate of a waistband that is not seen."""
HIGHEST_WAIST, LOWEST_WAIST = 0.55, 0.97
"""Torso coordinates between which the upper edge of what is worn below is its waistband; lower, a top covers that."""
ENOUGH = 500
TURNED_HIPS = 0.3
"""Distance of the hip joints in units below which a person is seen from the side."""
SEATED_ANGLE, SEATED_LENGTH = 50.0, 0.6
"""Degrees between thigh and torso, and length of a thigh over its shin, of people who sit."""


@dataclass(frozen=True)
class Leg:
    """One leg; joints that were not found are where a straight leg has them.

    Attributes:
        hip, knee, ankle: (2,) pixels.
        path: from the hip beyond the ankle.
        label: its CIHP label.
        seen: knee and ankle were found.
    """

    hip: Point
    knee: Point
    ankle: Point
    path: LimbPath
    label: Label
    seen: bool

    @property
    def thigh(self) -> float:
        """Length in pixels."""
        return float(np.linalg.norm(self.knee - self.hip))

    @property
    def length(self) -> float:
        """Hip to ankle along the bones."""
        return self.thigh + float(np.linalg.norm(self.ankle - self.knee))

    def place(self, at: Doubles) -> Doubles:
        """(n,) 0 at the hip, 1 at the knee, 2 at the ankle, for lengths on the path."""
        return np.interp(at, (0, self.thigh, self.length, 2 * self.length), (0, 1, 2, 2 + self.length / self.thigh))


@dataclass(frozen=True)
class LowerBody:
    """What a garment for the lower body is laid out on.

    Attributes:
        legs: both.
        bare: the legs' outlines without clothes; ``outer`` is the edge away from the other leg.
        pelvis: half width of waist and hips at `PROFILE_T`, as the photo shows and a body can have.
        crotch: (2,) pixels.
        waist_t: torso coordinate of the waistband.
        waist_shown: the waistband is seen; otherwise a top hangs over it.
    """

    legs: Sided[PictureSide, Leg]
    bare: Sided[PictureSide, Strip]
    pelvis: Sided[PictureSide, Doubles]
    crotch: Point
    waist_t: float
    waist_shown: bool

    def half_width(self, t: float, side: PictureSide) -> float:
        """Of waist and hips."""
        return float(np.interp(t, PROFILE_T, self.pelvis[side]))


def read_lower_body(body: Body, person: PosePerson) -> LowerBody:
    """Find hips, legs and waistline.

    Args:
        body: the person.
        person: the joints, in pixels of the body's picture.
    """
    joints = person.body()
    legs = Sided.of(PictureSide, lambda side: _leg(body, side, joints))
    waist_t, shown = _waistline(body)
    middle = (legs.left.hip + legs.right.hip) / 2
    return LowerBody(
        legs,
        legs_bare(body, legs),
        Sided.of(PictureSide, lambda side: _pelvis(body, side)),
        np.asarray(middle + body.torso.axis * CROTCH * body.unit),
        waist_t,
        shown,
    )


def require_standing(body: Body, legs: Sided[PictureSide, Leg]) -> None:
    """Check that a garment's front can be shown on this lower body.

    Raises:
        Problem: ``person_not_frontal`` from the side, ``person_seated`` with bent hips.
    """
    hips = float(np.linalg.norm(legs.left.hip - legs.right.hip))
    if hips < TURNED_HIPS * body.unit:
        raise Problem(Code.PERSON_NOT_FRONTAL)
    for leg in legs.values():
        if not leg.seen:
            continue
        cosine = float((leg.knee - leg.hip) @ body.torso.axis) / max(leg.thigh, 1.0)
        if cosine < np.cos(np.radians(SEATED_ANGLE)) or leg.thigh < SEATED_LENGTH * (leg.length - leg.thigh):
            raise Problem(Code.PERSON_SEATED)


def legs_bare(body: Body, legs: Sided[PictureSide, Leg]) -> Sided[PictureSide, Strip]:
    """The outlines of both bare legs: as wide as they show, and never wider than the trousers on them."""
    return Sided.of(PictureSide, lambda side: _bare_outline(body, legs[side], side))


def _leg(body: Body, side: PictureSide, joints: Doubles) -> Leg:
    initial = "L" if body.arms[side].label is Label.LEFT_ARM else "R"
    hip, knee, ankle = (joints[Joint[f"{initial}_{name}"]] for name in ("HIP", "KNEE", "ANKLE"))
    down = body.torso.axis * 0.5 + np.array([0.0, 0.5])
    down = down / np.linalg.norm(down)
    knee_at = knee[:2] if knee[2] > 0 else hip[:2] + down * THIGH * body.unit
    along = (knee_at - hip[:2]) / max(float(np.linalg.norm(knee_at - hip[:2])), 1.0)
    ankle_at = ankle[:2] if ankle[2] > 0 else knee_at + along * SHIN * body.unit
    shin = (ankle_at - knee_at) / max(float(np.linalg.norm(ankle_at - knee_at)), 1.0)
    path = LimbPath.through(np.array([hip[:2], knee_at, ankle_at, ankle_at + shin * 0.5 * body.unit]))
    label = Label.LEFT_LEG if initial == "L" else Label.RIGHT_LEG
    return Leg(hip[:2], knee_at, ankle_at, path, label, bool(knee[2] > 0 and ankle[2] > 0))


def _bare_outline(body: Body, leg: Leg, side: PictureSide) -> Strip:
    at = np.linspace(0, leg.length + BEYOND_ANKLE * body.unit, STATIONS)
    usual = body.unit * np.interp(leg.place(at), *BARE_RADIUS)
    middle, ratio = _shown(body, leg, at, usual)
    inside = body.alpha > 0.5
    first, last = leg.path.sections(
        body.is_in(Label.PANTS, leg.label, Label.SOCKS) & inside, at, SECTION_REACH * body.unit
    )
    edges = []
    for sign in (side.sign, -side.sign):
        end = last if sign > 0 else -first
        limit = np.where(end > 0.5 * usual, end, np.inf)
        reach = gaussian_filter1d(np.minimum(sign * middle + usual * ratio, limit), 1.5, mode="nearest")
        edges.append(leg.path.points(at) + leg.path.normals(at, sign) * reach[:, None])
    return Strip(edges[0], edges[1])


def _shown(body: Body, leg: Leg, at: Doubles, usual: Doubles) -> tuple[Doubles, Doubles]:
    """(n,) the leg's middle beside its path along ``normals(at, 1)``, and its radius over the usual; carried on."""
    first, last = leg.path.sections(body.is_in(leg.label) & (body.alpha > 0.5), at, SECTION_REACH * body.unit)
    middle, ratio = (last + first) / 2, (last - first) / 2 / usual
    known = (ratio > SHOWN_LIMITS[0]) & (ratio < SHOWN_LIMITS[1]) & (leg.place(at) < 1.9)
    if known.sum() < LEAST_KNOWN:
        return np.zeros(len(at)), np.ones(len(at))
    values = [median_filter(value[known], 5, mode="nearest") for value in (middle, ratio)]
    near = [np.interp(at, at[known], value) for value in values]
    fade = np.clip(at / max(float(at[known][0]), 1.0), 0, 1)
    away = np.abs(at[:, None] - at[known]).min(1) / (0.5 * leg.length)
    return near[0] * fade, 1 + (near[1] - 1) * np.exp(-away)


def _pelvis(body: Body, side: PictureSide) -> Doubles:
    usual = body.unit * np.interp(PROFILE_T, *PELVIS)
    measured = np.clip(body.profile[side], PELVIS_LIMITS[0] * usual, PELVIS_LIMITS[1] * usual)
    return np.asarray(gaussian_filter1d(measured, 2.0, mode="nearest"))


def _waistline(body: Body) -> tuple[float, bool]:
    """Torso coordinate of the waistband, and whether it is seen."""
    t, across = body.torso.coordinates(pixel_grid(body.size))
    lower = eroded(body.is_in(*LOWER), 2) & (np.abs(across) < 0.3 * body.unit)
    if lower.sum() < ENOUGH:
        return NATURAL_WAIST, not body.is_in(Label.UPPER_CLOTHES).any()
    top = float(np.percentile(t[lower], 1)) - 3 / body.torso.length
    if top > LOWEST_WAIST:
        return NATURAL_WAIST, False
    return max(top, HIGHEST_WAIST), True


def worn_below(body: Body, lower: LowerBody) -> Mask:
    """What is worn below the waistline, to be taken off: trousers, skirt, a dress's lower part, stockings' bands."""
    t, _ = body.torso.coordinates(pixel_grid(body.size))
    return np.asarray(body.is_in(*LOWER) | (body.is_in(Label.DRESS) & (t > lower.waist_t)))
