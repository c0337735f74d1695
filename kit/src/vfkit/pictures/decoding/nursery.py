"""The process that forks workers: ``python -m vfkit.pictures.decoding.nursery FD MEMORY SECONDS MODULE...``.

It imports what workers need once, and has one thread, so that forking it is quick and safe. It never sees a picture.
Over its socket it is told, as JSON, to ``fork`` (a worker's socket and room come along; the answer is
``{"pid": ...}``), to say whether a worker that is gone was ``killed``, or to ``end`` a worker. A worker stays a zombie
until it was to end and was collected here, so no pid can mean another process. When the socket closes, the process that
started it is gone or done: it ends, and its workers with it.
"""

from __future__ import annotations

import gc
import importlib
import io
import json
import mmap
import os
import resource
import signal
import socket
import sys
import time
import traceback
import warnings
from collections.abc import Mapping, Sequence
from contextlib import suppress

from PIL import Image as PILImage

from vfkit.pictures.decoding.confinement import volunteer_for_oom
from vfkit.pictures.decoding.worker import LONGEST_MESSAGE, ROOM, serve
from vfkit.pictures.intake import read_picture

_STANDARD_ERROR = 2
_GONE_SECONDS, _POLL_SECONDS = 1.0, 0.005
"""How long a worker may take from its socket's end to its own, and how often that is looked for."""
_OPEN_FILES = 64
"""As many as it may have open, so that a worker can close all of them quickly."""


def main(arguments: Sequence[str]) -> None:
    """Fork workers until the socket closes."""
    handle, memory, seconds, *modules = arguments
    for ours in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ours, signal.SIG_IGN)  # both go to whole groups; the socket says when it is time
    resource.setrlimit(resource.RLIMIT_NOFILE, (_OPEN_FILES, _OPEN_FILES))
    for module in modules:
        importlib.import_module(module)
    warnings.simplefilter("ignore")  # libraries complain of files from outside
    _warm_up()
    gc.freeze()  # a collection in a worker would touch, and so copy, every page
    with socket.socket(fileno=int(handle)) as control:
        Nursery(control, int(memory), float(seconds)).run()


def _warm_up() -> None:
    """Have the libraries load what they load at first use: a worker can open no file."""
    for kind in ("JPEG", "PNG", "WEBP"):
        buffer = io.BytesIO()
        PILImage.new("RGB", (128, 128)).save(buffer, kind)
        read_picture(buffer.getvalue())


class Nursery:
    """Forks and collects workers.

    Args:
        control: the socket to whoever started it.
        memory: bytes that a worker may ever take.
        seconds: that a worker may compute.
    """

    def __init__(self, control: socket.socket, memory: int, seconds: float) -> None:
        self._control = control
        self._memory = memory
        self._seconds = seconds
        self._children: set[int] = set()
        self._ending: set[int] = set()

    def run(self) -> None:
        """Do as told until the socket closes."""
        while True:
            message, handles, _, _ = socket.recv_fds(self._control, LONGEST_MESSAGE, 2)
            if not message:
                return
            order = json.loads(message)
            if "fork" in order:
                self._fork(*handles)
            elif "killed" in order:
                self._say({"killed": self._killed(order["killed"])})
            elif order["end"] in self._children:
                os.kill(order["end"], signal.SIGKILL)
                self._ending.add(order["end"])
            self._collect()

    def _fork(self, channel: int, file: int) -> None:
        pid = os.fork()
        if pid == 0:
            self._be_worker(channel, file)
        os.close(channel)
        os.close(file)
        self._children.add(pid)
        self._say({"pid": pid})

    def _be_worker(self, channel: int, file: int) -> None:
        status = 1
        try:
            volunteer_for_oom()
            room = mmap.mmap(file, ROOM)
            os.closerange(_STANDARD_ERROR + 1, channel)
            os.closerange(channel + 1, _OPEN_FILES)
            serve(socket.socket(fileno=channel), room, self._memory, self._seconds)
            status = 0
        except ConnectionError:
            status = 0
        except BaseException:
            with suppress(Exception):
                sys.stderr.write(traceback.format_exc())
        finally:
            os._exit(status)

    def _killed(self, pid: int) -> bool:
        """Whether a worker that closed its socket was killed; one that is alive all the same was not."""
        until = time.monotonic() + _GONE_SECONDS
        while pid in self._children and time.monotonic() < until:
            if end := os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                return end.si_code == os.CLD_KILLED and end.si_status == signal.SIGKILL
            time.sleep(_POLL_SECONDS)
        return False

    def _collect(self) -> None:
        gone = {pid for pid in self._ending if os.waitpid(pid, os.WNOHANG)[0]}
        self._ending -= gone
        self._children -= gone

    def _say(self, answer: Mapping[str, object]) -> None:
        self._control.send(json.dumps(answer).encode())


if __name__ == "__main__":
    main(sys.argv[1:])
