"""`vf preprocess`: folders of photos to the file layout that try-on research uses (VITON-HD).

Below `<out>/test/`, 768x1024, named after the photos (X a person, C a garment):

    image/X.jpg                       image-parse-v3/X.png               openpose_img/X_rendered.png
    image-densepose/X.jpg             image-parse-agnostic-v3.2/X.png    openpose_json/X_keypoints.json
    agnostic-v3.2/X.jpg               cloth/C.jpg                        cloth-mask/C.jpg (grey)

Cloths are as VITON-HD has them: the garment alone on white, upright, filling the frame.

`<out>/test_pairs.txt` has a line `X.jpg C.jpg` per pair. HR-VITON's data loader reads exactly these names.

The gateway makes the pictures: each photo is uploaded, prepared as for a fitting, and deleted there when its files are
written. A photo is finished when its last file is there; an interrupted run therefore goes on where it was.
"""

from __future__ import annotations

import io
import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass, field
from itertools import chain, zip_longest
from pathlib import Path

from PIL import Image as PILImage

from vf_cli.client import GatewayClient, ProblemError, read_photo
from vf_cli.output import CommandError, Exit, progress
from vf_cli.sessions import gateway
from vfkit.contracts import Artifact, Category
from vfkit.pictures import PictureKind

PHOTO_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".heic", ".heif"})
MODE = "test"
PAIRS = "test_pairs.txt"
JPEG_QUALITY = 95
FLAT_JPEG_QUALITY = 100
"""For masks and body parts, whose flat colours are read back as classes."""
ATTEMPTS = 4
"""How often one photo is tried while services fail."""
PAUSE_SECONDS = 2.0


@dataclass(frozen=True)
class Target:
    """One file of the layout: which artifact, where, and how it is written."""

    artifact: Artifact
    folder: str
    suffix: str
    convert: Callable[[bytes], bytes]


def _as_is(content: bytes) -> bytes:
    return content


def _jpeg(mode: str, quality: int) -> Callable[[bytes], bytes]:
    def convert(content: bytes) -> bytes:
        buffer = io.BytesIO()
        with PILImage.open(io.BytesIO(content)) as picture:
            picture.convert(mode).save(buffer, "JPEG", quality=quality, subsampling=0)
        return buffer.getvalue()

    return convert


PERSON_TARGETS = (
    Target(Artifact.POSE_JSON, "openpose_json", "_keypoints.json", _as_is),
    Target(Artifact.POSE, "openpose_img", "_rendered.png", _as_is),
    Target(Artifact.PARSE, "image-parse-v3", ".png", _as_is),
    Target(Artifact.PARSE_AGNOSTIC, "image-parse-agnostic-v3.2", ".png", _as_is),
    Target(Artifact.DENSEPOSE, "image-densepose", ".jpg", _jpeg("RGB", FLAT_JPEG_QUALITY)),
    Target(Artifact.AGNOSTIC, "agnostic-v3.2", ".jpg", _jpeg("RGB", JPEG_QUALITY)),
    Target(Artifact.PERSON, "image", ".jpg", _jpeg("RGB", JPEG_QUALITY)),
)
GARMENT_TARGETS = (
    Target(Artifact.CLOTH_MASK, "cloth-mask", ".jpg", _jpeg("L", FLAT_JPEG_QUALITY)),
    Target(Artifact.CLOTH, "cloth", ".jpg", _jpeg("RGB", JPEG_QUALITY)),
)
"""Written in this order; the last file says that a photo is finished."""


@dataclass(frozen=True)
class Skipped:
    """A photo that could not be used."""

    photo: str
    code: str
    detail: str


@dataclass
class Outcome:
    """What a run did."""

    people: list[str] = field(default_factory=list)
    garments: list[str] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    pairs: int = 0

    def document(self) -> dict[str, object]:
        """For `--json`."""
        return asdict(self)


Advance = Callable[[Path], None]
"""Called with each photo that is finished or skipped."""


def run(people: Path, garments: Path, out: Path, engine: str | None, jobs: int, category: Category) -> Outcome:
    """The whole command: list, start or find a gateway if anything is left to do, make, write the pairs.

    Raises:
        CommandError: wrong folders, or the system failed; what was made stays.
    """
    photos = list_photos(people), list_photos(garments)
    with progress() as display:
        task = display.add_task("photos", total=sum(map(len, photos)), note="")

        def advance(photo: Path) -> None:
            display.update(task, advance=1, note=photo.name)

        layout = Preprocessor(out, *photos, advance, category)
        if not layout.unfinished:
            return layout.finish()
        with gateway(engine) as client:
            return layout.run(client, jobs)


