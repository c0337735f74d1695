"""Hands files to workers, and brings back what they made of them."""

from __future__ import annotations

import asyncio
import fcntl
import json
import math
import mmap
import os
import pickle
import socket
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any, TypeVar, cast

import numpy as np
import structlog

from vfkit.contracts import Image
from vfkit.pictures.decoding.budget import Budget
from vfkit.pictures.decoding.settings import DecodingSettings
from vfkit.pictures.decoding.worker import LONGEST_MESSAGE, POCKET, ROOM, Job, too_much_memory, unreadable
from vfkit.pictures.intake import DEFAULT_LIMITS
from vfkit.problems import Code, Problem

MadeT = TypeVar("MadeT", Image, dict[str, bytes])

log = structlog.get_logger("vf.decoding")

_ALWAYS = ("vfkit.pictures",)
_BEGIN_SECONDS = 5.0
"""A worker that has not said by then that it begins is stuck; another one takes its job."""
_PICTURES_OF_A_WORKER = 100
"""A worker is replaced after so many: what one of them did to it does not last."""
_GONE_SECONDS = 10.0
_NICENESS = 5
_ON_THE_CLOCK = 3
"""How many times longer than it may compute a picture may take, as others want the processors too."""
_START_SECONDS = 60.0
_QUEUE_BYTES = 6 * DEFAULT_LIMITS.max_bytes
"""Files held, waiting or running: six of the largest size."""
_SMALL, _SMALL_AT_ONCE = 20_000_000, 2
"""Bytes of a small picture of our own: enough for one of 768x1024; how many of them at a time."""
_FIRST_GUESS_SECONDS = 0.1
_NEWEST_SHARE = 0.2
"""Weight of the newest picture in the running mean of a picture's time."""


class _LostError(Exception):
    """A worker was lost for a reason that is not its picture: it did not begin, or the nursery was ended."""


