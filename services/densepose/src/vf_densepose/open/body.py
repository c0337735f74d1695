"""A body drawn into a silhouette: from BlazePose's landmarks to part labels.

Limbs are tapered capsules around their bones, the torso is an outline from the neck to the crotch, the head an ellipse
with a neck. All widths are shares of one body unit, taken from the proportions of DensePose's pictures of standing
people, so the body is drawn as it is under the clothes. The silhouette cuts off what reaches beyond the person.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from vf_anatomy import Floats, Mask, PersonSide, Point, Points, Segment, Sided, TorsoFrame, pixel_grid
from vf_blazepose import Mark, Person
from vf_densepose.parts import Part
from vfkit.contracts import Image

_SILHOUETTE = 0.5
"""Chance from which a pixel is the person."""
_SMOOTH = 0.02
"""Blur of the silhouette in body units: it comes from a coarse grid, whose steps would show."""
_VISIBLE = 0.3
"""Visibility of its ends below which a limb is left out."""


@dataclass(frozen=True)
class Pose:
    """A person's landmarks and the way they face.

    Attributes:
        points: (33, 2) float32, the landmarks in pixels.
        depth: (33,) float32, smaller is nearer.
        visible: (33,) float32 in [0, 1].
        torso: its axes; across is towards the person's left as the torso is seen.
        front: the person faces the camera.
    """

    points: Floats
    depth: Floats
    visible: Floats
    torso: TorsoFrame
    front: bool

    @property
    def unit(self) -> float:
        """The body unit in pixels."""
        return self.torso.unit

    @property
    def facing(self) -> float:
        """1 when the person faces the camera, -1 when not."""
        return 1.0 if self.front else -1.0


def pose_of(landmarks: Floats) -> Pose:
    """The pose that (33, 4) landmarks show."""
    points = landmarks[:, :2]
    shoulders, hips = (
        Sided.of(PersonSide, lambda side, name=name: points[Mark.of(side, name)])  # type: ignore[misc]
        for name in ("SHOULDER", "HIP")
    )
    torso = TorsoFrame.of(shoulders, hips)
    front = bool((shoulders.left - shoulders.right + hips.left - hips.right) @ torso.across >= 0)
    torso = torso if front else replace(torso, across=-torso.across)
    return Pose(points, landmarks[:, 2], landmarks[:, 3], torso, front)


class Layer:
    """Parts that compete: each pixel goes to the part whose axis is nearest in that part's own half widths."""

    def __init__(self, shape: tuple[int, int]) -> None:
        self.nearest = np.full(shape, 1.0, np.float32)
        self.labels = np.zeros(shape, np.uint8)

    def claim(self, window: tuple[slice, slice], distance: Floats, labels: Image | int, bias: float = 0.0) -> None:
        """Give ``labels`` to the window's pixels with ``distance`` up to 1 that nobody nearer holds."""
        wins = (distance <= 1) & (distance + bias < self.nearest[window])
        self.nearest[window][wins] = distance[wins] + bias
        self.labels[window][wins] = labels[wins] if isinstance(labels, np.ndarray) else labels


@dataclass(frozen=True)
class Capsule:
    """A tapered limb.

    Attributes:
        bone: its middle line.
        widths: half widths in pixels, evenly spaced along the bone.
    """

    bone: Segment
    widths: tuple[float, ...]

    def distance(self, shape: tuple[int, ...]) -> tuple[tuple[slice, slice], Floats, Floats]:
        """Where it may be, the distance from the bone in half widths there, and the side, -1 to 1 across it.

        The side is positive to the right hand of somebody who walks the picture from start to end.
        """
        reach = max(self.widths) + 1
        low = np.floor(np.minimum(self.bone.start, self.bone.end) - reach).astype(int)
        high = np.ceil(np.maximum(self.bone.start, self.bone.end) + reach).astype(int) + 1
        left, right = (int(np.clip(x, 0, shape[1])) for x in (low[0], high[0]))
        top, bottom = (int(np.clip(y, 0, shape[0])) for y in (low[1], high[1]))
        points = pixel_grid((bottom - top, right - left)) + np.array((left, top), np.float32)
        away, along = self.bone.nearest(points)
        width = np.interp(along, np.linspace(0, 1, len(self.widths)), self.widths).astype(np.float32)
        window = slice(top, bottom), slice(left, right)
        return window, (away / width).astype(np.float32), (self.bone.across(points) / width).astype(np.float32)


