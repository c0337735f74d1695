"""Who may what: keys, buyers' tokens, signed links, limits, browsers."""

from __future__ import annotations

import base64
import concurrent.futures
import contextlib
import json
import re
import socket
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from gateway_harness import Services, photo
from gateway_users import User, command, new_key
from typer.testing import CliRunner

from vf_gateway.__main__ import app as operator_commands
from vf_gateway.access.rates import MOST_CALLERS, AddressLimits
from vfkit.contracts import Stage
from vfkit.problems import Problem
from vfkit.serving.logs import hide_secrets

Start = Callable[..., httpx.Client]
LOCAL_KEY = "a-local-key"


@pytest.fixture
def gateway(start_gateway: Start, tmp_path: Path) -> httpx.Client:
    return start_gateway(local=False, data=tmp_path / "data")


@pytest.fixture
def market(gateway: httpx.Client, tmp_path: Path) -> User:
    return User(gateway, new_key(tmp_path / "data", "shop")["key"])


def belongings(user: User, seed: int) -> dict[str, str]:
    """One of everything."""
    wait = {"Prefer": "wait=20"}
    person = user("POST", "/v1/people", files={"image": photo(seed)}, headers=wait).json()["id"]
    garment = user("POST", "/v1/garments", files={"image": photo(seed + 1)}, headers=wait).json()["id"]
    fitting = user("POST", "/v1/fittings", json={"person_id": person, "garment_id": garment}, headers=wait).json()
    assert fitting["state"] == "succeeded", fitting
    comparison = user(
        "POST", "/v1/comparisons", json={"person_id": person, "garment_ids": [garment]}, headers=wait
    ).json()
    return {
        "person_id": person, "garment_id": garment, "fitting_id": fitting["id"], "comparison_id": comparison["id"]
    }  # fmt: skip


def new_garment(user: User, seed: int) -> str:
    answer = user("POST", "/v1/garments", files={"image": photo(seed)}, headers={"Prefer": "wait=20"})
    return str(answer.json()["id"])


def data_uri(picture: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(picture).decode()}"


def test_nothing_of_another_is_seen_by_any_call(gateway: httpx.Client, market: User, tmp_path: Path) -> None:
    """Walks the OpenAPI document, so that a call added later is tested too."""
    anna, other_market = market.token("anna"), User(gateway, new_key(tmp_path / "data", "other")["key"])
    ben = market.token("ben")
    things = belongings(anna, 1)
    others = {"ben": ben, "another market": other_market, "another market's anna": other_market.token("anna")}
    things["artifact"] = "result.png"
    things["output_format"] = "png"
    pictures = {"model_image": data_uri(photo(7)), "garment_image": data_uri(photo(8))}
    asked = {"model_name": "tryon-v1.6", "inputs": pictures}
    things["prediction_id"] = anna("POST", "/v1/run", json=asked).json()["id"]
    tried = 0
    for path, methods in gateway.get("/openapi.json").json()["paths"].items():
        if "{" not in path or "webhook" in path:
            continue
        named = path.replace("photo_id", "person_id" if path.startswith("/v1/people") else "garment_id")
        if path.startswith("/v1/predictions"):
            named = path.replace("fitting_id", "prediction_id")
        filled = re.sub(r"\{(\w+)\}", lambda m: things[m[1]], named)
        for method in methods:
            body = {"json": {"expires_in": 60}} if path.endswith("/links") else {}
            for who, stranger in others.items():
                answer = stranger(method.upper(), filled, **body)
                assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), (who, method, filled)
                nothing = re.sub(r"[0-9a-f]{32}", "0" * 32, filled)
                missing = stranger(method.upper(), nothing, **body)
                assert missing.json() == answer.json(), "what is another's looks exactly like what does not exist"
                tried += 1
            assert gateway.request(method, filled, **body).status_code == 401, (method, filled)
    assert tried > 40
    for stranger in others.values():
        for name in ("people", "garments", "fittings"):
            assert stranger("GET", f"/v1/{name}").json() == {"items": [], "next": None}
        assert stranger("GET", "/v1/fittings", params={"person": things["person_id"]}).json()["items"] == []
    for stranger in others.values():
        own = belongings(stranger, 50)
        for person, garment in (("person_id", None), (None, "garment_id")):
            mixed = {
                "person_id": things[person] if person else own["person_id"],
                "garment_id": things[garment] if garment else own["garment_id"],
            }
            assert stranger("POST", "/v1/fittings", json=mixed).status_code == 404
        request = {"person_id": own["person_id"], "garment_ids": [things["garment_id"]]}
        assert stranger("POST", "/v1/comparisons", json=request).status_code == 404
        listed = stranger("GET", "/v1/fittings").json()["items"]
        assert things["fitting_id"] not in [fitting["id"] for fitting in listed]
    assert anna("GET", f"/v1/fittings/{things['fitting_id']}").status_code == 200
    assert market("GET", f"/v1/fittings/{things['fitting_id']}").status_code == 200, "the market sees its buyers'"


