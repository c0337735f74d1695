"""A person's measures: the torso's axes and profile, the shoulders' outline, arms, a soft silhouette.

Lengths are in pixels of the photo. *Left* and *right* are the picture's, as in `vf_hrviton.open.garment`. The torso
coordinate t is 0 at the shoulders and 1 at the hips.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from scipy.ndimage import gaussian_filter1d, median_filter

from vf_anatomy import (
    Doubles,
    Floats,
    Mask,
    PersonSide,
    PictureSide,
    Point,
    Points,
    Segment,
    Sided,
    TorsoFrame,
    pixel_grid,
)
from vf_hrviton.open.body.labels import ARMS, UPPER, labelled
from vf_hrviton.open.paint.fills import box_of, points_of
from vf_hrviton.open.paint.wall import without_wall
from vfkit.contracts import Image, Joint, Label, PosePerson
from vfkit.problems import Code, Problem

UPPER_ARM, FOREARM = 0.68, 0.55
"""Lengths in units, for an elbow or a wrist that was not found."""
ARM_RADIUS = ((0.0, 0.25, 0.5, 0.8, 1.0), (0.165, 0.145, 0.12, 0.09, 0.075))
"""Radius of a bare arm in units, from shoulder to wrist."""
PROFILE_T = np.linspace(0.22, 1.5, 65)
"""Where the torso's half width is measured."""


@dataclass(frozen=True)
class Arm:
    """One arm; joints that were not found are where a hanging arm has them.

    Attributes:
        shoulder, elbow, wrist: (2,) pixels.
        hand: (2,) pixels, middle of the knuckles.
        label: its CIHP label.
        elbow_seen, wrist_seen: found in the photo.
    """

    shoulder: Point
    elbow: Point
    wrist: Point
    hand: Point
    label: Label
    elbow_seen: bool
    wrist_seen: bool

    @property
    def bones(self) -> tuple[Segment, Segment]:
        """Upper arm and forearm."""
        return Segment(self.shoulder, self.elbow), Segment(self.elbow, self.wrist)

    @property
    def length(self) -> float:
        """Shoulder to wrist along the bones."""
        return sum(bone.length for bone in self.bones)


@dataclass(frozen=True)
class PersonPhoto:
    """A photo of a person, and which pixel shows what.

    Attributes:
        image: (H, W, 3) uint8 RGB.
        labels: (H, W) uint8 CIHP, where wall is no garment.
        silhouette: (H, W) float32 in [0, 1], soft, without what the worn garment adds above the shoulders.
    """

    image: Image
    labels: Image
    silhouette: Floats

    @property
    def size(self) -> tuple[int, int]:
        """(height, width)."""
        return self.labels.shape[0], self.labels.shape[1]

    def is_in(self, *labels: Label) -> Mask:
        """Pixels of any of the labels."""
        return labelled(self.labels, *labels)


@dataclass(frozen=True)
class BodyShape:
    """The measures of one person.

    Attributes:
        torso: its axes; across is towards the picture's right.
        shoulder_line: unit vector from the left shoulder to the right one.
        sides: which of the person's sides is at each side of the picture.
        arms: both.
        profile: half width of the torso at `PROFILE_T`.
        shoulder_rise: height of the shoulder's outline over the joints' line, over the usual one.
        shoulder_tip: where the shoulder's outline turns into the arm's.
        joints: (25, 3) x, y and confidence of BODY_25, as they were found.
    """

    torso: TorsoFrame
    shoulder_line: Point
    sides: Sided[PictureSide, PersonSide]
    arms: Sided[PictureSide, Arm]
    profile: Sided[PictureSide, Doubles]
    shoulder_rise: Sided[PictureSide, Doubles]
    shoulder_tip: Sided[PictureSide, Point]
    joints: Doubles

    @property
    def unit(self) -> float:
        """The body unit in pixels."""
        return self.torso.unit

    @property
    def up(self) -> Point:
        """Unit vector across the shoulder line, upwards."""
        return upwards(self.shoulder_line)

    def half_width(self, t: float, side: PictureSide) -> float:
        """The torso's half width."""
        return float(np.interp(t, PROFILE_T, self.profile[side]))

    def side_at(self, t: float, side: PictureSide, scale: float = 1.0) -> Point:
        """The torso's side."""
        return self.torso.at(t, side.sign * self.half_width(t, side) * scale)

    def shoulder_point(self, side: PictureSide, fraction: float) -> Point:
        """On the shoulder's outline, at a fraction of the way from the neck to the shoulder joint."""
        rise = _usual_rise(fraction) * self.unit * np.interp(fraction, RISE_AT, self.shoulder_rise[side])
        offset = self.shoulder_line * side.sign * fraction * self.torso.shoulder_width / 2
        return np.asarray(self.torso.neck + offset + self.up * (rise + 2))


