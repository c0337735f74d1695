"""A body drawn into a silhouette: from BlazePose's landmarks to part labels.

Limbs are tapered capsules around their bones, the torso is an outline from the neck to the crotch, the head an ellipse
with a neck. All widths are shares of one body unit, taken from the proportions of DensePose's pictures of standing
people, so the body is drawn as it is under the clothes. The silhouette cuts off what reaches beyond the person.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from vf_blazepose import Mark, Person
from vf_densepose.parts import Part
from vfkit.contracts import Image

Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]
Side = Literal["left", "right"]

_SILHOUETTE = 0.5
_SMOOTH = 0.02  # the silhouette comes from a coarse grid: its steps are blurred away, in body units
_VISIBLE = 0.3  # limbs with less visible ends are left out


@dataclass(frozen=True)
class Frame:
    """The torso's own axes.

    Attributes:
        points: (33, 2) float32, the landmarks in pixels.
        depth: (33,) float32, smaller is nearer.
        visible: (33,) float32 in [0, 1].
        origin: (2,) middle of the shoulders.
        down: (2,) from there to the middle of the hips.
        across: (2,) unit vector square to it, towards the person's left as the torso is seen.
        unit: the body unit in pixels: the shoulders' distance of a person seen from the front.
        front: the person faces the camera.
    """

    points: Floats
    depth: Floats
    visible: Floats
    origin: Floats
    down: Floats
    across: Floats
    unit: float
    front: bool

    @property
    def facing(self) -> float:
        """1 when the person faces the camera, -1 when not."""
        return 1.0 if self.front else -1.0


def frame_of(landmarks: Floats) -> Frame:
    """The torso's axes from (33, 4) landmarks."""
    points = landmarks[:, :2]
    shoulders, hips = points[[Mark.L_SHOULDER, Mark.R_SHOULDER]], points[[Mark.L_HIP, Mark.R_HIP]]
    origin, down = shoulders.mean(0), hips.mean(0) - shoulders.mean(0)
    length = max(1.0, float(np.linalg.norm(down)))
    square = np.array([down[1], -down[0]], np.float32) / np.float32(length)
    leftward = float((shoulders[0] - shoulders[1] + hips[0] - hips[1]) @ square)
    front = leftward >= 0
    return Frame(
        points=points,
        depth=landmarks[:, 2],
        visible=landmarks[:, 3],
        origin=origin,
        down=down,
        across=square if front else -square,
        unit=max(float(np.linalg.norm(shoulders[0] - shoulders[1])), 0.62 * length),
        front=front,
    )


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
        start, end: (2,) of its bone, in pixels.
        widths: half widths in pixels, evenly spaced along the bone.
    """

    start: Floats
    end: Floats
    widths: tuple[float, ...]

    def distance(self, shape: tuple[int, ...]) -> tuple[tuple[slice, slice], Floats, Floats]:
        """Where it may be, the distance from the bone in half widths there, and the side, -1 to 1 across it.

        The side is positive to the right hand of somebody who walks the picture from start to end.
        """
        reach = max(self.widths) + 1
        low = np.floor(np.minimum(self.start, self.end) - reach).astype(int)
        high = np.ceil(np.maximum(self.start, self.end) + reach).astype(int) + 1
        left, right = (int(np.clip(x, 0, shape[1])) for x in (low[0], high[0]))
        top, bottom = (int(np.clip(y, 0, shape[0])) for y in (low[1], high[1]))
        x = np.arange(left, right, dtype=np.float32)[None] - self.start[0]
        y = np.arange(top, bottom, dtype=np.float32)[:, None] - self.start[1]
        bone = self.end - self.start
        squared = max(1e-6, float(bone @ bone))
        along = np.clip((x * bone[0] + y * bone[1]) / squared, 0, 1)
        width = np.interp(along, np.linspace(0, 1, len(self.widths)), self.widths).astype(np.float32)
        away = np.hypot(x - along * bone[0], y - along * bone[1]) / width
        side = (y * bone[0] - x * bone[1]) / np.float32(np.sqrt(squared)) / width
        return (slice(top, bottom), slice(left, right)), away.astype(np.float32), side.astype(np.float32)


_UPPER_ARM, _FOREARM, _HAND = (0.135, 0.14, 0.115), (0.115, 0.125, 0.085), (0.095, 0.145, 0.12)
_THIGH, _CALF, _FOOT = (0.25, 0.25, 0.175), (0.165, 0.185, 0.105), (0.125, 0.125, 0.115)
"""Half widths along the limbs, in body units."""

_THIGH_START = 0.14  # of the way from hip to knee, so that its round top stays below the waist
_HAND_REACH = 1.5  # finger tips of a relaxed hand, in wrist-knuckle distances from the wrist
_LEAST_HAND = 0.26  # from wrist to the hand's end, in body units
_UPPER_ARM_SEAM, _FOREARM_SEAM = -0.2, 0.0  # where inner meets outer, from the bone; negative: towards the outside


def label_body(person: Person) -> Image:
    """Part labels of one person.

    Returns:
        (H, W) uint8 of the mask's size, by `Part`.
    """
    frame = frame_of(person.landmarks)
    shape = (person.mask.shape[0], person.mask.shape[1])
    arms: dict[Side, Image] = {side: arm_labels(frame, side, shape) for side in ("left", "right")}
    behind = [labels for side, labels in arms.items() if is_arm_behind(frame, side)]
    before = [labels for side, labels in arms.items() if not is_arm_behind(frame, side)]
    layers = [*behind, leg_labels(frame, shape), torso_labels(frame, shape), head_labels(frame, shape), *before]
    body = stack(layers, shape)
    silhouette = cv2.GaussianBlur(person.mask, (0, 0), max(0.5, _SMOOTH * frame.unit))
    body[silhouette < _SILHOUETTE] = Part.NONE
    return body


def stack(layers: Sequence[Image], shape: tuple[int, int]) -> Image:
    """Label maps laid over each other, the first at the back."""
    body = np.zeros(shape, np.uint8)
    for layer in layers:
        np.copyto(body, layer, where=layer > 0)
    return body


def is_arm_behind(frame: Frame, side: Side) -> bool:
    """Whether the arm is behind the torso; BlazePose's depth is coarse, so only when it is far behind."""
    _, elbow, wrist, *_ = _arm_marks(side)
    torso = frame.depth[[Mark.L_SHOULDER, Mark.R_SHOULDER, Mark.L_HIP, Mark.R_HIP]].mean()
    return bool(min(frame.depth[elbow], frame.depth[wrist]) > torso + 0.3 * frame.unit)