class Decoders:
    """Runs functions on untrusted files, each in a process of its own that can do nothing but compute.

    Workers are forked before they are needed. A worker reads up to a hundred small pictures, one after the other; a
    large one has its worker to itself. What brings a worker down (a parser's crash, an endless loop, memory) is that
    request's ``unsupported_image`` or ``image_too_large`` and nobody else's. A worker that is killed, as
    the kernel does for memory, costs no picture: another one reads it.

    Args:
        settings: what the operator set.
        modules: whose functions shall be run, besides `vfkit.pictures`'.
    """

    def __init__(self, settings: DecodingSettings, modules: Sequence[str] = ()) -> None:
        self._seconds = settings.decode_seconds * _ON_THE_CLOCK
        self._at_once = settings.decoders
        self._most_held = settings.decode_queue
        self._wait = settings.decode_wait
        memory = int(settings.decode_mb * 1e6)
        self._budget = Budget(max(0, memory - settings.decoders * POCKET))
        self._workers = _Workers(settings.decoders, memory, settings.decode_seconds, (*_ALWAYS, *modules))
        self._small = asyncio.Semaphore(_SMALL_AT_ONCE)
        self._threads = ThreadPoolExecutor(settings.decoders, thread_name_prefix="decoding")
        self._lock = threading.Lock()
        self._held = 0
        self._held_bytes = 0
        self._cost = _FIRST_GUESS_SECONDS

    def start(self) -> None:
        """Have the first workers forked, aside; otherwise the first picture waits for that."""
        self._workers.refill()

    def close(self) -> None:
        """Finish what is held, then end all workers. Blocks."""
        self._threads.shutdown(wait=True)
        self._workers.close()

    async def run(self, function: Callable[..., MadeT], data: bytes, *arguments: Any) -> MadeT:
        """As `submit`, for an event loop.

        A picture whose turn does not come in time is given up, and so is one that nobody waits for any more.

        Raises:
            Problem: as `submit`; ``overloaded`` when its turn did not come.
        """
        future = self.submit(function, data, *arguments)
        made = asyncio.wrap_future(future)
        try:
            await asyncio.wait({made}, timeout=self._wait)
        except asyncio.CancelledError:
            made.cancel()
            raise
        if not made.done() and future.cancel():
            raise self._busy()
        return await made

    def require_room(self) -> None:
        """Raises Problem (``overloaded``) when no more pictures can be held now."""
        with self._lock:
            if self._held >= self._most_held or self._held_bytes >= _QUEUE_BYTES:
                raise self._busy()

    def submit(self, function: Callable[..., MadeT], data: bytes, *arguments: Any) -> Future[MadeT]:
        """Call ``function(data, *arguments)`` in a worker.

        Args:
            function: of one of the modules; makes (H, W) or (H, W, C) uint8, or files by name.
            data: an untrusted picture's file.
            arguments: anything that can be pickled.

        Returns:
            what it made; or its Problem; or ``unsupported_image`` when the worker crashed or took too long,
            ``image_too_large`` when there is not enough memory for this picture.

        Raises:
            Problem: ``overloaded`` when too many pictures, or too large ones, are held already.
        """
        self._enter(len(data))
        try:
            future = self._threads.submit(self._decode, function, data, arguments)
        except BaseException:
            self._leave(len(data))
            raise
        size = len(data)
        future.add_done_callback(lambda _: self._leave(size))
        return cast("Future[MadeT]", future)

    @asynccontextmanager
    async def room(self, memory: int) -> AsyncIterator[None]:
        """Within this, a picture of our own may be read and drawn in this process; waits for the memory that it takes.

        Large ones take it from what untrusted pictures may take. Small ones, two at a time, take it beside: they are
        shown all the time and shall not wait for a large untrusted picture.

        Args:
            memory: bytes; more than there is: all there is.
        """
        if memory <= _SMALL:
            async with self._small:
                yield
        else:
            async with self._budget.granted(min(memory, self._budget.total)):
                yield

    # --- the bounded queue ---

    def _enter(self, size: int) -> None:
        with self._lock:
            full = self._held >= self._most_held or (self._held and self._held_bytes + size > _QUEUE_BYTES)
            if full:
                raise self._busy()
            self._held += 1
            self._held_bytes += size

    def _busy(self) -> Problem:
        wait = max(1.0, round(self._held * self._cost / self._at_once))
        return Problem(Code.OVERLOADED, "Too many pictures are being read. Please try again.", retry_after=wait)

    def _leave(self, size: int) -> None:
        with self._lock:
            self._held -= 1
            self._held_bytes -= size

    # --- one picture, in a thread ---

    def _decode(self, function: Callable[..., Any], data: bytes, arguments: tuple[Any, ...]) -> Any:
        start = time.monotonic()
        job = pickle.dumps(Job(function, arguments))
        with _memory_file(len(data)) as given:
            _fill(given, data)
            try:
                for _ in range(self._at_once + 2):  # every one that waits may be stuck
                    with suppress(_LostError), self._workers.one() as worker:
                        return self._ask(worker, job, given)
            finally:
                self._cost += _NEWEST_SHARE * (time.monotonic() - start - self._cost)
        log.error("no decoder begins")
        raise Problem(Code.OVERLOADED, retry_after=_BEGIN_SECONDS)

    def _ask(self, worker: _Worker, job: bytes, given: int) -> Any:
        worker.begin(job, given)
        answer = worker.hear(self._seconds)
        if "needs" in answer:
            return self._ask_for_more(worker, int(answer["needs"]))
        made = worker.collect(answer)
        worker.trusted = True
        return made

    def _ask_for_more(self, worker: _Worker, needs: int) -> Any:
        """Go on with a picture that takes more than a worker always may."""
        more = max(0, needs - POCKET)
        if more > self._budget.total:
            raise too_much_memory()
        with self._budget.grant(more):
            worker.give_way()
            worker.say({})
            try:
                return worker.collect(worker.hear(self._seconds))
            finally:
                worker.end()
                worker.wait_until_gone()


# --- processes ---


