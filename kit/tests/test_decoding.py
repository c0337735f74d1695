"""The decoders: what they give, what their workers cannot do, and that no picture costs more than its own request."""

import asyncio
import io
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import wait as wait_for
from pathlib import Path

import hostile
import numpy as np
import pytest
from PIL import Image as PILImage

from vfkit.pictures import decode_labels, decode_mask, encode_labels, encode_mask, read_picture
from vfkit.pictures.decoding import Decoders, DecodingSettings
from vfkit.pictures.decoding.budget import Budget
from vfkit.problems import Code, Problem

FIXTURES = Path(__file__).parent / "fixtures"
HEIC = (FIXTURES / "quadrants_turned.heic").read_bytes()
CRASHING = HEIC.replace(b"Exif", b"\xffxif", 1)
"""It ends a process that opens it with pi_heif 1.4.0."""


def jpeg(seed: int = 0, size: tuple[int, int] = (320, 240)) -> bytes:
    rng = np.random.default_rng(seed)
    buffer = io.BytesIO()
    PILImage.fromarray(rng.integers(0, 255, (*size[::-1], 3), np.uint8)).save(buffer, "JPEG")
    return buffer.getvalue()


def code_of(decoders: Decoders, function, data: bytes, *arguments) -> Code:
    with pytest.raises(Problem) as caught:
        decoders.submit(function, data, *arguments).result(60)
    return caught.value.code


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def nursery_of(parent: int = os.getpid()) -> int:
    """The newest nursery; it may have been started by any thread of the parent."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            command = (stat.parent / "cmdline").read_bytes()
            if int(stat.read_text().rsplit(")", 1)[1].split()[1]) == parent and b"decoding.nursery" in command:
                found.append(int(stat.parent.name))
        except OSError:
            continue
    return max(found)


@pytest.fixture(scope="module")
def decoders():
    decoders = Decoders(DecodingSettings(decode_seconds=2), ["hostile"])
    yield decoders
    decoders.close()


@pytest.fixture(autouse=True)
def fine_afterwards(decoders: Decoders):
    yield
    assert decoders.submit(read_picture, jpeg()).result(60).shape == (240, 320, 3)


def test_the_pixels_are_those_of_decoding_here(decoders: Decoders) -> None:
    for data in (jpeg(), HEIC, (FIXTURES / "quadrants.heic").read_bytes()):
        assert np.array_equal(decoders.submit(read_picture, data).result(60), read_picture(data))
    labels = np.arange(200 * 300, dtype=np.uint8).reshape(200, 300) % 20
    assert np.array_equal(decoders.submit(decode_labels, encode_labels(labels)).result(60), labels)
    mask = np.where(labels > 9, 255, 0).astype(np.uint8)
    assert np.array_equal(decoders.submit(decode_mask, encode_mask(mask)).result(60), mask)


def test_problems_come_back_as_they_are(decoders: Decoders) -> None:
    with pytest.raises(Problem) as here:
        read_picture(b"nothing")
    with pytest.raises(Problem) as there:
        decoders.submit(read_picture, b"nothing").result(60)
    assert (there.value.code, there.value.detail) == (here.value.code, here.value.detail)
    assert code_of(decoders, read_picture, b"") is Code.UNSUPPORTED_IMAGE


def test_a_file_that_crashes_the_parser_is_an_unsupported_image(decoders: Decoders) -> None:
    futures = [decoders.submit(read_picture, CRASHING if i % 2 else jpeg(i)) for i in range(8)]
    wait_for(futures, 60)
    for i, future in enumerate(futures):
        if i % 2:
            assert isinstance(future.exception(), Problem)
            assert future.exception().code is Code.UNSUPPORTED_IMAGE
        else:
            assert future.result().shape == (240, 320, 3)


@pytest.mark.parametrize("what", ["read a file", "write a file", "connect", "fork", "execute", "kill"])
def test_a_worker_can_do_nothing_but_compute(decoders: Decoders, what: str, tmp_path: Path) -> None:
    there = tmp_path / "secret"
    there.write_bytes(b"secret")
    with socket.create_server(("127.0.0.1", 0)) as server:
        targets = {"read a file": str(there), "write a file": str(tmp_path / "new")}
        targets |= {"connect": server.getsockname()[1], "kill": os.getpid()}
        if what not in ("fork", "execute"):  # here it works
            assert hostile.attempt(b"", what, targets.get(what)) == {"done": b""}
        (tmp_path / "new").unlink(missing_ok=True)
        answer = decoders.submit(hostile.attempt, b"", what, targets.get(what)).result(60)
    assert answer == {"error": b"PermissionError"}
    assert not (tmp_path / "new").exists()


def test_memory_beyond_the_picture_s_needs_is_refused(decoders: Decoders) -> None:
    assert decoders.submit(hostile.take_memory, b"", 20_000_000).result(60).shape == hostile.SIZE
    assert code_of(decoders, hostile.take_memory, b"", 300_000_000) is Code.IMAGE_TOO_LARGE


def test_an_endless_loop_is_stopped_and_others_are_served(decoders: Decoders) -> None:
    start = time.monotonic()
    endless = decoders.submit(hostile.loop, b"")
    for seed in range(5):
        assert decoders.submit(read_picture, jpeg(seed)).result(60).shape == (240, 320, 3)
    assert not endless.done()
    assert endless.exception(60).code is Code.UNSUPPORTED_IMAGE
    assert time.monotonic() - start < 20


def test_a_decoder_that_hangs_without_computing_is_stopped(decoders: Decoders) -> None:
    assert code_of(decoders, hostile.wait, b"", 60) is Code.UNSUPPORTED_IMAGE


def test_workers_that_are_stopped_or_killed_while_they_wait_cost_nothing(decoders: Decoders) -> None:
    decoders.submit(read_picture, jpeg()).result(60)
    for how in (signal.SIGSTOP, signal.SIGKILL):
        for worker in children(nursery_of()):
            os.kill(worker, how)
        results = [decoders.submit(read_picture, jpeg(seed)).result(60) for seed in range(3)]
        assert all(result.shape == (240, 320, 3) for result in results)


def test_a_worker_killed_at_work_costs_no_picture(decoders: Decoders) -> None:
    """As the kernel does when memory runs out: the picture is not to blame."""
    before = set(children(nursery_of()))
    slow = decoders.submit(hostile.wait, b"", 3)
    time.sleep(0.5)
    for worker in before | set(children(nursery_of())):
        os.kill(worker, signal.SIGKILL)
    assert slow.result(60).shape == hostile.SIZE


def test_where_every_worker_is_killed_the_machine_is_too_busy(decoders: Decoders) -> None:
    refused = decoders.submit(hostile.wait, b"", 5)
    while not refused.done():
        for worker in children(nursery_of()):
            os.kill(worker, signal.SIGKILL)
        time.sleep(0.1)
    assert refused.exception().code is Code.OVERLOADED


def test_a_nursery_that_is_killed_is_started_again(decoders: Decoders) -> None:
    decoders.submit(read_picture, jpeg()).result(60)
    os.kill(nursery_of(), signal.SIGKILL)
    assert decoders.submit(read_picture, jpeg()).result(60).shape == (240, 320, 3)


def test_a_nursery_killed_at_work_costs_no_picture(decoders: Decoders) -> None:
    slow = [decoders.submit(hostile.wait, b"", 1) for _ in range(2)]
    time.sleep(0.5)
    os.kill(nursery_of(), signal.SIGKILL)
    assert [future.result(60).shape for future in slow] == [hostile.SIZE] * 2


def test_past_the_queue_a_picture_is_refused_for_now() -> None:
    decoders = Decoders(DecodingSettings(decoders=1, decode_queue=2), ["hostile"])
    try:
        held = [decoders.submit(hostile.wait, b"", 0.5) for _ in range(2)]
        with pytest.raises(Problem) as caught:
            decoders.submit(read_picture, jpeg())
        assert (caught.value.code, caught.value.retry_after) == (Code.OVERLOADED, 1.0)
        wait_for(held, 60)
        large = [decoders.submit(hostile.wait, bytes(75_000_001), 0.2)]
        with pytest.raises(Problem):
            decoders.submit(hostile.wait, bytes(75_000_001), 0)
        wait_for(large, 60)
        assert decoders.submit(read_picture, jpeg()).result(60).shape == (240, 320, 3)
    finally:
        decoders.close()


def test_the_budget_is_never_exceeded_and_nobody_waits_for_ever() -> None:
    budget, lock = Budget(100), threading.Lock()
    held, most = 0, 0

    def work(amount: int) -> None:
        nonlocal held, most
        with budget.grant(amount):
            with lock:
                held += amount
                most = max(most, held)
            time.sleep(0.002)
            with lock:
                held -= amount

    threads = [threading.Thread(target=work, args=(10 + 15 * (i % 7),)) for i in range(60)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert held == 0
    assert 50 < most <= 100
    with pytest.raises(ValueError, match="more than"), budget.grant(101):
        pass


def test_our_own_pictures_take_from_the_same_budget() -> None:
    """A large one waits; who is cancelled while waiting takes nothing; a small one waits for no large one."""
    decoders = Decoders(DecodingSettings(decode_mb=128), ["hostile"])

    async def work() -> None:
        async def draw(memory: int) -> None:
            async with decoders.room(memory):
                held.append(memory)
                await over.wait()

        async def settle() -> None:
            for _ in range(20):
                await asyncio.sleep(0.005)

        held: list[int] = []
        over = asyncio.Event()
        first = asyncio.create_task(draw(60_000_000))
        await settle()
        second = asyncio.create_task(draw(50_000_000))
        third = asyncio.create_task(draw(1_000_000_000))
        fourth = asyncio.create_task(draw(4_000_000))
        await settle()
        assert held == [60_000_000, 4_000_000]
        second.cancel()
        third.cancel()
        await settle()
        fifth = asyncio.create_task(draw(1_000_000_000))
        over.set()
        await asyncio.gather(first, fourth, fifth)
        assert held == [60_000_000, 4_000_000, 1_000_000_000]
        await asyncio.gather(second, third, return_exceptions=True)

    try:
        asyncio.run(asyncio.wait_for(work(), 60))
        assert decoders.submit(read_picture, jpeg()).result(60).shape == (240, 320, 3)
    finally:
        decoders.close()


def test_workers_end_with_their_parent() -> None:
    code = (
        "import sys, time\nfrom vfkit.pictures.decoding import Decoders, DecodingSettings\n"
        "import vfkit.pictures as p\nd = Decoders(DecodingSettings())\n"
        "d.submit(p.read_picture, sys.stdin.buffer.read()).result()\nprint('ready', flush=True)\ntime.sleep(60)\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    try:
        parent.stdin.write(jpeg())
        parent.stdin.close()
        assert parent.stdout.readline() == b"ready\n"
        nursery = nursery_of(parent.pid)
        family = [nursery, *children(nursery)]
        assert len(family) > 1
    finally:
        parent.kill()
        parent.wait()
    until = time.monotonic() + 10
    while any(Path(f"/proc/{pid}/cmdline").exists() and Path(f"/proc/{pid}/cmdline").read_bytes() for pid in family):
        assert time.monotonic() < until, "they are still there"
        time.sleep(0.05)
