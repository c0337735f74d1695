"""The weight files, for an engine's info."""

from __future__ import annotations

import hashlib
from pathlib import Path

from vf_blazepose import detector, landmarks
from vf_blazepose.finder import FOLDER, Model
from vfkit.engines import WeightsInfo

LICENCE = "Apache-2.0"

KNOWN = {
    "pose_detection.tflite": "9ba9dd3d42efaaba86b4ff0122b06f29c4122e756b329d89dca1e297fd8f866c",
    "pose_landmark_full.tflite": "e9a5c5cb17f736fafd4c2ec1da3b3d331d6edbe8a0d32395855aeb2cdfd64b9f",
    "pose_landmark_heavy.tflite": "59e42d71bcd44cbdbabc419f0ff76686595fd265419566bd4009ef703ea8e1fe",
}
"""SHA-256 of the published files."""


def weights_info(weights: Path, model: Model = "full") -> list[WeightsInfo]:
    """Names, digests and licences of the files that a `PersonFinder` of this folder uses."""
    return [_info(weights, file) for file in (detector.FILE, landmarks.file_of(model))]


def _info(weights: Path, file: str) -> WeightsInfo:
    with (weights / FOLDER / file).open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return WeightsInfo(file=f"{FOLDER}/{file}", sha256=digest, licence=LICENCE, known=KNOWN.get(file) == digest)
