"""Intake of untrusted files: a stranger's JPEG, PNG, WebP or HEIC to an sRGB array; all else in the file is dropped.

Whatever a file does wrong becomes a `Problem` with a sentence that a buyer can be shown.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
import pi_heif
from PIL import Image as PILImage
from PIL import ImageCms, UnidentifiedImageError

from vfkit.contracts import Image
from vfkit.problems import Code, Problem


@dataclass(frozen=True)
class PictureLimits:
    """What a picture may be.

    ``max_bytes`` and ``max_pixels`` refuse; a picture above ``keep_pixels`` is taken but reduced (a result on more
    than 16 megapixels helps nobody, and decoding costs memory in proportion); ``min_edge`` is the shorter edge.
    """

    max_bytes: int = 25_000_000
    max_pixels: int = 50_000_000
    keep_pixels: int = 16_000_000
    min_edge: int = 128


DEFAULT_LIMITS = PictureLimits()

_PLAIN_FORMATS = ("JPEG", "PNG", "WEBP")
# Several-picture JPEGs (MPO) are what phones write for depth and gain maps: their first picture is the photo.
_STILL_THOUGH_MANY = "MPO"
# ISO base media brands of HEIF stills coded in HEVC (ISO/IEC 23008-12, annex B); "hevc"/"hevx" are sequences.
_HEIF_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"mif1"})

_EXIF_ORIENTATION = 0x0112
_UPRIGHT: dict[int, PILImage.Transpose] = {
    2: PILImage.Transpose.FLIP_LEFT_RIGHT,
    3: PILImage.Transpose.ROTATE_180,
    4: PILImage.Transpose.FLIP_TOP_BOTTOM,
    5: PILImage.Transpose.TRANSPOSE,
    6: PILImage.Transpose.ROTATE_270,
    7: PILImage.Transpose.TRANSVERSE,
    8: PILImage.Transpose.ROTATE_90,
}
"""What undoes each value of the EXIF orientation tag (EXIF 2.32, section 4.6.4)."""

_NOT_A_PICTURE = "This file is not a picture we can read. Please upload a JPEG, PNG, WebP or HEIC photo."
_DAMAGED = "This picture is damaged or incomplete. Please upload it again or choose another one."


def read_picture(data: bytes, limits: PictureLimits = DEFAULT_LIMITS) -> Image:
    """Turn an untrusted file into an upright sRGB picture; metadata is gone afterwards.

    The file's content decides, never its name. Declared dimensions are checked before anything is decoded.

    Args:
        data: the whole file: JPEG, PNG, WebP or HEIC.
        limits: what is accepted.

    Returns:
        (H, W, 3) uint8 RGB in sRGB, transparent parts on white, at most ``limits.keep_pixels`` pixels.

    Raises:
        Problem: ``unsupported_image`` (not a picture, animated, damaged), ``image_too_large``, ``image_too_small``.
    """
    if not data:
        raise Problem(Code.UNSUPPORTED_IMAGE, "The file is empty. Please upload a JPEG, PNG, WebP or HEIC photo.")
    if len(data) > limits.max_bytes:
        raise Problem(
            Code.IMAGE_TOO_LARGE, f"The file is larger than {limits.max_bytes / 1e6:.3g} MB. Please use a smaller one."
        )
    try:
        picture = _read_heif(data, limits) if _is_heif(data) else _read_plain(data, limits)
        return _to_srgb(picture)
    except Problem:
        raise
    except PILImage.DecompressionBombError:
        raise too_many_pixels(limits) from None
    except UnidentifiedImageError:
        raise Problem(Code.UNSUPPORTED_IMAGE, _NOT_A_PICTURE) from None
    except Exception as error:
        # Parsers fed with hostile bytes raise nearly anything (struct.error, ValueError, SyntaxError, ...).
        raise Problem(Code.UNSUPPORTED_IMAGE, _DAMAGED) from error


def _is_heif(data: bytes) -> bool:
    return data[4:8] == b"ftyp" and data[8:12] in _HEIF_BRANDS


def _read_heif(data: bytes, limits: PictureLimits) -> PILImage.Image:
    """The primary picture of a HEIF file; libheif has already applied its rotation."""
    container = pi_heif.open_heif(io.BytesIO(data))
    photo = container[container.primary_index]
    check_size(photo.size, limits)
    picture: PILImage.Image = photo.to_pillow()
    if profile := photo.info.get("icc_profile"):
        picture.info["icc_profile"] = profile
    return _reduce(picture, limits)


def _read_plain(data: bytes, limits: PictureLimits) -> PILImage.Image:
    with PILImage.open(io.BytesIO(data), formats=_PLAIN_FORMATS) as picture:
        check_size(picture.size, limits)
        if getattr(picture, "is_animated", False) and picture.format != _STILL_THOUGH_MANY:
            raise Problem(Code.UNSUPPORTED_IMAGE, "Moving pictures cannot be used. Please upload a still photo.")
        orientation = _orientation(picture)
        profile = picture.info.get("icc_profile")
        picture.draft(None, _reduced_size(picture.size, limits))  # JPEG: decode fewer pixels at once
        picture.load()
        reduced = _reduce(picture, limits)
        upright = reduced.transpose(_UPRIGHT[orientation]) if orientation in _UPRIGHT else reduced.copy()
    if profile:
        upright.info["icc_profile"] = profile
    return upright


def _orientation(picture: PILImage.Image) -> int | None:
    try:
        value = picture.getexif().get(_EXIF_ORIENTATION)
    except Exception:  # a damaged EXIF block must not cost the photo
        return None
    return value if isinstance(value, int) else None


def check_size(size: tuple[int, int], limits: PictureLimits) -> None:
    """Refuse declared dimensions. Raises `Problem` (``image_too_large``, ``image_too_small``)."""
    width, height = size
    if width * height > limits.max_pixels:
        raise too_many_pixels(limits)
    if min(width, height) < limits.min_edge:
        raise Problem(
            Code.IMAGE_TOO_SMALL,
            f"The picture has {width} x {height} pixels; its shorter edge needs at least {limits.min_edge}.",
        )


def too_many_pixels(limits: PictureLimits) -> Problem:
    """What is said of a picture with more pixels than are taken."""
    return Problem(
        Code.IMAGE_TOO_LARGE,
        f"The picture has more than {limits.max_pixels / 1e6:.3g} megapixels. Please use a smaller one.",
    )


def _reduced_size(size: tuple[int, int], limits: PictureLimits) -> tuple[int, int]:
    scale = min(1.0, (limits.keep_pixels / (size[0] * size[1])) ** 0.5)
    return max(1, int(size[0] * scale)), max(1, int(size[1] * scale))


def _reduce(picture: PILImage.Image, limits: PictureLimits) -> PILImage.Image:
    if picture.width * picture.height <= limits.keep_pixels:
        return picture
    if picture.mode in ("1", "P", "PA"):  # indices cannot be averaged
        picture = picture.convert("RGBA")
    return picture.resize(_reduced_size(picture.size, limits), PILImage.Resampling.BOX)


def _to_srgb(picture: PILImage.Image) -> Image:
    """Any mode that a decoder gives to (H, W, 3) uint8 sRGB; alpha lies on white."""
    profile = picture.info.get("icc_profile")
    if picture.mode.startswith(("I", "F")):
        picture = _eight_bits(picture)
    alpha: PILImage.Image | None = None
    if picture.has_transparency_data:
        with_alpha = picture.convert("LA" if picture.mode in ("L", "LA", "La") else "RGBA")
        alpha = with_alpha.getchannel("A")
        picture = with_alpha.convert("L" if with_alpha.mode == "LA" else "RGB")
    elif picture.mode not in ("RGB", "L", "CMYK"):
        picture = picture.convert("RGB")
    picture = _apply_profile(picture, profile)
    if alpha is not None:
        white = PILImage.new("RGB", picture.size, "white")
        white.paste(picture, mask=alpha)
        picture = white
    return np.array(picture, np.uint8)


def _eight_bits(picture: PILImage.Image) -> PILImage.Image:
    """16-bit grey to 8-bit grey; Pillow's own conversion clips instead of scaling."""
    values = np.asarray(picture).astype(np.int64)
    return PILImage.fromarray(np.clip(values // 257, 0, 255).astype(np.uint8))


def _apply_profile(picture: PILImage.Image, profile: bytes | None) -> PILImage.Image:
    """Colours from the embedded ICC profile to sRGB; a profile that cannot be used is passed over."""
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            if "sRGB" not in ImageCms.getProfileDescription(source):
                target = ImageCms.createProfile("sRGB")
                converted = ImageCms.profileToProfile(picture, source, target, outputMode="RGB")
                if converted is not None:
                    return converted
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            pass
    return picture.convert("RGB")
