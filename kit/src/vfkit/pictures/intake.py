"""Intake of untrusted files: a stranger's JPEG, PNG, WebP or HEIC to an sRGB array; all else in the file is dropped.

A transparent picture lies on white here. Its alpha is kept beside the colours for those who ask for it.

Whatever a file does wrong becomes a `Problem` with a sentence that a buyer can be shown.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import cv2
import numpy as np
import pi_heif
from PIL import Image as PILImage
from PIL import ImageChops, ImageCms, UnidentifiedImageError

from vfkit.contracts import Image
from vfkit.engines import AnswerWarning
from vfkit.pictures import heif
from vfkit.pictures.jpeg import END, end_of_picture, shows_all
from vfkit.problems import Code, Problem


@dataclass(frozen=True)
class PictureLimits:
    """What a picture may be.

    ``max_bytes`` and ``max_pixels`` refuse. A picture up to ``whole_pixels`` is kept at its own size; a larger one is
    reduced to ``keep_pixels``, as decoding and encoding cost memory in proportion. ``min_edge`` is the shorter edge.
    """

    max_bytes: int = 25_000_000
    max_pixels: int = 50_000_000
    whole_pixels: int = 25_000_000
    keep_pixels: int = 16_000_000
    min_edge: int = 128


DEFAULT_LIMITS = PictureLimits()


@dataclass(frozen=True)
class ReadPhoto:
    """A stranger's picture.

    Attributes:
        pixels: (H, W, 3) uint8 RGB in sRGB, transparent parts on white; or (H, W, 4) uint8, the same colours and
            alpha, where alpha was asked for and the picture is not opaque all over.
        width: of the picture in the file, upright, in pixels.
        height: the same.
        warnings: ``end_missing``.
    """

    pixels: Image
    width: int
    height: int
    warnings: tuple[AnswerWarning, ...] = ()

    @property
    def is_reduced(self) -> bool:
        """Whether there were more pixels than are kept."""
        return self.pixels.shape[:2] != (self.height, self.width)


_PLAIN_FORMATS = ("JPEG", "PNG", "WEBP")
# ISO base media brands of HEIF stills coded in HEVC (ISO/IEC 23008-12, annex B); "hevc"/"hevx" are sequences.
_HEIF_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"mif1"})

_JPEG_START = b"\xff\xd8\xff"

_EXIF_ORIENTATION = 0x0112
_ACROSS = frozenset({5, 6, 7, 8})
"""Orientations of a picture whose rows stand upright when it does."""
_LYING: dict[int, Callable[[Image], Image]] = {
    2: lambda upright: upright[:, ::-1],
    3: lambda upright: upright[::-1, ::-1],
    4: lambda upright: upright[::-1],
    5: lambda upright: upright.swapaxes(0, 1),
    6: lambda upright: upright[:, ::-1].swapaxes(0, 1),
    7: lambda upright: upright[::-1, ::-1].swapaxes(0, 1),
    8: lambda upright: upright[::-1].swapaxes(0, 1),
}
"""An upright picture seen as the camera stored it, by the EXIF orientation tag (EXIF 2.32, section 4.6.4)."""

_BAND_PIXELS = 2_000_000
"""Pixels that are converted at a time: what conversions need beside the picture stays small."""
_PLENTY = 0.5
"""A JPEG is decoded at a half, quarter or eighth of its size if that leaves this share of the pixels to be kept."""

_NOT_A_PICTURE = "This file is not a picture we can read. Please upload a JPEG, PNG, WebP or HEIC photo."
_DAMAGED = "This picture is damaged or incomplete. Please upload it again or choose another one."
_END_MISSING = AnswerWarning(
    code="end_missing",
    detail="The end of the file is missing. The picture is whole, but upload it again if you can.",
)


def read_picture(data: bytes, limits: PictureLimits = DEFAULT_LIMITS) -> Image:
    """Turn an untrusted file into an upright sRGB picture; metadata is gone afterwards.

    Returns:
        (H, W, 3) uint8 RGB in sRGB, transparent parts on white; above ``limits.whole_pixels`` pixels it is reduced.

    Raises:
        Problem, MemoryError: as `read_photo`.
    """
    return read_photo(data, limits).pixels


def read_cutout(data: bytes, limits: PictureLimits = DEFAULT_LIMITS) -> Image:
    """As `read_picture`, but that a picture with transparent parts keeps its alpha.

    Returns:
        (H, W, 3) uint8 RGB, or (H, W, 4) uint8: the same on white, and alpha.

    Raises:
        Problem, MemoryError: as `read_photo`.
    """
    return read_photo(data, limits, with_alpha=True).pixels


def read_photo(data: bytes, limits: PictureLimits = DEFAULT_LIMITS, *, with_alpha: bool = False) -> ReadPhoto:
    """Read an untrusted file, and what there is to know about it.

    The file's content decides, never its name. Declared dimensions are checked before anything is decoded.

    Args:
        data: the whole file: JPEG, PNG, WebP or HEIC.
        limits: what is accepted.
        with_alpha: whether a picture with transparent parts keeps its alpha.

    Raises:
        Problem: ``unsupported_image`` (not a picture, animated, damaged), ``image_too_large``, ``image_too_small``.
        MemoryError: there is not enough for this picture.
    """
    if not data:
        raise Problem(Code.UNSUPPORTED_IMAGE, "The file is empty. Please upload a JPEG, PNG, WebP or HEIC photo.")
    if len(data) > limits.max_bytes:
        raise Problem(
            Code.IMAGE_TOO_LARGE, f"The file is larger than {limits.max_bytes / 1e6:.3g} MB. Please use a smaller one."
        )
    try:
        if _is_heif(data):
            return _read_heif(data, limits, with_alpha)
        return _read_jpeg(data, limits) if data.startswith(_JPEG_START) else _read_plain(data, limits, with_alpha)
    except (Problem, MemoryError):
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


def _read_heif(data: bytes, limits: PictureLimits, with_alpha: bool) -> ReadPhoto:
    """The primary picture of a HEIF file; libheif has already applied its rotation."""
    container = pi_heif.open_heif(io.BytesIO(data))
    photo = container[container.primary_index]
    check_size(photo.size, limits)
    if heif.is_damaged(data):
        raise Problem(Code.UNSUPPORTED_IMAGE, _DAMAGED)
    source = _Pixels(np.asarray(photo)) if photo.mode in ("RGB", "RGBA") else _Decoded(photo.to_pillow())
    return _to_srgb(source, limits, photo.info.get("icc_profile"), with_alpha=with_alpha)


def _read_jpeg(data: bytes, limits: PictureLimits) -> ReadPhoto:
    end = end_of_picture(data)
    if end is None or data.startswith(END, end):
        return _decode_jpeg(data, limits)
    # Sizes are checked before anything is decoded.
    with PILImage.open(io.BytesIO(data), formats=_PLAIN_FORMATS) as picture:
        check_size(picture.size, limits)
    if not shows_all(data[:end]):
        raise Problem(Code.UNSUPPORTED_IMAGE, _DAMAGED)
    return replace(_decode_jpeg(data[:end] + END, limits), warnings=(_END_MISSING,))


def _decode_jpeg(data: bytes, limits: PictureLimits) -> ReadPhoto:
    with PILImage.open(io.BytesIO(data), formats=_PLAIN_FORMATS) as picture:
        check_size(picture.size, limits)
        size, orientation, profile = picture.size, _orientation(picture), picture.info.get("icc_profile")
        scale = _jpeg_scale(size, limits)
        picture.draft(None, (size[0] // scale, size[1] // scale))
        picture.load()
        # Adobe's marker says that inks are stored inverted, as Pillow takes them; without it they are not.
        source = _Decoded(picture, inverted=picture.mode == "CMYK" and "adobe" not in picture.info)
        width, height = _upright(size, orientation)
        return replace(_to_srgb(source, limits, profile, orientation), width=width, height=height)


def _read_plain(data: bytes, limits: PictureLimits, with_alpha: bool) -> ReadPhoto:
    with PILImage.open(io.BytesIO(data), formats=_PLAIN_FORMATS) as picture:
        check_size(picture.size, limits)
        if getattr(picture, "is_animated", False):
            raise Problem(Code.UNSUPPORTED_IMAGE, "Moving pictures cannot be used. Please upload a still photo.")
        size, orientation, profile = picture.size, _orientation(picture), picture.info.get("icc_profile")
        if picture.format != "WEBP":
            picture.load()
            return _to_srgb(_Decoded(picture), limits, profile, orientation, with_alpha=with_alpha)
    del picture  # and with it Pillow's decoder, which is made for moving pictures and takes twice the memory
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if pixels is None or pixels.shape[:2] != size[::-1]:
        raise Problem(Code.UNSUPPORTED_IMAGE, _DAMAGED)
    return _to_srgb(_Pixels(pixels, blue_first=True), limits, profile, orientation, with_alpha=with_alpha)


def _jpeg_scale(size: tuple[int, int], limits: PictureLimits) -> int:
    """How many times smaller a JPEG is decoded: 1, 2, 4 or 8."""
    if size[0] * size[1] <= limits.whole_pixels:
        return 1
    enough = limits.keep_pixels * _PLENTY
    return next(scale for scale in (8, 4, 2, 1) if scale == 1 or size[0] * size[1] / scale**2 >= enough)


def memory_needed(data: bytes) -> int:
    """Bytes that reading this file takes at most, whatever of this package reads it, and encoding it again.

    Only the header is looked at; a file that will be refused needs nothing. The numbers hold for `DEFAULT_LIMITS`;
    bench/decoding.py measures them.
    """
    try:
        if _is_heif(data):
            container = pi_heif.open_heif(io.BytesIO(data))
            photo = container[container.primary_index]
            size, each, has_alpha = photo.size, _HEIF_BYTES, photo.mode == "RGBA"
        else:
            with PILImage.open(io.BytesIO(data), formats=_PLAIN_FORMATS) as picture:
                size, each, has_alpha = picture.size, _bytes_of_each_pixel(picture), picture.has_transparency_data
        check_size(size, replace(DEFAULT_LIMITS, min_edge=1))
    except Exception:  # see read_picture
        return 0
    pixels = size[0] * size[1]
    kept = pixels if pixels <= DEFAULT_LIMITS.whole_pixels else DEFAULT_LIMITS.keep_pixels
    more = _ALPHA_BYTES if has_alpha else 0.0
    return int(max(each * pixels + (3 + more) * kept, (_ENCODING_BYTES + more) * kept))


_HEIF_BYTES = 7.0
"""Of each pixel: planes of 4:2:0 twice in libde265 and libheif, and RGB."""
_WEBP_BYTES = {"RGB": 7.2, "RGBA": 8.2}
"""OpenCV's canvas and result, and libwebp's own pixels of a lossless one."""
_PNG_BYTES, _REDUCED_PNG_BYTES = 7.0, 5.0
"""Pillow's four, and three of a result that is not reduced; one that is reduced comes by bands."""
_ENCODING_BYTES = 11.0
"""Of a kept pixel: itself, Pillow's copy of it, and a PNG that could not be compressed."""