def test_another_markets_webhooks_do_not_exist(start_gateway: Start, tmp_path: Path) -> None:
    gateway = start_gateway(local=False, data=tmp_path / "data", webhook_hosts="127.0.0.1")
    market, other = (User(gateway, new_key(tmp_path / "data", name)["key"]) for name in ("shop", "other"))
    hook = market("POST", "/v1/webhooks", json={"url": "http://127.0.0.1:9/hook"}).json()["id"]
    belongings(market, 1)
    delivery = market("GET", f"/v1/webhooks/{hook}/deliveries").json()[0]["id"]
    tried = 0
    for path, methods in gateway.get("/openapi.json").json()["paths"].items():
        if "webhook" not in path or "{" not in path:
            continue
        filled = path.replace("{webhook_id}", hook).replace("{delivery_id}", delivery)
        for method in methods:
            refused = other(method.upper(), filled)
            assert (refused.status_code, refused.json()["code"]) == (404, "not_found"), (method, filled)
            assert market.token("anna")(method.upper(), filled).status_code == 403
            tried += 1
    assert tried >= 3
    assert other("GET", "/v1/webhooks").json() == []
    assert [each["id"] for each in market("GET", "/v1/webhooks").json()] == [hook]


def test_equal_photos_of_two_buyers_share_nothing(market: User, services: Services) -> None:
    for buyer in ("anna", "ben"):
        belongings(market.token(buyer), 1)
    assert services.calls(Stage.OPENPOSE) == services.calls(Stage.HRVITON) == 2


def test_garments_of_the_market_are_for_all_its_buyers(market: User) -> None:
    wait = {"Prefer": "wait=20"}
    garment = market("POST", "/v1/garments", files={"image": photo(9)}, headers=wait).json()["id"]
    anna = market.token("anna")
    person = anna("POST", "/v1/people", files={"image": photo(1)}, headers=wait).json()["id"]
    fitting = anna("POST", "/v1/fittings", json={"person_id": person, "garment_id": garment}, headers=wait).json()
    assert (fitting["state"], fitting["buyer"]) == ("succeeded", "anna")
    refused = anna("DELETE", f"/v1/garments/{garment}")
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")


def test_a_backend_acts_for_a_buyer(market: User) -> None:
    person = market("POST", "/v1/people", files={"image": photo(1)}, data={"buyer": "anna"}).json()
    assert person["buyer"] == "anna"
    assert market.token("anna")("GET", f"/v1/people/{person['id']}").status_code == 200
    assert market.token("ben")("GET", f"/v1/people/{person['id']}").status_code == 404
    posing = market.token("ben")("POST", "/v1/people", files={"image": photo(1)}, data={"buyer": "anna"})
    assert posing.json()["code"] == "forbidden"