@dataclass(frozen=True)
class TorsoMaps:
    """Each pixel in the torso's coordinates.

    Attributes:
        t: (H, W) float32, 0 at the shoulders, 1 at the hips.
        across: (H, W) float32 pixels beside the axis.
        half_width: (H, W) float32 the torso's half width at the pixel's t and side.
    """

    t: Floats
    across: Floats
    half_width: Floats

    @property
    def inside(self) -> Mask:
        """(H, W): between the torso's sides."""
        return np.asarray(np.abs(self.across) < self.half_width)


def torso_maps(shape: BodyShape, size: tuple[int, int]) -> TorsoMaps:
    """The torso's coordinates of every pixel of a picture of (height, width)."""
    t, across = shape.torso.coordinates(pixel_grid(size))
    half_width = np.where(
        across < 0, np.interp(t, PROFILE_T, shape.profile.left), np.interp(t, PROFILE_T, shape.profile.right)
    ).astype(np.float32)
    return TorsoMaps(t, across, half_width)


RISE_AT = np.linspace(0.45, 1.0, 12)
"""Where the shoulder's height is measured, from the neck to the joint; nearer the neck a collar or hair misleads."""
RISE_LIMITS = (0.6, 1.7)
"""Believed heights, over the usual one."""
MOST_MOVED, INSIDE = 0.25, 0.06
"""Shoulder widths by which a shoulder joint is moved at most into the silhouette, and how far inside it then lies."""
ABOVE_SHOULDERS = 0.05
"""Units above the shoulder's outline from which cloth is no body: bows, frills, wall that was called garment."""
BESIDE_NECK = 0.42
"""Fraction of the way to the joint from which that holds; nearer the neck stand collars, around a neck."""
BEYOND_JOINT = 0.3
"""Share of the half shoulder width beyond the joint over which the outline falls to the joints' line."""
RAISED_ARM = 0.2
"""Units around an arm's bones in which cloth is its sleeve."""


def measure(image: Image, labels: Image, person: PosePerson) -> tuple[PersonPhoto, BodyShape]:
    """Measure a person.

    Args:
        image: (H, W, 3) uint8 RGB.
        labels: (H, W) uint8 CIHP.
        person: the joints, in pixels of the photo.

    Raises:
        Problem: as `require_torso`.
    """
    require_torso(person)
    labels = without_wall(image, labels, UPPER)
    alpha = soft_silhouette(image, labels)
    found = person.body()
    joints = _shoulders_inside(found, alpha)
    wearer = _person_sides(joints)
    shoulders = Sided.of(PictureSide, lambda side: joints[_joint(wearer[side], "SHOULDER"), :2])
    torso = TorsoFrame.of(shoulders, Sided.of(PictureSide, lambda side: joints[_joint(wearer[side], "HIP"), :2]))
    shoulder_line = (shoulders.right - shoulders.left) / torso.shoulder_width
    torso = replace(torso, across=_across(torso.axis, shoulder_line, joints))
    arms = Sided.of(PictureSide, lambda side: _arm(wearer[side], joints, person, torso.unit))
    ruler = _Ruler(labels, labelled(labels, *ARMS), alpha > 0.5, arms, torso, shoulder_line)
    profile, rise = Sided.of(PictureSide, ruler.profile), ruler.shoulder_rise()
    alpha = _without_frills(alpha, labels, torso, shoulder_line, arms, rise)
    clothed = (alpha > 0.5) & ~labelled(labels, Label.HAIR)
    tips = Sided.of(
        PictureSide, lambda side: _shoulder_tip(clothed, arms[side].shoulder, shoulder_line, side, torso.unit)
    )
    return PersonPhoto(image, labels, alpha), BodyShape(torso, shoulder_line, wearer, arms, profile, rise, tips, found)


