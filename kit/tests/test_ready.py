"""The containers' health check, run as they run it: a file, by a Python without packages."""

import http.server
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import vfkit

SCRIPT = Path(vfkit.__file__).parent / "ready.py"


def check(port: int) -> int:
    return subprocess.run([sys.executable, "-IS", SCRIPT, str(port)], check=False, timeout=20).returncode


@pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 1)])
def test_it_ends_as_readyz_answers(status, code):
    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(status if self.path == "/readyz" else 404)
            self.end_headers()

    with http.server.HTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        assert check(server.server_port) == code


def test_nobody_there():
    with http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler) as server:
        port = server.server_port
    assert check(port) == 1
