"""Parse agnostic and human agnostic, as HR-VITON draws them.

HR-VITON (Lee et al., ECCV 2022) hides the worn garment in two pictures before synthesis: the label map loses the
garment, the neck and the arms' upper part; the photo gets a grey body drawn over torso and arms, and what is not
to be changed (hands, face, lower body) pasted back. Shapes and sizes below are facts of the published programs
(`get_parse_agnostic.py` and the data set of `test_generator.py`), needed exactly because the published networks
were trained on them. All drawing is Pillow's, with unrounded coordinates, so that every pixel agrees.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage
from PIL import ImageDraw

from vfkit.contracts import WIDTH, Image, Joint, Label

Point = NDArray[np.float64]
"""(2,) float64: x, y in pixels."""

GREY = 128
UPPER_CLOTHES = (Label.UPPER_CLOTHES, Label.DRESS, Label.COAT)
KEPT_IN_PHOTO = (
    Label.SUNGLASSES,
    Label.FACE,
    Label.PANTS,
    Label.SKIRT,
    Label.LEFT_LEG,
    Label.RIGHT_LEG,
    Label.LEFT_SHOE,
    Label.RIGHT_SHOE,
)
"""Labels pasted back over the grey body. Hair and hat are not among them."""

TORSO_PER_SHOULDERS = 1.6
"""Torso length over shoulder width of a standing adult: where to put hips that were not found."""


@dataclass(frozen=True)
class Arm:
    """One arm of a person: its CIHP label, the shoulder opposite, and shoulder, elbow, wrist."""

    label: Label
    opposite: Joint
    chain: tuple[Joint, Joint, Joint]


ARMS = (
    Arm(Label.LEFT_ARM, Joint.R_SHOULDER, (Joint.L_SHOULDER, Joint.L_ELBOW, Joint.L_WRIST)),
    Arm(Label.RIGHT_ARM, Joint.L_SHOULDER, (Joint.R_SHOULDER, Joint.R_ELBOW, Joint.R_WRIST)),
)


def parse_agnostic(parse: Image, joints: NDArray[np.float64]) -> Image:
    """Remove the garment, the neck and the upper part of the arms from a label map.

    Args:
        parse: (H, W) uint8 CIHP labels.
        joints: (25, 2) float64 in pixels, (0, 0) where missing.

    Returns:
        (H, W) uint8 labels.
    """
    unit = 10 * parse.shape[1] / WIDTH
    out = parse.copy()
    for arm in ARMS:
        out[(parse == arm.label) & _arm_region(parse, joints, arm, unit)] = Label.BACKGROUND
    out[np.isin(parse, (*UPPER_CLOTHES, Label.TORSO_SKIN))] = Label.BACKGROUND
    return out


def human_agnostic(image: Image, parse: Image, joints: NDArray[np.float64]) -> Image:
    """Paint torso, neck and arms grey, then paste back hands, face and lower body.

    Missing shoulders, neck or one hip are drawn where the published program draws them, at the picture's corner.
    It divides by zero when both hips are missing or at one place; here the hips are then put below the
    shoulders, and where the shoulders are missing too only the garment's own labels are painted.

    Args:
        image: (H, W, 3) uint8 RGB.
        parse: (H, W) uint8 CIHP labels.
        joints: (25, 2) float64 in pixels, (0, 0) where missing; not changed.

    Returns:
        (H, W, 3) uint8 RGB; painted pixels are exactly (128, 128, 128).
    """
    body = _with_hips_as_wide_as_shoulders(joints)
    if body is None:
        return _paint(image, np.isin(parse, UPPER_CLOTHES))
    unit = int(_distance(body[Joint.L_SHOULDER], body[Joint.R_SHOULDER]) / 16) + 1
    canvas = PillowImage.new("1", (image.shape[1], image.shape[0]))
    draw = ImageDraw.Draw(canvas)
    _draw_torso(draw, body, unit)
    _draw_neck(draw, body, unit)
    _draw_arms(draw, body, unit)
    grey = np.array(canvas, bool)
    for arm in ARMS:
        grey &= ~((parse == arm.label) & ~_sleeve_region(image, body, arm, unit))
    grey &= ~np.isin(parse, KEPT_IN_PHOTO)
    return _paint(image, grey)


def _paint(image: Image, grey: NDArray[np.bool_]) -> Image:
    out = image.copy()
    out[grey] = GREY
    return out


def _arm_region(parse: Image, joints: NDArray[np.float64], arm: Arm, unit: float) -> NDArray[np.bool_]:
    """Where the parse agnostic clears an arm: thick lines with large discs, a small one at the wrist."""
    canvas = PillowImage.new("1", (parse.shape[1], parse.shape[0]))
    draw = ImageDraw.Draw(canvas)
    previous = joints[arm.opposite]
    for joint in arm.chain:
        here = joints[joint]
        if _missing(previous) or _missing(here):
            continue
        _line(draw, previous, here, round(10 * unit))
        _ellipse(draw, here, *((4 * unit,) * 2 if joint == arm.chain[-1] else (15 * unit,) * 2))
        previous = here
    return np.array(canvas, bool)


def _sleeve_region(image: Image, body: NDArray[np.float64], arm: Arm, unit: int) -> NDArray[np.bool_]:
    """The part of an arm that stays grey; beyond it (the hand) the photo is pasted back."""
    canvas = PillowImage.new("1", (image.shape[1], image.shape[0]))
    draw = ImageDraw.Draw(canvas)
    last = body[arm.chain[0]]
    _ellipse(draw, last, 5 * unit, 6 * unit)
    for joint in arm.chain[1:]:
        before, here = body[joint - 1], body[joint]
        if _missing(before) or _missing(here):
            continue
        _line(draw, before, here, 10 * unit)
        if joint != arm.chain[-1]:
            _ellipse(draw, here, 5 * unit, 5 * unit)
        last = here
    _ellipse(draw, last, 4 * unit, 4 * unit)
    return np.array(canvas, bool)


def _with_hips_as_wide_as_shoulders(joints: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """A copy of the joints with the hips moved apart to the shoulders' distance; None when neither pair is known."""
    body = joints.astype(np.float64, copy=True)
    width = _distance(body[Joint.L_SHOULDER], body[Joint.R_SHOULDER])
    hips = _distance(body[Joint.L_HIP], body[Joint.R_HIP])
    if hips == 0.0:
        if width == 0.0:
            return None
        down = np.array([0.0, TORSO_PER_SHOULDERS * width])
        body[Joint.R_HIP] = body[Joint.R_SHOULDER] + down
        body[Joint.L_HIP] = body[Joint.L_SHOULDER] + down
        return body
    middle = (body[Joint.R_HIP] + body[Joint.L_HIP]) / 2
    for hip in (Joint.R_HIP, Joint.L_HIP):
        body[hip] = middle + (body[hip] - middle) / hips * width
    return body


