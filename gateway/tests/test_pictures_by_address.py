"""Pictures that a JSON body brings as a data URI or names by address: what is taken, and what is never called."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable

import httpx
import pytest
from gateway_harness import photo
from gateway_shop import MOST_BYTES, Shop, data_uri

Start = Callable[..., httpx.Client]
WAIT = {"Prefer": "wait=20"}


@pytest.fixture
def gateway(start_gateway: Start) -> httpx.Client:
    return start_gateway(picture_hosts="127.0.0.1", picture_seconds=1)


def refusal(answer: httpx.Response) -> tuple[int, str, str]:
    return answer.status_code, answer.json()["code"], answer.json()["detail"]


def test_people_and_garments(gateway: httpx.Client, shop: Shop) -> None:
    person = gateway.post("/v1/people", json={"image": shop.url("/person.png"), "buyer": "anna"}, headers=WAIT)
    assert (person.status_code, person.json()["buyer"], person.json()["state"]) == (200, "anna", "succeeded")
    same = gateway.post("/v1/people", files={"image": photo(1)}, headers=WAIT).json()
    pictures = [gateway.get(p["artifacts"]["person.png"]).content for p in (person.json(), same)]
    assert pictures[0] == pictures[1]
    body = {"image": data_uri(photo(2), "text/plain"), "reference": "sku-1", "category": "bottoms"}
    garment = gateway.post("/v1/garments", json=body, headers=WAIT).json()
    assert (garment["reference"], garment["category"], garment["state"]) == ("sku-1", "bottoms", "succeeded")
    for refused in ({}, {"image": data_uri(photo(2)), "category": "hats"}, {"image": data_uri(photo(2)), "size": 3}):
        assert refusal(gateway.post("/v1/garments", json=refused))[:2] == (422, "invalid_request")
    assert refusal(gateway.post("/v1/people", json=body))[2] == "Missing or not valid: category."


def test_fittings_mix_ids_addresses_and_data(gateway: httpx.Client, shop: Shop) -> None:
    first = gateway.post(
        "/v1/fittings",
        json={"person": shop.url("/person.png"), "garment": data_uri(photo(2)), "buyer": "anna", "category": "tops"},
        headers=WAIT,
    ).json()
    assert (first["state"], first["buyer"]) == ("succeeded", "anna")
    assert gateway.get(first["links"]["garment"]).json()["category"] == "tops"
    again = gateway.post(
        "/v1/fittings", json={"person_id": first["person_id"], "garment": shop.url("/garment.png")}, headers=WAIT
    ).json()
    assert again["state"] == "succeeded"
    both = {"person": data_uri(photo(1)), "person_id": first["person_id"], "garment_id": first["garment_id"]}
    assert refusal(gateway.post("/v1/fittings", json=both))[2] == "Give either person or person_id."


def test_a_repeated_request_is_not_fetched_again(gateway: httpx.Client, shop: Shop) -> None:
    body = {"person": shop.url("/person.png"), "garment": shop.url("/garment.png")}
    made = [gateway.post("/v1/fittings", json=body, headers={"Idempotency-Key": "k"}).json()["id"] for _ in range(2)]
    assert made[0] == made[1]
    assert [path for path, _ in shop.asked] == ["/person.png", "/garment.png"]
    other = gateway.post("/v1/fittings", json={**body, "buyer": "anna"}, headers={"Idempotency-Key": "k"})
    assert refusal(other)[1] == "conflict"


def test_redirects_are_followed_and_nothing_is_told_to_the_host(gateway: httpx.Client, shop: Shop) -> None:
    address = shop.url(f"/to?{shop.url('/to?/person.png')}")
    answer = gateway.post("/v1/people", json={"image": address}, headers={"Cookie": "c=d", "X-Secret": "s", **WAIT})
    assert answer.json()["state"] == "succeeded"
    for _, headers in shop.asked:
        assert headers.keys() <= {"host", "accept", "accept-encoding", "user-agent", "connection"}
        assert headers["host"] == f"127.0.0.1:{shop.port}"


NOT_PUBLIC = "image could not be fetched: its host must have public addresses, and only those."


def test_a_redirect_to_what_is_not_public_is_refused(gateway: httpx.Client, shop: Shop) -> None:
    for there in (shop.url("/person.png", "127.0.0.2"), "http://169.254.169.254/latest/meta-data", "http://[::1]/"):
        answer = gateway.post("/v1/people", json={"image": shop.url(f"/to?{there}")})
        assert refusal(answer) == (422, "image_unreachable", NOT_PUBLIC)
    answer = gateway.post("/v1/people", json={"image": shop.url("/to?file:///etc/passwd")})
    assert refusal(answer)[2] == "image could not be fetched: it must be http or https."
    shop.asked.clear()
    answer = gateway.post("/v1/people", json={"image": shop.url("/to?/to?/to?/to?/to?/to?/to?/to?/person.png")})
    assert refusal(answer)[2] == "image could not be fetched: its address redirects again and again."
    assert len(shop.asked) == 6


def test_without_the_operators_word_nothing_private_is_called(start_gateway: Start, shop: Shop) -> None:
    gateway = start_gateway(webhook_hosts="127.0.0.1")
    hosts = ["127.0.0.1", "127.0.0.2", "[::]", "[::1]", "[::ffff:127.0.0.1]", "localhost", "nowhere.invalid"]
    for host in hosts:
        began = time.monotonic()
        answer = gateway.post("/v1/people", json={"image": shop.url("/person.png", host)})
        assert refusal(answer) == (422, "image_unreachable", NOT_PUBLIC), host
        if not host[0].isdigit() and not host.startswith("["):
            assert time.monotonic() - began > 1.9, "a private name and one that does not exist take equally long"
    for odd in ("http://2130706433/", "http://0x7f.1/", "http://a:b@8.8.8.8/", "http://8.8.8.8:99999/", "http:///x"):
        assert refusal(gateway.post("/v1/people", json={"image": odd}))[1] == "image_unreachable", odd
    assert shop.asked == []


def test_other_schemes_are_no_pictures(gateway: httpx.Client) -> None:
    for text in ("file:///etc/passwd", "ftp://8.8.8.8/a.png", "/etc/passwd", "per_1", "data:image/png", " http://a.b/"):
        code, detail = refusal(gateway.post("/v1/people", json={"image": text}))[1:]
        assert (code, detail.startswith("image is an address")) == ("invalid_request", True), text


def test_what_comes_is_bounded_and_sniffed(gateway: httpx.Client, shop: Shop) -> None:
    expected = {
        "/endless": (413, "image_too_large"), "/growing": (413, "image_too_large"), "/slow": (422, "image_unreachable"),
        "/broken": (422, "image_unreachable"), "/gzip": (415, "unsupported_image"), "/page": (415, "unsupported_image"),
        "/missing": (422, "image_unreachable"),
    }  # fmt: skip
    for path, refused in expected.items():
        began = time.monotonic()
        answer = gateway.post("/v1/people", json={"image": shop.url(path)})
        assert refusal(answer)[:2] == refused, (path, answer.text)
        assert time.monotonic() - began < 4
    assert "status 404" in answer.json()["detail"]
    with socket.create_server(("127.0.0.1", 0)) as silent:
        answer = gateway.post("/v1/people", json={"image": f"http://127.0.0.1:{silent.getsockname()[1]}/"})
        assert refusal(answer)[2] == "image could not be fetched: it did not come in time."
    gateway.post("/v1/people", json={"image": shop.url("/person.png")}, headers=WAIT).raise_for_status()


def test_data_uris_are_checked(gateway: httpx.Client) -> None:
    good = data_uri(photo(1))
    for uri in (good[:-30] + "!" + good[-29:], good[:-3], "data:image/png,plain", "data:;base64,AAAA"):
        assert refusal(gateway.post("/v1/people", json={"image": uri}))[:2] == (415, "unsupported_image"), uri[-40:]
    large = data_uri(b"\0" * (MOST_BYTES + 3))
    assert refusal(gateway.post("/v1/people", json={"image": large}))[1] in ("image_too_large", "invalid_request")
    assert gateway.post("/v1/people", json={"image": good.replace("data:", "DATA:")}).status_code == 202


def test_a_buyers_downloads_are_counted_as_uploads(start_gateway: Start, shop: Shop) -> None:
    gateway = start_gateway(picture_hosts="127.0.0.1", picture_seconds=1, uploads_key=2)
    answers: list[int] = []

    def ask() -> None:
        with httpx.Client(base_url=gateway.base_url, timeout=30) as client:
            answers.append(client.post("/v1/people", json={"image": shop.url("/slow")}).status_code)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [422, 422, 429, 429]
