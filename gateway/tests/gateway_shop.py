"""A market's server of pictures, which also misbehaves, and data URIs."""

from __future__ import annotations

import base64
import contextlib
import gzip
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from gateway_harness import photo

MOST_BYTES = 25_000_000


class Shop:
    """A market's server of pictures, on loopback."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.pictures = {"/person.png": photo(1), "/garment.png": photo(2)}

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"


@contextlib.contextmanager
def open_shop() -> Iterator[Shop]:
    """The server, for as long as the context lasts."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            made.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
            self.close_connection = True
            if self.path in made.pictures:
                self.answer(200, made.pictures[self.path], {"Set-Cookie": "a=b", "Content-Type": "text/html"})
            elif self.path.startswith("/to?"):
                self.answer(302, b"", {"Location": self.path.removeprefix("/to?")})
            elif self.path == "/endless":
                self.answer(200, b"\0" * 65_536, {"Content-Length": "99999999999"})
            elif self.path == "/growing":
                self.send_response(200)
                self.end_headers()
                for _ in range(MOST_BYTES // 65_536 + 2):
                    self.wfile.write(b"\0" * 65_536)
            elif self.path == "/slow":
                self.send_response(200)
                self.end_headers()
                while not ended.wait(0.05):
                    self.wfile.write(b"\0")
            elif self.path == "/broken":
                self.answer(200, b"\0" * 10, {"Content-Length": "1000"})
            elif self.path == "/gzip":
                self.answer(200, gzip.compress(photo(1)), {"Content-Encoding": "gzip"})
            elif self.path == "/page":
                self.answer(200, b"<html>no picture</html>", {"Content-Type": "image/png"})
            else:
                self.answer(404, photo(1), {})

        def answer(self, status: int, content: bytes, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in {"Content-Length": str(len(content)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None: ...

    ended = threading.Event()
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.handle_error = lambda *_: None  # type: ignore[method-assign]  whoever goes away early is no error
        made = Shop(server.server_port)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield made
        ended.set()
        server.shutdown()


def data_uri(picture: bytes, kind: str = "image/png") -> str:
    return f"data:{kind};base64,{base64.b64encode(picture).decode()}"
