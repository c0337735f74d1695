"""Bodies with photos and a few fields, multipart or JSON; kept in memory, of all callers together within a bound."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import re
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from email.message import Message
from typing import Any

from pydantic import BaseModel
from python_multipart.multipart import parse_options_header
from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from vf_gateway.access.principal import Principal
from vf_gateway.api.answers import printable
from vf_gateway.api.bodies import MOST_PICTURE_BYTES, body_of
from vf_gateway.api.json_bodies import is_json, validated
from vf_gateway.database.ids import owner_key
from vf_gateway.gateway import Gateway
from vf_gateway.settings import Settings
from vfkit.engines import AnswerWarning
from vfkit.pictures import DEFAULT_LIMITS
from vfkit.problems import Code, Problem

_MOST_FIELD_BYTES = 1000
_SPARE_FIELDS = 50
"""Fields that are not expected; past them the body is not read any further to say which they are."""
_SPARE_FILES = 8
"""Files past the first of a name, or not expected; with more of them a body is refused."""
_LONGEST_FILE_NAME = 100

# RFC 2046, 5.1.1.
_BOUNDARY = re.compile(r"""(?i)multipart/form-data\s*;.*?\bboundary=(?:"([^"]{1,70})"|([^\s";]{1,70}))""")
_ADDRESS = re.compile(r"(?i)https?:")
_DATA = re.compile(r"(?i)data:[^,]{0,200},")
_BOUNDARY_SIGNS = re.compile(r"[0-9A-Za-z'()+_,./:=? -]{1,70}")


Fetch = Callable[[str, str], Awaitable[bytes]]
"""The picture of a name, at an address."""


@dataclass
class Sent:
    """The body of a request.

    Attributes:
        files: the first file of each name.
        addresses: where the file of a name is, of those that were not sent.
        fields: all fields of each name; of a form they are texts.
        ignored: the file names of the others of a name.
        fetch: gets what has an address.
    """

    fetch: Fetch
    files: dict[str, bytes] = field(default_factory=dict)
    addresses: dict[str, str] = field(default_factory=dict)
    fields: dict[str, list[Any]] = field(default_factory=dict)
    ignored: dict[str, list[str]] = field(default_factory=dict)

    @property
    def pictures(self) -> set[str]:
        """The names of the pictures, here or elsewhere."""
        return {*self.files, *self.addresses}

    async def picture(self, name: str) -> bytes:
        """The picture of this name, fetched now if need be; if several were sent, the first.

        Raises:
            Problem: ``image_unreachable``, ``image_too_large``, ``overloaded``.
        """
        return self.files[name] if name in self.files else await self.fetch(name, self.addresses[name])

    def warnings(self, name: str) -> list[AnswerWarning]:
        """What to say of the files of this name that are not used."""
        if not (ignored := self.ignored.get(name)):
            return []
        detail = f"Several files were sent as {name}. The first is used, these are not: {', '.join(ignored)}."
        return [AnswerWarning(code="file_ignored", detail=detail)]

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
        files = {name: hashlib.sha256(content).hexdigest() for name, content in self.files.items()}
        told = [files, self.fields, *([self.addresses] if self.addresses else [])]
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


class Uploads:
    """The pictures that are being taken in, of all callers.

    Args:
        settings: how many uploads, and how many bytes.
    """

    def __init__(self, settings: Settings) -> None:
        self._most_bytes = int(settings.upload_mb * 1e6)
        self._most_at_once = {False: settings.uploads_key, True: settings.uploads_buyer}
        self._seconds = settings.decode_wait
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

    def on_headers_finished(self) -> None:
        # The library passes over ``filename*`` (RFC 5987), which older Java and Python clients send alone. Without a
        # file name it takes a part for a text.
        disposition = self._current_part.content_disposition or b""
        if b"filename" in disposition.lower() and b"filename" not in parse_options_header(disposition)[1]:
            self._current_part.content_disposition = disposition + b'; filename="' + _extended_name(disposition) + b'"'
        super().on_headers_finished()

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


def _extended_name(disposition: bytes) -> bytes:
    """The file name of a Content-Disposition that gives it as ``filename*``, in UTF-8 and fit to stand in quotes."""
    message = Message()
    message["Content-Disposition"] = disposition.decode("latin-1")
    try:
        name = message.get_filename("")
    except (ValueError, LookupError):  # not what RFC 2231 says; the picture counts, not its name
        name = ""
    return re.sub(r'["\\;]', "_", name).encode(errors="replace")


@asynccontextmanager
async def uploaded(
    request: Request, principal: Principal, model: type[BaseModel], *, files: set[str]
) -> AsyncIterator[Sent]:
    """The body of a request with pictures. What it holds must be let go of when the context ends.

    Args:
        request: not read yet.
        principal: who sends it.
        model: what may be sent, of both kinds of body.
        files: which of its fields are pictures.

    Raises:
        Problem: ``invalid_request``, ``unsupported_image``, ``image_too_large``, ``rate_limited``, ``overloaded``.
        Refusal: the body is too large, or too slow.
    """
    gateway: Gateway = request.app.state.gateway
    uploads: Uploads = request.app.state.uploads
    body, held = body_of(request), 0

    async def take(size: int) -> None:
        nonlocal held
        await uploads.take(size)
        held += size

    async def counted() -> AsyncGenerator[bytes, None]:
        async for part in request.stream():
            await take(len(part))
            yield part

    async def fetch(name: str, address: str) -> bytes:
        return await gateway.downloads.fetch(name, address, principal.market, take)

    def begin_upload() -> None:
        gateway.decoders.require_room()
        uploading.enter_context(uploads.one_more(principal))

    sent = Sent(fetch)
    try:
        with ExitStack() as uploading:
            if is_json(request) and body.is_small:  # ids most of the time, which are no upload
                _read_json([await request.body()], model, files, sent)
                if sent.pictures:
                    begin_upload()
            else:
                begin_upload()
                body.allow(MOST_PICTURE_BYTES)
                if is_json(request):
                    parts = [part async for part in counted()]
                    await asyncio.to_thread(_read_json, parts, model, files, sent)
                else:
                    await _read_form(_boundary(request), counted(), files, model.model_fields.keys() - files, sent)
            yield sent
    finally:
        await uploads.give_back(held)


def _read_json(parts: list[bytes], model: type[BaseModel], files: set[str], sent: Sent) -> None:
    """A JSON body, in which a picture is a data URI or an address. The parts are let go of as soon as they are read."""
    body = b"".join(parts)
    parts.clear()
    for name, value in validated(model, body).model_dump(mode="json", exclude_none=True).items():
        if name not in files:
            sent.fields[name] = [value]
        elif _ADDRESS.match(value):
            sent.addresses[name] = value
        elif _DATA.match(value):
            sent.files[name] = _decoded(name, value)
        else:
            raise Problem(Code.INVALID_REQUEST, f"{name} is an address (http, https) or a data URI of a picture.")


def _decoded(name: str, uri: str) -> bytes:
    """What a data URI (RFC 2397) holds. Its media type says nothing that the content does not."""
    head, _, data = uri.partition(",")
    if not head.lower().endswith(";base64"):
        raise Problem(Code.UNSUPPORTED_IMAGE, f"The data URI of {name} must be in base64.")
    try:
        return base64.b64decode(data, validate=True)
    except ValueError:
        raise Problem(Code.UNSUPPORTED_IMAGE, f"The data URI of {name} is damaged or incomplete.") from None


async def _read_form(
    boundary: str, body: AsyncGenerator[bytes, None], files: set[str], fields: set[str], sent: Sent
) -> None:
    """A multipart body."""
    headers = Headers({"content-type": f'multipart/form-data; boundary="{boundary}"'})
    parser = _PhotoParser(
        headers, body, max_files=len(files) + _SPARE_FILES, max_fields=len(fields) + _SPARE_FIELDS,
        max_part_size=_MOST_FIELD_BYTES,
    )  # fmt: skip
    try:
        form = await parser.parse()
    except (MultiPartException, UnicodeError) as error:
        raise Problem(Code.INVALID_REQUEST, "The multipart body is not well formed.") from error
    try:
        for name, value in form.multi_items():
            if isinstance(value, UploadFile) and name in sent.files:
                sent.ignored.setdefault(name, []).append(_readable(value.filename))
            elif isinstance(value, UploadFile) and name in files:
                sent.files[name] = await value.read()
            elif name in files:
                raise Problem(Code.INVALID_REQUEST, f"{name} must be sent as a file.")
            elif isinstance(value, str) and name in fields:
                sent.fields.setdefault(name, []).append(value)
            else:
                raise Problem(Code.INVALID_REQUEST, f"Not expected: {printable(name)}.")
    finally:
        await form.close()


def _readable(name: str | None) -> str:
    """A file's name, fit to be shown: short, and without signs that do something."""
    return "".join(c if c.isprintable() else "?" for c in (name or "")[:_LONGEST_FILE_NAME]) or "a file without a name"


def _boundary(request: Request) -> str:
    """The boundary, the only parameter of the media type that counts: forms are UTF-8, whatever else it says."""
    found = _BOUNDARY.match(request.headers.get("content-type", ""))
    boundary = (found[1] or found[2]) if found else ""
    if not _BOUNDARY_SIGNS.fullmatch(boundary):
        raise Problem(Code.INVALID_REQUEST, "The body is application/json, or multipart/form-data with a boundary.")
    return boundary