_UPPER_ARM, _FOREARM, _HAND = (0.135, 0.14, 0.115), (0.115, 0.125, 0.085), (0.095, 0.145, 0.12)
_THIGH, _CALF, _FOOT = (0.25, 0.25, 0.175), (0.165, 0.185, 0.105), (0.125, 0.125, 0.115)
"""Half widths along the limbs, in body units."""

_ARM_START, _THIGH_START = np.float32(0.06), np.float32(0.14)
"""Where arm and thigh begin, of the way to the next joint: their round tops stay below shoulder and waist."""
_THIGH_OUTWARD = 0.04
"""How far outside the hip joint the middle of a thigh begins, in body units."""
_HAND_REACH = 1.5
"""Finger tips of a relaxed hand, in wrist-knuckle distances from the wrist."""
_LEAST_HAND = 0.26
"""From the wrist to the hand's end, in body units."""
_UPPER_ARM_SEAM, _FOREARM_SEAM = -0.2, 0.0
"""Where inner meets outer, in half widths from the bone; negative: towards the outside."""
_ARM_BEHIND = 0.3
"""Body units behind the torso from which an arm is covered by it: BlazePose's depth is coarse."""
_LEG_BEHIND = 0.5
"""Half widths by which a leg far behind the other gives way."""
_TRUNK = (Mark.L_SHOULDER, Mark.R_SHOULDER, Mark.L_HIP, Mark.R_HIP)


def label_body(person: Person) -> Image:
    """Part labels of one person.

    Returns:
        (H, W) uint8 of the mask's size, by `Part`.
    """
    pose = pose_of(person.landmarks)
    shape = (person.mask.shape[0], person.mask.shape[1])
    arms = Sided.of(PersonSide, lambda side: arm_labels(pose, side, shape))
    behind = [arms[side] for side in PersonSide if is_arm_behind(pose, side)]
    before = [arms[side] for side in PersonSide if not is_arm_behind(pose, side)]
    layers = [*behind, leg_labels(pose, shape), torso_labels(pose, shape), head_labels(pose, shape), *before]
    body = stack(layers, shape)
    silhouette = cv2.GaussianBlur(person.mask, (0, 0), max(0.5, _SMOOTH * pose.unit))
    body[silhouette < _SILHOUETTE] = Part.NONE
    return body


def stack(layers: Sequence[Image], shape: tuple[int, int]) -> Image:
    """Label maps laid over each other, the first at the back."""
    body = np.zeros(shape, np.uint8)
    for layer in layers:
        np.copyto(body, layer, where=layer > 0)
    return body


def is_arm_behind(pose: Pose, side: PersonSide) -> bool:
    """Whether the arm is far behind the torso."""
    elbow, wrist = Mark.of(side, "ELBOW"), Mark.of(side, "WRIST")
    torso = pose.depth[list(_TRUNK)].mean()
    return bool(min(pose.depth[elbow], pose.depth[wrist]) > torso + _ARM_BEHIND * pose.unit)


