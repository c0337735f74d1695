"""A teacher's masks: only what it is sure of becomes a label, and each photo is read once."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from vf_training.augmentation import IGNORE
from vf_training.garment.answer import HEIGHT, KINDS, STRIDE, WIDTH, Answer
from vf_training.garment.examples import GARMENT
from vf_training.garment.self_taught import SelfTaught, taught
from vf_training.pictures import DataError
from vfkit.contracts.garment import GarmentPart

CELLS = (HEIGHT // STRIDE, WIDTH // STRIDE)
NONE = np.zeros(0, np.float32)


def photo() -> np.ndarray:
    """White where the garment is, grey where nobody can tell, black around; higher than wide."""
    picture = np.zeros((400, 300, 3), np.uint8)
    picture[60:200, 60:240], picture[200:340, 60:240] = 255, 128
    return picture


def teacher(pictures: np.ndarray) -> Answer:
    """Sleeve or torso where it is white, background where it is black, no idea where it is grey."""
    small = cv2.resize(pictures[0].transpose(1, 2, 0), CELLS[::-1], interpolation=cv2.INTER_AREA)[..., 0]
    parts = np.full((1, len(GarmentPart), *CELLS), -9, np.float32)
    parts[0, GarmentPart.BACKGROUND] = np.where(small < 0.6, 6, 0)
    for part in (GarmentPart.TORSO, GarmentPart.LEFT_SLEEVE):
        parts[0, part] = np.where(small > 0.4, 6, 0)
    return Answer(parts, NONE, NONE, NONE, NONE, NONE)


def test_what_the_teacher_is_sure_of_is_labelled() -> None:
    labels = taught(teacher, photo())
    assert labels.shape == (400, 300)
    assert (labels[70:190, 70:230] == GARMENT).all()
    assert (labels[210:330, 70:230] == IGNORE).all()
    assert (labels[4:40, 4:-4] == GarmentPart.BACKGROUND).all()


def test_a_photo_that_the_teacher_does_not_understand_gets_no_labels() -> None:
    assert (taught(teacher, np.full((400, 300, 3), 128, np.uint8)) == IGNORE).all()
    assert (taught(teacher, np.zeros((400, 300, 3), np.uint8)) == IGNORE).all()


def test_labels_are_kept_and_hats_need_none(tmp_path: Path) -> None:
    files = [tmp_path / folder / "one.png" for folder in ("dress", "hat")]
    for file in files:
        file.parent.mkdir()
        cv2.imwrite(str(file), photo())
    kept = tmp_path / "kept"
    dress, hat = (
        SelfTaught([(file, KINDS.index(kind))], tmp_path / "teacher.onnx", kept)
        for file, kind in zip(files, ("dress", "other"), strict=True)
    )
    rng = np.random.default_rng(0)
    assert hat.example(rng).parts is None
    with pytest.raises(DataError, match="teacher"):
        dress.example(rng)
    kept.mkdir()
    cv2.imwrite(str(kept / "dress_one.png"), np.full((400, 300), GARMENT, np.uint8))
    made = dress.example(rng)
    assert made.parts is not None and (made.parts == GARMENT).all()
    assert KINDS[made.kind] == "dress"
