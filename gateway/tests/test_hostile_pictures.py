"""Pictures that attack the gateway, sent to a real one: its memory, its answers to others, and that it lives on."""

from __future__ import annotations

import io
import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import numpy as np
import pytest
from gateway_harness import Services, photo
from PIL import Image as PILImage

from vf_testing.gateway import GatewayProcess
from vfkit.contracts import Stage

FIXTURES = Path(__file__).parents[2] / "kit/tests/fixtures"
HEIC = (FIXTURES / "quadrants_turned.heic").read_bytes()
CRASHING = HEIC.replace(b"Exif", b"\xffxif", 1)
"""It ends a process that opens it with pi_heif 1.4.0."""

MOST_MEMORY_MB = 700
AS_IN_THE_IMAGE = {"MALLOC_ARENA_MAX": "1", "MALLOC_TRIM_THRESHOLD_": "65536"}
"""What gateway/Dockerfile sets: threads share the C library's memory and give it back early."""
LONGEST_STALL = 1.0
"""Seconds; on a machine that runs other tests too."""


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatewayProcess]:
    folder = tmp_path_factory.mktemp("hostile")
    gateway = GatewayProcess({**AS_IN_THE_IMAGE, "VF_DATA": str(folder / "data")}, folder / "log")
    gateway.start()
    yield gateway
    gateway.kill()


def upload(gateway: GatewayProcess, data: bytes) -> httpx.Response:
    return httpx.post(f"{gateway.url}/v1/garments", files={"image": data}, timeout=200, trust_env=False)


def upload_patiently(gateway: GatewayProcess, data: bytes) -> httpx.Response:
    """Send it again as long as the gateway is too busy and says when, as a client does."""
    until = time.monotonic() + 150
    while (answer := upload(gateway, data)).status_code == 503 and time.monotonic() < until:
        assert answer.json()["code"] == "overloaded"
        time.sleep(float(answer.headers["Retry-After"]))
    return answer


def family(pid: int) -> list[int]:
    """A process and all that it started."""
    parents: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(stat.read_text().rsplit(")", 1)[1].split()[1])
        except OSError:
            continue
        parents.setdefault(parent, []).append(int(stat.parent.name))
    found, new = [pid], [pid]
    while new:
        new = [child for one in new for child in parents.get(one, [])]
        found += new
    return found


def memory_mb(pid: int) -> float:
    """What a process and all that it started hold, pages that they share counted once (PSS)."""
    kilobytes = 0
    for one in family(pid):
        try:
            lines = Path(f"/proc/{one}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        kilobytes += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return kilobytes / 1000


class Watch:
    """The most memory, and the longest time that a probe took."""

    def __init__(self) -> None:
        self.memory_mb = 0.0
        self.stall = 0.0


@contextmanager
def watching(gateway: GatewayProcess) -> Iterator[Watch]:
    watch, ended = Watch(), threading.Event()

    def measure() -> None:
        while not ended.wait(0.1):
            watch.memory_mb = max(watch.memory_mb, memory_mb(gateway.pid))

    def probe() -> None:
        with httpx.Client(base_url=gateway.url, trust_env=False, timeout=30) as http:
            while not ended.wait(0.05):
                start = time.monotonic()
                assert http.get("/healthz").status_code == 200
                watch.stall = max(watch.stall, time.monotonic() - start)

    threads = [threading.Thread(target=work) for work in (measure, probe)]
    for thread in threads:
        thread.start()
    try:
        yield watch
    finally:
        ended.set()
        for thread in threads:
            thread.join()


def test_a_file_that_crashes_the_parser_costs_its_own_request(gateway: GatewayProcess) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: upload(gateway, CRASHING if n % 2 else photo(n)), range(12)))
    for number, answer in enumerate(answers):
        assert answer.status_code == (415 if number % 2 else 202), answer.text
    assert {answer.json()["code"] for answer in answers[1::2]} == {"unsupported_image"}


