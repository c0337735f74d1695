"""Mutated pictures of every format, the same for the same seed; as a program it sends them to the decoders.

python fuzzing.py 20000            the nightly run
"""

from __future__ import annotations

import argparse
import io
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import numpy as np
from PIL import Image as PILImage

from vfkit.contracts import Image
from vfkit.pictures import decode_labels, decode_png, encode_labels, read_picture
from vfkit.pictures.decoding import Decoders, DecodingSettings
from vfkit.problems import Code, Problem

FIXTURES = Path(__file__).parent / "fixtures"
KNOWN_CRASH = (FIXTURES / "quadrants_turned.heic").read_bytes().replace(b"Exif", b"\xffxif", 1)
"""It ends a process that opens it with pi_heif 1.4.0."""
EXPECTED = frozenset({Code.UNSUPPORTED_IMAGE, Code.IMAGE_TOO_LARGE, Code.IMAGE_TOO_SMALL, Code.INVALID_REQUEST})
"""What may be said of a mutated picture."""
_NUMBERS = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF)
_AT_ONCE = 8


def seeds() -> dict[str, bytes]:
    """One small file or more of every format."""
    steps = np.arange(160, dtype=np.uint8)
    picture = PILImage.fromarray(np.dstack(np.broadcast_arrays(steps[:, None], steps[None], steps[:, None] // 2)))
    exif = PILImage.Exif()
    exif[0x0112] = 6

    def saved(kind: str, source: PILImage.Image = picture, **options: object) -> bytes:
        buffer = io.BytesIO()
        source.save(buffer, kind, **options)
        return buffer.getvalue()

    return {
        "jpeg": saved("JPEG", exif=exif),
        "progressive jpeg": saved("JPEG", progressive=True),
        "cmyk jpeg": saved("JPEG", picture.convert("CMYK")),
        "png": saved("PNG"),
        "palette png": saved("PNG", picture.convert("P")),
        "16-bit png": saved("PNG", PILImage.fromarray(np.full((160, 160), 999, np.uint16))),
        "labels": encode_labels(np.asarray(picture)[..., 0] % 20),
        "webp": saved("WEBP", quality=60, exif=exif),
        "lossless webp": saved("WEBP", picture.convert("RGBA"), lossless=True),
        "heic": (FIXTURES / "quadrants.heic").read_bytes(),
        "turned heic": (FIXTURES / "quadrants_turned.heic").read_bytes(),
    }


def mutations(count: int, seed: int = 0) -> Iterator[tuple[str, bytes]]:
    """Name and content of files, the known crash first; every format in turn."""
    rng = random.Random(seed)
    files = list(seeds().items())
    yield "known crash", KNOWN_CRASH
    for number in range(count - 1):
        name, data = files[number % len(files)]
        yield name, _mutate(data, rng)


def _mutate(data: bytes, rng: random.Random) -> bytes:
    mutated = bytearray(data)
    # Headers decide what a parser does, so most changes are near the beginning.
    for _ in range(rng.choice((1, 1, 2, 4, 16))):
        end = len(mutated) if rng.random() < 0.4 else min(len(mutated), 600)
        place = rng.randrange(max(1, end - 4))
        match rng.randrange(6):
            case 0:
                mutated[place] ^= 1 << rng.randrange(8)
            case 1:
                mutated[place] = rng.randrange(256)
            case 2:
                number, width = rng.choice(_NUMBERS), rng.choice((1, 2, 4))
                order = rng.choice(("big", "little"))
                mutated[place : place + width] = (number & (256**width - 1)).to_bytes(width, order)
            case 3:
                del mutated[place : place + rng.choice((1, 2, 4, 64))]
            case 4:
                mutated[place:place] = mutated[place : place + rng.choice((1, 4, 64))]
            case _:
                del mutated[max(16, rng.randrange(len(mutated))) :]
        if len(mutated) < 8:
            break
    return bytes(mutated)


def send(decoders: Decoders, count: int, seed: int = 0) -> Counter[str]:
    """Have mutated files read; how often each answer came: ``read``, a code, or what else was raised."""
    answers: Counter[str] = Counter()
    waiting: list[Future[Image]] = []
    for name, data in mutations(count, seed):
        function = decode_labels if name == "labels" else decode_png if name == "palette png" else read_picture
        waiting.append(decoders.submit(function, data))
        if len(waiting) == _AT_ONCE:
            answers.update(map(_answer, waiting))
            waiting.clear()
    answers.update(map(_answer, waiting))
    return answers


def _answer(future: Future[Image]) -> str:
    error = future.exception()
    if error is None:
        return "read"
    return error.code.value if isinstance(error, Problem) else type(error).__name__


def main() -> None:
    parser = argparse.ArgumentParser(description="Send mutated pictures of every format to the decoders.")
    parser.add_argument("count", type=int, nargs="?", default=20_000)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    decoders = Decoders(DecodingSettings())
    start = time.monotonic()
    try:
        answers = send(decoders, options.count, options.seed)
    finally:
        decoders.close()
    print(f"seed {options.seed}, {time.monotonic() - start:.0f} s: {dict(answers)}")  # noqa: T201
    sys.exit(bool(answers.keys() - {"read", *EXPECTED}))


if __name__ == "__main__":
    main()
