"""What reaches a gateway before its resources do: every attack, from outside, on a real process."""

from __future__ import annotations

import contextlib
import http.client
import json
import resource
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from gateway_harness import free_port, photo
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vf_testing.gateway import GatewayProcess

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

KEY = "a-local-key"
MOST_MB = 500
"""Of the process tree under any attack here; a gateway and its decoders have about 350 before any."""
LONGEST_STALL = 2.0
"""Seconds of /healthz, on a machine that does other things too; measured alone it is below 0.3."""
CONNECTIONS, OF_ONE_ADDRESS = 300, 200
OTHER_FILES = 60
"""What a gateway has open besides connections."""


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatewayProcess]:
    folder = tmp_path_factory.mktemp("front")
    gateway = GatewayProcess(
        {
            "VF_DATA": str(folder / "data"), "VF_LOCAL": "false", "VF_LOCAL_KEY": KEY, "VF_RATE_KEY": "100000/minute",
            "VF_RATE_ADDRESS": "100000/minute", "VF_HEAD_SECONDS": "1.5", "VF_BODY_SECONDS": "1.5",
            "VF_CLIENT_CONNECTIONS": str(CONNECTIONS), "VF_CLIENT_CONNECTIONS_ADDRESS": str(OF_ONE_ADDRESS),
            "FORWARDED_ALLOW_IPS": "127.0.0.9", "VF_UPLOADS_KEY": "10", "VF_UPLOAD_MB": "64",
            "TMPDIR": str(folder), "MALLOC_ARENA_MAX": "2",
        },
        folder / "log",
    )  # fmt: skip
    gateway.start()
    yield gateway
    gateway.kill()


def tree_mb(pid: int) -> float:
    """Resident memory of a process and all below it, what they share counted once for each."""
    kilobytes, found = 0, [pid]
    for one in found:  # grows meanwhile
        with contextlib.suppress(OSError):  # it has just ended
            for thread in Path(f"/proc/{one}/task").iterdir():
                found.extend(map(int, (thread / "children").read_text().split()))
            kilobytes += int(Path(f"/proc/{one}/status").read_text().partition("VmRSS:")[2].split()[0])
    return kilobytes / 1000


class Watch:
    """Asks /healthz all the time; knows the longest answer and the most memory."""

    def __init__(self, process: GatewayProcess) -> None:
        self._process = process
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.stall = 0.0
        self.mb = 0.0

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        assert self.mb < MOST_MB
        assert self.stall < LONGEST_STALL

    def _run(self) -> None:
        while not self._over.is_set():
            began = time.monotonic()
            try:
                answer = httpx.get(f"{self._process.url}/healthz", trust_env=False, timeout=30)
                assert answer.status_code == 200
                self.stall = max(self.stall, time.monotonic() - began)
            except (httpx.HTTPError, AssertionError):
                self.stall = 1000
            self.mb = max(self.mb, tree_mb(self._process.pid))
            time.sleep(0.02)


@pytest.fixture
def watch(process: GatewayProcess) -> Iterator[Watch]:
    with Watch(process) as watch:
        yield watch


def connect(process: GatewayProcess) -> socket.socket:
    return socket.create_connection(("127.0.0.1", process.port), timeout=20)


def head(*lines: str, path: str = "/v1/fittings", method: str = "POST", key: str | None = KEY) -> bytes:
    credential = [f"Authorization: Bearer {key}"] if key else []
    return "\r\n".join([f"{method} {path} HTTP/1.1", "Host: localhost", *credential, *lines, "", ""]).encode("latin-1")


def answer(connection: socket.socket) -> tuple[int, bytes]:
    """Status and body; 0: it was closed without one."""
    response = http.client.HTTPResponse(connection)
    try:
        response.begin()
        return response.status, response.read()
    except (OSError, http.client.HTTPException):
        return 0, b""


JSON = "Content-Type: application/json"