_ALPHA_BYTES = 2.0
"""More of each pixel that is kept, when it has alpha: itself, and in a PNG that could not be compressed."""


def _bytes_of_each_pixel(picture: PILImage.Image) -> float:
    if picture.format == "WEBP":
        return _WEBP_BYTES[picture.mode]
    if picture.format == "PNG":
        is_whole = picture.width * picture.height <= DEFAULT_LIMITS.whole_pixels
        return _PNG_BYTES if is_whole else _REDUCED_PNG_BYTES
    decoded = (1 if picture.mode == "L" else 4) / _jpeg_scale(picture.size, DEFAULT_LIMITS) ** 2
    if not picture.info.get("progressive"):
        return decoded
    # Coefficients of two bytes, kept until the last scan has come.
    samplings = [across * down for _, across, down, _ in picture.layer]  # type: ignore[attr-defined]
    return float(decoded + 2 * sum(samplings) / max(samplings))


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


def reduced_size(size: tuple[int, int], limits: PictureLimits) -> tuple[int, int]:
    """What of a picture is kept: all of it, or its shape in ``limits.keep_pixels`` if it has too many pixels."""
    if size[0] * size[1] <= limits.whole_pixels:
        return size
    scale = min(1.0, (limits.keep_pixels / (size[0] * size[1])) ** 0.5)
    return max(1, int(size[0] * scale)), max(1, int(size[1] * scale))