def test_credentials_that_do_not_open(gateway: httpx.Client, market: User, tmp_path: Path) -> None:
    for header in (None, "Bearer", "Bearer vf_wrong", "Basic dXNlcjpwYXNz", "Bearer a.b.c", "Bearer x y"):
        answer = gateway.get("/v1/fittings", headers={"Authorization": header} if header else {})
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized"), header
        assert answer.headers["www-authenticate"] == "Bearer"
    brief = market.token("anna", 1)
    assert brief("GET", "/v1/fittings").status_code == 200
    time.sleep(2.1)
    assert brief("GET", "/v1/fittings").status_code == 401
    anna = market.token("anna")
    assert anna("POST", "/v1/tokens", json={"buyer": "ben"}).status_code == 403
    assert anna("GET", "/v1/webhooks").status_code == 403
    limited = User(gateway, new_key(tmp_path / "data", "shop", "--scope", "fittings")["key"])
    assert limited("GET", "/v1/fittings").status_code == 200
    assert limited("POST", "/v1/tokens", json={"buyer": "ben"}).json()["code"] == "forbidden"


def test_a_revoked_key_ends_with_its_tokens(gateway: httpx.Client, tmp_path: Path) -> None:
    made = new_key(tmp_path / "data", "shop")
    backend = User(gateway, made["key"])
    anna = backend.token("anna")
    assert anna("GET", "/v1/people").status_code == 200
    assert made["key"] not in command(tmp_path / "data", "keys", "list").stdout
    assert command(tmp_path / "data", "keys", "revoke", made["id"]).returncode == 0
    assert command(tmp_path / "data", "keys", "revoke", made["id"]).returncode == 1
    time.sleep(2.1)
    assert backend("GET", "/v1/people").status_code == anna("GET", "/v1/people").status_code == 401
    stored = b"".join(p.read_bytes() for p in (tmp_path / "data").glob("gateway.sqlite*"))
    assert made["key"].encode() not in stored, "only a digest is kept"


def test_a_revoked_keys_streams_and_links_end(gateway: httpx.Client, services: Services, tmp_path: Path) -> None:
    made = new_key(tmp_path / "data", "shop")
    anna = User(gateway, made["key"]).token("anna")
    done = belongings(anna, 1)
    picture = anna("POST", f"/v1/fittings/{done['fitting_id']}/links", json={}).json()["artifacts"]["result.png"]
    services.set(Stage.HRVITON, mode="slow", seconds=25)
    pair = {"person_id": done["person_id"], "garment_id": new_garment(anna, 7)}
    running = anna("POST", "/v1/fittings", json=pair).json()["links"]
    link = anna("POST", f"{running['self']}/links", json={}).json()["events"]
    assert gateway.get(picture).status_code == 200
    ended: dict[str, float] = {}

    def follow(name: str, url: str, headers: dict[str, str]) -> None:
        with httpx.Client(base_url=gateway.base_url, timeout=60) as client:
            told = client.get(url, headers=headers).text
        assert "event: queued" in told
        assert "event: succeeded" not in told
        ended[name] = time.monotonic()

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        streams = [
            pool.submit(follow, "token", running["events"], anna.headers),
            pool.submit(follow, "link", link, {}),
        ]
        time.sleep(1)
        assert ended == {}
        assert command(tmp_path / "data", "keys", "revoke", made["id"]).returncode == 0
        revoked = time.monotonic()
        for stream in streams:
            stream.result(30)
    assert max(ended.values()) - revoked < 4.5, "2 s that a key is believed, 1 s between two questions, and some slack"
    assert gateway.get(picture).status_code == gateway.get(link).status_code == 401