def _arm_marks(side: Side) -> tuple[Mark, Mark, Mark, Mark, Mark]:
    if side == "left":
        return Mark.L_SHOULDER, Mark.L_ELBOW, Mark.L_WRIST, Mark.L_INDEX, Mark.L_LITTLE
    return Mark.R_SHOULDER, Mark.R_ELBOW, Mark.R_WRIST, Mark.R_INDEX, Mark.R_LITTLE


def arm_labels(frame: Frame, side: Side, shape: tuple[int, int]) -> Image:
    """Upper arm and forearm in inner and outer halves, and the hand; (H, W) uint8."""
    layer = Layer(shape)
    shoulder, elbow, wrist, index, little = _arm_marks(side)
    points, unit, left = frame.points, frame.unit, side == "left"
    # The inner side lies to the right of the left arm's bone as the picture shows a person from the front.
    inward = (1.0 if left else -1.0) * frame.facing
    inner, outer = (
        (Part.L_UPPER_ARM_INNER, Part.L_UPPER_ARM_OUTER) if left else (Part.R_UPPER_ARM_INNER, Part.R_UPPER_ARM_OUTER)
    )
    inner_fore, outer_fore = (
        (Part.L_FOREARM_INNER, Part.L_FOREARM_OUTER) if left else (Part.R_FOREARM_INNER, Part.R_FOREARM_OUTER)
    )
    if frame.visible[[shoulder, elbow]].min() >= _VISIBLE:
        top = points[shoulder] + (points[elbow] - points[shoulder]) * np.float32(0.06)
        window, away, across = Capsule(top, points[elbow], _scaled(_UPPER_ARM, unit)).distance(shape)
        layer.claim(window, away, np.where(across * inward > _UPPER_ARM_SEAM, inner, outer).astype(np.uint8))
    if frame.visible[[elbow, wrist]].min() >= _VISIBLE:
        window, away, across = Capsule(points[elbow], points[wrist], _scaled(_FOREARM, unit)).distance(shape)
        halves = np.where(across * inward > _FOREARM_SEAM, inner_fore, outer_fore).astype(np.uint8)
        layer.claim(window, away, halves)
        knuckles = points[[index, little]].mean(0) - points[wrist]
        length = max(1.0, float(np.linalg.norm(knuckles)))
        reach = max(_HAND_REACH * length, _LEAST_HAND * unit)
        tips = points[wrist] + knuckles / np.float32(length) * np.float32(reach)
        window, away, _ = Capsule(points[wrist], tips, _scaled(_HAND, unit)).distance(shape)
        layer.claim(window, away, Part.L_HAND if left else Part.R_HAND)
    return layer.labels