def test_who_shows_no_credential_is_refused_before_the_body(process: GatewayProcess, watch: Watch) -> None:
    for lines in ((JSON, "Content-Length: 60000000"), (JSON, "Transfer-Encoding: chunked")):
        with connect(process) as stranger:
            stranger.sendall(head(*lines, key=None))
            status, body = answer(stranger)
            assert (status, json.loads(body)["code"]) == (401, "unauthorized")
            with contextlib.suppress(OSError):  # the rest is thrown away, and not for long
                for _ in range(60):
                    stranger.sendall(b"[" * 1_000_000)
                    time.sleep(0.005)
    nested = b"[" * 60_000_000
    refused = httpx.post(
        f"{process.url}/v1/tokens", content=nested, headers={"content-type": "application/json"}, trust_env=False
    )
    assert refused.status_code == 401


def test_a_connection_lives_on_after_an_early_answer(process: GatewayProcess) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", process.port)
    for _ in range(3):
        connection.request("POST", "/v1/fittings", b"[" * 60_000, {"Content-Type": "application/json"})
        response = connection.getresponse()
        assert (response.status, json.loads(response.read())["code"]) == (401, "unauthorized")
        connection.request("GET", "/healthz")
        assert connection.getresponse().read() == b'{"status":"ok"}'
    connection.close()


def test_json_is_bounded(process: GatewayProcess, watch: Watch) -> None:
    def post(path: str, content: bytes) -> httpx.Response:
        headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
        return httpx.post(f"{process.url}{path}", content=content, headers=headers, trust_env=False)

    many = json.dumps({f"x{n}": n for n in range(3500)}).encode()
    for path in ("/v1/fittings", "/v1/tokens", "/v1/comparisons", "/v1/webhooks"):
        # Data URIs of pictures may be large, what is said of them may not.
        expected = (422, "invalid_request") if path == "/v1/fittings" else (413, "body_too_large")
        for large in (b" " * 64_001, b"[" * 2_000_000):
            refused = post(path, large)
            assert (refused.status_code, refused.json()["code"]) == expected, path
        deep = post(path, b'{"x":' + b"[" * 30_000 + b"]" * 30_000 + b"}")
        assert (deep.status_code, deep.json()["code"]) == (422, "invalid_request"), path
        assert post(path, b'{"x": "\\\\\\"' + b"[" * 1000 + b'"}').status_code == 422, "brackets in a string are text"
        told = post(path, many)
        assert told.status_code == 422
        assert len(told.content) < 1000, path
    with connect(process) as caller:
        caller.sendall(head(JSON, "Content-Length: 64000001"))
        status, body = answer(caller)
        assert (status, json.loads(body)["code"]) == (413, "image_too_large")


def test_heads_are_bounded(process: GatewayProcess, watch: Watch) -> None:
    endless = (
        [b"GET /healthz HTTP/1.1\r\n" + b"X: " + b"y" * 1000 + b"\r\n"] + [b"X: " + b"y" * 1000 + b"\r\n"] * 50_000,
        [b"GET /healthz HTTP/1.1\r\nX: ", *([b"y" * 100_000] * 500)],
        [b"GET /", *([b"y" * 100_000] * 500)],
        [b"GET /healthz HTTP/1.1\r\n" + b"a:b\r\n" * 1000],
        [head("Transfer-Encoding: chunked"), b"0\r\n", *([b"T: " + b"y" * 9999 + b"\r\n"] * 900)],
    )  # fmt: skip
    for parts in endless:
        with connect(process) as caller:
            sent = 0
            with contextlib.suppress(OSError):
                for part in parts:
                    caller.sendall(part)
                    sent += len(part)
            assert answer(caller)[0] in (0, 400, 401, 413, 422, 431), parts[0][:40]
            assert sent < 20_000_000
    with connect(process) as caller:
        caller.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n" + b"a:b\r\n" * 200 + b"\r\n")
        status, body = answer(caller)
        assert (status, json.loads(body)["code"]) == (431, "headers_too_large")
    with connect(process) as caller, contextlib.suppress(OSError):
        caller.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n" * 20_000)
        caller.recv(100)


