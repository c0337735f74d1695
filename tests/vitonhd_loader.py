"""Reads a VITON-HD folder as HR-VITON's test data set does, in NumPy and Pillow.

Written to the facts of that loader: folder and file names, colour modes, the resize rules (the shorter edge becomes
the fine width, so a file must have the exact aspect), [-1, 1] pictures, one-hot maps of 13 classes, and the first
person's keypoints. Every deviation raises, so a folder that loads here loads there.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PILImage

FINE_WIDTH, FINE_HEIGHT = 768, 1024

GROUPS = ((0, 10), (1, 2), (4, 13), (5, 6, 7), (9, 12), (14,), (15,), (16,), (17,), (18,), (19,), (8,), (3, 11))
"""CIHP labels of each of the 13 channels."""

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Sample:
    """One pair; pictures are (3, 1024, 768) in [-1, 1], maps are one-hot (13, 1024, 768)."""

    person_name: str
    cloth_name: str
    image: Floats
    cloth: Floats
    cloth_mask: Floats
    parse: Floats
    parse_agnostic: Floats
    densepose: Floats
    skeleton: Floats
    pose: NDArray[np.float64]


class VitonHDTestSet:
    """The samples of `<root>/test` that `<root>/<pairs>` lists.

    Args:
        root: the folder.
        paired: a person's cloth is the file of the person's own name instead of the second column.
        pairs: name of the list.
    """

    def __init__(self, root: Path, *, paired: bool = False, pairs: str = "test_pairs.txt") -> None:
        self._folder = root / "test"
        lines = [line.split() for line in (root / pairs).read_text().splitlines()]
        if any(len(line) != 2 for line in lines):
            raise ValueError("a line of the pairs is not two names")
        self._pairs = [(person, person if paired else cloth) for person, cloth in lines]

    def __len__(self) -> int:
        return len(self._pairs)

    def __getitem__(self, index: int) -> Sample:
        person, cloth = self._pairs[index]
        stem = person.removesuffix(".jpg")
        if stem == person:
            raise ValueError(f"{person} is not a .jpg")
        return Sample(
            person_name=person,
            cloth_name=cloth,
            image=_signed(self._open("image", person, "RGB")),
            cloth=_signed(self._open("cloth", cloth, None).convert("RGB")),
            cloth_mask=self._mask(cloth),
            parse=self._one_hot("image-parse-v3", f"{stem}.png"),
            parse_agnostic=self._one_hot("image-parse-agnostic-v3.2", f"{stem}.png"),
            densepose=_signed(self._open("image-densepose", f"{stem}.jpg", "RGB")),
            skeleton=_signed(self._open("openpose_img", f"{stem}_rendered.png", "RGB")),
            pose=self._pose(f"{stem}_keypoints.json"),
        )

    def _open(self, folder: str, name: str, mode: str | None) -> PILImage.Image:
        picture = PILImage.open(self._folder / folder / name)
        if mode and picture.mode != mode:
            raise ValueError(f"{folder}/{name} is {picture.mode}, not {mode}")
        return picture

    def _mask(self, name: str) -> Floats:
        picture = _resize(self._open("cloth-mask", name, "L"), PILImage.Resampling.NEAREST)
        return (np.asarray(picture) >= 128).astype(np.float32)[None]

    def _one_hot(self, folder: str, name: str) -> Floats:
        picture = _resize(self._open(folder, name, None), PILImage.Resampling.NEAREST)
        if picture.mode not in ("L", "P"):
            raise ValueError(f"{folder}/{name} is {picture.mode}")
        labels = np.asarray(picture)
        if labels.max() > 19:
            raise ValueError(f"{folder}/{name} has label {labels.max()}")
        return np.stack([np.isin(labels, group) for group in GROUPS]).astype(np.float32)

    def _pose(self, name: str) -> NDArray[np.float64]:
        document = json.loads((self._folder / "openpose_json" / name).read_text())
        return np.asarray(document["people"][0]["pose_keypoints_2d"], np.float64).reshape(-1, 3)[:, :2]


def _resize(picture: PILImage.Image, resampling: PILImage.Resampling) -> PILImage.Image:
    shorter = min(picture.size)
    resized = picture.resize(
        (picture.width * FINE_WIDTH // shorter, picture.height * FINE_WIDTH // shorter), resampling
    )
    if resized.size != (FINE_WIDTH, FINE_HEIGHT):
        raise ValueError(f"a picture of {picture.size} does not have the aspect of {FINE_WIDTH} x {FINE_HEIGHT}")
    return resized


def _signed(picture: PILImage.Image) -> Floats:
    values = np.asarray(_resize(picture, PILImage.Resampling.BILINEAR), np.float32) / 255
    return ((values - 0.5) / 0.5).transpose(2, 0, 1)