def leg_labels(frame: Frame, shape: tuple[int, int]) -> Image:
    """Thighs, calves and feet of both legs; (H, W) uint8."""
    layer = Layer(shape)
    nearer = frame.depth[Mark.L_KNEE] - frame.depth[Mark.R_KNEE]
    for side in ("left", "right"):
        left = side == "left"
        marks = (
            (Mark.L_HIP, Mark.L_KNEE, Mark.L_ANKLE, Mark.L_HEEL, Mark.L_TOE)
            if left
            else (Mark.R_HIP, Mark.R_KNEE, Mark.R_ANKLE, Mark.R_HEEL, Mark.R_TOE)
        )
        # A leg crossed far behind the other gives way to it.
        bias = 0.5 if (nearer if left else -nearer) > frame.unit else 0.0
        _leg(layer, frame, marks, _leg_parts(left=left, front=frame.front), bias=bias)
    return layer.labels


def _leg_parts(*, left: bool, front: bool) -> tuple[Part, Part, Part]:
    if left:
        return (
            Part.L_THIGH_FRONT if front else Part.L_THIGH_BACK,
            Part.L_CALF_FRONT if front else Part.L_CALF_BACK,
            Part.L_FOOT,
        )
    return (
        Part.R_THIGH_FRONT if front else Part.R_THIGH_BACK,
        Part.R_CALF_FRONT if front else Part.R_CALF_BACK,
        Part.R_FOOT,
    )


def _leg(
    layer: Layer,
    frame: Frame,
    marks: tuple[Mark, Mark, Mark, Mark, Mark],
    parts: tuple[Part, Part, Part],
    *,
    bias: float,
) -> None:
    hip, knee, ankle, heel, toe = (frame.points[mark] for mark in marks)
    thigh, calf, foot = parts
    unit = frame.unit
    # The thigh's middle lies a little outside the hip joint.
    outward = frame.across * np.float32((0.04 if marks[0] is Mark.L_HIP else -0.04) * unit)
    bones = (
        (hip + outward + (knee - hip) * np.float32(_THIGH_START), knee, _THIGH, thigh),
        (knee, ankle, _CALF, calf),
        (ankle, toe, _FOOT, foot),
        (heel, toe, _FOOT, foot),
    )
    for start, end, widths, part in bones:
        window, away, _ = Capsule(start, end, _scaled(widths, unit)).distance(layer.labels.shape)
        layer.claim(window, away, part, bias)


_OUTLINE: tuple[tuple[str, float, float], ...] = (
    ("neck", 0.19, -0.18), ("shoulder", 0.43, -0.08), ("shoulder", 0.52, 0.02), ("shoulder", 0.5, 0.2),
    ("body", 0.49, 0.4), ("body", 0.48, 0.65), ("hip", 0.52, 0.9), ("hip", 0.53, 1.08), ("hip", 0.27, 1.04),
    ("hip", 0.1, 1.16), ("hip", 0.0, 1.24),
)  # fmt: skip
"""One half of the torso from the neck to the crotch: across in body units of a front view, down in torso lengths."""

_PROFILE = 0.62  # width of a torso seen from the side, in a front view's


