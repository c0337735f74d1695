"""The process that forks workers: ``python -m vfkit.pictures.decoding.nursery FD MEMORY SECONDS MODULE...``.

It imports what workers need once, and has one thread, so that forking it is quick and safe. It never sees a picture.
Over its socket it is told, as JSON, either to ``fork`` (a worker's socket comes along; the answer is ``{"pid": ...}``)
or to ``end`` a worker. A worker stays a zombie until it was collected here, so no pid can mean another process. When
the socket closes, the process that started it is gone or done: it ends, and its workers with it.
"""

from __future__ import annotations

import importlib
import io
import json
import os
import signal
import socket
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress

from PIL import Image as PILImage

from vfkit.pictures.decoding.confinement import volunteer_for_oom
from vfkit.pictures.decoding.worker import LONGEST_MESSAGE, serve
from vfkit.pictures.intake import read_picture

_NICENESS = 5
"""Decoding gives way to the process that answers callers."""
_STANDARD_STREAMS = 3


def main(arguments: Sequence[str]) -> None:
    """Fork workers until the socket closes."""
    handle, memory, seconds, *modules = arguments
    for ours in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ours, signal.SIG_IGN)  # both go to whole groups; the socket says when it is time
    for module in modules:
        importlib.import_module(module)
    _warm_up()
    os.nice(_NICENESS)
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

    def run(self) -> None:
        """Do as told until the socket closes."""
        while True:
            message, handles, _, _ = socket.recv_fds(self._control, LONGEST_MESSAGE, 1)
            if not message:
                return
            order = json.loads(message)
            if "fork" in order:
                self._fork(handles[0])
            elif order["end"] in self._children:
                os.kill(order["end"], signal.SIGKILL)
            self._collect()

    def _fork(self, handle: int) -> None:
        pid = os.fork()
        if pid == 0:
            self._be_worker(handle)
        os.close(handle)
        self._children.add(pid)
        self._control.send(json.dumps({"pid": pid}).encode())

    def _be_worker(self, handle: int) -> None:
        status = 1
        try:
            volunteer_for_oom()
            kept = os.dup2(handle, _STANDARD_STREAMS, inheritable=False) if handle != _STANDARD_STREAMS else handle
            os.closerange(_STANDARD_STREAMS + 1, os.sysconf("SC_OPEN_MAX"))
            serve(socket.socket(fileno=kept), self._memory, self._seconds)
            status = 0
        except BaseException:
            with suppress(Exception):
                sys.stderr.write(traceback.format_exc())
        finally:
            os._exit(status)

    def _collect(self) -> None:
        while self._children:
            pid, _ = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            self._children.discard(pid)


if __name__ == "__main__":
    main(sys.argv[1:])
