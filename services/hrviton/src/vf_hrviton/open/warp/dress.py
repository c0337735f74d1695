"""Garment and body to warped layers: the torso by thin-plate spline, each sleeve by a strip along its arm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from vf_anatomy import Doubles, Floats, Mask, PictureSide, Point, pixel_grid
from vf_hrviton.open.body.body import ARM_RADIUS, ARMS, UPPER, Arm, Body
from vf_hrviton.open.body.limbs import ShownArm, bare_outline, joined, shown_arm, usual_radius
from vf_hrviton.open.garment import Garment, Sleeve
from vf_hrviton.open.paint.fills import dilated, eroded, push_pull, softened
from vf_hrviton.open.warp.strips import Strip, strip_warp
from vf_hrviton.open.warp.targets import Targets, lay_out
from vf_hrviton.open.warp.thin_plate import inverse_warp
from vfkit.contracts import Image

SPLINE_SMOOTHING = 0.5
EDGE_BLUR = 1.2
NECKLINE_SMOOTHING = 0.012
"""Blur of the front neckline, in chest widths."""
SURE_NECKLINE = 0.8
"""Confidence from which a front neckline is taken as it was found."""
OPEN_NECK = 0.12
"""Depth of the outline between the neck points, in neck widths, of a garment that shows no back."""
CREW_DEPTH, CREW_SHAPE = 0.36, 2.2
"""Depth in neck widths, and exponent of the curve, of the usual round neck, where the real one was not seen."""
LONG_SLEEVE = 0.78
"""Share of the arm from which a sleeve is a long one and ends at the wrist."""
AT_WRIST = (0.96, 1.03)
ARM_LIMITS = (0.85, 1.12)
"""Believed radii of an arm below its sleeve, over the usual one."""
ARM_REACH = 0.24
"""Units from the bone within which a clothed arm's outline is sought."""
BESIDE_ARM = 0.06
"""Units beside the measured arm in which what the parse calls arm is this arm."""
CLOSE_FIT = 1.04
"""A sleeve lies at least this much wider than the arm."""
OUTER_SHARE = 0.2
"""Share of a wide sleeve's spare cloth that stands out from the arm; the rest hangs below it."""
MOST_SPARE = 0.9
"""Spare cloth that is shown, in arm radii."""
STRAIGHT_SHARE = 0.25
"""Share of a long sleeve's inner edge that runs straight from the armpit."""
BESIDE_HEM = 0.06
"""Chest widths beside the hem's corner from which what hangs as low as the hem is a cuff."""
SEAM_OVERLAP = 0.12
"""How far the torso's cloth reaches under the sleeve's head, in chest widths."""


@dataclass(frozen=True)
class Layer:
    """A warped part of the garment.

    Attributes:
        image: (H, W, 3) uint8.
        alpha: (H, W) float32 in [0, 1].
    """

    image: Image
    alpha: Floats


@dataclass(frozen=True)
class SleeveLayer(Layer):
    """A warped sleeve.

    Attributes:
        outline: where it lies on the photo.
        arm_share: its length over the arm's.
    """

    outline: Strip
    arm_share: float


@dataclass(frozen=True)
class Dressed:
    """The garment laid out on one body.

    Attributes:
        torso: the garment without sleeves and without the inside of its back.
        back: the inside of the back, seen beside the neck.
        sleeves: by picture side.
        targets: where everything went.
        garment: what it was.
    """

    torso: Layer
    back: Layer
    sleeves: Mapping[PictureSide, SleeveLayer]
    targets: Targets
    garment: Garment

    def alpha(self) -> Floats:
        """(H, W) float32: the whole garment."""
        alpha = self.torso.alpha
        for sleeve in self.sleeves.values():
            alpha = np.maximum(alpha, sleeve.alpha)
        return alpha