class _Worker:
    """One worker, seen from the pool.

    Attributes:
        trusted: whether it can be given another picture.
    """

    def __init__(self, nursery: _Nursery, pid: int, channel: socket.socket, room: mmap.mmap) -> None:
        self._nursery = nursery
        self._pid = pid
        self._channel = channel
        self._room = room
        self._begun = 0
        self.trusted = True

    def begin(self, job: bytes, given: int) -> None:
        """Hand it its job. Raises _LostError when it does not begin."""
        self.trusted = False
        self._begun += 1
        self._channel.settimeout(_BEGIN_SECONDS)
        try:
            socket.send_fds(self._channel, [job], [given])
            answer = self._channel.recv(LONGEST_MESSAGE)
        except OSError as error:  # TimeoutError among them
            log.warning("decoder stuck", pid=self._pid, reason=type(error).__name__)
            raise _LostError from error
        if not answer:
            log.warning("decoder gone", pid=self._pid)
            raise _LostError
        if missing := json.loads(answer)["missing"]:
            self._nursery.warn(missing)

    def give_way(self) -> None:
        """Let it compute when nobody else wants to: a large picture may not delay what others ask."""
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, self._pid, _NICENESS)

    def say(self, message: Mapping[str, Any]) -> None:
        """Tell it something; one that is gone is noticed by `hear`."""
        with suppress(OSError):
            self._channel.send(json.dumps(message).encode())

    def hear(self, seconds: float) -> dict[str, Any]:
        """What it says next.

        Raises:
            Problem: its own, or ``unsupported_image`` when it is gone or takes too long.
            _LostError: it was killed, or is gone because the nursery is: nothing that the picture did.
        """
        self._channel.settimeout(seconds)
        try:
            message = self._channel.recv(LONGEST_MESSAGE)
        except TimeoutError as error:
            log.warning("decoder stopped", pid=self._pid, seconds=seconds)
            raise unreadable() from error
        except OSError:  # it left a message unread
            message = b""
        if not message and self._nursery.gone():
            log.warning("decoder lost with its nursery", pid=self._pid)
            raise _LostError
        if not message and self._nursery.killed(self._pid):
            log.warning("decoder killed", pid=self._pid)
            raise _LostError
        if not message:
            log.warning("decoder crashed", pid=self._pid)
            raise unreadable()
        answer: dict[str, Any] = json.loads(message)
        if told := answer.get("problem"):
            self.trusted = True
            raise Problem(Code(told["code"]), str(told["detail"]))
        return answer

    def collect(self, answer: Mapping[str, Any]) -> Image | dict[str, bytes]:
        """What it laid down; copied, as it could still write there."""
        if "shape" in answer:
            shape = [int(edge) for edge in answer["shape"]]
            if len(shape) not in (2, 3) or min(shape) < 1 or math.prod(shape) > ROOM:
                raise unreadable()
            picture = np.empty(shape, np.uint8)
            picture.reshape(-1)[:] = np.frombuffer(self._room, np.uint8, picture.size)
            return picture
        made, place = {}, 0
        for name, size in answer["parts"].items():
            if not 0 <= size <= ROOM - place:
                raise unreadable()
            made[str(name)] = self._room[place : place + size]
            place += size
        return made

    def end(self) -> None:
        """Kill it, if it is still there."""
        self.trusted = False
        self._nursery.end(self._pid)

    def wait_until_gone(self) -> None:
        """Its socket closes after its memory was given back."""
        self._channel.settimeout(_GONE_SECONDS)
        with suppress(OSError):
            while self._channel.recv(LONGEST_MESSAGE):
                pass

    @property
    def worn_out(self) -> bool:
        """Whether it has had its share of pictures."""
        return self._begun >= _PICTURES_OF_A_WORKER

    def close(self) -> None:
        """End it and forget it."""
        self.end()
        self._channel.close()
        self._room.close()