def test_a_decoder_that_hangs_or_is_killed_costs_nobody_else_anything(gateway: GatewayProcess) -> None:
    assert upload(gateway, photo(20)).status_code == 202
    for how in (signal.SIGSTOP, signal.SIGKILL):
        workers = family(gateway.pid)[2:]  # the gateway, the nursery, its workers
        assert workers
        for worker in workers:
            os.kill(worker, how)
        assert upload(gateway, photo(21)).status_code == 202
    os.kill(family(gateway.pid)[1], signal.SIGKILL)
    assert upload(gateway, photo(22)).status_code == 202


def encoded(picture: PILImage.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def test_drawing_large_pictures_takes_from_the_same_memory(services: Services, tmp_path: Path) -> None:
    """Full-size results of the largest photo that is kept, grids, and other formats of both, all at once."""
    urls = {f"VF_{stage.name}_URL": f"{services.url}/{stage.value}" for stage in Stage}
    gateway = GatewayProcess({**AS_IN_THE_IMAGE, **urls, "VF_DATA": str(tmp_path)}, tmp_path / "log")
    gateway.start()
    try:
        with httpx.Client(base_url=gateway.url, trust_env=False, timeout=200) as http:
            wait = {"Prefer": "wait=60"}
            large = photo(1, 3462, 4620)
            person = http.post("/v1/people", files={"image": large}, headers=wait).json()["id"]
            garments = [http.post("/v1/garments", files={"image": photo(n)}).json()["id"] for n in range(2, 5)]
            asked = [{"person_id": person, "garment_id": garment} for garment in garments]
            fittings = [http.post("/v1/fittings", json=each, headers=wait).json() for each in asked]
            paths = [made["links"][name] for made in fittings for name in ("result_full", "grid")]
            with watching(gateway) as watch, ThreadPoolExecutor(len(paths)) as pool:
                answers = list(pool.map(lambda path: http.get(path, headers={"Accept": "image/webp"}), paths))
        sizes = {PILImage.open(io.BytesIO(answer.content)).size for answer in answers}
    finally:
        gateway.kill()
    print(f"{watch.memory_mb:.0f} MB, longest probe {watch.stall:.3f} s")  # noqa: T201
    assert sizes == {(3462, 4620), (3082, 3080)}
    assert watch.memory_mb < MOST_MEMORY_MB
    assert watch.stall < LONGEST_STALL


def attacks() -> list[bytes]:
    """Two WebP and three PNG of 49 megapixels that are small files, six honest JPEG of 48 megapixels."""
    bomb = encoded(PILImage.new("RGBA", (7000, 7000), (9, 99, 200, 255)), "PNG", compress_level=9)
    one_colour = PILImage.new("RGB", (7000, 7000), (200, 100, 50))
    webps = [encoded(one_colour, "WEBP", quality=10, method=0), encoded(one_colour, "WEBP", lossless=True, method=0)]
    rng = np.random.default_rng(0)
    honest = np.kron(rng.integers(0, 255, (600, 800, 3), np.uint8), np.ones((10, 10, 1), np.uint8))
    jpeg = encoded(PILImage.fromarray(honest), "JPEG", quality=90)
    return [*webps, *[bomb] * 3, *[jpeg] * 6]


def test_memory_stays_bounded_whatever_comes(gateway: GatewayProcess) -> None:
    files = attacks()
    began = time.monotonic()
    with watching(gateway) as watch, ThreadPoolExecutor(len(files)) as pool:
        answers = list(pool.map(lambda data: upload_patiently(gateway, data), files))
    print(f"{watch.memory_mb:.0f} MB, longest probe {watch.stall:.3f} s, {time.monotonic() - began:.0f} s in all")  # noqa: T201
    assert [answer.status_code for answer in answers] == [202] * len(files), [answer.text for answer in answers]
    assert watch.memory_mb < MOST_MEMORY_MB
    assert watch.stall < LONGEST_STALL