class _Decoded:
    """A picture that Pillow decoded, by bands of rows.

    Args:
        picture: decoded.
        inverted: whether all of its values are to be turned around.
    """

    def __init__(self, picture: PILImage.Image, *, inverted: bool = False) -> None:
        self._picture = picture
        self._inverted = inverted
        self.size = picture.size

    def rows(self, first: int, end: int) -> PILImage.Image:
        """Some of its rows."""
        whole = (first, end) == (0, self._picture.height)
        band = self._picture if whole else self._picture.crop((0, first, self._picture.width, end))
        return ImageChops.invert(band) if self._inverted else band


class _Pixels:
    """A decoded picture as (H, W, 3) or (H, W, 4) uint8, or (H, W) grey, by bands of rows."""

    def __init__(self, pixels: Image, *, blue_first: bool = False) -> None:
        self._pixels = pixels
        self._order = {3: cv2.COLOR_BGR2RGB, 4: cv2.COLOR_BGRA2RGBA} if blue_first else {}
        self.size = (pixels.shape[1], pixels.shape[0])

    def rows(self, first: int, end: int) -> PILImage.Image:
        """Some of its rows."""
        band = self._pixels[first:end]
        if band.ndim == 3 and band.shape[2] in self._order:
            band = cv2.cvtColor(band, self._order[band.shape[2]])
        return PILImage.fromarray(np.ascontiguousarray(band))


