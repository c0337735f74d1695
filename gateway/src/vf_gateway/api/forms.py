"""Multipart bodies: photos with a few fields, kept in memory, of all callers together within a bound."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field

from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from vf_gateway.access.principal import Principal
from vf_gateway.api.answers import printable
from vf_gateway.api.bodies import MOST_PICTURE_BYTES, body_of
from vf_gateway.database.ids import owner_key
from vf_gateway.settings import Settings
from vfkit.pictures import DEFAULT_LIMITS
from vfkit.problems import Code, Problem

_MOST_FIELD_BYTES = 1000
_SPARE_FIELDS = 50
"""Fields that are not expected; past them the body is not read any further to say which they are."""

# RFC 2046, 5.1.1.
_BOUNDARY = re.compile(r"""(?i)multipart/form-data\s*;.*?\bboundary=(?:"([^"]{1,70})"|([^\s";]{1,70}))""")
_BOUNDARY_SIGNS = re.compile(r"[0-9A-Za-z'()+_,./:=? -]{1,70}")


@dataclass
class Sent:
    """The body of a multipart request."""

    files: dict[str, list[bytes]] = field(default_factory=dict)
    fields: dict[str, list[str]] = field(default_factory=dict)

    def file(self, name: str) -> bytes | None:
        """The one file of this name."""
        found = self.files.get(name, [])
        if len(found) > 1:
            raise Problem(Code.INVALID_REQUEST, f"There is more than one {name}.")
        return found[0] if found else None

    def value(self, name: str) -> str | None:
        """The one field of this name."""
        found = self.fields.get(name, [])
        if len(found) > 1:
            raise Problem(Code.INVALID_REQUEST, f"There is more than one {name}.")
        return found[0] if found else None

    async def digest(self) -> str:
        """The same for equal requests. Of two large photos it takes a tenth of a second, so that is done aside."""
        return await asyncio.to_thread(self._digest) if self.files else self._digest()

    def _digest(self) -> str:
        files = {name: [hashlib.sha256(content).hexdigest() for content in found] for name, found in self.files.items()}
        return hashlib.sha256(json.dumps([files, self.fields], sort_keys=True).encode()).hexdigest()


class Uploads:
    """The pictures that are being taken in, of all callers.

    Args:
        settings: how many uploads, and how many bytes.
    """

    def __init__(self, settings: Settings) -> None:
        self._most_bytes = int(settings.upload_mb * 1e6)
        self._most_at_once = {False: settings.uploads_key, True: settings.uploads_buyer}
        self._seconds = settings.body_seconds
        self._at_once: Counter[str] = Counter()
        self._bytes = 0
        self._left = asyncio.Condition()

    @contextmanager
    def one_more(self, principal: Principal) -> Iterator[None]:
        """Within this, the caller has one more upload. Raises Problem (``rate_limited``)."""
        is_buyer = principal.buyer is not None
        name = owner_key(principal.market, principal.buyer) if is_buyer else principal.key_id
        if self._at_once[name] >= self._most_at_once[is_buyer]:
            raise Problem(Code.RATE_LIMITED, "Too many uploads at the same time.", retry_after=1)
        self._at_once[name] += 1
        try:
            yield
        finally:
            self._at_once[name] -= 1
            if not self._at_once[name]:
                del self._at_once[name]

    async def take(self, size: int) -> None:
        """Wait until there is room for these bytes, while the caller is kept from sending more.

        Raises:
            Problem: ``overloaded``.
        """
        if self._bytes + size > self._most_bytes:
            try:
                async with asyncio.timeout(self._seconds), self._left:
                    await self._left.wait_for(lambda: self._bytes + size <= self._most_bytes)
            except TimeoutError:
                raise Problem(Code.OVERLOADED, retry_after=self._seconds) from None
        self._bytes += size

    async def give_back(self, size: int) -> None:
        """The bytes are not kept any more."""
        self._bytes -= size
        async with self._left:
            self._left.notify_all()


class _PhotoParser(MultiPartParser):
    """Keeps files in memory, and stops at the first byte of a file that is too large."""

    spool_max_size = DEFAULT_LIMITS.max_bytes + 1
    _file_bytes = 0

    def on_part_begin(self) -> None:
        super().on_part_begin()
        self._file_bytes = 0

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        super().on_part_data(data, start, end)
        if self._current_part.file is not None:
            self._file_bytes += end - start
            if self._file_bytes > DEFAULT_LIMITS.max_bytes:
                size = f"{DEFAULT_LIMITS.max_bytes / 1e6:.3g} MB"
                raise Problem(Code.IMAGE_TOO_LARGE, f"The file is larger than {size}. Please use a smaller one.")


@asynccontextmanager
async def uploaded(request: Request, principal: Principal, *, files: set[str], fields: set[str]) -> AsyncIterator[Sent]:
    """The body of a multipart request. What it holds must be let go of when the context ends.

    Args:
        request: not read yet.
        principal: who sends it.
        files: names of expected files.
        fields: names of expected fields.

    Raises:
        Problem: ``invalid_request``, ``image_too_large``, ``rate_limited``, ``overloaded``.
        Refusal: the body is too large, or too slow.
    """
    headers = Headers({"content-type": f'multipart/form-data; boundary="{_boundary(request)}"'})
    body_of(request).allow(MOST_PICTURE_BYTES)
    uploads: Uploads = request.app.state.uploads
    held = 0

    async def counted() -> AsyncGenerator[bytes, None]:
        nonlocal held
        async for part in request.stream():
            await uploads.take(len(part))
            held += len(part)
            yield part

    parser = _PhotoParser(
        headers, counted(), max_files=len(files), max_fields=len(fields) + _SPARE_FIELDS,
        max_part_size=_MOST_FIELD_BYTES,
    )  # fmt: skip
    try:
        with uploads.one_more(principal):
            sent = await _parse(parser, files, fields)
            yield sent
    finally:
        await uploads.give_back(held)


async def _parse(parser: MultiPartParser, files: set[str], fields: set[str]) -> Sent:
    sent = Sent()
    try:
        form = await parser.parse()
    except (MultiPartException, UnicodeError) as error:
        raise Problem(Code.INVALID_REQUEST, "The multipart body is not well formed.") from error
    try:
        for name, value in form.multi_items():
            if isinstance(value, UploadFile) and name in files:
                sent.files.setdefault(name, []).append(await value.read())
            elif isinstance(value, str) and name in fields:
                sent.fields.setdefault(name, []).append(value)
            else:
                raise Problem(Code.INVALID_REQUEST, f"Not expected: {printable(name)}.")
    finally:
        await form.close()
    return sent


def _boundary(request: Request) -> str:
    """The boundary, the only parameter of the media type that counts: forms are UTF-8, whatever else it says."""
    found = _BOUNDARY.match(request.headers.get("content-type", ""))
    boundary = (found[1] or found[2]) if found else ""
    if not _BOUNDARY_SIGNS.fullmatch(boundary):
        raise Problem(Code.INVALID_REQUEST, "The body is multipart/form-data with a boundary.")
    return boundary