def arm_labels(pose: Pose, side: PersonSide, shape: tuple[int, int]) -> Image:
    """Upper arm and forearm in inner and outer halves, and the hand; (H, W) uint8."""
    layer, points, unit = Layer(shape), pose.points, pose.unit
    shoulder, elbow, wrist = (Mark.of(side, name) for name in ("SHOULDER", "ELBOW", "WRIST"))
    # The inner side lies to the right of the left arm's bone as the picture shows a person from the front.
    inward = (1.0 if side is PersonSide.LEFT else -1.0) * pose.facing

    def claim_halves(bone: Segment, widths: tuple[float, ...], name: str, seam: float) -> None:
        window, away, across = Capsule(bone, _scaled(widths, unit)).distance(shape)
        inner, outer = Part.of(side, f"{name}_INNER"), Part.of(side, f"{name}_OUTER")
        layer.claim(window, away, np.where(across * inward > seam, inner, outer).astype(np.uint8))

    if pose.visible[[shoulder, elbow]].min() >= _VISIBLE:
        top = points[shoulder] + (points[elbow] - points[shoulder]) * _ARM_START
        claim_halves(Segment(top, points[elbow]), _UPPER_ARM, "UPPER_ARM", _UPPER_ARM_SEAM)
    if pose.visible[[elbow, wrist]].min() >= _VISIBLE:
        claim_halves(Segment(points[elbow], points[wrist]), _FOREARM, "FOREARM", _FOREARM_SEAM)
        knuckles = points[[Mark.of(side, "INDEX"), Mark.of(side, "LITTLE")]].mean(0) - points[wrist]
        length = max(1.0, float(np.linalg.norm(knuckles)))
        reach = max(_HAND_REACH * length, _LEAST_HAND * unit)
        tips = points[wrist] + knuckles / np.float32(length) * np.float32(reach)
        window, away, _ = Capsule(Segment(points[wrist], tips), _scaled(_HAND, unit)).distance(shape)
        layer.claim(window, away, Part.of(side, "HAND"))
    return layer.labels


def leg_labels(pose: Pose, shape: tuple[int, int]) -> Image:
    """Thighs, calves and feet of both legs; (H, W) uint8."""
    layer = Layer(shape)
    nearer = pose.depth[Mark.L_KNEE] - pose.depth[Mark.R_KNEE]
    for side in PersonSide:
        # A leg crossed far behind the other gives way to it.
        behind = (nearer if side is PersonSide.LEFT else -nearer) > pose.unit
        _leg(layer, pose, side, bias=_LEG_BEHIND if behind else 0.0)
    return layer.labels


def _leg(layer: Layer, pose: Pose, side: PersonSide, *, bias: float) -> None:
    names = ("HIP", "KNEE", "ANKLE", "HEEL", "TOE")
    hip, knee, ankle, heel, toe = (pose.points[Mark.of(side, name)] for name in names)
    seen, unit = "FRONT" if pose.front else "BACK", pose.unit
    thigh, calf, foot = (Part.of(side, name) for name in (f"THIGH_{seen}", f"CALF_{seen}", "FOOT"))
    outward = pose.torso.across * np.float32((1 if side is PersonSide.LEFT else -1) * _THIGH_OUTWARD * unit)
    bones = (
        (hip + outward + (knee - hip) * _THIGH_START, knee, _THIGH, thigh),
        (knee, ankle, _CALF, calf),
        (ankle, toe, _FOOT, foot),
        (heel, toe, _FOOT, foot),
    )
    for start, end, widths, part in bones:
        window, away, _ = Capsule(Segment(start, end), _scaled(widths, unit)).distance(layer.labels.shape)
        layer.claim(window, away, part, bias)


_OUTLINE: tuple[tuple[str, float, float], ...] = (
    ("neck", 0.19, -0.18), ("shoulder", 0.43, -0.08), ("shoulder", 0.52, 0.02), ("shoulder", 0.5, 0.2),
    ("body", 0.49, 0.4), ("body", 0.48, 0.65), ("hip", 0.52, 0.9), ("hip", 0.53, 1.08), ("hip", 0.27, 1.04),
    ("hip", 0.1, 1.16), ("hip", 0.0, 1.24),
)  # fmt: skip
"""One half of the torso from the neck to the crotch: across in body units of a front view, down in torso lengths."""

_PROFILE = 0.62
"""Width of a torso seen from the side, in that of a front view."""
_TORSO_ROUND, _NECK_ROUND = 0.04, 0.02
"""By how much corners are rounded, in body units."""


