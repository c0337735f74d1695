"""Whether a JPEG file is whole. Decoders fill what is missing with grey and say nothing of it."""

from __future__ import annotations

import io
import re

from PIL import Image as PILImage

END = b"\xff\xd9"
"""The marker that ends a JPEG (EOI; ITU-T T.81, B.1.1.3)."""

_START_OF_SCAN = 0xDA
_BARE_MARKERS = frozenset({0x01, *range(0xD0, 0xD9)})
"""TEM, RST0 to RST7 and SOI: no length and no content follow them."""
_SEGMENTS = frozenset({0xC4, 0xCC, 0xDA, 0xDB, 0xDC, 0xDD, 0xFE, *range(0xE0, 0xF0)})
"""What may come between two scans: tables, restart interval, number of lines, the next scan, comments, data of
applications."""
_MARKER = re.compile(rb"\xff+([^\x00\xd0-\xd7\xff])")
"""In compressed data: 0xFF is followed by zero, or by a restart, or begins a marker that ends the data."""
_NOISE = bytes(range(1, 255)) * 4


def end_of_picture(data: bytes) -> int | None:
    """Where a JPEG's picture ends: at its end marker, at what cannot stand where it stands, or with the file.

    None: there is something strange before the picture; decoders search on from there.
    """
    place, in_scans = 2, False
    while place + 4 <= len(data):
        if data[place] != 0xFF:
            return place if in_scans else None
        marker = data[place + 1]
        if marker == 0xFF or (marker in _BARE_MARKERS and not in_scans):
            place += 1 if marker == 0xFF else 2
            continue
        if in_scans and marker not in _SEGMENTS:
            return place
        end = place + 2 + int.from_bytes(data[place + 2 : place + 4], "big")
        if marker != _START_OF_SCAN:
            place = end
            continue
        in_scans = True
        found = _MARKER.search(data, end)
        if found is None:
            return len(data)
        place = found.start(1) - 1
    return place if data[place : place + 2] == END else len(data)


def shows_all(data: bytes) -> bool:
    """Whether a JPEG without an end marker has all of its picture.

    It is decoded twice, each time with something else behind it. Where both differ the picture is missing. Blocks of
    8 x 8 pixels are decoded to one pixel, which is where missing data shows.

    Raises:
        OSError: it cannot be decoded at all.
    """
    data = data.rstrip(b"\xff")  # half a marker, which the noise would complete
    return _small(data + END) == _small(data + _NOISE + END)


def _small(data: bytes) -> bytes:
    with PILImage.open(io.BytesIO(data), formats=("JPEG",)) as picture:
        picture.draft(None, (picture.width // 8, picture.height // 8))
        return picture.tobytes()
