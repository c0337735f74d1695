"""Pictures: intake of untrusted files, normalisation to 768x1024 and back, PNG in and out.

``intake``
    `read_picture`: a stranger's JPEG, PNG, WebP or HEIC to an sRGB array; everything else in the file is dropped.
    `read_cutout`: the same with alpha, where it is transparent. `read_photo`: and what there is to know about the file.
``placement``
    `normalise`, `Placement`, `lay_back`: fit a photo into 768x1024 without distortion, remember where it lies, and
    bring a result back onto the photo.
``codecs``
    ``encode_*``, ``decode_*``: the PNG forms of artifacts: RGB pictures, CIHP label maps, masks.
``decoding``
    `Decoders`: the same on files that nobody vouches for, in processes that can do nothing else.
"""

from vfkit.pictures.codecs import (
    decode_labels,
    decode_mask,
    decode_png,
    encode_labels,
    encode_mask,
    encode_png,
    require_same_size,
)
from vfkit.pictures.intake import DEFAULT_LIMITS, PictureLimits, ReadPhoto, read_cutout, read_photo, read_picture
from vfkit.pictures.placement import PictureKind, Placement, changed_mask, lay_back, normalise

__all__ = [
    "DEFAULT_LIMITS",
    "PictureKind",
    "PictureLimits",
    "Placement",
    "ReadPhoto",
    "changed_mask",
    "decode_labels",
    "decode_mask",
    "decode_png",
    "encode_labels",
    "encode_mask",
    "encode_png",
    "lay_back",
    "normalise",
    "read_cutout",
    "read_photo",
    "read_picture",
    "require_same_size",
]
