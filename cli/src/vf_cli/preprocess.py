"""`vf preprocess`: folders of photos to the file layout that try-on research uses (VITON-HD).

Below `<out>/test/`, 768x1024, named after the photos (X a person, C a garment):

    image/X.jpg                       image-parse-v3/X.png               openpose_img/X_rendered.png
    image-densepose/X.jpg             image-parse-agnostic-v3.2/X.png    openpose_json/X_keypoints.json
    agnostic-v3.2/X.jpg               cloth/C.jpg                        cloth-mask/C.jpg (grey)

and `<out>/test_pairs.txt`, a line `X.jpg C.jpg` per pair. HR-VITON's data loader reads exactly these names.

The gateway makes the pictures. A fitting needs a person and a garment and leaves the pictures of both, so each
fitting takes the next unfinished person together with the next unfinished garment. A photo is finished when its last
file is there; an interrupted run therefore goes on where it was.
"""

from __future__ import annotations

import io
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import asdict, dataclass, field
from pathlib import Path

from PIL import Image as PILImage

from vf_cli.client import Fitting, GatewayClient, ProblemError, read_photo
from vf_cli.output import CommandError, Exit, progress
from vf_cli.sessions import gateway
from vfkit.contracts import Artifact, Stage
from vfkit.pictures import read_picture
from vfkit.problems import Code, Problem

PHOTO_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".heic", ".heif"})
MODE = "test"
PAIRS = "test_pairs.txt"
JPEG_QUALITY = 95
FLAT_JPEG_QUALITY = 100
"""For masks and body parts, whose flat colours are read back as classes."""
GARMENT_CODES = frozenset({Code.NO_GARMENT_FOUND, Code.UNSUPPORTED_GARMENT})
"""Problems of the garment's photo, whichever stage noticed; all others of a picture are the person's."""
ATTEMPTS = 4
"""How often one fitting is tried while services fail."""
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


Advance = Callable[[Path, Skipped | None], None]


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


def run(people: Path, garments: Path, out: Path, engine: str | None, jobs: int) -> Outcome:
    """The whole command: list, start or find a gateway if anything is left to do, make, write the pairs.

    Raises:
        CommandError: wrong folders, or the system failed; what was made stays.
    """
    photos = list_photos(people), list_photos(garments)
    with progress() as display:
        task = display.add_task("photos", total=sum(map(len, photos)), note="")

        def advance(photo: Path, _: Skipped | None) -> None:
            display.update(task, advance=1, note=photo.name)

        layout = Preprocessor(out, *photos, advance)
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
    """The photos of one kind: which are finished, which wait, which cannot be used.

    Args:
        out: folder of the layout.
        photos: all of them.
        targets: the files of each.
        advance: called with each photo that is finished or skipped.
    """

    def __init__(self, out: Path, photos: Sequence[Path], targets: Sequence[Target], advance: Advance) -> None:
        self.skipped: dict[Path, Skipped] = {}
        self._out = out
        self._photos = photos
        self._targets = targets
        self._advance = advance
        self._waiting = deque(photo for photo in photos if not self.is_finished(photo))
        self._telling = threading.Lock()
        self._told: frozenset[Path] = frozenset(self.finished())
        for photo in self.finished():
            advance(photo, None)

    def __len__(self) -> int:
        return len(self._waiting)

    def is_finished(self, photo: Path) -> bool:
        """Whether the last of its files is there."""
        return self._path(photo, self._targets[-1]).exists()

    def finished(self) -> list[Path]:
        """All finished photos."""
        return [photo for photo in self._photos if self.is_finished(photo)]

    def take(self) -> Path | None:
        """The next one that waits; when none does, any that may serve as the other half of a fitting."""
        if self._waiting:
            return self._waiting.popleft()
        return next((photo for photo in self._photos if photo not in self.skipped), None)

    def put_back(self, photo: Path) -> None:
        """It waits again, if it still has to."""
        if photo not in self.skipped and photo not in self._waiting and not self.is_finished(photo):
            self._waiting.appendleft(photo)

    def skip(self, photo: Path, code: str, detail: str) -> None:
        """It cannot be used."""
        if photo not in self.skipped:
            self.skipped[photo] = Skipped(str(photo), code, detail)
            self._advance(photo, self.skipped[photo])

    def save(self, photo: Path, read: Callable[[Artifact], bytes]) -> None:
        """Write its files, each in one step, unless it is finished."""
        if self.is_finished(photo):
            return
        for target in self._targets:
            path = self._path(photo, target)
            path.parent.mkdir(parents=True, exist_ok=True)
            partial = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
            partial.write_bytes(target.convert(read(target.artifact)))
            partial.replace(path)
        # Two fittings at the same time may have finished the same photo; it is told once.
        with self._telling:
            told, self._told = photo in self._told, self._told | {photo}
        if not told:
            self._advance(photo, None)

    def _path(self, photo: Path, target: Target) -> Path:
        return self._out / MODE / target.folder / f"{photo.stem}{target.suffix}"