def list_photos(folder: Path) -> list[Path]:
    """The photos of a folder, by name; of two with the same stem only the first can have files in the layout.

    Raises:
        CommandError: there is no such folder, or no photo in it.
    """
    if not folder.is_dir():
        raise CommandError(Exit.USAGE, f"{folder} is not a folder")
    photos = sorted(path for path in folder.iterdir() if path.suffix.lower() in PHOTO_SUFFIXES and path.is_file())
    if not photos:
        raise CommandError(Exit.USAGE, f"{folder} has no photos ({', '.join(sorted(PHOTO_SUFFIXES))})")
    stems = [photo.stem for photo in photos]
    double = sorted({stem for stem in stems if stems.count(stem) > 1})
    if double:
        raise CommandError(Exit.USAGE, f"{folder} has several photos of one name: {', '.join(double)}")
    return photos


class Shelf:
    """The photos of one kind and their files in the layout.

    Args:
        out: folder of the layout.
        kind: people or garments.
        photos: all of them.
        category: what garments are sold as.
    """

    def __init__(
        self, out: Path, kind: PictureKind, photos: Sequence[Path], category: Category = Category.AUTO
    ) -> None:
        self.skipped: dict[Path, Skipped] = {}
        self._out = out
        self._kind = kind
        self._photos = photos
        self._category = category
        self._targets = PERSON_TARGETS if kind is PictureKind.PERSON else GARMENT_TARGETS

    def finished(self) -> list[Path]:
        """Photos all of whose files are there."""
        return [photo for photo in self._photos if self._path(photo, self._targets[-1]).exists()]

    def unfinished(self) -> list[Path]:
        """All others."""
        finished = set(self.finished())
        return [photo for photo in self._photos if photo not in finished]

    def make(self, client: GatewayClient, photo: Path) -> None:
        """Write a photo's files, or note why there cannot be any; tried again while services fail.

        Raises:
            CommandError: the system failed.
        """
        content = read_photo(photo)
        for attempt in range(1, ATTEMPTS + 1):
            try:
                with client.prepared(self._kind, content, category=self._category) as document:
                    for target in self._targets:
                        self._write(photo, target, client.artifact(document, target.artifact))
                return
            except ProblemError as error:
                if error.picture:
                    self.skipped[photo] = Skipped(str(photo), error.problem["code"], error.problem["detail"])
                    return
                # The client waits for a busy gateway by itself.
                if error.refused or attempt == ATTEMPTS:
                    raise
            time.sleep(PAUSE_SECONDS)

    def _write(self, photo: Path, target: Target, content: bytes) -> None:
        """In one step: a file that is there is whole."""
        path = self._path(photo, target)
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f".{path.name}.{os.getpid()}")
        partial.write_bytes(target.convert(content))
        partial.replace(path)

    def _path(self, photo: Path, target: Target) -> Path:
        return self._out / MODE / target.folder / f"{photo.stem}{target.suffix}"


class Preprocessor:
    """Makes the layout for some people and garments.

    Args:
        out: folder of the layout.
        people: photos.
        garments: photos.
        advance: see `Advance`.
        category: what all of the garments are sold as.
    """

    def __init__(
        self,
        out: Path,
        people: Sequence[Path],
        garments: Sequence[Path],
        advance: Advance,
        category: Category = Category.AUTO,
    ) -> None:
        self._out = out
        self._people = Shelf(out, PictureKind.PERSON, people)
        self._garments = Shelf(out, PictureKind.GARMENT, garments, category)
        self._advance = advance

    @property
    def unfinished(self) -> bool:
        """Whether anything is left to do."""
        return bool(self._people.unfinished() or self._garments.unfinished())

    def run(self, client: GatewayClient, jobs: int) -> Outcome:
        """Do what is left.

        Args:
            client: the gateway.
            jobs: photos at the same time.

        Raises:
            CommandError: the system failed; what was made stays.
        """
        for photo in (*self._people.finished(), *self._garments.finished()):
            self._advance(photo)
        people = [(self._people, photo) for photo in self._people.unfinished()]
        garments = [(self._garments, photo) for photo in self._garments.unfinished()]
        # In turns: people and garments need different services.
        left = filter(None, chain.from_iterable(zip_longest(people, garments)))
        pool = ThreadPoolExecutor(jobs)
        try:
            made = {pool.submit(shelf.make, client, photo): photo for shelf, photo in left}
            for done in as_completed(made):
                done.result()
                self._advance(made[done])
        finally:
            pool.shutdown(cancel_futures=True)
        return self.finish()

    def finish(self) -> Outcome:
        """Write the pairs: person i with garment i, the shorter list begun anew, so that every photo is used."""
        people, garments = self._people.finished(), self._garments.finished()
        count = max(len(people), len(garments)) if people and garments else 0
        lines = [f"{people[i % len(people)].stem}.jpg {garments[i % len(garments)].stem}.jpg\n" for i in range(count)]
        self._out.mkdir(parents=True, exist_ok=True)
        (self._out / PAIRS).write_text("".join(lines))
        skipped = [shelf.skipped[photo] for shelf in (self._people, self._garments) for photo in sorted(shelf.skipped)]
        return Outcome(list(map(str, people)), list(map(str, garments)), skipped, count)
