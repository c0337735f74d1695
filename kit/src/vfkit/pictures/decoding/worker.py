"""A process that reads pictures from outside, one after the other.

It is ended after a large picture, and after a number of small ones: what one picture may have done to it does not last.
What goes over its socket for each picture, in this order:

1. in: a pickled `Job`, with a memory file: the picture;
2. out: ``{"begun": true}``, before anything is read, so that a worker that is stuck costs no picture;
3. if the picture's header says that it takes more than `POCKET`: out: ``{"needs": bytes}``; in: ``{}`` when so much
   memory is free;
4. out: ``{"shape": [...]}``, ``{"parts": {name: size}}`` or ``{"problem": {...}}``.

What is made lies in a memory file that it was born with. Answers are JSON and pixels, never pickles: a worker is not
trusted any more once it has seen a picture.
"""

from __future__ import annotations

import json
import mmap
import os
import pickle
import socket
import sys
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from vfkit.contracts import Image
from vfkit.pictures.decoding.confinement import Confinement
from vfkit.pictures.intake import memory_needed
from vfkit.problems import Code, Problem

ROOM = 192_000_000
"""Bytes at most that are made of one picture: 64 megapixels in RGB."""
POCKET = 32_000_000
"""Bytes that a worker may take without asking: enough for what stages send each other."""
LONGEST_MESSAGE = 1 << 16

_TOO_MUCH_MEMORY = "This picture takes too much memory to open. Please use a smaller one, or save it as a plain JPEG."
_UNREADABLE = "This picture is damaged or incomplete. Please upload it again or choose another one."


def too_much_memory() -> Problem:
    """What is said of a picture that takes more memory than there is."""
    return Problem(Code.IMAGE_TOO_LARGE, _TOO_MUCH_MEMORY)


def unreadable() -> Problem:
    """What is said of a picture that brought its worker down."""
    return Problem(Code.UNSUPPORTED_IMAGE, _UNREADABLE)


@dataclass(frozen=True)
class Job:
    """What is to be done with a picture.

    Attributes:
        function: of a module that the nursery has imported; called with the file and the arguments.
        arguments: of the function, behind the file.
    """

    function: Callable[..., Image | Mapping[str, bytes]]
    arguments: tuple[Any, ...]


def serve(channel: socket.socket, room: mmap.mmap, memory: int, seconds: float) -> None:
    """Do the jobs that come over the socket, until it closes.

    Args:
        channel: the socket.
        room: where what is made is laid down.
        memory: bytes that a job may take at most.
        seconds: that it may compute.
    """
    confinement = Confinement(memory)
    while True:
        message, handles, _, _ = socket.recv_fds(channel, LONGEST_MESSAGE, 1)
        if not message:
            return
        confinement.allow(memory, seconds)
        job: Job = pickle.loads(message)  # noqa: S301  from the process that decides over this one
        _say(channel, {"begun": True, "missing": confinement.missing})
        _say(channel, _work(channel, lambda needs: confinement.allow(needs, seconds), job, handles[0], room))
        os.close(handles[0])


def _work(
    channel: socket.socket, allow: Callable[[int], None], job: Job, given: int, room: mmap.mmap
) -> dict[str, Any]:
    try:
        data = _read(given)
        needs = memory_needed(data) + len(data)
        if needs > POCKET:
            _say(channel, {"needs": needs})
            if not channel.recv(LONGEST_MESSAGE):
                raise ConnectionResetError
        allow(max(needs, POCKET))
        return _lay_down(job.function(data, *job.arguments), room)
    except ConnectionError:  # nobody waits for the answer any more
        raise
    except Problem as problem:
        return _tell(problem)
    except MemoryError:
        return _tell(too_much_memory())
    except Exception:  # a bug: this caller fails, the log tells why
        sys.stderr.write(json.dumps({"event": "decoder failed", "level": "error", "exception": traceback.format_exc()}))
        sys.stderr.write("\n")
        return _tell(Problem(Code.INTERNAL))


def _read(given: int) -> bytes:
    size = os.fstat(given).st_size
    return os.pread(given, size, 0) if size else b""


def _tell(problem: Problem) -> dict[str, Any]:
    return {"problem": {"code": problem.code, "detail": problem.detail}}


def _lay_down(made: Image | Mapping[str, bytes], room: mmap.mmap) -> dict[str, Any]:
    """Write what was made into the room, and describe it."""
    parts = [np.ascontiguousarray(made).data.cast("B")] if isinstance(made, np.ndarray) else list(made.values())
    if sum(map(len, parts)) > ROOM:
        raise too_much_memory()
    place = 0
    for part in parts:
        room[place : place + len(part)] = part
        place += len(part)
    if isinstance(made, np.ndarray):
        return {"shape": made.shape}
    return {"parts": {name: len(part) for name, part in made.items()}}


def _say(channel: socket.socket, message: Mapping[str, Any]) -> None:
    channel.send(json.dumps(message).encode())
