"""Pictures: intake of untrusted files, normalisation to 768x1024 and back, PNG in and out.

``read_picture``
    A stranger's JPEG, PNG, WebP or HEIC to an sRGB array; everything else in the file is dropped.
``normalise``, ``Placement``, ``lay_back``
    Fit a photo into 768x1024 without distortion, remember where it lies, and bring a result back onto the photo.
``encode_*``, ``decode_*``
    The PNG forms of artifacts: RGB pictures, CIHP label maps, masks.

Whatever a file does wrong becomes a `Problem` with a sentence that a buyer can be shown.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np
import pi_heif
from numpy.typing import NDArray
from PIL import Image as PILImage
from PIL import ImageCms, UnidentifiedImageError
from pydantic import BaseModel, ConfigDict

from vfkit.contracts import CIHP_PALETTE, HEIGHT, WIDTH, Image
from vfkit.problems import Code, Problem

# --- intake ------------------------------------------------------------------------------------------------------


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
        raise _too_many_pixels(limits) from None
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
    _check_size(photo.size, limits)
    picture: PILImage.Image = photo.to_pillow()
    if profile := photo.info.get("icc_profile"):
        picture.info["icc_profile"] = profile
    return _reduce(picture, limits)


def _read_plain(data: bytes, limits: PictureLimits) -> PILImage.Image:
    with PILImage.open(io.BytesIO(data), formats=_PLAIN_FORMATS) as picture:
        _check_size(picture.size, limits)
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


def _check_size(size: tuple[int, int], limits: PictureLimits) -> None:
    width, height = size
    if width * height > limits.max_pixels:
        raise _too_many_pixels(limits)
    if min(width, height) < limits.min_edge:
        raise Problem(
            Code.IMAGE_TOO_SMALL,
            f"The picture has {width} x {height} pixels; its shorter edge needs at least {limits.min_edge}.",
        )


def _too_many_pixels(limits: PictureLimits) -> Problem:
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


# --- normalisation -------------------------------------------------------------------------------------------------


class PictureKind(StrEnum):
    """What a photo shows; decides how its padding is coloured."""

    PERSON = "person"
    GARMENT = "garment"


class Placement(BaseModel):
    """Where an original photo lies in its 768x1024 normalisation: the photo fills the rectangle exactly.

    Points are pixel centres: (0, 0) is the middle of the first pixel.
    """

    model_config = ConfigDict(frozen=True)

    original_width: int
    original_height: int
    left: int
    top: int
    width: int
    height: int

    @classmethod
    def fit(cls, width: int, height: int) -> Placement:
        """The largest undistorted, centred rectangle for an original of this size."""
        scale = min(WIDTH / width, HEIGHT / height)
        fitted_width = min(WIDTH, max(1, round(width * scale)))
        fitted_height = min(HEIGHT, max(1, round(height * scale)))
        return cls(
            original_width=width,
            original_height=height,
            left=(WIDTH - fitted_width) // 2,
            top=(HEIGHT - fitted_height) // 2,
            width=fitted_width,
            height=fitted_height,
        )

    @property
    def scale(self) -> float:
        """Normalised pixels per original pixel."""
        return max(self.width / self.original_width, self.height / self.original_height)

    def to_original(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """(..., 2) x, y of the normalised picture to x, y of the original."""
        offset, ratio = self._affine()
        return (np.asarray(points, np.float64) + 0.5 - offset) / ratio - 0.5

    def to_normalised(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """(..., 2) x, y of the original to x, y of the normalised picture."""
        offset, ratio = self._affine()
        return (np.asarray(points, np.float64) + 0.5) * ratio + offset - 0.5

    def crop(self, normalised: Image) -> Image:
        """A view of the part of a normalised picture, label map or mask that is the photo, without padding."""
        return normalised[self.top : self.top + self.height, self.left : self.left + self.width]

    def _affine(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        offset = np.array([self.left, self.top], np.float64)
        ratio = np.array([self.width / self.original_width, self.height / self.original_height])
        return offset, ratio


def normalise(picture: Image, kind: PictureKind = PictureKind.PERSON) -> tuple[Image, Placement]:
    """Fit a picture into 768x1024 without distortion; the rest is background.

    Padding continues each edge and fades within a few pixels to its median colour, so that no false outline stands
    at the seam and nothing cut by the frame grows into the padding. A garment's padding has one colour all around,
    as its segmentation floods from the border.

    Args:
        picture: (H, W, 3) uint8 RGB of any size.
        kind: what it shows.

    Returns:
        (1024, 768, 3) uint8 RGB and where the original lies in it.
    """
    height, width = picture.shape[:2]
    placement = Placement.fit(width, height)
    fitted = _resize(picture, placement.width, placement.height)
    return _pad(fitted, placement, one_colour=kind is PictureKind.GARMENT), placement


def _resize(picture: Image, width: int, height: int) -> Image:
    if picture.shape[:2] == (height, width):
        return picture.copy()
    shrinks = width < picture.shape[1]
    resized: Image = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC)
    return resized


_FADE_PIXELS = 12.0
"""Distance in which the padding's edge pixels give way to the background colour (by a factor e)."""