def test_a_signed_link_opens_no_other_link(gateway: httpx.Client, market: User, tmp_path: Path) -> None:
    anna = market.token("anna")
    home = f"/v1/fittings/{belongings(anna, 1)['fitting_id']}"
    links = anna("POST", f"{home}/links", json={}).json()
    for url in (links["artifacts"]["result.png"], links["events"]):
        query = dict(httpx.URL(url).params)
        assert gateway.post(f"{home}/links", params=query, json={}).status_code == 401
        assert gateway.post(f"{home}/selection", params=query).status_code == 401
        assert gateway.get("/v1/people", params=query).status_code == 401
    picture = httpx.URL(links["artifacts"]["result.png"])
    for other in ("", "local", new_key(tmp_path / "data", "shop")["id"]):
        assert gateway.get(picture.copy_set_param("key", other)).status_code == 401, "a link is for the key it names"
    assert gateway.get(picture.copy_remove_param("key")).status_code == 401


def test_a_token_may_do_no_more_than_its_key(gateway: httpx.Client, tmp_path: Path) -> None:
    data = tmp_path / "data"
    refused = command(data, "keys", "create", "x", "--market", "shop", "--scope", "tokens")
    assert refused.returncode == 1
    assert "tokens needs fittings" in refused.stderr
    login = new_key(data, "shop", "--scope", "tokens", "--scope", "fittings")
    backend = User(gateway, login["key"])
    anna = backend.token("anna")
    assert anna("GET", "/v1/people").status_code == 200
    with contextlib.closing(sqlite3.connect(data / "gateway.sqlite")) as connection, connection:
        connection.execute("UPDATE api_keys SET scopes = '[\"tokens\"]'")  # as an older version let it be made
    time.sleep(2.1)
    answer = backend("POST", "/v1/tokens", json={"buyer": "anna"})
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert "fittings" in answer.json()["detail"]
    assert anna("GET", "/v1/people").status_code == 401, "what it minted before reads nothing either"


def test_names_of_markets_and_keys_are_checked(tmp_path: Path) -> None:
    data = {"VF_DATA": str(tmp_path / "data")}
    for name in ("shop/eu", "", "-shop", "a" * 101, "sh op", "läden", "shop\n", "%2F"):
        refused = CliRunner(env=data).invoke(operator_commands, ["keys", "create", "test", f"--market={name}"])
        assert refused.exit_code == 1, name
        assert refused.stderr.startswith("Not valid: market."), name
    assert CliRunner(env=data).invoke(operator_commands, ["keys", "create", "a\tb", "--market=shop"]).exit_code == 1


def test_names_of_buyers_are_checked_wherever_they_are_given(market: User) -> None:
    for name in ("", "a b", "a" * 201, "é", "a\n"):
        calls = [
            market("POST", "/v1/tokens", json={"buyer": name}),
            market("GET", "/v1/fittings", params={"buyer": name}),
            market("POST", "/v1/people", files={"image": photo(1)}, data={"buyer": name}),
            market("POST", "/v1/fittings", files={"person": photo(1), "garment": photo(2)}, data={"buyer": name}),
        ]
        for answer in calls:
            assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request"), name
            assert "1 to 200 printable ASCII characters" in answer.json()["detail"]
    assert market.token("eu/" + "a" * 197)("GET", "/v1/people").status_code == 200


def test_no_two_owners_meet(start_gateway: Start, tmp_path: Path) -> None:
    """Market `shop` with buyer `eu/x` and the older market `shop/eu` with buyer `x`."""
    gateway = start_gateway(local=False, data=tmp_path / "data", rate_buyer="9/minute", queue_limit_buyer=1)
    shop, older = (User(gateway, new_key(tmp_path / "data", name)["key"]) for name in ("shop", "shop-eu"))
    with contextlib.closing(sqlite3.connect(tmp_path / "data" / "gateway.sqlite")) as connection, connection:
        connection.execute("UPDATE api_keys SET market = 'shop/eu' WHERE market = 'shop-eu'")
    another = command(tmp_path / "data", "keys", "create", "test", "--market=shop/eu")
    assert another.returncode == 0, "a market from before names were checked can change its key"
    one, two = shop.token("eu/x"), older.token("x")
    key = {"Idempotency-Key": "same", "Prefer": "wait=20"}
    made = [user("POST", "/v1/people", files={"image": photo(1)}, headers=key).json()["id"] for user in (one, two)]
    assert made[0] != made[1]
    assert one("GET", f"/v1/people/{made[1]}").status_code == two("GET", f"/v1/people/{made[0]}").status_code == 404
    while one("GET", "/v1/people").status_code != 429:
        pass
    assert two("GET", "/v1/people").status_code == 200, "a limit of its own"