def upwards(shoulder_line: Point) -> Point:
    """Unit vector across a shoulder line, upwards."""
    return np.array([shoulder_line[1], -shoulder_line[0]])


def _shoulder_tip(clothed: Mask, start: Point, shoulder_line: Point, side: PictureSide, unit: float) -> Point:
    """Where the shoulder's outline turns into the arm's."""
    direction = upwards(shoulder_line) * 0.75 + shoulder_line * side.sign * 0.65
    direction /= np.linalg.norm(direction)
    reach = march(clothed, start, direction, 0.20 * unit)
    return np.asarray(start + direction * (max(reach or 0.11 * unit, 0.06 * unit) + 2))


def _shoulders_inside(joints: Doubles, alpha: Floats) -> Doubles:
    """The joints, with a shoulder that was found beside the body moved into it, towards the other one."""
    out = joints.copy()
    pair = joints[[Joint.R_SHOULDER, Joint.L_SHOULDER], :2]
    width = float(np.linalg.norm(pair[1] - pair[0]))
    for joint, inward in ((Joint.R_SHOULDER, pair[1] - pair[0]), (Joint.L_SHOULDER, pair[0] - pair[1])):
        steps = np.arange(0.0, MOST_MOVED * width)
        points = joints[joint, :2] + inward / max(width, 1.0) * steps[:, None]
        inside = np.flatnonzero(sampled(alpha > 0.5, points))
        if len(inside) and inside[0] > 0:
            out[joint, :2] = points[min(inside[0] + round(INSIDE * width), len(points) - 1)]
    return out


def _without_frills(
    alpha: Floats, labels: Image, torso: TorsoFrame, shoulder_line: Point, arms: Sided[PictureSide, Arm],
    shoulder_rise: Sided[PictureSide, Doubles],
) -> Floats:  # fmt: skip
    """The silhouette without cloth that stands above the shoulders."""
    cloth = labelled(labels, *UPPER)
    if not cloth.any():
        return alpha
    half = torso.shoulder_width / 2
    lowest = int(np.clip(np.ceil(max(arm.shoulder[1] for arm in arms.values())), 1, len(labels)))
    box = box_of(cloth[:lowest])
    away = points_of(box) - torso.neck.astype(np.float32)
    above = away @ upwards(shoulder_line).astype(np.float32)
    beside = away @ shoulder_line.astype(np.float32) / np.float32(half)
    frills = np.zeros(labels.shape, bool)
    for side in PictureSide:
        fraction = beside * side.sign
        rise = np.interp(fraction, RISE_AT, _usual_rise(RISE_AT) * shoulder_rise[side])
        rise *= np.clip((1 + BEYOND_JOINT - fraction) / BEYOND_JOINT, 0, 1)
        frills[box] |= (fraction > BESIDE_NECK) & (above > (rise + ABOVE_SHOULDERS) * torso.unit)
    frills &= cloth
    if not frills.any():
        return alpha
    for arm in arms.values():
        for bone in arm.bones:
            frills[box] &= bone.nearest(away + torso.neck)[0] > RAISED_ARM * torso.unit
    return np.asarray(alpha * (1 - cv2.GaussianBlur(frills.astype(np.float32), (0, 0), 1.2)), np.float32)


