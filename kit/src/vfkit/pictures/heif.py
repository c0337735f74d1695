"""Whether the coded pictures of a HEIF file are whole. Decoders make rubbish of damaged ones and say nothing of it.

Files: ISO/IEC 14496-12 (boxes, items) and 23008-12 (HEIF). Coded pictures: ITU-T H.265, annex B and section 7.4.2.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

_HEVC = frozenset({b"hvc1", b"hev1"})
_FORBIDDEN = re.compile(rb"\x00\x00[\x00-\x02]")
"""Three bytes that encoders never write in a NAL unit: they would be taken for a start code (H.265, 7.4.2)."""
_ERASED = b"\xff" * 32
"""Storage that was erased and never written. Compressed data look random."""


def is_damaged(data: bytes) -> bool:
    """Whether a coded picture of a HEIF file contains what no encoder writes.

    It tells of parts that were overwritten with zeros or ones, and of wrong lengths. Bytes that were changed to random
    ones look like compressed data and are not found. A file whose boxes cannot be read is not judged.
    """
    try:
        return any(not _is_sound(coded, each) for coded, each in _coded_pictures(data))
    except (struct.error, IndexError):
        return False


def _is_sound(coded: bytes, length_bytes: int) -> bool:
    """Whether NAL units, each behind its length, fill an item exactly and contain nothing forbidden."""
    place = 0
    while place < len(coded):
        begin = place + length_bytes
        place = begin + int.from_bytes(coded[place:begin], "big")
        unit = coded[begin:place]
        if place > len(coded) or len(unit) < 2 or unit[0] & 0x80:  # the first bit of a unit is zero
            return False
        if _FORBIDDEN.search(unit) or _ERASED in unit:
            return False
    return True


def _coded_pictures(data: bytes) -> Iterator[tuple[bytes, int]]:
    """The content of each HEVC item, and how many bytes a length takes in it."""
    meta = dict(_boxes(data, 0, len(data))).get(b"meta")
    if meta is None:
        return
    inside = dict(_boxes(data, meta.start + 4, meta.stop))
    if not {b"iinf", b"iloc", b"iprp"} <= inside.keys():
        return
    kinds = dict(_kinds(data, inside[b"iinf"]))
    properties = dict(_boxes(data, inside[b"iprp"].start, inside[b"iprp"].stop))[b"ipco"]
    configuration = dict(_boxes(data, properties.start, properties.stop)).get(b"hvcC")
    if configuration is None:
        return
    length_bytes = (data[configuration.start + 21] & 3) + 1
    for item, extents in _places(data, inside[b"iloc"]):
        if kinds.get(item) in _HEVC:
            yield b"".join(data[first : first + length] for first, length in extents), length_bytes


def _boxes(data: bytes, place: int, end: int) -> Iterator[tuple[bytes, range]]:
    """Name and content of the boxes that follow each other."""
    while place + 8 <= end:
        size, name = struct.unpack_from(">I4s", data, place)
        head = 8
        if size == 1:
            (size,) = struct.unpack_from(">Q", data, place + 8)
            head = 16
        stop = end if size == 0 else place + size
        if stop < place + head:
            return
        yield name, range(place + head, min(stop, end))
        place = stop


def _kinds(data: bytes, box: range) -> Iterator[tuple[int, bytes]]:
    """Number and kind of each item (iinf)."""
    count_bytes = 2 if data[box.start] == 0 else 4
    for name, entry in _boxes(data, box.start + 4 + count_bytes, box.stop):
        version = data[entry.start]
        if name == b"infe" and version >= 2:
            number_bytes = 2 if version == 2 else 4
            place = entry.start + 4 + number_bytes + 2
            yield int.from_bytes(data[entry.start + 4 : entry.start + 4 + number_bytes], "big"), data[place : place + 4]


def _places(data: bytes, box: range) -> Iterator[tuple[int, list[tuple[int, int]]]]:
    """Number of each item that lies in the file, and where: begin and length of its parts (iloc)."""
    version, sizes, more = data[box.start], data[box.start + 4], data[box.start + 5]
    offset_bytes, length_bytes, base_bytes = sizes >> 4, sizes & 15, more >> 4
    index_bytes = more & 15 if version else 0
    place = box.start + 6

    def number(count: int) -> int:
        nonlocal place
        if place + count > box.stop:
            raise IndexError
        place += count
        return int.from_bytes(data[place - count : place], "big")

    wide = 2 if version < 2 else 4
    for _ in range(number(wide)):
        item = number(wide)
        elsewhere = bool(version and number(2) & 15)
        number(2)  # which file
        base = number(base_bytes)
        extents = []
        for _ in range(number(2)):
            number(index_bytes)
            first = base + number(offset_bytes)
            extents.append((first, number(length_bytes)))
        if not elsewhere and all(length for _, length in extents):
            yield item, extents