def _draw_torso(draw: ImageDraw.ImageDraw, body: NDArray[np.float64], unit: int) -> None:
    right_shoulder, left_shoulder = body[Joint.R_SHOULDER], body[Joint.L_SHOULDER]
    right_hip, left_hip = body[Joint.R_HIP], body[Joint.L_HIP]
    for hip in (right_hip, left_hip):
        _ellipse(draw, hip, 3 * unit, 6 * unit)
    _line(draw, right_shoulder, right_hip, 6 * unit)
    _line(draw, left_shoulder, left_hip, 6 * unit)
    _line(draw, right_hip, left_hip, 12 * unit)
    corners = (right_shoulder, left_shoulder, left_hip, right_hip)
    draw.polygon([(float(x), float(y)) for x, y in corners], fill=1, outline=1)


def _draw_neck(draw: ImageDraw.ImageDraw, body: NDArray[np.float64], unit: int) -> None:
    x, y = body[Joint.NECK]
    draw.rectangle((x - 5 * unit, y - 9 * unit, x + 5 * unit, y), fill=1, outline=1)


def _draw_arms(draw: ImageDraw.ImageDraw, body: NDArray[np.float64], unit: int) -> None:
    _line(draw, body[Joint.R_SHOULDER], body[Joint.L_SHOULDER], 12 * unit)
    for shoulder in (Joint.R_SHOULDER, Joint.L_SHOULDER):
        _ellipse(draw, body[shoulder], 5 * unit, 6 * unit)
    for joint in (Joint.R_ELBOW, Joint.R_WRIST, Joint.L_ELBOW, Joint.L_WRIST):
        before, here = body[joint - 1], body[joint]
        if _missing(before) or _missing(here):
            continue
        _line(draw, before, here, 10 * unit)
        _ellipse(draw, here, 5 * unit, 5 * unit)


def _missing(point: Point) -> bool:
    return bool(point[0] == 0.0 and point[1] == 0.0)


def _distance(a: Point, b: Point) -> float:
    return float(np.linalg.norm(a - b))


def _line(draw: ImageDraw.ImageDraw, a: Point, b: Point, width: int) -> None:
    draw.line([(float(a[0]), float(a[1])), (float(b[0]), float(b[1]))], fill=1, width=width)


def _ellipse(draw: ImageDraw.ImageDraw, centre: Point, rx: float, ry: float) -> None:
    x, y = float(centre[0]), float(centre[1])
    draw.ellipse((x - rx, y - ry, x + rx, y + ry), fill=1, outline=1)
