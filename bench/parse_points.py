"""How many hand-placed points the open parser gets right, and how long it takes.

    python bench/parse_points.py PHOTOS POINTS.json [--sheet sheet.png]

POINTS.json: ``{"photos": {"name.jpg": {"points": [[x, y, "hair"], ...]}}}`` in pixels of the upright photo. The names
are those of `NAMES`; others are not scored. Prints right and scored points of each photo, what is mistaken for what,
and CPU-seconds of a parse. The sheet shows every photo beside its labels.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from vf_parse.open.engine import OpenEngine
from vf_parse.types import ParseAnswer, ParseRequest
from vfkit.contracts import CIHP_PALETTE, Image, Label
from vfkit.pictures import read_picture
from vfkit.problems import Problem

ROOT = Path(__file__).resolve().parent.parent
NAMES = {
    "background": (Label.BACKGROUND,),
    "hair": (Label.HAIR,),
    "hat": (Label.HAT,),
    "face": (Label.FACE, Label.SUNGLASSES),
    "neck": (Label.TORSO_SKIN,),
    "left_arm": (Label.LEFT_ARM,),
    "right_arm": (Label.RIGHT_ARM,),
    "upper_clothes": (Label.UPPER_CLOTHES,),
    "coat": (Label.COAT,),
    "dress": (Label.DRESS,),
    "trousers": (Label.PANTS,),
    "skirt": (Label.SKIRT,),
    "left_leg": (Label.LEFT_LEG,),
    "right_leg": (Label.RIGHT_LEG,),
    "socks": (Label.SOCKS,),
    "shoes": (Label.LEFT_SHOE, Label.RIGHT_SHOE),
}
"""The labels that each name accepts."""
TILE_HEIGHT, COLUMNS = 480, 7


def mistakes(labels: Image, points: Sequence[tuple[int, int, str]]) -> list[str]:
    """What is wrong: ``neck for upper_clothes`` is neck that was called upper clothes."""
    found = [(name, Label(labels[y, x])) for x, y, name in points if name in NAMES]
    return [f"{name} for {label.name.lower()}" for name, label in found if label not in NAMES[name]]


def tile(picture: Image, answer: ParseAnswer) -> Image:
    """The photo beside its labels; what is held is white."""
    labels = CIHP_PALETTE[answer.labels]
    if answer.held is not None:
        labels[answer.held > 0] = 255
    width = round(picture.shape[1] * TILE_HEIGHT / picture.shape[0])
    small = cv2.resize(picture, (width, TILE_HEIGHT), interpolation=cv2.INTER_AREA)
    return np.hstack([small, cv2.resize(labels, (width, TILE_HEIGHT), interpolation=cv2.INTER_NEAREST)])


def sheet(tiles: Sequence[Image]) -> Image:
    """The tiles, row by row."""
    width = max(each.shape[1] for each in tiles)
    padded = [np.pad(each, ((0, 0), (0, width - each.shape[1]), (0, 0))) for each in tiles]
    padded += [np.zeros_like(padded[0])] * (-len(padded) % COLUMNS)
    return np.vstack([np.hstack(padded[start : start + COLUMNS]) for start in range(0, len(padded), COLUMNS)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path)
    parser.add_argument("points", type=Path)
    parser.add_argument("--sheet", type=Path)
    parser.add_argument("--weights", type=Path, default=Path(os.environ.get("VF_WEIGHTS", ROOT / "weights")))
    options = parser.parse_args()
    engine = OpenEngine(options.weights)
    engine.load()
    tiles, seconds, scored, wrong = [], [], 0, Counter[str]()
    for name, photo in json.loads(options.points.read_text())["photos"].items():
        picture = read_picture((options.photos / name).read_bytes())
        start = time.process_time()
        (answer,) = engine.predict([ParseRequest(picture, held=True)])
        seconds.append(time.process_time() - start)
        known = [point for point in photo["points"] if point[2] in NAMES]
        scored += len(known)
        if isinstance(answer, Problem):
            print(name, answer.code)
            wrong[f"points of photos refused with {answer.code}"] += len(known)
            continue
        found = mistakes(answer.labels, known)
        wrong.update(found)
        print(f"{name} {len(known) - len(found)}/{len(known)}", [warning.detail for warning in answer.warnings])
        tiles.append(tile(picture, answer))
    print(f"right: {scored - wrong.total()} of {scored}, {100 * (1 - wrong.total() / scored):.1f} %")
    print(f"CPU-seconds of a parse: {np.median(seconds):.2f}")
    print(wrong.most_common(20))
    if options.sheet:
        cv2.imwrite(str(options.sheet), sheet(tiles)[..., ::-1])


if __name__ == "__main__":
    main()
