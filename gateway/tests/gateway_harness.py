"""Real servers in threads, and photos, for the gateway's tests."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import uvicorn
from fastapi import FastAPI
from gateway_stubs import Stub

from vf_gateway.settings import Settings
from vf_testing.door import free_port
from vfkit.contracts import Stage
from vfkit.pictures import encode_png


@contextlib.contextmanager
def serve(app: FastAPI) -> Iterator[str]:
    """A real server in a thread."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="critical", timeout_graceful_shutdown=2))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 20
    while not server.started:
        assert time.monotonic() < until and thread.is_alive(), "the server did not start"
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(10)


class Services:
    """The running stub services, seen from a test."""

    def __init__(self, url: str, app: FastAPI) -> None:
        self.url = url
        self.stubs = app.state.stubs

    def reset(self) -> None:
        self.stubs.update({stage: Stub() for stage in Stage})

    def set(self, stage: Stage, **state: Any) -> None:
        for name, value in state.items():
            setattr(self.stubs[stage], name, value)

    def calls(self, stage: Stage) -> int:
        return sum(self.stubs[stage].calls.values())


def stub_settings(url: str, data: Path, **more: Any) -> Settings:
    urls: dict[str, Any] = {f"{stage.value}_url": f"{url}/{stage.value}" for stage in Stage}
    return Settings(**{**urls, "data": data, "local": True, "outage_seconds": 1, **more})


def photo(seed: int = 0, width: int = 300, height: int = 400) -> bytes:
    """A picture of its own."""
    rng = np.random.default_rng(seed)
    small = rng.integers(0, 255, (4, 3, 3), np.uint8)
    return encode_png(np.kron(small, np.ones((height // 4, width // 3, 1), np.uint8)).astype(np.uint8))