class _Nursery:
    """The process that forks workers, seen from the pool."""

    def __init__(self, memory: int, seconds: float, modules: Sequence[str]) -> None:
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._control.settimeout(_START_SECONDS)
        self._asking = threading.Lock()
        self._warned = False
        command = [sys.executable, "-m", "vfkit.pictures.decoding.nursery", str(theirs.fileno())]
        command += [str(memory), str(seconds), *modules]
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603  our own words
                command, pass_fds=[theirs.fileno()], env=_environment(), stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
            )  # fmt: skip

    def fork(self) -> _Worker:
        """A new worker. Raises OSError when the nursery is gone."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs, _memory_file(ROOM, sealed=True) as file:
            try:
                answer = self._ask({"fork": True}, theirs.fileno(), file)
            except OSError:
                ours.close()
                raise
            room = mmap.mmap(file, ROOM, prot=mmap.PROT_READ)
        return _Worker(self, answer["pid"], ours, room)

    def killed(self, pid: int) -> bool:
        """Whether a worker that is gone was killed, and not by us: by the kernel for memory, or by an operator."""
        try:
            return bool(self._ask({"killed": pid})["killed"])
        except OSError:  # the nursery went too, and its workers with it
            return True

    def _ask(self, order: Mapping[str, Any], *handles: int) -> dict[str, Any]:
        """Its answer to an order. Raises OSError when it is gone."""
        with self._asking:
            socket.send_fds(self._control, [json.dumps(order).encode()], handles)
            message = self._control.recv(LONGEST_MESSAGE)
        if not message:
            raise ConnectionResetError("the nursery is gone")
        answer: dict[str, Any] = json.loads(message)
        return answer

    def end(self, pid: int) -> None:
        """Kill a worker; without a nursery they are dead already."""
        with suppress(OSError):
            self._control.send(json.dumps({"end": pid}).encode())

    def gone(self) -> bool:
        """Whether its process has ended. Workers end after it did, so this is certain once one of them is gone."""
        try:
            return os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
        except ChildProcessError:  # collected already
            return True

    def warn(self, missing: Sequence[str]) -> None:
        """Say once what this machine cannot confine."""
        if not self._warned:
            self._warned = True
            log.warning("decoders less confined", missing=missing)

    def close(self) -> None:
        """End it, and its workers."""
        self._control.close()
        self._process.kill()
        self._process.wait()


class _Workers:
    """Workers that wait for a job, and the nursery that they come from; one that died is replaced."""

    def __init__(self, spare: int, memory: int, seconds: float, modules: Sequence[str]) -> None:
        self._spare = spare
        self._start: Callable[[], _Nursery] = lambda: _Nursery(memory, seconds, modules)
        self._nursery: _Nursery | None = None
        self._waiting: list[_Worker] = []
        self._lock = threading.Lock()
        self._forking = ThreadPoolExecutor(1, thread_name_prefix="forking")

    @contextmanager
    def one(self) -> Iterator[_Worker]:
        """A worker; after the context it waits again, or is replaced."""
        with self._lock:
            worker = self._waiting.pop() if self._waiting else self._fork()
        try:
            yield worker
        finally:
            if not self._wait_again(worker):
                worker.close()
                self.refill()

    def _wait_again(self, worker: _Worker) -> bool:
        with self._lock:
            useful = worker.trusted and not worker.worn_out and len(self._waiting) < self._spare
            if useful:
                self._waiting.append(worker)
        return useful

    def refill(self) -> None:
        """Fork, aside, until as many workers wait as there are pictures at a time."""
        self._forking.submit(self._refill)

    def _refill(self) -> None:
        while True:
            with self._lock:
                if len(self._waiting) >= self._spare:
                    return
                self._waiting.append(self._fork())

    def close(self) -> None:
        """End all of them."""
        self._forking.shutdown(wait=True)
        with self._lock:
            for worker in self._waiting:
                worker.close()
            self._waiting.clear()
            if self._nursery is not None:
                self._nursery.close()

    def _fork(self) -> _Worker:
        if self._nursery is not None:
            try:
                return self._nursery.fork()
            except OSError:
                log.warning("decoders start anew")
                self._nursery.close()
        self._nursery = self._start()
        return self._nursery.fork()


def _environment() -> dict[str, str]:
    """Of the nursery: no secrets; libraries with one thread; small blocks of memory are kept for the next picture."""
    return {
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "PYTHONSAFEPATH": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "MALLOC_MMAP_THRESHOLD_": str(8 << 20),
        "MALLOC_TRIM_THRESHOLD_": str(POCKET),
    }


# --- memory files ---


@contextmanager
def _memory_file(size: int, *, sealed: bool = False) -> Iterator[int]:
    """An unnamed file in memory; a sealed one keeps its size, so that reading it can never fail."""
    handle = os.memfd_create("picture", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        os.ftruncate(handle, size)
        if sealed:
            fcntl.fcntl(handle, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL)
        yield handle
    finally:
        os.close(handle)


def _fill(handle: int, data: bytes) -> None:
    if data:
        with mmap.mmap(handle, len(data)) as mapped:
            mapped[:] = data
