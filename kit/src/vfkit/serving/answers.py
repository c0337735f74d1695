"""Artifacts to a response and back: one file as itself, several as a stored ZIP."""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from collections.abc import Mapping, Sequence

from fastapi import Response

from vfkit.contracts import WARNINGS_HEADER, Artifact
from vfkit.engines import AnswerWarning
from vfkit.problems import Code, Problem

PNG, JSON, ZIP = "image/png", "application/json", "application/zip"
BINARY = "application/octet-stream"


def respond(
    artifacts: Mapping[Artifact, bytes], *, accept: str | None = None, warnings: Sequence[AnswerWarning] = ()
) -> Response:
    """Answer with artifacts.

    A single artifact is answered as itself. Of several, ``Accept`` picks one by its media type when it names
    exactly that; otherwise they come as a ZIP, stored, since PNG is compressed already.

    Raises:
        Problem: ``not_acceptable`` when ``Accept`` excludes all of it.
    """
    offers = {ZIP: lambda: _zip(artifacts)} if len(artifacts) > 1 else {}
    for media_type in (PNG, JSON, BINARY):
        matching = [content for artifact, content in artifacts.items() if media_type_of(artifact) == media_type]
        if len(matching) == 1:
            offers[media_type] = lambda content=matching[0]: content  # type: ignore[misc]
    media_type = _negotiate(accept, list(offers))
    headers = {"Vary": "Accept"}
    if warnings:
        headers[WARNINGS_HEADER] = json.dumps([warning.model_dump() for warning in warnings])
    return Response(offers[media_type](), media_type=media_type, headers=headers)


def unpack(media_type: str, content: bytes, expected: Sequence[Artifact]) -> dict[Artifact, bytes]:
    """The artifacts of a service's answer.

    Args:
        media_type: the answer's ``Content-Type``.
        content: its body.
        expected: what the service returns; one of them when the answer is not a ZIP.

    Raises:
        ValueError: the answer is something else.
    """
    media_type = media_type.partition(";")[0].strip()
    if media_type == ZIP:
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                return {artifact: _stored(archive, artifact) for artifact in expected}
        except (zipfile.BadZipFile, KeyError, EOFError, RuntimeError, OSError, zlib.error) as error:
            raise ValueError("not the ZIP file that was expected") from error
    matching = [artifact for artifact in expected if media_type_of(artifact) == media_type]
    if len(matching) != 1:
        raise ValueError(f"an answer of type {media_type} was not expected")
    return {matching[0]: content}


def _stored(archive: zipfile.ZipFile, name: str) -> bytes:
    """A member as `respond` writes it; a compressed one could unfold to any size."""
    member = archive.getinfo(name)
    if member.compress_type != zipfile.ZIP_STORED or member.file_size != member.compress_size:
        raise ValueError(f"{name} is compressed")
    return archive.read(member)


def media_type_of(artifact: Artifact) -> str:
    """The media type of an artifact's file."""
    return {"json": JSON, "png": PNG}.get(artifact.rpartition(".")[2], BINARY)


def _zip(artifacts: Mapping[Artifact, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for artifact, content in artifacts.items():
            # A fixed date keeps the same artifacts the same bytes.
            archive.writestr(zipfile.ZipInfo(artifact, date_time=(1980, 1, 1, 0, 0, 0)), content)
    return buffer.getvalue()


def _negotiate(accept: str | None, offers: Sequence[str]) -> str:
    """The first offer, in the caller's order of preference (RFC 9110, section 12.5.1)."""
    if not accept:
        return offers[0]
    ranges = []
    for position, part in enumerate(accept.split(",")):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        quality = next((_quality(p[2:]) for p in parameters if p.startswith("q=")), 1.0)
        ranges.append((-quality, position, name))
    refused = {name for quality, _, name in ranges if quality == 0}
    for quality, _, name in sorted(ranges):
        if quality == 0:
            continue
        for offer in offers:
            if offer not in refused and name in (offer, "*/*", offer.split("/")[0] + "/*"):
                return offer
    raise Problem(Code.NOT_ACCEPTABLE, f"This can be answered as {', '.join(offers)}.")


def _quality(value: str) -> float:
    try:
        return float(value)
    except ValueError:
        return 0.0
