"""Where pictures live: sets of artifacts, addressed by what made them, verified on every read.

A *scope* is a folder of things that are deleted together: one photo of one buyer with everything computed from it,
or one garment with its mask. Inside it an *entry* holds what one stage gave for one set of inputs; its name is the
digest of the stage, its inputs and its engine (`entry_key`). An entry's manifest is written last and names the digest
of each file, so that a half-written entry does not exist and a damaged file is noticed, forgotten and made again.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, MemoryStore, ObjectStore, from_url
from pydantic import BaseModel, ValidationError

from vf_gateway.settings import Settings
from vfkit.contracts import Stage
from vfkit.engines import AnswerWarning
from vfkit.problems import Code, Problem

_MANIFEST = "manifest.json"
_LARGE = 4_000_000
"""Bytes that take longer to digest than handing them to a thread is worth."""


def digest(content: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def entry_key(stage: Stage | str, inputs: Mapping[str, str], identity: str, options: Mapping[str, Any]) -> str:
    """The name of what a stage makes from these inputs.

    Args:
        stage: which stage, or the name of something the gateway makes itself.
        inputs: field name to SHA-256 of the file.
        identity: `vf_gateway.stages.services.engine_identity`.
        options: request options that change the output.
    """
    facts = [str(stage), sorted(inputs.items()), identity, sorted(options.items())]
    return digest(json.dumps(facts, separators=(",", ":"), default=str).encode())


class DamagedError(Exception):
    """A stored file is missing or not what was written; its entry has been forgotten."""


@dataclass(frozen=True)
class Stored:
    """One file: where it is and what it must be."""

    path: str
    sha256: str
    size: int


@dataclass(frozen=True)
class Entry:
    """What one stage gave for one set of inputs."""

    scope: str
    key: str
    files: dict[str, Stored]
    warnings: list[AnswerWarning] = field(default_factory=list)


class _ManifestFile(BaseModel):
    sha256: str
    size: int


class _Manifest(BaseModel):
    files: dict[str, _ManifestFile]
    warnings: list[AnswerWarning] = []


class ArtifactStore(Protocol):
    """Keeps entries; `ObjectArtifactStore` is the one implementation, on any object store."""

    async def find(self, scope: str, key: str) -> Entry | None:
        """The entry of this key, None when there is none."""

    async def save(
        self, scope: str, key: str, files: Mapping[str, bytes], warnings: list[AnswerWarning] | None = None
    ) -> Entry:
        """Write an entry; writing the same again is harmless. Raises Problem (``storage_full``)."""

    async def read(self, entry: Entry, artifact: str) -> bytes:
        """One file of an entry. Raises DamagedError."""

    async def forget(self, entry: Entry) -> None:
        """Remove one entry."""

    async def delete_scope(self, scope: str) -> int:
        """Remove everything of a scope; returns the number of files."""


class ObjectArtifactStore:
    """An `ArtifactStore` on an object store: a local folder, S3 and its like, or memory.

    obstore writes each file under another name and renames it (or the object store's put is atomic), so no reader
    ever sees half a file.
    """

    def __init__(self, objects: ObjectStore) -> None:
        self._objects = objects

    async def find(self, scope: str, key: str) -> Entry | None:
        """See `ArtifactStore`."""
        try:
            answer = await obstore.get_async(self._objects, f"{scope}/{key}/{_MANIFEST}")
            manifest = _Manifest.model_validate_json(bytes(await answer.bytes_async()))
        except FileNotFoundError:
            return None
        except ValidationError:
            return None  # damaged: computed again and written over
        files = {
            artifact: Stored(f"{scope}/{key}/{artifact}", entry.sha256, entry.size)
            for artifact, entry in manifest.files.items()
        }
        return Entry(scope, key, files, manifest.warnings)

    async def save(
        self, scope: str, key: str, files: Mapping[str, bytes], warnings: list[AnswerWarning] | None = None
    ) -> Entry:
        """See `ArtifactStore`."""
        # Aside: a photo's file may have 50 MB.
        digests = await asyncio.to_thread(lambda: {artifact: digest(content) for artifact, content in files.items()})
        stored = {
            artifact: Stored(f"{scope}/{key}/{artifact}", digests[artifact], len(content))
            for artifact, content in files.items()
        }
        manifest = _Manifest(
            files={artifact: _ManifestFile(sha256=s.sha256, size=s.size) for artifact, s in stored.items()},
            warnings=warnings or [],
        )
        try:
            await asyncio.gather(
                *(
                    obstore.put_async(self._objects, stored[artifact].path, content)
                    for artifact, content in files.items()
                )
            )
            await obstore.put_async(self._objects, f"{scope}/{key}/{_MANIFEST}", manifest.model_dump_json().encode())
        except (OSError, BaseError) as error:
            raise Problem(Code.STORAGE_FULL if _is_full(error) else Code.INTERNAL) from error
        return Entry(scope, key, stored, warnings or [])

    async def read(self, entry: Entry, artifact: str) -> bytes:
        """See `ArtifactStore`."""
        expected = entry.files[artifact]
        try:
            answer = await obstore.get_async(self._objects, expected.path)
            content = bytes(await answer.bytes_async())
        except FileNotFoundError:
            content = b""
        is_large = len(content) > _LARGE  # a full-size result may have 50 MB
        found = await asyncio.to_thread(digest, content) if is_large else digest(content)
        if found != expected.sha256:
            await self.forget(entry)
            raise DamagedError(expected.path)
        return content

    async def forget(self, entry: Entry) -> None:
        """See `ArtifactStore`; the manifest goes first, so that no one finds an entry without its files."""
        await self._delete([f"{entry.scope}/{entry.key}/{_MANIFEST}"])
        await self._delete([stored.path for stored in entry.files.values()])

    async def delete_scope(self, scope: str) -> int:
        """See `ArtifactStore`."""
        paths: list[str] = []
        async for batch in obstore.list(self._objects, prefix=f"{scope}/"):
            paths += [str(item["path"]) for item in batch]
        paths.sort(key=lambda path: not path.endswith(_MANIFEST))
        await self._delete(paths)
        return len(paths)

    async def _delete(self, paths: list[str]) -> None:
        for path in paths:
            try:
                await obstore.delete_async(self._objects, path)
            except FileNotFoundError:
                continue


def _is_full(error: Exception) -> bool:
    """Whether writing failed for want of room; obstore tells the system's error only in words."""
    words = str(error).lower()
    return any(sign in words for sign in ("no space left", "os error 28", "disk quota", "os error 122"))


def local_folder(settings: Settings) -> Path | None:
    """The folder of the store that the settings name; None: it is not on this machine's disks."""
    if not settings.store_url:
        return settings.data / "objects"
    return Path(unquote(urlsplit(settings.store_url).path)) if settings.store_url.startswith("file:") else None


def open_store(settings: Settings) -> ObjectArtifactStore:
    """The store that the settings name."""
    if settings.store_url == "memory://":
        return ObjectArtifactStore(MemoryStore())
    if settings.store_url:
        _unset_empty_variables()
        return ObjectArtifactStore(from_url(settings.store_url))
    folder = settings.data / "objects"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return ObjectArtifactStore(LocalStore(folder, automatic_cleanup=True))


def _unset_empty_variables() -> None:
    """obstore reads ``AWS_*`` by itself and takes an empty one at its word; compose files write unset ones as empty."""
    for name in [name for name, value in os.environ.items() if name.startswith("AWS_") and not value]:
        del os.environ[name]
