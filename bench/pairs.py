"""Fittings of many pairs by the open engines in this process, on one contact sheet.

    python bench/pairs.py PEOPLE GARMENTS --out sheet.png [--pairs 60] [--seed 7] [--results FOLDER]

Takes every person in turn and gives each garments drawn at random. A tile shows person and garment small and the
result large; its caption names both. Prints one line a fitting: names, seconds of the synthesis alone, warnings or the
problem's code.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from PIL import Image as PILImage
from PIL import ImageDraw

from vf_agnostic.engine import AgnosticEngine
from vf_agnostic.types import AgnosticRequest
from vf_clothmask.open.engine import OpenEngine as GarmentEngine
from vf_clothmask.types import GarmentRequest
from vf_densepose.open.engine import OpenEngine as DensePoseEngine
from vf_densepose.types import DensePoseRequest
from vf_hrviton.open.engine import OpenEngine as TryOnEngine
from vf_hrviton.types import BodyAnswer, TryOnAnswer, TryOnRequest
from vf_openpose.open.engine import OpenEngine as PoseEngine
from vf_openpose.types import PoseRequest
from vf_parse.open.engine import OpenEngine as ParseEngine
from vf_parse.types import ParseRequest
from vfkit.contracts import GarmentDocument, Image, PosePerson
from vfkit.engines import AnswerT, Engine, RequestT_contra
from vfkit.pictures import PictureKind, normalise, read_picture
from vfkit.problems import Problem

ROOT = Path(__file__).resolve().parent.parent
MadeT = TypeVar("MadeT")
SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".heic"}


@dataclass(frozen=True)
class Person:
    """A photo and what the stages before the synthesis made of it."""

    name: str
    image: Image
    parse: Image
    pose: PosePerson
    densepose: Image
    parse_agnostic: Image
    agnostic: Image


@dataclass(frozen=True)
class Cloth:
    """A garment alone, its mask, and what was read of its photo."""

    name: str
    image: Image
    mask: Image
    document: GarmentDocument


@dataclass(frozen=True)
class Fitting:
    """One pair's outcome."""

    person: Person
    cloth: Cloth
    outcome: TryOnAnswer | Problem
    seconds: float


class Stages:
    """All engines, loaded."""

    def __init__(self, weights: Path) -> None:
        self.pose, self.parse, self.densepose = PoseEngine(weights), ParseEngine(weights), DensePoseEngine(weights)
        self.garment, self.agnostic, self.try_on = GarmentEngine(weights), AgnosticEngine("open"), TryOnEngine()
        for engine in (self.pose, self.parse, self.densepose, self.garment, self.agnostic, self.try_on):
            engine.load()

    def person(self, path: Path) -> Person:
        """Everything that depends on the person only.

        Raises:
            Problem: of any stage.
        """
        image, _ = normalise(read_picture(path.read_bytes()))
        pose = answer(self.pose, PoseRequest(image)).document.people[0]
        labels = answer(self.parse, ParseRequest(image)).labels
        dense = answer(self.densepose, DensePoseRequest(image)).picture
        removed = answer(self.agnostic, AgnosticRequest(image, labels, pose.body()[:, :2]))
        return Person(path.stem, image, labels, pose, dense, removed.parse_agnostic, removed.agnostic)

    def cloth(self, path: Path) -> Cloth:
        """A garment, read.

        Raises:
            Problem: of its engine.
        """
        image, _ = normalise(read_picture(path.read_bytes()), PictureKind.GARMENT)
        read = answer(self.garment, GarmentRequest(image))
        return Cloth(path.stem, read.cloth, read.mask, read.document)

    def fit(self, person: Person, cloth: Cloth) -> Fitting:
        """The synthesis alone, timed."""
        request = TryOnRequest(
            image=person.image,
            cloth=cloth.image,
            cloth_mask=cloth.mask,
            parse_agnostic=person.parse_agnostic,
            agnostic=person.agnostic,
            densepose=person.densepose,
            parse=person.parse,
            pose=person.pose,
            garment=cloth.document,
        )
        start = time.perf_counter()
        outcome = self.try_on.predict([request])[0]
        seconds = time.perf_counter() - start
        if isinstance(outcome, BodyAnswer):
            raise TypeError("that is the answer to another request")
        return Fitting(person, cloth, outcome, seconds)


def answer(engine: Engine[RequestT_contra, AnswerT], request: RequestT_contra) -> AnswerT:
    """One request's answer; a problem is raised."""
    outcome = engine.predict([request])[0]
    if isinstance(outcome, Problem):
        raise outcome
    return outcome


