"""A `PreparedBody` as one file, so that it can be kept and passed back.

The file is a NumPy archive without pickled objects. Pictures are PNG, shares and masks are deflated bytes, numbers are
as they are, so that the body comes back bit by bit.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Mapping
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from vf_anatomy import PersonSide, PictureSide, Sided, TorsoFrame
from vf_hrviton.open.body.limbs import LimbPath, ShownLimb
from vf_hrviton.open.body.prepared import PreparedBody
from vf_hrviton.open.body.shape import Arm, BodyShape
from vf_hrviton.open.body.window import Window
from vf_hrviton.open.warp.strips import Strip
from vfkit.contracts import Clothes, Image, Label

FORMAT = 1
"""Changes with the fields of a prepared body."""
LARGEST = 64_000_000
"""Bytes of all arrays together, unpacked: a file that says more is none of ours."""

PICTURES = ("undressed", "skin")
MASKS = ("worn", "skirt")
SHARES = ("labels", "silhouette", "chest", "bare_arms", "hidden_arms", "shown_arms", "front", "folds")
Arrays = dict[str, NDArray[Any]]


def pack(body: PreparedBody, made_by: str, made_of: str) -> bytes:
    """The file.

    Args:
        body: the person.
        made_by: the engine's version.
        made_of: digest of photo, parse and pose.
    """
    arrays: Arrays = {
        "about": np.array([str(FORMAT), made_by, made_of, body.off.value]),
        "window": np.array([body.window.left, body.window.top, body.window.right, body.window.bottom]),
        "waist": _number(body.waist),
        "worn_hem_t": _number(body.worn_hem_t),
    }
    arrays |= {name: _png(getattr(body, name)) for name in PICTURES}
    arrays |= {name: np.packbits(getattr(body, name)) for name in MASKS}
    arrays |= {name: getattr(body, name) for name in SHARES}
    arrays |= _of_shape(body.shape)
    for limb, shown in (("arms", body.arms), ("legs", body.legs)):
        for side in PictureSide:
            arrays |= {f"{limb}.{side.value}.{name}": array for name, array in _of_limb(shown[side]).items()}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive:
        for name, array in arrays.items():
            content = io.BytesIO()
            np.lib.format.write_array(content, np.ascontiguousarray(array), allow_pickle=False)
            # A fixed date keeps the same body the same bytes.
            member = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            member.compress_type = zipfile.ZIP_STORED if name in PICTURES else zipfile.ZIP_DEFLATED
            archive.writestr(member, content.getvalue())
    return buffer.getvalue()


def unpack(content: bytes, made_by: str, made_of: str, off: Clothes) -> PreparedBody | None:
    """The body in a file; None when it is damaged, or made by another version, of another photo, for other clothes.

    Args:
        content: the file.
        made_by: the engine's version.
        made_of: digest of photo, parse and pose.
        off: what is to be taken off.
    """
    try:
        arrays = _arrays(content)
        if arrays["about"].tolist() != [str(FORMAT), made_by, made_of, off.value]:
            return None
        return _body(arrays, off)
    except (ValueError, KeyError, TypeError, IndexError, EOFError, OSError, zipfile.BadZipFile, zlib.error, cv2.error):
        return None


def _arrays(content: bytes) -> Arrays:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if sum(member.file_size for member in archive.infolist()) > LARGEST:
            raise ValueError("the file unfolds to too much")
        return {
            member.filename.removesuffix(".npy"): np.lib.format.read_array(
                io.BytesIO(archive.read(member)), allow_pickle=False
            )
            for member in archive.infolist()
        }


def _body(arrays: Mapping[str, NDArray[Any]], off: Clothes) -> PreparedBody:
    shares: dict[str, Image] = {name: arrays[name] for name in SHARES}
    height, width = shares["labels"].shape
    left, top, right, bottom = (int(value) for value in arrays["window"])
    pictures: dict[str, Image] = {name: _picture(arrays[name]) for name in PICTURES}
    masks = {
        name: np.unpackbits(arrays[name], count=height * width).reshape(height, width).astype(bool) for name in MASKS
    }
    sizes = {array.shape[:2] for array in (*shares.values(), *pictures.values())}
    if sizes != {(height, width)} or (bottom - top, right - left) != (height, width):
        raise ValueError("the arrays differ in size")
    return PreparedBody(
        off=off,
        window=Window(left, top, right, bottom),
        shape=_shape(arrays),
        arms=Sided.of(PictureSide, lambda side: _limb(arrays, f"arms.{side.value}.")),
        legs=Sided.of(PictureSide, lambda side: _limb(arrays, f"legs.{side.value}.")),
        waist=_optional(arrays["waist"]),
        worn_hem_t=_optional(arrays["worn_hem_t"]),
        worn=masks["worn"],
        skirt=masks["skirt"],
        **shares,
        **pictures,
    )


def _of_shape(shape: BodyShape) -> Arrays:
    torso = shape.torso
    arrays: Arrays = {
        "torso": np.array([*torso.neck, *torso.hips, *torso.across, torso.shoulder_width]),
        "shoulder_line": shape.shoulder_line,
        "joints": shape.joints,
        "sides": np.array([side.value for side in shape.sides.values()]),
    }
    for side in PictureSide:
        arm = shape.arms[side]
        arrays |= {
            f"arm.{side.value}": np.array([arm.shoulder, arm.elbow, arm.wrist, arm.hand]),
            f"seen.{side.value}": np.array([arm.label, arm.elbow_seen, arm.wrist_seen]),
            f"profile.{side.value}": shape.profile[side],
            f"shoulder_rise.{side.value}": shape.shoulder_rise[side],
            f"shoulder_tip.{side.value}": shape.shoulder_tip[side],
        }
    return arrays


def _shape(arrays: Mapping[str, NDArray[Any]]) -> BodyShape:
    torso = arrays["torso"]

    def sided(name: str) -> Sided[PictureSide, NDArray[Any]]:
        return Sided.of(PictureSide, lambda side: arrays[f"{name}.{side.value}"])

    def arm(side: PictureSide) -> Arm:
        shoulder, elbow, wrist, hand = arrays[f"arm.{side.value}"]
        label, elbow_seen, wrist_seen = (int(value) for value in arrays[f"seen.{side.value}"])
        return Arm(shoulder, elbow, wrist, hand, Label(label), bool(elbow_seen), bool(wrist_seen))

    left, right = (PersonSide(str(side)) for side in arrays["sides"])
    return BodyShape(
        torso=TorsoFrame(torso[0:2], torso[2:4], torso[4:6], float(torso[6])),
        shoulder_line=arrays["shoulder_line"],
        sides=Sided(left, right),
        arms=Sided.of(PictureSide, arm),
        profile=sided("profile"),
        shoulder_rise=sided("shoulder_rise"),
        shoulder_tip=sided("shoulder_tip"),
        joints=arrays["joints"],
    )


def _of_limb(limb: ShownLimb) -> Arrays:
    return {
        "line": np.concatenate([limb.path.at[:, None], limb.path.line, limb.path.tangent], 1),
        "stations": np.stack([limb.at, limb.shows, limb.known, limb.middle, limb.ratio], 1),
        "outline": np.stack([limb.outline.outer, limb.outline.inner]),
    }


def _limb(arrays: Mapping[str, NDArray[Any]], prefix: str) -> ShownLimb:
    line, stations, outline = (arrays[prefix + name] for name in ("line", "stations", "outline"))
    return ShownLimb(
        path=LimbPath(*(np.ascontiguousarray(part) for part in (line[:, 0], line[:, 1:3], line[:, 3:5]))),
        at=stations[:, 0].copy(),
        shows=stations[:, 1] > 0,
        known=stations[:, 2] > 0,
        middle=stations[:, 3].copy(),
        ratio=stations[:, 4].copy(),
        outline=Strip(outline[0], outline[1]),
    )


def _number(value: float | None) -> NDArray[np.float64]:
    """A number as an array of one, None as an empty one."""
    return np.array([] if value is None else [value], np.float64)


def _optional(array: NDArray[np.float64]) -> float | None:
    return float(array[0]) if len(array) else None


def _png(picture: Image) -> NDArray[np.uint8]:
    _, content = cv2.imencode(".png", picture[..., ::-1], [cv2.IMWRITE_PNG_COMPRESSION, 3])
    return np.asarray(content, np.uint8)


def _picture(content: NDArray[np.uint8]) -> Image:
    picture = cv2.imdecode(content, cv2.IMREAD_COLOR)
    if picture is None:
        raise ValueError("a picture is damaged")
    return np.ascontiguousarray(picture[..., ::-1])
