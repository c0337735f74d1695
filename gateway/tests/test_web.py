"""The fitting room's files, and the demo market's sessions: who gets one, and when it ends."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from vf_gateway.app import create_app
from vf_gateway.settings import Settings

KEY = "vf_the-key-of-this-machine"


@contextmanager
def gateway(data: Path, key: str | None = KEY, web: bool = True, **settings: object) -> Iterator[TestClient]:
    app = create_app(Settings.model_validate({"data": data, "local_key": key, "web": web, **settings}))
    with TestClient(app, base_url="http://127.0.0.1") as client:
        yield client


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    with gateway(tmp_path) as client:
        yield client


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_the_page_asks_nobody_else(client: TestClient) -> None:
    page = client.get("/")
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "//" not in policy
    assert not re.search(r"(?:src|href)=\"(?!/web/)", page.text)
    for address in re.findall(r'(?:src|href)="([^"]+)"', page.text):
        assert client.get(address).status_code == 200, address


def test_the_script_is_compressed_and_asked_for_again(client: TestClient) -> None:
    script = client.get("/web/vf-fitting-room.js")
    assert script.headers["content-type"].startswith(("text/javascript", "application/javascript"))
    assert script.headers["content-encoding"] == "gzip"
    assert script.headers["cache-control"] == "no-cache"
    again = client.get("/web/vf-fitting-room.js", headers={"If-None-Match": script.headers["etag"]})
    assert again.status_code == 304
    assert client.get("/web/no-such-file.js").json()["code"] == "not_found"


def test_a_session_needs_the_key_and_then_its_cookie(client: TestClient) -> None:
    assert client.post("/demo/session").status_code == 401
    assert client.post("/demo/session", headers=bearer("vf_another")).status_code == 401
    first = client.post("/demo/session", headers=bearer(KEY))
    assert first.status_code == 201
    assert first.json()["people_hours"] == 24
    cookie = first.headers["set-cookie"].lower()
    assert all(word in cookie for word in ("httponly", "samesite=strict", "path=/demo"))
    again = client.post("/demo/session")
    assert "set-cookie" not in again.headers
    for session in (first, again):
        assert client.get("/v1/people", headers=bearer(session.json()["token"])).status_code == 200
    client.cookies.clear()
    assert client.post("/demo/session").status_code == 401


def test_a_session_is_a_buyers_and_no_backends(client: TestClient) -> None:
    token = client.post("/demo/session", headers=bearer(KEY)).json()["token"]
    assert client.post("/v1/tokens", headers=bearer(token), json={"buyer": "somebody"}).status_code == 403
    client.cookies.clear()
    assert client.post("/demo/session", headers=bearer(token)).status_code == 403


def test_a_forged_cookie_is_none(client: TestClient) -> None:
    client.post("/demo/session", headers=bearer(KEY))
    value = client.cookies["vf_demo"].strip('"')
    client.cookies.clear()
    assert client.post("/demo/session", cookies={"vf_demo": value}).status_code == 201
    forged = re.sub(r"^demo-\w", "demo-x", value)
    assert forged != value
    assert client.post("/demo/session", cookies={"vf_demo": forged}).status_code == 401
    assert client.post("/demo/session", cookies={"vf_demo": "?"}).status_code == 401


def test_with_another_key_the_cookies_of_the_old_one_end(tmp_path: Path) -> None:
    with gateway(tmp_path) as client:
        client.post("/demo/session", headers=bearer(KEY))
        cookies = {"vf_demo": client.cookies["vf_demo"].strip('"')}
        assert client.post("/demo/session", cookies=cookies).status_code == 201
    with gateway(tmp_path, key="vf_a-new-key-of-this-machine") as client:
        assert client.post("/demo/session", cookies=cookies).status_code == 401


def test_it_is_off_unless_switched_on(tmp_path: Path) -> None:
    with gateway(tmp_path, web=False) as client:
        for method, path in (("GET", "/"), ("GET", "/web/vf-fitting-room.js"), ("POST", "/demo/session")):
            assert client.request(method, path, headers=bearer(KEY)).status_code == 404, path


def test_without_a_local_key_there_is_the_script_and_no_demo(tmp_path: Path) -> None:
    with gateway(tmp_path, key=None) as client:
        assert client.get("/web/vf-fitting-room.js").status_code == 200
        assert client.get("/").status_code == 404
        assert client.post("/demo/session").status_code == 404