def _pad(fitted: Image, placement: Placement, *, one_colour: bool) -> Image:
    bottom = HEIGHT - placement.top - placement.height
    right = WIDTH - placement.left - placement.width
    before_after = ((placement.top, bottom), (placement.left, right))
    if not any(map(any, before_after)):
        return fitted
    edges = {"top": fitted[0], "bottom": fitted[-1], "left": fitted[:, 0], "right": fitted[:, -1]}
    if one_colour:
        border = np.median(np.concatenate(list(edges.values())), axis=0)
        colours = dict.fromkeys(edges, border)
    else:
        colours = {side: np.median(edge, axis=0) for side, edge in edges.items()}
    padded: Image = np.pad(fitted, (*before_after, (0, 0)), mode="edge")
    _fade(padded[: placement.top][::-1], colours["top"])
    _fade(padded[HEIGHT - bottom :], colours["bottom"])
    _fade(padded[:, : placement.left][:, ::-1].swapaxes(0, 1), colours["left"])
    _fade(padded[:, WIDTH - right :].swapaxes(0, 1), colours["right"])
    return padded


def _fade(band: Image, colour: NDArray[np.float64]) -> None:
    """Blend a padding band (distance from the photo first) towards a colour, in place."""
    keep = np.exp(-(np.arange(len(band), dtype=np.float32) + 1) / _FADE_PIXELS)[:, None, None]
    band[...] = np.rint(band * keep + colour.astype(np.float32) * (1 - keep)).astype(np.uint8)


# --- back onto the original ------------------------------------------------------------------------------------------

_FEATHER_PIXELS = 3.0
"""Width of the soft rim around a change, in normalised pixels; beyond it the original is untouched."""


def changed_mask(person: Image, result: Image, threshold: int = 3) -> Image:
    """Where a result differs from the normalised person.

    Args:
        person: (1024, 768, 3) uint8 RGB.
        result: the same shape.
        threshold: differences up to this many of 255 in every channel are noise.

    Returns:
        (1024, 768) uint8, 255 where changed; holes of a few pixels inside a change are closed, lone pixels dropped.
    """
    mask = (cv2.absdiff(person, result).max(axis=2) > threshold).astype(np.uint8) * 255
    kernel = np.ones((5, 5), np.uint8)
    closed = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, kernel)
    opened: Image = cv2.morphologyEx(closed, cv2.MORPH_OPEN, kernel[:3, :3])
    return opened


def lay_back(original: Image, result: Image, placement: Placement, changed: Image) -> Image:
    """Lay a normalised result onto the original photo, touching only what changed.

    Args:
        original: (H, W, 3) uint8 RGB, what `normalise` was given.
        result: (1024, 768, 3) uint8 RGB.
        placement: what `normalise` returned.
        changed: (1024, 768) uint8, non-zero where the result shall be seen; see `changed_mask`.

    Returns:
        (H, W, 3) uint8 RGB; pixels further than 3 normalised pixels from a change are the original's, bit for bit.
    """
    full = original.copy()
    inside = placement.crop(changed) > 0
    if not inside.any():
        return full
    distance = cv2.distanceTransform((~inside).astype(np.uint8), cv2.DIST_L2, 5)
    alpha = np.clip(1.0 - distance / _FEATHER_PIXELS, 0.0, 1.0).astype(np.float32)
    size = (placement.original_width, placement.original_height)
    alpha = cv2.resize(alpha, size, interpolation=cv2.INTER_LINEAR)
    rows, columns = _span(alpha.any(axis=1)), _span(alpha.any(axis=0))
    pasted = _resize(placement.crop(result), *size)[rows, columns].astype(np.float32)
    weight = alpha[rows, columns, None]
    blended = np.rint(pasted * weight + full[rows, columns] * (1 - weight))
    full[rows, columns] = blended.astype(np.uint8)
    return full