def _to_srgb(
    source: _Decoded | _Pixels,
    limits: PictureLimits,
    profile: bytes | None,
    orientation: int | None = None,
    *,
    with_alpha: bool = False,
) -> ReadPhoto:
    """Any mode that a decoder gives to sRGB on white, reduced and upright, with alpha if that is wanted and there."""
    width, height = reduced_size(source.size, limits)
    depth = 4 if with_alpha and _is_transparent(source) else 3
    across = orientation in _ACROSS
    upright = np.empty((width, height, depth) if across else (height, width, depth), np.uint8)
    lying = _LYING[orientation](upright) if orientation in _LYING else upright
    colours = _Colours(profile)
    ratio = source.size[1] / height
    for first, end in _bands(source.size, height):
        top, bottom = first * ratio, end * ratio
        # One row more on either side, as the filter rounds the rows of its window.
        begin, stop = max(0, math.floor(top) - 1), min(source.size[1], math.ceil(bottom) + 1)
        whole = ratio == 1 and width == source.size[0]
        rows = source.rows(first, end) if whole else source.rows(begin, stop)
        box = None if whole else (0.0, top - begin, float(source.size[0]), bottom - begin)
        lying[first:end, :, :3] = _fitted(colours.convert(rows), (width, end - first), box)
        if depth == 4 and (alpha := _alpha_of(rows)) is not None:
            lying[first:end, :, 3] = _fitted(alpha, (width, end - first), box)
    return ReadPhoto(upright, *_upright(source.size, orientation))


def _fitted(band: PILImage.Image, size: tuple[int, int], box: tuple[float, float, float, float] | None) -> Image:
    """Some rows at another size; None: as they are."""
    return np.asarray(band if box is None else band.resize(size, PILImage.Resampling.BOX, box=box))