def torso_labels(pose: Pose, shape: tuple[int, int]) -> Image:
    """The torso; (H, W) uint8."""
    neck, across, down = pose.torso.neck, pose.torso.across, pose.torso.down
    shoulders = pose.points[Mark.L_SHOULDER] - pose.points[Mark.R_SHOULDER]
    turned = np.float32(max(_PROFILE, min(1.0, abs(float(shoulders @ across)) / pose.unit)) * pose.unit)
    slope = shoulders @ down / max(1.0, float(down @ down)) / 2

    def place(kind: str, beside: float, below: float, sign: float) -> Point:
        tilt = slope * sign if kind == "shoulder" else 0.0
        offset = across * (turned * np.float32(beside * sign)) + down * np.float32(below + tilt)
        return neck + offset

    outline = [place(*row, 1.0) for row in _OUTLINE] + [place(*row, -1.0) for row in reversed(_OUTLINE)]
    filled = _fill(np.array(outline), shape, round_by=_TORSO_ROUND * pose.unit)
    return np.where(filled, np.uint8(Part.TORSO_FRONT if pose.front else Part.TORSO_BACK), np.uint8(0))


_HEAD_WIDTH, _CROWN, _CHIN, _JAW = 1.35, 1.35, 0.85, 0.95
"""Half width, height above the eyes and depth below the mouth of a head, and half width of its jaw, in eye-mouth
distances."""
_LEAST_FACE = 0.17
"""Eye-mouth distance in body units, at least: BlazePose's face shrinks when it is turned up, down or away."""
_BEHIND_FACE = np.float32(0.5)
"""How far the skull's middle lies towards the ears of a head seen from the side, as a share of their distance."""
_NECK_BASE, _NECK_WIDTH = np.float32(0.14), 0.19
"""Height of the neck's base above the shoulders' line in torso lengths, and its half width in body units."""


def head_labels(pose: Pose, shape: tuple[int, int]) -> Image:
    """Head and neck in right and left halves, split at the nose; (H, W) uint8."""
    points = pose.points
    eyes = points[[Mark.L_EYE, Mark.R_EYE]].mean(0)
    mouth = points[[Mark.L_MOUTH, Mark.R_MOUTH]].mean(0)
    ears = points[[Mark.L_EAR, Mark.R_EAR]].mean(0)
    up = eyes - mouth
    size = float(np.linalg.norm(up))
    least = _LEAST_FACE * pose.unit
    up = up * np.float32(max(1.0, least / max(size, 1e-6)))
    size = max(size, least)
    top, chin = eyes + up * np.float32(_CROWN), mouth - up * np.float32(_CHIN)
    side = np.array([-up[1], up[0]], np.float32) / np.float32(size)
    centre = (top + chin) / 2 + side * (_BEHIND_FACE * ((ears - eyes) @ side))
    turn = float(np.degrees(np.arctan2(up[1], up[0])))
    axes = (float(np.linalg.norm(top - chin)) / 2, _HEAD_WIDTH * size)
    head = np.zeros(shape, np.uint8)
    cv2.ellipse(head, (_pair(centre), (2 * axes[0], 2 * axes[1]), turn), 1, -1)

    torso = pose.torso
    neck = torso.neck - torso.down * _NECK_BASE
    jaw = side * np.float32(_JAW * size)
    corner = torso.across * np.float32(_NECK_WIDTH * pose.unit) * np.sign(torso.across @ side)
    quad = np.array([centre + jaw, centre - jaw, neck - corner, neck + corner], np.float32)
    filled = (head > 0) | _fill(quad, shape, round_by=_NECK_ROUND * pose.unit)

    middle = (points[Mark.NOSE] + eyes) / 2 if pose.front else centre
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    # The person's left is the picture's right when the face is seen.
    leftness = ((x - middle[0]) * -side[0] + (y - middle[1]) * -side[1]) * -pose.facing
    halves = np.where(leftness >= 0, np.uint8(Part.L_HEAD), np.uint8(Part.R_HEAD))
    return np.where(filled, halves, np.uint8(0))


def _scaled(widths: tuple[float, ...], unit: float) -> tuple[float, ...]:
    return tuple(width * unit for width in widths)


def _fill(outline: Points, shape: tuple[int, int], *, round_by: float) -> Mask:
    """The inside of a polygon with its corners rounded."""
    filled = np.zeros(shape, np.uint8)
    cv2.fillPoly(filled, [np.round(outline).astype(np.int32)], 255)
    return np.asarray(cv2.GaussianBlur(filled, (0, 0), max(0.5, round_by)) >= 128)


def _pair(point: Point) -> tuple[float, float]:
    return float(point[0]), float(point[1])
