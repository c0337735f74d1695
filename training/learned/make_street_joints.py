"""Make `parser/street_joints.json` anew: the joints of the people in the annotated street photos, found by BlazePose.

    .venv/open/bin/python training/learned/make_street_joints.py DIR/street_people

Minutes on two cores. VF_WEIGHTS is the folder of weights (default: weights/).
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import cv2
import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(Path(__file__).parent / "src"))

from vf_blazepose import PersonFinder  # noqa: E402
from vf_training.parser.joints import LANDMARKS  # noqa: E402
from vf_training.pictures import DataError, load, photos  # noqa: E402

FILE = Path(__file__).parent / "src/vf_training/parser/street_joints.json"
LIKE_LABELS = 0.4
"""Intersection over union of the person's mask and the labels, above which it is the labelled person."""


def joints(finder: PersonFinder, photo: Path) -> list[int] | None:
    """x, y and visibility in hundredths of the labelled person's joints; None: not found. Raises DataError."""
    path = photo.parent.parent / "labels" / f"{photo.stem}.png"
    labels = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    if labels is None:
        raise DataError(f"{path} is missing")
    labelled = labels > 0
    found = []
    for person in finder.find(np.ascontiguousarray(load(photo))):
        mask = person.mask > 0.5
        found.append(((mask & labelled).sum() / max(1, (mask | labelled).sum()), person))
    overlap, person = max(found, key=lambda each: each[0], default=(0, None))
    if person is None or overlap <= LIKE_LABELS:
        return None
    marks = person.landmarks[list(LANDMARKS)]
    return [value for x, y, _, seen in marks.tolist() for value in (round(x), round(y), round(100 * round(seen, 2)))]


def main(folder: Path) -> None:
    """Write the file, a line for each photo."""
    finder = PersonFinder(Path(os.environ.get("VF_WEIGHTS", ROOT / "weights")), "full", os.cpu_count() or 1)
    found = {photo.stem: joints(finder, photo) for photo in photos(folder / "photos")}
    lines = [f'"{name}": {json.dumps(flat, separators=(",", ":"))}' for name, flat in found.items() if flat]
    FILE.write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
