"""What a picture that took over its decoder would try; run in a worker as if it were decoding."""

import os
import socket
import time
from pathlib import Path

import numpy as np

SIZE = (16, 16, 3)


def wait(data: bytes, seconds: float) -> np.ndarray:
    time.sleep(seconds)
    return np.zeros(SIZE, np.uint8)


def loop(data: bytes) -> np.ndarray:
    while True:
        pass


def take_memory(data: bytes, size: int) -> np.ndarray:
    return np.ones(size, np.uint8)[: 16 * 16 * 3].reshape(SIZE)


def attempt(data: bytes, what: str, target: object) -> dict[str, bytes]:
    """How one forbidden thing ends."""
    try:
        _ATTEMPTS[what](target)
    except OSError as error:
        return {"error": type(error).__name__.encode()}
    return {"done": b""}


def _fork(_: object) -> None:
    if os.fork() == 0:
        os._exit(0)


_ATTEMPTS = {
    "read a file": lambda path: Path(path).read_bytes(),
    "write a file": lambda path: Path(path).write_bytes(b"here"),
    "connect": lambda port: socket.create_connection(("127.0.0.1", port)).close(),
    "fork": _fork,
    "execute": lambda _: os.execv("/bin/true", ["true"]),  # noqa: S606
    "kill": lambda pid: os.kill(pid, 0),
}
