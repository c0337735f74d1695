"""The PNG forms of artifacts: RGB pictures, CIHP label maps, masks."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PILImage

from vfkit.contracts import CIHP_PALETTE, Image
from vfkit.pictures.intake import DEFAULT_LIMITS, PictureLimits, check_size, rgb_of, too_many_pixels
from vfkit.problems import Code, Problem

# Level 1 with run-length strategy: of zlib-ng's settings the best of both on photos (a 768x1024 photo: 570 kB in
# about 45 ms; level 6 saves 5% and takes more than twice as long).
_COMPRESS_LEVEL, _COMPRESS_TYPE = 1, 3


def encode_png(picture: Image) -> bytes:
    """(H, W, 3) uint8 RGB, (H, W, 4) uint8 RGB and alpha, or (H, W) uint8 grey to PNG, without metadata."""
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
    """A PNG artifact to (H, W, 3) uint8 RGB; alpha is left out.

    Raises:
        Problem: ``unsupported_image``, ``image_too_large``, ``image_too_small``.
    """
    return rgb_of(_open_png(data, limits))


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
        check_size(picture.size, limits)
        picture.load()
    except (Problem, MemoryError):
        raise
    except PILImage.DecompressionBombError:
        raise too_many_pixels(limits) from None
    except Exception as error:  # see read_picture
        raise Problem(Code.UNSUPPORTED_IMAGE, "This is not a complete PNG picture.") from error
    return picture