def dress(body: Body, cloth: Image, mask: NDArray[np.uint8], garment: Garment) -> Dressed:
    """Lay a garment out on a body.

    Args:
        body: the person.
        cloth: (H', W', 3) uint8 RGB.
        mask: (H', W') uint8, 0 or 255.
        garment: what the cloth picture shows.
    """
    targets = lay_out(garment, mask, body)
    fabric = _without_background(cloth, mask > 0)
    map_x, map_y = inverse_warp(targets.points, targets.sources, body.size, SPLINE_SMOOTHING)
    picture = cv2.remap(fabric, map_x, map_y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    torso_mask = softened(eroded(_torso_mask(garment, mask), 2), EDGE_BLUR)
    back_mask = softened(_back_of_neck(garment, mask), 1.0)
    torso_alpha = _inside_body_range(cv2.remap(torso_mask, map_x, map_y, cv2.INTER_LINEAR), body, targets)
    torso = Layer(picture, _within_shoulders(torso_alpha, body, garment))
    back = Layer(picture, cv2.remap(back_mask, map_x, map_y, cv2.INTER_LINEAR))
    cuts = softened(eroded(mask > 0, 2), EDGE_BLUR)
    sleeves = {
        side: _sleeve(sleeve, body, targets, fabric, cuts, side, garment.bares_shoulders)
        for side, sleeve in garment.sleeves.items()
    }
    return Dressed(torso, back, sleeves, targets, garment)


def _without_background(cloth: Image, mask: Mask) -> Image:
    """The cloth with its colours carried on beyond its edge, so that no backdrop bleeds in."""
    extended = push_pull(cloth, eroded(mask, 5)).clip(0, 255).astype(np.uint8)
    return np.where(eroded(mask, 4)[..., None], cloth, extended)


def _torso_mask(garment: Garment, mask: NDArray[np.uint8]) -> Mask:
    """The garment without its sleeves; some of their heads stays, to lie under the seam."""
    torso = (mask > 0) & ~_back_of_neck(garment, mask)
    height, width = mask.shape
    x, y = np.arange(width)[None], np.arange(height)[:, None]
    hem = min(garment.hem.left[1], garment.hem.right[1])
    for side, sleeve in garment.sleeves.items():
        shoulder, armpit, edge, sign = garment.shoulder[side], garment.armpit[side], garment.torso[side], side.sign
        seam = armpit - shoulder
        beyond = sign * ((x - shoulder[0]) * seam[1] - (y - shoulder[1]) * seam[0]) / max(np.linalg.norm(seam), 1.0)
        depth = np.clip((y - shoulder[1]) / max(armpit[1] - shoulder[1], 1.0), 0, 1)
        overlap = 4 + SEAM_OVERLAP * garment.chest_width * np.clip(1 - depth / 0.75, 0, 1)
        torso &= ~((beyond > overlap) & (y <= armpit[1] + 2))
        torso &= ~(dilated(sleeve.mask, 4) & (beyond > overlap))
        out = (x - edge[:, None]) * sign
        beside = np.where(y < hem - 5, out > 1, out > BESIDE_HEM * garment.chest_width)
        torso &= ~(beside & (y > armpit[1]))
    return torso


def _back_of_neck(garment: Garment, mask: NDArray[np.uint8]) -> Mask:
    """What lies above the front neckline, with an even, symmetric edge: however it was found, a neckline is that."""
    none = np.zeros(mask.shape, bool)
    if garment.off_shoulder or garment.straps or garment.collar_height > 0:
        return garment.inner_back
    left, right = garment.neck.values()
    first, last = int(np.ceil(left[0])), int(right[0])
    width = right[0] - left[0]
    if last - first < 8:
        return none
    xs = np.arange(first, last + 1)
    line = np.interp(xs, (left[0], right[0]), (left[1], right[1]))
    depth = _neckline_depth(garment, mask, xs, line)
    if not depth.any():
        return none
    out = none.copy()
    ys = np.arange(mask.shape[0])[:, None]
    out[:, first : last + 1] = (ys < line + depth) & (ys > line - 0.3 * width)
    return out & (mask > 0)


def _neckline_depth(garment: Garment, mask: NDArray[np.uint8], xs: NDArray[np.int64], line: Doubles) -> Doubles:
    """Depth of the front neckline below the line between the neck points, column by column."""
    width = float(xs[-1] - xs[0])
    rows = np.arange(mask.shape[0])[:, None]
    lowest = np.where(garment.inner_back[:, xs], rows, -1).max(0)
    top = np.argmax(mask[:, xs] > 0, 0)
    found = np.where(lowest >= 0, lowest + 1, top) - line
    even = np.maximum((found + found[::-1]) / 2, 0)
    even = gaussian_filter1d(even, NECKLINE_SMOOTHING * garment.chest_width, mode="nearest")
    middle = float(even[len(even) // 2])
    contour = float(top[len(top) // 2] - line[len(line) // 2])
    if garment.inner_back.any() and garment.inner_back_confidence >= SURE_NECKLINE:
        return np.asarray(even)
    if contour > OPEN_NECK * width:  # the picture itself shows the neckline; nothing of the back is in it
        return np.zeros(len(xs))
    curve = 1 - np.abs(np.linspace(-1, 1, len(xs))) ** CREW_SHAPE
    return np.asarray(max(middle, CREW_DEPTH * width) * curve)


def _inside_body_range(alpha: Floats, body: Body, targets: Targets) -> Floats:
    """Cut off what a spline extrapolates far from its control points."""
    t, _ = body.torso.coordinates(pixel_grid(body.size))
    return np.where((t > -0.6) & (t < targets.hem_t + 0.25), alpha, np.float32(0))


def _within_shoulders(alpha: Floats, body: Body, garment: Garment) -> Floats:
    """Keep the cloth under a sleeve's head, and the back of straps, from standing out beyond the body."""
    t, across = body.torso.coordinates(pixel_grid(body.size))
    beside = (t < 0.5) & (np.abs(across) > 0.36 * body.torso.shoulder_width) & bool(garment.sleeves)
    beside |= (t < 0.05) & garment.straps
    outline = softened(dilated(body.alpha > 0.5, 2), 1.0)
    return np.asarray(np.where(beside, alpha * outline, alpha), np.float32)


def _sleeve(
    sleeve: Sleeve, body: Body, targets: Targets, fabric: Image, cuts: Floats, side: PictureSide, bares: bool
) -> SleeveLayer:
    shown = shown_arm(body, side)
    outline, share = _sleeve_outline(sleeve, body, targets, shown, side, bares)
    map_x, map_y = strip_warp(Strip(sleeve.outer, sleeve.inner), outline, body.size)
    inside = map_x >= 0
    image = cv2.remap(fabric, map_x, map_y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    alpha = cv2.remap(cuts, map_x, map_y, cv2.INTER_LINEAR) * inside
    alpha = np.clip((cv2.GaussianBlur(alpha.astype(np.float32), (0, 0), 1.0) - 0.2) / 0.6, 0, 1)
    if inside.any():
        image = push_pull(image, inside & (alpha > 0.3)).clip(0, 255).astype(np.uint8)
        alpha = np.maximum(alpha, softened(inside & _arm_area(body, side, shown), 1.0) * inside)
    return SleeveLayer(image, alpha.astype(np.float32), outline, share)


def _arm_area(body: Body, side: PictureSide, shown: ShownArm) -> Mask:
    """The bare arm, which a sleeve covers: between its flounces, and where its mask has bites, no skin may show."""
    outline = bare_outline(body, side, shown)
    area = np.zeros(body.size, np.uint8)
    cv2.fillPoly(area, [np.rint(np.concatenate([outline.outer, outline.inner[::-1]])).astype(np.int32)], 1)
    return np.asarray((area > 0) | (body.is_in(*ARMS) & dilated(area > 0, round(BESIDE_ARM * body.unit))))


def _sleeve_outline(
    sleeve: Sleeve, body: Body, targets: Targets, shown: ShownArm, side: PictureSide, bares: bool
) -> tuple[Strip, float]:
    """Both edges of a sleeve on its arm: outside along the silhouette, inside from the armpit down the arm."""
    arm = body.arms[side]
    shoulder, armpit = targets.shoulder[side], targets.armpit[side]
    count = len(sleeve.outer)
    path = shown.path
    start = path.project(shoulder) if bares else 0.0
    length = _sleeve_length(sleeve, targets, arm, start)
    # The inner edge starts where the armpit is, the outer at the shoulder; both end at the cuff.
    inner_start = float(np.clip(path.project(armpit), 0.0, 0.6 * length))
    outer_at, inner_at = np.linspace(start, length, count), np.linspace(inner_start, length, count)
    outward = side.sign
    reach_out = _arm_reach(body, side, shown, outer_at, outward)
    reach_in = _arm_reach(body, side, shown, inner_at, -outward)
    spare = _spare_cloth(sleeve, targets, reach_out + reach_in)
    outer = path.points(outer_at) + path.normals(outer_at, outward) * (reach_out + OUTER_SHARE * spare)[:, None]
    inner = path.points(inner_at) + path.normals(inner_at, -outward) * (reach_in + (1 - OUTER_SHARE) * spare)[:, None]
    outer = joined(outer, shoulder, 0.25 if bares or length > 0.6 * arm.length else 0.45)
    inner = _off_the_torso(inner, body, targets, side)
    inner = _straight_from(armpit, inner, STRAIGHT_SHARE if length > 0.6 * arm.length else 1.0)
    return Strip(_smooth(outer), _smooth(inner)), length / arm.length


def _sleeve_length(sleeve: Sleeve, targets: Targets, arm: Arm, start: float) -> float:
    """Where on the arm, from the shoulder, a sleeve ends that begins at ``start``."""
    length = float(np.linalg.norm(np.diff((sleeve.outer + sleeve.inner) / 2, axis=0), axis=1).sum())
    length = start + max(length * targets.scales.along, 0.12 * arm.length)
    if length > LONG_SLEEVE * arm.length:
        return float(np.clip(length, AT_WRIST[0] * arm.length, AT_WRIST[1] * arm.length))
    return length


def _arm_reach(body: Body, side: PictureSide, shown: ShownArm, at: Doubles, sign: int) -> Doubles:
    """From the bone to where the sleeve lies: around the arm that the photo shows; elsewhere around a usual one.

    Args:
        body: the person.
        side: the sleeve's.
        shown: the arm.
        at: (n,) lengths on its path.
        sign: the edge's side.
    """
    usual = body.unit * np.interp(at / body.arms[side].length, *ARM_RADIUS)
    middle, ratio = (np.interp(at, shown.at, values) for values in (sign * shown.middle, shown.ratio))
    known = np.interp(at, shown.at, shown.known) > 0.5
    first, last = shown.path.sections(body.is_in(*UPPER, *ARMS) & (body.alpha > 0.5), at, ARM_REACH * body.unit)
    measured = last if sign > 0 else -first
    least, most = ARM_LIMITS[0] * usual + np.minimum(middle, 0), ARM_LIMITS[1] * usual + np.maximum(middle, 0)
    believed = np.clip(np.where(measured > 0, measured, usual + middle), least, most)
    covering = np.where(known, middle + ratio * usual_radius(body, side, at), -np.inf)
    reach = np.maximum(believed, covering)
    return np.asarray(gaussian_filter1d(reach, 1.0, mode="nearest") + (CLOSE_FIT - 1) * usual + 1.5)


def _spare_cloth(sleeve: Sleeve, targets: Targets, arm_width: Doubles) -> Doubles:
    """How much wider than the arm the sleeve is, station by station; 0 at its seam, where the torso holds it."""
    own = np.linalg.norm(sleeve.outer - sleeve.inner, axis=1) * targets.scales.across
    spare = np.clip(own - arm_width, 0, MOST_SPARE * arm_width / 2)
    ramp = np.linspace(0, 1, len(spare))
    return np.asarray(gaussian_filter1d(spare * ramp, 1.5, mode="nearest"))


def _straight_from(start: Point, edge: Doubles, share: float) -> Doubles:
    """Let an edge run straight from its seam over a share of its length: it must not fold at the armpit."""
    last = max(1, round(share * (len(edge) - 1)))
    out = edge.copy()
    out[: last + 1] = start + (edge[last] - start) * np.linspace(0, 1, last + 1)[:, None]
    return out


def _off_the_torso(edge: Doubles, body: Body, targets: Targets, side: PictureSide) -> Doubles:
    """Keep a hanging sleeve's inner edge from cutting into the torso."""
    sign = side.sign
    out = edge.copy()
    for k, point in enumerate(edge):
        t = float((point - body.torso.neck) @ body.torso.axis) / body.torso.length
        across = float((point - body.torso.neck) @ body.torso.across) * sign
        limit = body.half_width(t, side) - 0.02 * body.unit
        if targets.armpit_t < t < 1.2 and across < limit and _hangs(body, side):
            out[k] = point + body.torso.across * sign * (limit - across)
    return out


def _hangs(body: Body, side: PictureSide) -> bool:
    """The arm is beside the torso, not in front of it."""
    arm = body.arms[side]
    offsets = [float((point - body.torso.neck) @ body.torso.across) * side.sign for point in (arm.elbow, arm.wrist)]
    return min(offsets) > 0.45 * body.torso.shoulder_width


def _smooth(edge: Doubles) -> Doubles:
    ends = edge[[0, -1]].copy()
    smooth = np.asarray(gaussian_filter1d(edge, 0.8, axis=0, mode="nearest"))
    smooth[[0, -1]] = ends
    return smooth