def test_signed_links(gateway: httpx.Client, market: User) -> None:
    anna = market.token("anna")
    things = belongings(anna, 1)
    home = f"/v1/fittings/{things['fitting_id']}"
    links = anna("POST", f"{home}/links", json={"expires_in": 2}).json()
    url = links["artifacts"]["result.png"]
    assert gateway.get(url).headers["content-type"] == "image/png"
    assert gateway.get(url + "&size=64").status_code == 200
    assert gateway.get(links["events"]).status_code == 200
    assert gateway.get(url.replace("result.png", "person.png")).status_code == 401
    assert gateway.get(re.sub(r"expires=\d+", "expires=9999999999", url)).status_code == 401
    assert gateway.get(re.sub(r"signature=.", "signature=x", url)).status_code == 401
    assert gateway.get(home, params=dict(httpx.URL(url).params)).status_code == 401, "it opens pictures only"
    time.sleep(2.1)
    assert gateway.get(url).status_code == 401


def test_rate_limits(start_gateway: Start, tmp_path: Path) -> None:
    gateway = start_gateway(local=False, data=tmp_path / "data", rate_buyer="5/minute", rate_key="50/minute")
    backend = User(gateway, new_key(tmp_path / "data", "shop")["key"])
    anna, ben = backend.token("anna"), backend.token("ben")
    answers = [anna("GET", "/v1/people") for _ in range(6)]
    assert [a.status_code for a in answers] == [200] * 5 + [429]
    assert answers[-1].json()["code"] == "rate_limited"
    assert int(answers[-1].headers["retry-after"]) > 0
    assert ben("GET", "/v1/people").status_code == 200


def test_who_is_not_known_is_counted_by_address(start_gateway: Start) -> None:
    gateway = start_gateway(local=False, local_key=LOCAL_KEY, rate_address="6/minute")
    wrong = {"Authorization": "Bearer vf_wrong"}
    link = {"expires": "9999999999", "signature": "0" * 64}
    answers = [
        *(gateway.get("/v1/people", headers=wrong) for _ in range(2)),
        *(gateway.get("/v1/system") for _ in range(2)),
        *(gateway.get("/v1/fittings/fit_x/result", params=link) for _ in range(2)),
    ]
    assert [answer.status_code for answer in answers] == [401, 401, 200, 200, 401, 401]
    for path, more in (("/v1/people", {"headers": wrong}), ("/v1/system", {}), ("/v1/people", {})):
        refused = gateway.get(path, **more)
        assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited"), path
        assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert User(gateway, LOCAL_KEY)("GET", "/v1/people").status_code == 200, "a credential opens all the same"
    assert gateway.get("/healthz").status_code == gateway.get("/metrics").status_code == 200


def test_addresses_are_forgotten() -> None:
    now = [0.0]
    limits = AddressLimits("2/minute", clock=lambda: now[0])

    def refused(address: str) -> bool:
        try:
            limits.check(address)
        except Problem:
            return True
        return False

    assert [refused("10.0.0.1") for _ in range(3)] == [False, False, True]
    assert [refused(f"2001:db8::{n}") for n in range(1, 4)] == [False, False, True], "one network, one caller"
    assert not refused("2001:db8:0:1::1")
    now[0] = 61
    assert not refused("10.0.0.1")
    for n in range(2 * MOST_CALLERS):
        refused(f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}")
    assert len(limits) == MOST_CALLERS