def choose(people: Sequence[Path], garments: Sequence[Path], count: int, seed: int) -> list[tuple[Path, Path]]:
    """Pairs such that people and garments each come up equally often; the same for the same seed."""
    rng = random.Random(seed)
    who: list[Path] = []
    what: list[Path] = []
    while len(who) < count:
        who += rng.sample(people, len(people))
    while len(what) < count:
        what += rng.sample(garments, len(garments))
    return list(zip(who[:count], what[:count], strict=True))


def fittings(stages: Stages, pairs: Sequence[tuple[Path, Path]]) -> Iterator[Fitting]:
    """Every pair's fitting; work on a person or a garment that comes up again is kept."""
    people: dict[Path, Person | Problem] = {}
    cloths: dict[Path, Cloth | Problem] = {}
    for person_path, cloth_path in pairs:
        if person_path not in people:
            people[person_path] = attempt(stages.person, person_path)
        if cloth_path not in cloths:
            cloths[cloth_path] = attempt(stages.cloth, cloth_path)
        person, cloth = people[person_path], cloths[cloth_path]
        if isinstance(person, Problem) or isinstance(cloth, Problem):
            problem = person if isinstance(person, Problem) else cloth
            print(f"{person_path.stem} {cloth_path.stem} {problem}", flush=True)
            continue
        yield stages.fit(person, cloth)


def attempt(work: Callable[[Path], MadeT], path: Path) -> MadeT | Problem:
    """What ``work`` makes of a file, or why it could not."""
    try:
        return work(path)
    except Problem as problem:
        return problem


def tile(fitting: Fitting, height: int) -> PILImage.Image:
    """Garment above person on the left, the result on the right, names below."""
    result = fitting.outcome.result if isinstance(fitting.outcome, TryOnAnswer) else fitting.person.image
    large = scaled(result, height)
    small = [scaled(picture, height // 2) for picture in (fitting.cloth.image, fitting.person.image)]
    out = PILImage.new("RGB", (small[0].width + large.width, height), "white")
    for row, picture in enumerate(small):
        out.paste(picture, (0, row * (height // 2)))
    out.paste(large, (small[0].width, 0))
    problem = f" {fitting.outcome.code}" if isinstance(fitting.outcome, Problem) else ""
    caption = f"{fitting.person.name} {fitting.cloth.name}{problem}"
    ImageDraw.Draw(out).text((3, height - 13), caption, fill="red")
    return out


def scaled(picture: Image, height: int) -> PILImage.Image:
    rows, columns = picture.shape[:2]
    return PILImage.fromarray(picture).resize((round(height * columns / rows), height), PILImage.Resampling.LANCZOS)


def sheet(tiles: Sequence[PILImage.Image], columns: int) -> PILImage.Image:
    """The tiles, row by row."""
    width, height = tiles[0].size
    out = PILImage.new("RGB", (width * columns, height * -(-len(tiles) // columns)), "white")
    for number, picture in enumerate(tiles):
        out.paste(picture, (number % columns * width, number // columns * height))
    return out


def pictures_in(folder: Path) -> list[Path]:
    found = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)
    if not found:
        sys.exit(f"No pictures in {folder}.")
    return found


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("people", type=Path, help="folder of photos of people")
    parser.add_argument("garments", type=Path, help="folder of photos of garments")
    parser.add_argument("--out", type=Path, default=Path("pairs.png"), help="the contact sheet")
    parser.add_argument("--results", type=Path, help="folder for every result in full size")
    parser.add_argument("--pairs", type=int, default=60)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--columns", type=int, default=5)
    parser.add_argument("--height", type=int, default=512, help="of a tile in pixels")
    parser.add_argument("--weights", type=Path, default=Path(os.environ.get("VF_WEIGHTS", ROOT / "weights")))
    return parser.parse_args()


def main() -> None:
    options = arguments()
    pairs = choose(pictures_in(options.people), pictures_in(options.garments), options.pairs, options.seed)
    tiles = []
    for fitting in fittings(Stages(options.weights), pairs):
        outcome = fitting.outcome
        told = outcome.code if isinstance(outcome, Problem) else [warning.code for warning in outcome.warnings]
        print(f"{fitting.person.name} {fitting.cloth.name} {fitting.seconds:.2f} s {told}", flush=True)
        tiles.append(tile(fitting, options.height))
        if options.results and isinstance(outcome, TryOnAnswer):
            options.results.mkdir(parents=True, exist_ok=True)
            name = f"{fitting.person.name}__{fitting.cloth.name}.png"
            PILImage.fromarray(outcome.result).save(options.results / name)
    if not tiles:
        sys.exit("No fitting could be made.")
    sheet(tiles, options.columns).save(options.out)


if __name__ == "__main__":
    main()