def _upright(size: tuple[int, int], orientation: int | None) -> tuple[int, int]:
    """Width and height of a picture that lies in its file, when it stands."""
    return (size[1], size[0]) if orientation in _ACROSS else size


def _is_transparent(source: _Decoded | _Pixels) -> bool:
    """Whether a picture is not opaque all over."""
    for first, end in _bands(source.size, source.size[1]):
        alpha = _alpha_of(source.rows(first, end))
        if alpha is not None and alpha.getextrema() != (255, 255):
            return True
    return False


def _alpha_of(picture: PILImage.Image) -> PILImage.Image | None:
    """The alpha of a picture, or of some of its rows; None: it has none."""
    if not picture.has_transparency_data:
        return None
    return picture.convert("LA" if picture.mode in ("L", "LA", "La") else "RGBA").getchannel("A")


def _bands(size: tuple[int, int], height: int) -> Iterator[tuple[int, int]]:
    """Rows of a result of some height whose source has few pixels."""
    bands = math.ceil(size[0] * size[1] / _BAND_PIXELS)
    step = math.ceil(height / bands)
    for first in range(0, height, step):
        yield first, min(height, first + step)


class _Colours:
    """From what a decoder gives to sRGB.

    Args:
        profile: the embedded ICC profile; one that cannot be used is passed over.
    """

    def __init__(self, profile: bytes | None) -> None:
        self._profile = profile
        self._transforms: dict[str, ImageCms.ImageCmsTransform | None] = {}

    def convert(self, picture: PILImage.Image) -> PILImage.Image:
        """A picture, or some of its rows, to RGB; alpha lies on white."""
        if picture.mode.startswith(("I", "F")):
            picture = _eight_bits(picture)
        alpha: PILImage.Image | None = None
        if picture.has_transparency_data:
            with_alpha = picture.convert("LA" if picture.mode in ("L", "LA", "La") else "RGBA")
            alpha = with_alpha.getchannel("A")
            if alpha.getextrema() == (255, 255):
                alpha = None
            picture = with_alpha.convert("L" if with_alpha.mode == "LA" else "RGB")
        elif picture.mode not in ("RGB", "L", "CMYK"):
            picture = picture.convert("RGB")
        picture = self._apply(picture)
        if alpha is not None:
            white = PILImage.new("RGB", picture.size, "white")
            white.paste(picture, mask=alpha)
            picture = white
        return picture

    def _apply(self, picture: PILImage.Image) -> PILImage.Image:
        if picture.mode not in self._transforms:
            self._transforms[picture.mode] = self._transform(picture.mode)
        if transform := self._transforms[picture.mode]:
            converted = ImageCms.applyTransform(picture, transform)
            if converted is not None:
                return converted
        return picture.convert("RGB")

    def _transform(self, mode: str) -> ImageCms.ImageCmsTransform | None:
        if not self._profile:
            return None
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(self._profile))
            if "sRGB" in ImageCms.getProfileDescription(source):
                return None
            return ImageCms.buildTransform(source, ImageCms.createProfile("sRGB"), mode, "RGB")
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            return None


def _eight_bits(picture: PILImage.Image) -> PILImage.Image:
    """16-bit grey to 8-bit grey; Pillow's own conversion clips instead of scaling."""
    values = np.asarray(picture).astype(np.int64)
    return PILImage.fromarray(np.clip(values // 257, 0, 255).astype(np.uint8))


def rgb_of(picture: PILImage.Image) -> Image:
    """A decoded picture as (H, W, 3) uint8 RGB, its alpha left out, without a second copy of it in between."""
    rgb = np.empty((picture.height, picture.width, 3), np.uint8)
    source = _Decoded(picture)
    for first, end in _bands(picture.size, picture.height):
        rgb[first:end] = np.asarray(source.rows(first, end).convert("RGB"))
    return rgb
