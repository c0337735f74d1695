"""Runs one service or the gateway in this process, and ends with the process that started it.

`python -m vf_cli.child vf_openpose.app --port 8101 --parent 4711`
"""

from __future__ import annotations

import argparse
import ctypes
import importlib
import os
import signal
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

from vf_cli.identity import SayWho
from vfkit.serving import serve

PR_SET_PDEATHSIG = 1  # linux/prctl.h
PARENT_POLL_SECONDS = 1.0
GRACE_SECONDS = 10
"""How long requests in flight may take after SIGTERM."""


def end_with_parent(parent: int) -> None:
    """Let the kernel kill this process when its parent dies, whatever kills that one; elsewhere look now and then."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it died before the call
            sys.exit(1)
        return

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(PARENT_POLL_SECONDS)
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, daemon=True).start()


def replace_process(python: Path, module: str, host: str, port: int, environment: Mapping[str, str]) -> NoReturn:
    """Become the program, in place of the calling command."""
    command = [str(python), "-P", "-m", "vf_cli.child", module, "--host", host, "--port", str(port)]
    os.execve(python, command, {**os.environ, **environment})  # noqa: S606


def main() -> None:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser(description="Run one app module of this repository.")
    parser.add_argument("module", help="module with a create_app() -> FastAPI")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--parent", type=int, help="process id to end with")
    arguments = parser.parse_args()
    if arguments.parent is not None:
        end_with_parent(arguments.parent)
    app = importlib.import_module(arguments.module).create_app()
    app.add_middleware(SayWho)
    serve(app, arguments.host, arguments.port, GRACE_SECONDS)


if __name__ == "__main__":
    main()