def require_torso(person: PosePerson) -> None:
    """Check that there is something to dress.

    Raises:
        Problem: ``invalid_request`` without 25 joints, ``body_not_visible`` when shoulders or hips were not found.
    """
    joints = person.body()
    if len(joints) != len(Joint) or not np.isfinite(joints).all():
        raise Problem(Code.INVALID_REQUEST, "The pose must have 25 joints (BODY_25).")
    needed = joints[[Joint.R_SHOULDER, Joint.L_SHOULDER, Joint.R_HIP, Joint.L_HIP]]
    if (needed[:, 2] <= 0).any():
        raise Problem(Code.BODY_NOT_VISIBLE)


def soft_silhouette(image: Image, labels: Image) -> Floats:
    """The parse's silhouette with an edge as soft as the photo's: guided filter, then stretched."""
    hard = (labels > 0).astype(np.float32)
    radius = max(3, image.shape[0] // 200)
    soft = cv2.ximgproc.guidedFilter(image, hard, radius, (0.02 * 255) ** 2)
    return np.asarray(np.clip((soft - 0.25) / 0.5, 0, 1), np.float32)


def march(mask: Mask, start: Point, direction: Point, longest: float) -> float | None:
    """Distance along a direction until the mask ends; None when it does not within ``longest``."""
    steps = np.arange(0.0, longest)
    ends = np.flatnonzero(~sampled(mask, start + direction * steps[:, None]))
    return float(steps[ends[0]]) if len(ends) else None


def sampled(mask: Mask, points: Points) -> Mask:
    """(...,) the mask at (..., 2) points, False outside the picture."""
    xs, ys = np.moveaxis(np.rint(points).astype(int), -1, 0)
    height, width = mask.shape
    inside = (xs >= 0) & (xs < width) & (ys >= 0) & (ys < height)
    return np.asarray(inside & mask[ys.clip(0, height - 1), xs.clip(0, width - 1)])


def _joint(side: PersonSide, name: str) -> Joint:
    return Joint[f"{side.initial}_{name}"]


def _person_sides(joints: Doubles) -> Sided[PictureSide, PersonSide]:
    """Which of the person's sides is at each side of the picture."""
    if joints[Joint.R_SHOULDER, 0] <= joints[Joint.L_SHOULDER, 0]:  # facing the camera
        return Sided(PersonSide.RIGHT, PersonSide.LEFT)
    return Sided(PersonSide.LEFT, PersonSide.RIGHT)


def _across(axis: Point, shoulder_line: Point, joints: Doubles) -> Point:
    """Mostly along shoulders and hips, a little square to the axis: bodies lean without shearing."""
    square = np.array([axis[1], -axis[0]])
    square = square if square @ shoulder_line > 0 else -square
    hips = joints[Joint.L_HIP, :2] - joints[Joint.R_HIP, :2]
    hips = hips / max(float(np.linalg.norm(hips)), 1.0)
    hips = hips if hips @ shoulder_line > 0 else -hips
    across = 0.3 * square + 0.4 * hips + 0.3 * shoulder_line
    return np.asarray(across / np.linalg.norm(across))


def _arm(side: PersonSide, joints: Doubles, person: PosePerson, unit: float) -> Arm:
    shoulder, elbow, wrist = (joints[_joint(side, name)] for name in ("SHOULDER", "ELBOW", "WRIST"))
    elbow_seen, wrist_seen = bool(elbow[2] > 0), bool(wrist[2] > 0)
    elbow_at = elbow[:2] if elbow_seen else shoulder[:2] + np.array([0.0, UPPER_ARM * unit])
    along = elbow_at - shoulder[:2]
    along = along / max(float(np.linalg.norm(along)), 1.0)
    wrist_at = wrist[:2] if wrist_seen else elbow_at + along * FOREARM * unit
    hand = person.hand(side.value)
    knuckles = hand[[5, 17]] if hand is not None else np.zeros((2, 3))
    forearm = wrist_at - elbow_at
    hand_at = knuckles[:, :2].mean(0) if (knuckles[:, 2] > 0).all() else wrist_at + 0.25 * forearm
    return Arm(shoulder[:2], elbow_at, wrist_at, hand_at, Label[f"{side.name}_ARM"], elbow_seen, wrist_seen)


def _usual_rise(fraction: float | Doubles) -> Doubles:
    """Height of the shoulder's outline over the joints' line in units, from the neck to the joint."""
    return np.asarray(np.interp(fraction, (0.3, 0.5, 0.75, 1.0), (0.30, 0.22, 0.14, 0.09)))


@dataclass(frozen=True)
class _Ruler:
    """Measures a body's outline while it is being built."""

    labels: Image
    bare: Mask
    inside: Mask
    arms: Sided[PictureSide, Arm]
    torso: TorsoFrame
    shoulder_line: Point

    def profile(self, side: PictureSide) -> Doubles:
        """Half width of the torso at `PROFILE_T`: to the background, an arm, or an arm's bone below clothes."""
        widths = np.array([self._half_width(t, side) for t in PROFILE_T])
        widths = np.minimum(widths, 0.5 * self.torso.shoulder_width + 0.35 * self.torso.unit)
        return np.asarray(gaussian_filter1d(median_filter(widths, 9, mode="nearest"), 2.0))

    def shoulder_rise(self) -> Sided[PictureSide, Doubles]:
        """The outline's height over the usual one at `RISE_AT`; unreadable places take the other side's."""
        up = np.array([self.shoulder_line[1], -self.shoulder_line[0]])
        body = self.inside & np.isin(self.labels, (Label.UPPER_CLOTHES, Label.COAT, Label.TORSO_SKIN, *ARMS))

        def readable(side: PictureSide) -> Doubles:
            feet = self.torso.neck + self.shoulder_line * (side.sign * self.torso.shoulder_width / 2) * RISE_AT[:, None]
            heights = np.array([march(body, foot, up, 0.4 * self.torso.unit) or np.nan for foot in feet])
            ratio = heights / (_usual_rise(RISE_AT) * self.torso.unit)
            return np.where((ratio > RISE_LIMITS[0]) & (ratio < RISE_LIMITS[1]), ratio, np.nan)

        raw = Sided.of(PictureSide, readable)
        known = np.concatenate(raw.values())
        usual = float(np.nanmedian(known)) if np.isfinite(known).sum() > 4 else 1.0

        def complete(side: PictureSide) -> Doubles:
            filled = np.where(np.isfinite(raw[side]), raw[side], raw[side.other])
            filled = np.where(np.isfinite(filled), filled, usual)
            return np.asarray(gaussian_filter1d(median_filter(filled, 7, mode="nearest"), 1.5, mode="nearest"))

        return Sided.of(PictureSide, complete)

    def _half_width(self, t: float, side: PictureSide) -> float:
        centre = self.torso.at(t)
        width = self.torso.shoulder_width
        distances = np.arange(0.25 * width, 0.75 * self.torso.unit + 0.3 * width)
        points = centre + self.torso.across * side.sign * distances[:, None]
        ended = ~sampled(self.inside, points)
        ended |= sampled(self.bare, points) & (distances > 0.36 * width)
        ended |= self._meets_sleeve(points, centre, t, side) & (distances > 0.40 * width)
        ends = np.flatnonzero(ended)
        return float(distances[ends[0]] if len(ends) else distances[-1])

    def _meets_sleeve(self, points: Points, centre: Point, t: float, side: PictureSide) -> Mask:
        """Points as near to a clothed arm's bone as its radius: there the torso ends though no edge shows it."""
        near = np.zeros(len(points), bool)
        if t <= 0.2:
            return near
        arm = self.arms[side]
        height, width = self.labels.shape
        for bone in arm.bones:
            distance, t_bone = bone.nearest(points)
            beside = bone.points(t_bone)
            xs, ys = np.rint(beside).astype(int).T
            bare = self.bare[ys.clip(0, height - 1), xs.clip(0, width - 1)]
            outside = ((beside - centre) @ self.torso.across) * side.sign > 0.45 * self.torso.shoulder_width
            near |= (distance < 0.105 * self.torso.unit) & outside & ~bare
        return near
