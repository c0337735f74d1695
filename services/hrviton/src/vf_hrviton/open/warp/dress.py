"""Garment and body to warped layers: the torso by thin-plate spline, each sleeve by a strip along its arm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from vf_anatomy import Doubles, Floats, Mask, PictureSide, Point, TorsoFrame
from vf_hrviton.open.body.labels import ARMS
from vf_hrviton.open.body.limbs import ShownLimb, joined, usual_radius
from vf_hrviton.open.body.prepared import PreparedBody
from vf_hrviton.open.body.shape import ARM_RADIUS, Arm, BodyShape, TorsoMaps
from vf_hrviton.open.garment import Garment, Sleeve
from vf_hrviton.open.paint.fills import box_around, dilated, eroded, push_pull, softened
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
BESIDE_SLEEVE = 24
"""Pixels around a sleeve's edges that are looked at."""
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
    """

    outline: Strip


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


def dress(prepared: PreparedBody, maps: TorsoMaps, cloth: Image, mask: NDArray[np.uint8], garment: Garment) -> Dressed:
    """Lay a garment out on a body.

    Args:
        prepared: the person.
        maps: the torso's coordinates.
        cloth: (H', W', 3) uint8 RGB.
        mask: (H', W') uint8, 0 or 255.
        garment: what the cloth picture shows.
    """
    shape = prepared.shape
    targets = lay_out(garment, mask, shape, prepared.worn_hem_t)
    fabric = without_background(cloth, mask > 0)
    map_x, map_y = inverse_warp(targets.points, targets.sources, prepared.size, SPLINE_SMOOTHING)
    picture = cv2.remap(fabric, map_x, map_y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    torso_mask = soft_torso_mask(garment, mask)
    back_mask = softened(back_of_neck(garment, mask), 1.0)
    torso_alpha = _inside_body_range(cv2.remap(torso_mask, map_x, map_y, cv2.INTER_LINEAR), maps.t, targets.hem_t)
    beside = stands_out(maps, shape.torso.shoulder_width, garment)
    torso = Layer(picture, within(prepared.silhouette > 127, torso_alpha, beside))
    back = Layer(picture, cv2.remap(back_mask, map_x, map_y, cv2.INTER_LINEAR))
    return Dressed(torso, back, sleeve_layers(prepared, garment, targets, fabric, mask), targets, garment)


def sleeve_layers(
    prepared: PreparedBody, garment: Garment, targets: Targets, fabric: Image, mask: NDArray[np.uint8]
) -> dict[PictureSide, SleeveLayer]:
    """Every sleeve on its arm.

    Args:
        prepared: the person.
        garment: what the cloth picture shows.
        targets: where its torso goes.
        fabric: (H', W', 3) uint8 RGB, the cloth carried on beyond its edge.
        mask: (H', W') uint8, 0 or 255.
    """
    shape = prepared.shape
    cuts = softened(eroded(mask > 0, 2), EDGE_BLUR)
    clothed, bare = prepared.clothed_arms, prepared.is_in(*ARMS)
    sleeves = {}
    for side, sleeve in garment.sleeves.items():
        shown = prepared.arms[side]
        outline = _sleeve_outline(sleeve, shape, targets, shown, clothed, side, garment.bares_shoulders)
        arm = _arm_area(shown, bare, shape.unit)
        sleeves[side] = _sleeve(Strip(sleeve.outer, sleeve.inner), outline, fabric, cuts, arm)
    return sleeves


def soft_torso_mask(garment: Garment, mask: NDArray[np.uint8]) -> Floats:
    """(H', W') in [0, 1]: the garment without sleeves, and without its border, which has the backdrop's colour."""
    return softened(eroded(_torso_mask(garment, mask), 2), EDGE_BLUR)


def without_background(cloth: Image, mask: Mask) -> Image:
    """The cloth with its colours carried on beyond its edge, so that no backdrop bleeds in."""
    extended = push_pull(cloth, eroded(mask, 5)).clip(0, 255).astype(np.uint8)
    return np.where(eroded(mask, 4)[..., None], cloth, extended)