def torso_labels(frame: Frame, shape: tuple[int, int]) -> Image:
    """The torso; (H, W) uint8."""
    points = frame.points
    shoulders = abs(float((points[Mark.L_SHOULDER] - points[Mark.R_SHOULDER]) @ frame.across))
    turned = np.float32(max(_PROFILE, min(1.0, shoulders / frame.unit)) * frame.unit)
    slope = (
        (points[Mark.L_SHOULDER] - points[Mark.R_SHOULDER]) @ frame.down / max(1.0, float(frame.down @ frame.down)) / 2
    )

    def place(kind: str, across: float, down: float, sign: float) -> Floats:
        tilt = slope * sign if kind == "shoulder" else 0.0
        offset = frame.across * (turned * np.float32(across * sign)) + frame.down * np.float32(down + tilt)
        return np.asarray(frame.origin + offset, np.float32)

    outline = [place(*row, 1.0) for row in _OUTLINE] + [place(*row, -1.0) for row in reversed(_OUTLINE)]
    filled = _fill(np.array(outline), shape, round_by=0.04 * frame.unit)
    return np.where(filled, np.uint8(Part.TORSO_FRONT if frame.front else Part.TORSO_BACK), np.uint8(0))


_HEAD_WIDTH, _CROWN, _CHIN = 1.35, 1.35, 0.85
"""Half width, height above the eyes and depth below the mouth of a head, in eye-mouth distances."""


def head_labels(frame: Frame, shape: tuple[int, int]) -> Image:
    """Head and neck in right and left halves, split at the nose; (H, W) uint8."""
    points = frame.points
    eyes = points[[Mark.L_EYE, Mark.R_EYE]].mean(0)
    mouth = points[[Mark.L_MOUTH, Mark.R_MOUTH]].mean(0)
    ears = points[[Mark.L_EAR, Mark.R_EAR]].mean(0)
    up = eyes - mouth
    size = float(np.linalg.norm(up))
    # BlazePose's face shrinks when it is turned up, down or away: never smaller than the body allows.
    least = 0.17 * frame.unit
    up = up * np.float32(max(1.0, least / max(size, 1e-6)))
    size = max(size, least)
    top, chin = eyes + up * np.float32(_CROWN), mouth - up * np.float32(_CHIN)
    side = np.array([-up[1], up[0]], np.float32) / np.float32(size)
    # From the side, the skull lies behind the face: towards the ears.
    centre = (top + chin) / 2 + side * (np.float32(0.5) * ((ears - eyes) @ side))
    turn = float(np.degrees(np.arctan2(up[1], up[0])))
    axes = (float(np.linalg.norm(top - chin)) / 2, _HEAD_WIDTH * size)
    head = np.zeros(shape, np.uint8)
    cv2.ellipse(head, (_pair(centre), (2 * axes[0], 2 * axes[1]), turn), 1, -1)

    neck = frame.origin - frame.down * np.float32(0.14)
    width = np.float32(0.19 * frame.unit)
    jaw = side * np.float32(0.95 * size)
    corner = frame.across * width * np.sign(frame.across @ side)
    quad = np.array([centre + jaw, centre - jaw, neck - corner, neck + corner], np.float32)
    filled = (head > 0) | _fill(quad, shape, round_by=0.02 * frame.unit)

    middle = (points[Mark.NOSE] + eyes) / 2 if frame.front else centre
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    # The person's left is the picture's right when the face is seen.
    leftness = ((x - middle[0]) * -side[0] + (y - middle[1]) * -side[1]) * -frame.facing
    halves = np.where(leftness >= 0, np.uint8(Part.L_HEAD), np.uint8(Part.R_HEAD))
    return np.where(filled, halves, np.uint8(0))


def _scaled(widths: tuple[float, ...], unit: float) -> tuple[float, ...]:
    return tuple(width * unit for width in widths)


def _fill(outline: Floats, shape: tuple[int, int], *, round_by: float) -> Bools:
    """The inside of a polygon with its corners rounded."""
    filled = np.zeros(shape, np.uint8)
    cv2.fillPoly(filled, [np.round(outline).astype(np.int32)], 255)
    return np.asarray(cv2.GaussianBlur(filled, (0, 0), max(0.5, round_by)) >= 128)


def _pair(point: Floats) -> tuple[float, float]:
    return float(point[0]), float(point[1])