def _span(present: NDArray[np.bool_]) -> slice:
    found = np.flatnonzero(present)
    return slice(int(found[0]), int(found[-1]) + 1)


# --- PNG ------------------------------------------------------------------------------------------------------------

# Level 1 with run-length strategy: of zlib-ng's settings the best of both on photos (a 768x1024 photo: 570 kB in
# about 45 ms; level 6 saves 5% and takes more than twice as long).
_COMPRESS_LEVEL, _COMPRESS_TYPE = 1, 3


def encode_png(picture: Image) -> bytes:
    """(H, W, 3) uint8 RGB or (H, W) uint8 grey to PNG, without metadata."""
    return _png(PILImage.fromarray(np.ascontiguousarray(picture)))


def encode_mask(mask: NDArray[np.bool_] | Image) -> bytes:
    """(H, W) bool or uint8 (non-zero is inside) to an 8-bit grey PNG of 0 and 255."""
    return _png(PILImage.fromarray(np.where(mask, 255, 0).astype(np.uint8)))


def encode_labels(labels: Image, palette: Image = CIHP_PALETTE) -> bytes:
    """(H, W) uint8 label map to an 8-bit palette PNG whose index is the label."""
    picture = PILImage.fromarray(np.ascontiguousarray(labels, np.uint8)).copy()
    picture.putpalette(palette.tobytes())
    return _png(picture, bits=8)


def decode_png(data: bytes, limits: PictureLimits = DEFAULT_LIMITS) -> Image:
    """A PNG artifact to (H, W, 3) uint8 RGB.

    Raises:
        Problem: ``unsupported_image``, ``image_too_large``, ``image_too_small``.
    """
    return np.array(_open_png(data, limits).convert("RGB"), np.uint8)


def decode_mask(data: bytes, limits: PictureLimits = DEFAULT_LIMITS) -> Image:
    """A mask PNG to (H, W) uint8 of 0 and 255 (grey 128 and above is inside).

    Raises:
        Problem: as `decode_png`.
    """
    grey = np.asarray(_open_png(data, limits).convert("L"))
    return np.where(grey >= 128, 255, 0).astype(np.uint8)


def decode_labels(data: bytes, limits: PictureLimits = DEFAULT_LIMITS, classes: int = len(CIHP_PALETTE)) -> Image:
    """A label map PNG (palette or 8-bit grey; the value is the label) to (H, W) uint8.

    Raises:
        Problem: as `decode_png`; ``invalid_request`` when it holds colours, or labels that do not exist.
    """
    picture = _open_png(data, limits)
    if picture.mode not in ("P", "L"):
        raise Problem(Code.INVALID_REQUEST, "The label map must be a palette PNG whose index is the label.")
    labels = np.array(picture, np.uint8)
    if labels.max() >= classes:
        raise Problem(Code.INVALID_REQUEST, f"The label map has label {labels.max()}; the last one is {classes - 1}.")
    return labels


def require_same_size(pictures: Sequence[Image]) -> None:
    """Refuse pictures of unequal height or width.

    Raises:
        Problem: ``invalid_request``.
    """
    sizes = sorted({f"{picture.shape[1]} x {picture.shape[0]}" for picture in pictures})
    if len(sizes) > 1:
        raise Problem(Code.INVALID_REQUEST, f"The pictures must have one size, not {' and '.join(sizes)}.")


def _png(picture: PILImage.Image, **options: int) -> bytes:
    out = io.BytesIO()
    picture.save(out, "PNG", compress_level=_COMPRESS_LEVEL, compress_type=_COMPRESS_TYPE, **options)
    return out.getvalue()


def _open_png(data: bytes, limits: PictureLimits) -> PILImage.Image:
    if len(data) > limits.max_bytes:
        raise Problem(Code.IMAGE_TOO_LARGE, f"The file is larger than {limits.max_bytes / 1e6:.3g} MB.")
    try:
        picture = PILImage.open(io.BytesIO(data), formats=("PNG",))
        _check_size(picture.size, limits)
        picture.load()
    except Problem:
        raise
    except PILImage.DecompressionBombError:
        raise _too_many_pixels(limits) from None
    except Exception as error:  # see read_picture
        raise Problem(Code.UNSUPPORTED_IMAGE, "This is not a complete PNG picture.") from error
    return picture