def _torso_mask(garment: Garment, mask: NDArray[np.uint8]) -> Mask:
    """The garment without its sleeves; some of their heads stays, to lie under the seam."""
    torso = (mask > 0) & ~back_of_neck(garment, mask)
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


def back_of_neck(garment: Garment, mask: NDArray[np.uint8]) -> Mask:
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


def _inside_body_range(alpha: Floats, t: Floats, hem_t: float) -> Floats:
    """Cut off what a spline extrapolates far from its control points."""
    return np.where((t > -0.6) & (t < hem_t + 0.25), alpha, np.float32(0))


def stands_out(maps: TorsoMaps, shoulder_width: float, garment: Garment) -> Mask:
    """Where cloth must not stand out beyond the body: under a sleeve's head, and at the back of straps."""
    beside = (maps.t < 0.5) & (np.abs(maps.across) > 0.36 * shoulder_width) & bool(garment.sleeves)
    return np.asarray(beside | ((maps.t < 0.05) & garment.straps))


def within(silhouette: Mask, alpha: Floats, where: Mask) -> Floats:
    """Keep a layer within the silhouette in some places."""
    outline = softened(dilated(silhouette, 2), 1.0)
    return np.asarray(np.where(where, alpha * outline, alpha), np.float32)


def _sleeve(source: Strip, outline: Strip, fabric: Image, cuts: Floats, arm: Mask) -> SleeveLayer:
    """A sleeve bent onto its arm.

    Args:
        source: its edges in the cloth picture.
        outline: its edges on the photo.
        fabric: (H', W', 3) uint8 RGB, the cloth carried on beyond its edge.
        cuts: (H', W') in [0, 1], where the cloth is.
        arm: (H, W) the arm, which a sleeve covers.
    """
    size = (arm.shape[0], arm.shape[1])
    box = box_around(np.concatenate([outline.outer, outline.inner]), BESIDE_SLEEVE, size)
    inner_arm = arm[box]
    map_x, map_y = strip_warp(source, outline.moved((-box[1].start, -box[0].start)), inner_arm.shape)
    inside = map_x >= 0
    image = cv2.remap(fabric, map_x, map_y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    alpha = cv2.remap(cuts, map_x, map_y, cv2.INTER_LINEAR) * inside
    alpha = np.clip((cv2.GaussianBlur(alpha.astype(np.float32), (0, 0), 1.0) - 0.2) / 0.6, 0, 1)
    if inside.any():
        image = push_pull(image, inside & (alpha > 0.3)).clip(0, 255).astype(np.uint8)
        alpha = np.maximum(alpha, softened(inside & inner_arm, 1.0) * inside)
    whole, whole_alpha = np.zeros((*size, 3), np.uint8), np.zeros(size, np.float32)
    whole[box], whole_alpha[box] = image, alpha
    return SleeveLayer(whole, whole_alpha, outline)


def _arm_area(shown: ShownLimb, bare: Mask, unit: float) -> Mask:
    """The bare arm, which a sleeve covers: between its flounces, and where its mask has bites, no skin may show.

    Args:
        shown: the arm.
        bare: (H, W) what the parse calls arm.
        unit: the body unit in pixels.
    """
    area = np.zeros(bare.shape, np.uint8)
    outline = np.concatenate([shown.outline.outer, shown.outline.inner[::-1]])
    cv2.fillPoly(area, [np.rint(outline).astype(np.int32)], 1)
    return np.asarray((area > 0) | (bare & dilated(area > 0, round(BESIDE_ARM * unit))))


def _sleeve_outline(
    sleeve: Sleeve, shape: BodyShape, targets: Targets, shown: ShownLimb, clothed: Mask, side: PictureSide, bares: bool
) -> Strip:
    """Both edges of a sleeve on its arm: outside along the silhouette, inside from the armpit down the arm."""
    arm = shape.arms[side]
    shoulder, armpit = targets.shoulder[side], targets.armpit[side]
    count = len(sleeve.outer)
    path = shown.path
    start = path.project(shoulder) if bares else 0.0
    length = _sleeve_length(sleeve, targets, arm, start)
    # The inner edge starts where the armpit is, the outer at the shoulder; both end at the cuff.
    inner_start = float(np.clip(path.project(armpit), 0.0, 0.6 * length))
    outer_at, inner_at = np.linspace(start, length, count), np.linspace(inner_start, length, count)
    outward = side.sign
    reach_out = _arm_reach(arm, shape.unit, shown, clothed, outer_at, outward)
    reach_in = _arm_reach(arm, shape.unit, shown, clothed, inner_at, -outward)
    spare = _spare_cloth(sleeve, targets, reach_out + reach_in)
    outer = path.points(outer_at) + path.normals(outer_at, outward) * (reach_out + OUTER_SHARE * spare)[:, None]
    inner = path.points(inner_at) + path.normals(inner_at, -outward) * (reach_in + (1 - OUTER_SHARE) * spare)[:, None]
    outer = joined(outer, shoulder, 0.25 if bares or length > 0.6 * arm.length else 0.45)
    if _hangs(arm, shape.torso, side):
        inner = _off_the_torso(inner, shape, targets.armpit_t, side)
    inner = _straight_from(armpit, inner, STRAIGHT_SHARE if length > 0.6 * arm.length else 1.0)
    return Strip(_smooth(outer), _smooth(inner))


def _sleeve_length(sleeve: Sleeve, targets: Targets, arm: Arm, start: float) -> float:
    """Where on the arm, from the shoulder, a sleeve ends that begins at ``start``."""
    length = float(np.linalg.norm(np.diff((sleeve.outer + sleeve.inner) / 2, axis=0), axis=1).sum())
    length = start + max(length * targets.scales.along, 0.12 * arm.length)
    if length > LONG_SLEEVE * arm.length:
        return float(np.clip(length, AT_WRIST[0] * arm.length, AT_WRIST[1] * arm.length))
    return length


def _arm_reach(arm: Arm, unit: float, shown: ShownLimb, clothed: Mask, at: Doubles, sign: int) -> Doubles:
    """From the bone to where the sleeve lies: around the arm that the photo shows; elsewhere around a usual one.

    Args:
        arm: its joints.
        unit: the body unit in pixels.
        shown: what the photo shows of it.
        clothed: (H, W) where an arm may be, bare or in its sleeve.
        at: (n,) lengths on its path.
        sign: the edge's side.
    """
    usual = unit * np.interp(at / arm.length, *ARM_RADIUS)
    middle, ratio = (np.interp(at, shown.at, values) for values in (sign * shown.middle, shown.ratio))
    known = np.interp(at, shown.at, shown.known) > 0.5
    first, last = shown.path.sections(clothed, at, ARM_REACH * unit)
    measured = last if sign > 0 else -first
    least, most = ARM_LIMITS[0] * usual + np.minimum(middle, 0), ARM_LIMITS[1] * usual + np.maximum(middle, 0)
    believed = np.clip(np.where(measured > 0, measured, usual + middle), least, most)
    covering = np.where(known, middle + ratio * usual_radius(arm, unit, at), -np.inf)
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


def _off_the_torso(edge: Doubles, shape: BodyShape, armpit_t: float, side: PictureSide) -> Doubles:
    """Keep a hanging sleeve's inner edge from cutting into the torso."""
    torso, sign = shape.torso, side.sign
    out = edge.copy()
    for k, point in enumerate(edge):
        t = float((point - torso.neck) @ torso.axis) / torso.length
        across = float((point - torso.neck) @ torso.across) * sign
        limit = shape.half_width(t, side) - 0.02 * torso.unit
        if armpit_t < t < 1.2 and across < limit:
            out[k] = point + torso.across * sign * (limit - across)
    return out


def _hangs(arm: Arm, torso: TorsoFrame, side: PictureSide) -> bool:
    """The arm is beside the torso, not in front of it."""
    offsets = [float((point - torso.neck) @ torso.across) * side.sign for point in (arm.elbow, arm.wrist)]
    return min(offsets) > 0.45 * torso.shoulder_width


def _smooth(edge: Doubles) -> Doubles:
    ends = edge[[0, -1]].copy()
    smooth = np.asarray(gaussian_filter1d(edge, 0.8, axis=0, mode="nearest"))
    smooth[[0, -1]] = ends
    return smooth
