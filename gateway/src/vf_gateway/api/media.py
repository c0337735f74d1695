"""Pictures over HTTP: ETag, Range, thumbnails, and the media type that the caller prefers."""

from __future__ import annotations

import asyncio
import io
import re
from dataclasses import dataclass
from enum import StrEnum

from PIL import Image as PILImage
from starlette.requests import Request
from starlette.responses import Response

from vf_gateway.pictures.store import Entry
from vf_gateway.resources.results import Pictures, Room
from vfkit.contracts import Artifact
from vfkit.problems import Code, Problem
from vfkit.serving import media_type_of

_PNG, _JPEG, _WEBP, _JSON = "image/png", "image/jpeg", "image/webp", "application/json"
_ENCODED = {_JPEG: ("JPEG", {"quality": 90}), _WEBP: ("WEBP", {"quality": 85, "method": 2}), _PNG: ("PNG", {})}
_ENCODING_BYTES = 20
"""Of each pixel, to read a picture and write it in another form; measured: 16 of a large WebP, 19 of a small one."""
SIZES = range(16, 2049)
"""Longest edge of a thumbnail in pixels."""


@dataclass(frozen=True)
class Form:
    """How a picture shall be answered."""

    media_type: str
    size: int | None

    def tag(self, entry: Entry, artifact: str) -> str:
        """A strong ETag: equal bytes, equal tag."""
        kind = self.media_type.rpartition("/")[2]
        return f'"{entry.files[artifact].sha256[:40]}-{kind}-{self.size or "full"}"'


class Caching(StrEnum):
    """What a browser may keep (Cache-Control). The ETag is for callers who keep pictures themselves."""

    NEVER = "no-store"
    """People's bodies."""
    PRIVATE = "private, no-cache"
    """Garments. The same address may show another picture after a repair, so caches must ask."""


async def picture_response(
    request: Request,
    pictures: Pictures,
    artifact: str,
    size: int | None,
    caching: Caching,
    media_type: str | None = None,
) -> Response:
    """Answer a picture, within the memory that all pictures in flight may take.

    Args:
        request: the request.
        pictures: where the picture is.
        artifact: its name.
        size: longest edge of a thumbnail, in pixels.
        caching: what a browser may keep.
        media_type: what is answered; None: what the caller likes best.

    Raises:
        Problem: ``not_found``, ``not_acceptable``.
        DamagedError: the file is to be computed again.
    """
    room = request.app.state.gateway.decoders.room
    entry = await pictures.locate(artifact, room)
    chosen = media_type or _choose(request.headers.get("accept"), artifact)
    form = Form(chosen, None if _is_document(artifact) else size)
    tag = form.tag(entry, artifact)
    headers = {
        "ETag": tag,
        "Vary": "Accept",
        "Cache-Control": caching.value,
        "Accept-Ranges": "bytes",
        "X-Content-Type-Options": "nosniff",
    }
    if _matches(request.headers.get("if-none-match"), tag):
        return Response(status_code=304, headers=headers)
    content = await _content(room, pictures, entry, artifact, form)
    return _ranged(request, content, form.media_type, headers)


async def picture_file(room: Room, pictures: Pictures, artifact: str, media_type: str) -> bytes:
    """A picture in a format. Raises DamagedError: the file is to be computed again."""
    return await _content(room, pictures, await pictures.locate(artifact, room), artifact, Form(media_type, None))


async def _content(room: Room, pictures: Pictures, entry: Entry, artifact: str, form: Form) -> bytes:
    if form.media_type in (_PNG, _JSON) and not form.size:
        return await pictures.read(entry, artifact)
    async with room(_ENCODING_BYTES * await pictures.pixels(artifact) + entry.files[artifact].size):
        return await asyncio.to_thread(_encode, await pictures.read(entry, artifact), form)


def _is_document(artifact: str) -> bool:
    return media_type_of(Artifact(artifact)) == _JSON


def _matches(header: str | None, tag: str) -> bool:
    if header is None:
        return False
    return header.strip() == "*" or tag in [part.strip().removeprefix("W/") for part in header.split(",")]


def _choose(accept: str | None, artifact: str) -> str:
    """The offered media type that the Accept header (RFC 9110, 12.5.1) likes best; ours first among equals."""
    offered = [_JSON] if _is_document(artifact) else [_PNG, _WEBP, _JPEG]
    ranges: list[tuple[str, float]] = []
    for part in (accept or "*/*").split(","):
        name, *parameters = [piece.strip().lower() for piece in part.split(";")]
        quality = next((p[2:] for p in parameters if p.startswith("q=")), "1")
        try:
            ranges.append((name, float(quality)))
        except ValueError:
            continue

    def liking(media_type: str) -> tuple[float, int]:
        family = media_type.partition("/")[0] + "/*"
        # The most specific range counts, whatever the others say.
        for specificity, wanted in ((2, media_type), (1, family), (0, "*/*")):
            found = [quality for name, quality in ranges if name == wanted]
            if found:
                return max(found), specificity
        return 0.0, 0

    best = max(offered, key=liking)
    if liking(best)[0] <= 0:
        raise Problem(Code.NOT_ACCEPTABLE, f"This is available as {', '.join(offered)}.")
    return best


def _encode(content: bytes, form: Form) -> bytes:
    """A thumbnail, or another format; label maps keep their colours."""
    with PILImage.open(io.BytesIO(content)) as opened:
        picture = opened.convert("RGB") if opened.mode != "L" else opened.copy()
    if form.size:
        picture.thumbnail((form.size, form.size), PILImage.Resampling.LANCZOS)
    name, options = _ENCODED[form.media_type]
    out = io.BytesIO()
    picture.save(out, name, **options)
    return out.getvalue()


_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")


def _ranged(request: Request, content: bytes, media_type: str, headers: dict[str, str]) -> Response:
    """The part that a Range header (RFC 9110, 14) asks for; several parts and odd units are answered whole."""
    asked = _RANGE.fullmatch(request.headers.get("range", "").strip())
    condition = request.headers.get("if-range")
    if asked is None or asked.groups() == ("", "") or (condition is not None and condition != headers["ETag"]):
        return Response(content, media_type=media_type, headers=headers)
    first, last = asked.groups()
    if first:
        start, end = int(first), min(int(last) if last else len(content), len(content) - 1)
    else:
        start, end = max(0, len(content) - int(last)), len(content) - 1
    if start >= len(content) or start > end:
        return Response(status_code=416, headers={**headers, "Content-Range": f"bytes */{len(content)}"})
    headers = {**headers, "Content-Range": f"bytes {start}-{end}/{len(content)}"}
    return Response(content[start : end + 1], 206, media_type=media_type, headers=headers)