class Preprocessor:
    """Makes the layout for some people and garments.

    Args:
        out: folder of the layout.
        people: photos.
        garments: photos.
        advance: called with each photo that is finished or skipped.
    """

    def __init__(self, out: Path, people: Sequence[Path], garments: Sequence[Path], advance: Advance) -> None:
        self._out = out
        self._people = Shelf(out, people, PERSON_TARGETS, advance)
        self._garments = Shelf(out, garments, GARMENT_TARGETS, advance)
        self._lock = threading.Lock()

    @property
    def unfinished(self) -> bool:
        """Whether anything is left to do."""
        return bool(self._people or self._garments)

    def run(self, client: GatewayClient, jobs: int) -> Outcome:
        """Do what is left.

        Args:
            client: the gateway.
            jobs: fittings at the same time.

        Raises:
            CommandError: the system failed; what was made stays.
        """
        with ThreadPoolExecutor(jobs) as pool:
            futures = [pool.submit(self._work, client) for _ in range(jobs)]
            wait(futures)
        for future in futures:
            future.result()
        return self.finish()

    def finish(self) -> Outcome:
        """Write the pairs: person i with garment i, the shorter list begun anew, so that every photo is used."""
        people, garments = self._people.finished(), self._garments.finished()
        count = max(len(people), len(garments)) if people and garments else 0
        lines = [f"{people[i % len(people)].stem}.jpg {garments[i % len(garments)].stem}.jpg\n" for i in range(count)]
        self._out.mkdir(parents=True, exist_ok=True)
        (self._out / PAIRS).write_text("".join(lines))
        skipped = [*self._people.skipped.values(), *self._garments.skipped.values()]
        return Outcome(list(map(str, people)), list(map(str, garments)), skipped, count)

    def _work(self, client: GatewayClient) -> None:
        while (pair := self._next_pair()) is not None:
            self._make(client, *pair)

    def _next_pair(self) -> tuple[Path, Path] | None:
        """A person and a garment of which at least one is unfinished; None when there is no such pair."""
        with self._lock:
            if not self.unfinished:
                return None
            person, garment = self._people.take(), self._garments.take()
            return (person, garment) if person and garment else None

    def _make(self, client: GatewayClient, person: Path, garment: Path) -> None:
        try:
            # The gateway would refuse a file that is no picture too, without saying which of the two it is.
            for shelf, photo in ((self._people, person), (self._garments, garment)):
                bad = shelf, photo
                read_picture(read_photo(photo))
            fitting = _fit(client, person, garment)
        except Problem as problem:
            self._skip(*bad, problem.code, problem.detail)
        except ProblemError as error:
            if not error.picture:
                raise
            of_garment = error.stage == Stage.CLOTHMASK or error.problem["code"] in GARMENT_CODES
            bad = (self._garments, garment) if of_garment else (self._people, person)
            self._skip(*bad, error.problem["code"], error.problem["detail"])
        else:
            self._people.save(person, lambda artifact: client.artifact(fitting, artifact))
            self._garments.save(garment, lambda artifact: client.artifact(fitting, artifact))
            return
        with self._lock:
            self._people.put_back(person)
            self._garments.put_back(garment)

    def _skip(self, shelf: Shelf, photo: Path, code: str, detail: str) -> None:
        with self._lock:
            shelf.skip(photo, code, detail)


def _fit(client: GatewayClient, person: Path, garment: Path) -> Fitting:
    """A fitting, tried again when it failed because a service did; the client waits for a busy gateway by itself."""
    for _ in range(ATTEMPTS - 1):
        try:
            return client.fit(read_photo(person), read_photo(garment))
        except ProblemError as error:
            if error.picture or error.refused:
                raise
            time.sleep(PAUSE_SECONDS)
    return client.fit(read_photo(person), read_photo(garment))