@pytest.mark.parametrize("addresses", [("127.0.0.1",), tuple(f"127.0.0.{n}" for n in range(2, 12))], ids=["one", "ten"])
def test_silent_connections_shut_nobody_out(process: GatewayProcess, watch: Watch, addresses: tuple[str, ...]) -> None:
    files = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (files[1], files[1]))
    there = ("127.0.0.1", process.port)
    with contextlib.ExitStack() as stack:
        for number in range(1100):
            source = (addresses[number % len(addresses)], 0)
            each = stack.enter_context(socket.create_connection(there, 20, source))
            with contextlib.suppress(OSError):
                each.sendall((b"", b"\r\n", b"GET / HTTP/1.1\r\nX")[number % 3])
        assert open_files(process) < (OF_ONE_ADDRESS if len(addresses) == 1 else CONNECTIONS) + OTHER_FILES
        assert httpx.get(f"{process.url}/healthz", trust_env=False).status_code == 200
        until = time.monotonic() + 15
        while open_files(process) > OTHER_FILES:
            assert time.monotonic() < until, "heads that do not come are waited for"
            time.sleep(0.1)


def open_files(process: GatewayProcess) -> int:
    return len(list(Path(f"/proc/{process.pid}/fd").iterdir()))


def test_uploads_that_do_not_end_hold_little(
    process: GatewayProcess, watch: Watch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    start = b'--x\r\nContent-Disposition: form-data; name="image"; filename="x"\r\n\r\n'
    lines = ("Content-Type: multipart/form-data; boundary=x", "Content-Length: 60000000")
    with contextlib.ExitStack() as stack:
        callers = [stack.enter_context(connect(process)) for _ in range(20)]
        statuses: list[int] = []

        def send(caller: socket.socket) -> None:
            caller.settimeout(10)
            with contextlib.suppress(OSError):
                caller.sendall(head(*lines, path="/v1/people") + start)
                for _ in range(24):
                    caller.sendall(b"y" * 1_000_000)
            statuses.append(answer(caller)[0])

        threads = [threading.Thread(target=send, args=(caller,)) for caller in callers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert set(statuses) <= {0, 408, 429, 503}
    assert 429 in statuses
    assert {408, 503} & set(statuses)
    temporary = str(tmp_path_factory.getbasetemp())
    for each in Path(f"/proc/{process.pid}/fd").iterdir():
        with contextlib.suppress(OSError):  # it has just been closed
            name = str(each.readlink())
            assert not (name.startswith(temporary) and name.endswith("(deleted)")), "a temporary file"
    fine = httpx.post(
        f"{process.url}/v1/people", files={"image": photo(1)}, headers={"Authorization": f"Bearer {KEY}"},
        trust_env=False, timeout=30,
    )  # fmt: skip
    assert fine.status_code == 202, "and all is given back"


def test_a_file_is_refused_while_it_is_read(process: GatewayProcess, watch: Watch) -> None:
    start = b'--x\r\nContent-Disposition: form-data; name="image"; filename="x"\r\n\r\n'
    with connect(process) as caller:
        caller.sendall(
            head("Content-Type: multipart/form-data; boundary=x", "Content-Length: 60000000", path="/v1/people") + start
        )
        with contextlib.suppress(OSError):
            for _ in range(26):  # of 60
                caller.sendall(b"y" * 1_000_000)
        status, body = answer(caller)
    assert (status, json.loads(body)["code"]) == (413, "image_too_large")


def test_slow_bodies_end(process: GatewayProcess, watch: Watch) -> None:
    with connect(process) as caller:
        caller.sendall(head(JSON, "Content-Length: 1000"))
        began = time.monotonic()
        with contextlib.suppress(OSError):
            while time.monotonic() - began < 10:
                caller.sendall(b" ")
                time.sleep(0.1)
                caller.settimeout(0.01)
                with contextlib.suppress(TimeoutError):
                    if caller.recv(1, socket.MSG_PEEK):
                        break
                caller.settimeout(10)
        caller.settimeout(10)
        status, body = answer(caller)
    assert (status, json.loads(body)["code"]) == (408, "request_timeout")
    assert 1 < time.monotonic() - began < 8


STRANGE = [
    ("Content-Length", "0" * 5000), ("Content-Length", "9" * 5000), ("Content-Length", "-1"), ("Content-Length", "1_0"),
    ("Content-Type", "multipart/form-data; boundary=x; charset=undefined"),
    ("Content-Type", "application/json; charset=undefined"), ("Content-Type", "multipart/form-data"),
    ("Content-Type", 'multipart/form-data; boundary=""'),
    ("Content-Type", "multipart/form-data; boundary=" + "x" * 999),
    ("Content-Type", "multipart/form-data; boundary=\xff\xfe"),
    ("Content-Type", "multipart/form-data; boundary*=x''%ff"),
    ("Content-Encoding", "gzip"), ("Expect", "100-continue"), ("Transfer-Encoding", "gzip, chunked"),
    ("Authorization", "Bearer \xff"), ("Host", "[::1"), ("Host", ""), ("Prefer", "wait=1e999"), ("Prefer", "wait=nan"),
    ("Idempotency-Key", "\xe9"), ("Last-Event-ID", "9" * 400), ("Range", "bytes=-"), ("Accept", "q=;q=inf"),
    ("traceparent", "\xff" * 55), ("If-None-Match", "\xff"), ("Origin", "null"), ("Upgrade", "websocket"),
    ("X-Forwarded-For", "[::1"), ("X-Forwarded-Proto", "\xff"),
]  # fmt: skip
METHODS = ["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PROPFIND", "get", "\xe9"]
PATHS = [
    "/v1/people",
    "/v1/fittings",
    "/v1/fittings/%ff/events",
    "/v1/garments/%2e%2e",
    "//",
    "*",
    "/v1/tokens",
    "/%00",
    "/\xff",
]
BODIES = [
    b"", b"{", b"\xff\xfe{", b'{"buyer": "\\ud800"}', b"--x\r\n\r\n\r\n--x--", b"--x",
    b"--x\r\nContent-Disposition: x\r\n\r\n",
    b'--x\r\nContent-Disposition: form-data; name="image"; filename*=undefined\'\'%ff\r\n\r\ny\r\n--x--\r\n',
    b'--x\r\nContent-Disposition: form-data; name="buyer"\r\n\r\n\xff\x00\r\n--x--\r\n', b"NaN", b"1e999", b'"' * 99,
    b'--x\r\n' + b"A: b\r\n" * 500 + b"\r\n", b'{"expires_in": 1' + b"0" * 5000 + b"}",
]  # fmt: skip


def five_hundreds(process: GatewayProcess) -> float:
    text = httpx.get(f"{process.url}/metrics", trust_env=False).text
    lines = [line for line in text.splitlines() if line.startswith("vf_requests_total") and 'status="500"' in line]
    return sum(float(line.rpartition(" ")[2]) for line in lines)


@pytest.fixture
def no_new_500(process: GatewayProcess) -> Iterator[None]:
    before = five_hundreds(process)
    yield
    assert five_hundreds(process) == before


def ask(process: GatewayProcess, method: str, path: str, headers: list[tuple[str, str]], body: bytes) -> int:
    lines = [f"{name}: {value}" for name, value in headers]
    if not any(name in ("Content-Length", "Transfer-Encoding") for name, _ in headers):
        lines.append(f"Content-Length: {len(body)}")
    with connect(process) as caller:
        with contextlib.suppress(OSError):
            caller.sendall(head(*lines, path=path, method=method) + body)
            caller.shutdown(socket.SHUT_WR)
        return answer(caller)[0]


def test_strange_headers_are_no_bug_of_ours(process: GatewayProcess, no_new_500: None) -> None:
    for header in STRANGE:
        for path in ("/v1/people", "/v1/fittings", "/v1/tokens"):
            assert ask(process, "POST", path, [header], b"--x--") != 500, (header, path)


@given(
    method=st.sampled_from(METHODS), path=st.sampled_from(PATHS),
    headers=st.lists(
        st.one_of(
            st.sampled_from(STRANGE),
            st.tuples(
                st.sampled_from(sorted({name for name, _ in STRANGE})),
                st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=40),
            ),
        ),
        max_size=4,
    ),
    body=st.one_of(st.sampled_from(BODIES), st.binary(max_size=60)),
)  # fmt: skip
@settings(
    max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_request_is_a_bug_of_ours(
    process: GatewayProcess, method: str, path: str, headers: list[tuple[str, str]], body: bytes
) -> None:
    assert ask(process, method, path, headers, body) != 500


def test_and_none_of_them_was_counted(process: GatewayProcess) -> None:
    assert five_hundreds(process) == 0


# --- logs: the same however it was started ---

EMAIL = "anna@buyers.example"
STARTS = {
    "serve": ["-m", "vf_gateway", "serve", "--port"],
    "vf": ["-P", "-m", "vf_cli.child", "vf_gateway.app", "--port"],  # what `vf up` and `vf serve` run
}  # fmt: skip


@pytest.mark.parametrize("start", STARTS)
def test_a_bug_is_counted_and_logged_without_secrets(start: str, tmp_path: Path) -> None:
    key, port = "vf_" + "k" * 43, free_port()
    environment = {"VF_DATA": str(tmp_path), "VF_LOCAL_KEY": key, "PYTHONPATH": ":".join(filter(None, sys.path))}
    with (
        (tmp_path / "log").open("wb") as log,
        subprocess.Popen(
            [sys.executable, *STARTS[start], str(port)], env=environment, stdout=log, stderr=log
        ) as child,
    ):  # fmt: skip
        try:
            url = f"http://127.0.0.1:{port}"
            until = time.monotonic() + 60
            while time.monotonic() < until:
                with contextlib.suppress(httpx.HTTPError):
                    httpx.get(f"{url}/healthz", trust_env=False)
                    break
                time.sleep(0.1)
            with sqlite3.connect(tmp_path / "gateway.sqlite") as database:
                database.execute("ALTER TABLE photos RENAME TO gone")
            began = time.monotonic()
            broken = httpx.get(
                f"{url}/v1/people", params={"reference": EMAIL, "signature": "ab" * 32}, trust_env=False, timeout=30,
                headers={"Authorization": f"Bearer {key}"},
            )  # fmt: skip
            assert (broken.status_code, broken.json()["code"]) == (500, "internal")
            assert time.monotonic() - began < 5
            metrics = httpx.get(f"{url}/metrics", trust_env=False).text
            assert 'vf_requests_total{method="GET",route="/v1/people",status="500"} 1.0' in metrics
        finally:
            child.terminate()
    text = (tmp_path / "log").read_text()
    assert "unexpected error" in text
    assert "Traceback" in text
    for secret in (key, "k" * 20, EMAIL, "anna", "ab" * 16):
        assert secret not in text
    assert len(text) < 30_000
    assert all(json.loads(line) for line in text.splitlines() if line.startswith("{"))
    assert [line for line in text.splitlines() if not line.startswith(("{", "INFO:"))] == []


# --- what browsers may keep ---


def test_what_is_secret_is_not_stored(process: GatewayProcess) -> None:
    with httpx.Client(base_url=process.url, headers={"Authorization": f"Bearer {KEY}"}, trust_env=False) as caller:
        for made in (
            caller.post("/v1/tokens", json={"buyer": "anna"}),
            caller.get("/v1/fittings"),
            caller.get("/nothing"),
        ):
            assert made.headers["cache-control"] == "no-store"


def test_pictures_of_people_are_stored_by_no_browser(gateway: httpx.Client) -> None:
    wait = {"Prefer": "wait=20"}
    person = gateway.post("/v1/people", files={"image": photo(1)}, headers=wait).json()
    garment = gateway.post("/v1/garments", files={"image": photo(2)}, headers=wait).json()
    asked = {"person_id": person["id"], "garment_id": garment["id"]}
    fitting = gateway.post("/v1/fittings", json=asked, headers=wait).json()
    links = gateway.post(f"{fitting['links']['self']}/links", json={})
    assert links.headers["cache-control"] == "no-store"
    signed = links.json()["artifacts"]["result.png"]
    for made, caching in ((person, "no-store"), (fitting, "no-store"), (garment, "private, no-cache")):
        for path in made["artifacts"].values():
            picture = gateway.get(path)
            assert (picture.status_code, picture.headers["cache-control"]) == (200, caching), path
            again = gateway.get(path, headers={"If-None-Match": picture.headers["etag"]})
            assert (again.status_code, again.headers["cache-control"]) == (304, caching), path
    assert gateway.get(signed).headers["cache-control"] == "no-store"
