"""What decoding in processes of their own costs: time of a JPEG, memory of each format.

python bench/decoding.py
"""

from __future__ import annotations

import io
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image as PILImage

from vfkit.pictures import read_picture
from vfkit.pictures.decoding import Decoders, DecodingSettings
from vfkit.pictures.intake import memory_needed

PHOTO = Path(__file__).parents[1] / "samples/person.jpg"
ROUNDS = 60
EDGE = 7000
_MEGABYTE = 1_000_000

_PEAK = """
import sys
from pathlib import Path
from vfkit.pictures import read_picture
def peak():
    return next(int(l.split()[1]) for l in Path("/proc/self/status").read_text().splitlines() if l.startswith("VmHWM"))
data = sys.stdin.buffer.read()
before = peak()
read_picture(data)
print(peak() - before)
"""


def seconds(work: Callable[[], object]) -> tuple[float, float]:
    """Shortest and median time."""
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times), statistics.median(times)


def large_pictures() -> dict[str, bytes]:
    """49 megapixels in every format that can be written here."""
    steps = (np.add.outer(np.arange(EDGE), np.arange(EDGE)) // 64).astype(np.uint8)
    picture = PILImage.fromarray(np.dstack([steps, steps.T + 7, 255 - steps]))

    def saved(kind: str, **options: object) -> bytes:
        buffer = io.BytesIO()
        picture.save(buffer, kind, **options)
        return buffer.getvalue()

    return {
        "JPEG": saved("JPEG"),
        "progressive JPEG": saved("JPEG", progressive=True),
        "progressive JPEG 4:4:4": saved("JPEG", progressive=True, subsampling=0),
        "PNG": saved("PNG", compress_level=1),
        "WebP": saved("WEBP", quality=50, method=0),
        "lossless WebP": saved("WEBP", lossless=True, quality=0, method=0),
    }


def main() -> None:
    data = PHOTO.read_bytes()
    decoders = Decoders(DecodingSettings())
    try:
        decoders.submit(read_picture, data).result()
        for name, work in (
            ("in this process", lambda: read_picture(data)),
            ("in a worker", lambda: decoders.submit(read_picture, data).result()),
        ):
            shortest, median = seconds(work)
            print(f"{PHOTO.name} {name}: {shortest * 1e3:.1f} ms at best, {median * 1e3:.1f} ms median")
    finally:
        decoders.close()
    for name, large in large_pictures().items():
        command = [sys.executable, "-c", _PEAK]
        done = subprocess.run(command, input=large, capture_output=True, check=True)
        peak = int(done.stdout) * 1024 / _MEGABYTE
        print(f"{name}: {peak:.0f} MB taken, {memory_needed(large) / _MEGABYTE:.0f} MB expected")


if __name__ == "__main__":
    main()