def test_the_local_mode_is_for_this_machine_only(start_gateway: Start) -> None:
    gateway = start_gateway(local=True)
    port = gateway.base_url.port
    assert gateway.get("/v1/people").status_code == 200
    strange = [
        ("X-Forwarded-For", "10.1.1.1"), ("X-Forwarded-Proto", "http"), ("Forwarded", "for=10.1.1.1"),
        ("X-Real-IP", "10.1.1.1"), ("Via", "1.1 proxy"), ("Origin", "https://evil.example"), ("Origin", "null"),
        *(("Host", name) for name in ("shop.example", f"shop.example:{port}", "127.0.0.1", "localhost:1")),
        *(("Host", name) for name in ("[::1", "", "x")),
    ]  # fmt: skip
    for header in strange:
        assert gateway.get("/v1/people", headers=dict([header])).status_code == 401, header
    own = f"Host: 127.0.0.1:{port}\r\n"
    for version, hosts, status in (("1.1", own, 200), ("1.0", own, 401), ("1.1", "", 401), ("1.1", own + own, 401)):
        with socket.create_connection(("127.0.0.1", port or 80), timeout=5) as caller:
            caller.sendall(f"GET /v1/people HTTP/{version}\r\n{hosts}Connection: close\r\n\r\n".encode())
            assert f" {status} ".encode() in caller.recv(4096), (version, hosts)


def test_a_local_key(start_gateway: Start) -> None:
    gateway = start_gateway(local=False, local_key=LOCAL_KEY)
    assert gateway.get("/v1/people").status_code == 401
    user = User(gateway, LOCAL_KEY)
    assert user("GET", "/v1/people").status_code == 200
    assert user.token("anna")("GET", "/v1/people").status_code == 200


def test_cors_is_off_unless_asked_for(start_gateway: Start, tmp_path: Path) -> None:
    asked = {"Origin": "https://shop.example", "Access-Control-Request-Method": "GET"}
    off = start_gateway(data=tmp_path / "off")
    assert "access-control-allow-origin" not in off.options("/v1/people", headers=asked).headers
    on = start_gateway(data=tmp_path / "on", cors_origins="https://shop.example")
    assert on.options("/v1/people", headers=asked).headers["access-control-allow-origin"] == "https://shop.example"
    other = on.options("/v1/people", headers={**asked, "Origin": "https://evil.example"})
    assert "access-control-allow-origin" not in other.headers


def test_too_large_a_body_is_refused_at_once(start_gateway: Start) -> None:
    gateway = start_gateway()
    with socket.create_connection((gateway.base_url.host, gateway.base_url.port or 80), timeout=5) as connection:
        host = f"Host: {gateway.base_url.netloc.decode()}\r\n"
        connection.sendall(f"POST /v1/people HTTP/1.1\r\n{host}Content-Length: 999999999\r\n\r\nx".encode())
        answered = connection.recv(4096)
    assert b" 413 " in answered

    def endless() -> Any:
        yield b'--b\r\nContent-Disposition: form-data; name="image"; filename="x"\r\n\r\n'
        for _ in range(70):
            yield b"x" * 1_000_000

    answer = gateway.post("/v1/people", content=endless(), headers={"Content-Type": "multipart/form-data; boundary=b"})
    assert answer.status_code == 413


def test_logs_hide_secrets() -> None:
    event = {
        "event": "to anna@example.com", "key": "vf_" + "a" * 43, "token": "eyJhbGciOiJI.eyJzdWIiOiJh.c2lnbmF0dXJl",
        "body": b"\x89PNG", "url": "/x?expires=1&signature=" + "ab" * 32, "nested": {"secret": ["whsec_c2VjcmV0"]},
    }  # fmt: skip
    text = json.dumps(hide_secrets(None, "info", event))
    for secret in ("anna@", "vf_a", "eyJ", "PNG", "abab", "c2Vj"):
        assert secret not in text
