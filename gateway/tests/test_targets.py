"""What the gateway may call on a market's word, and that a refusal tells nothing of the operator's network."""

from __future__ import annotations

import concurrent.futures
import ipaddress
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request
from gateway_harness import photo, serve
from gateway_users import User, new_key
from hypothesis import given, settings
from hypothesis import strategies as st

from vf_gateway.network.targets import is_public

Start = Callable[..., httpx.Client]
REFUSED = "This address cannot be a webhook: its host must have public addresses, and only those."

WRAPPINGS = {
    "mapped": "::ffff:0:0/96", "compatible": "::/96", "translated": "::ffff:0:0:0/96", "NAT64": "64:ff9b::/96",
    "local NAT64": "64:ff9b:1::/48", "Teredo": "2001::/32", "6to4": "2002::/16",
}  # fmt: skip
"""IPv6 networks whose addresses lead to an IPv4 address."""

OTHER_V6 = {
    "site-local": "fec0::/10", "unique local": "fc00::/7", "link-local": "fe80::/10", "multicast": "ff00::/8",
    "documentation": "2001:db8::/32", "documentation 2": "3fff::/20", "discard": "100::/64",
    "benchmarks": "2001:2::/48", "ORCHID": "2001:20::/28", "SRv6": "5f00::/16", "not given out": "4000::/2",
}  # fmt: skip

V4 = {
    "private": "10.0.0.0/8", "private 2": "172.16.0.0/12", "private 3": "192.168.0.0/16", "loopback": "127.0.0.0/8",
    "link-local": "169.254.0.0/16", "CGNAT": "100.64.0.0/10", "this": "0.0.0.0/8", "IETF": "192.0.0.0/24",
    "documentation": "192.0.2.0/24", "documentation 2": "198.51.100.0/24", "documentation 3": "203.0.113.0/24",
    "benchmarks": "198.18.0.0/15", "6to4 relays": "192.88.99.0/24", "multicast": "224.0.0.0/4", "rest": "240.0.0.0/4",
}  # fmt: skip


def inside(networks: dict[str, str]) -> st.SearchStrategy[Any]:
    return st.one_of([st.ip_addresses(network=network) for network in networks.values()])


@settings(deadline=None)
@given(inside(V4) | inside(WRAPPINGS) | inside(OTHER_V6))
def test_no_special_address_is_public(address: Any) -> None:
    assert not is_public(str(address))
    assert not is_public(address.exploded)


@settings(deadline=None)
@given(st.ip_addresses())
def test_what_is_public_is_global_unicast(address: Any) -> None:
    if is_public(str(address)):
        assert address.is_global
        assert not (address.is_multicast or address.is_reserved or address.is_link_local)
        assert address.version == 4 or address in ipaddress.ip_network("2000::/3")


@settings(deadline=None)
@given(st.ip_addresses(v=4), st.sampled_from(list(WRAPPINGS.values())))
def test_no_address_is_public_when_it_is_wrapped(inner: Any, network: str) -> None:
    outer = ipaddress.IPv6Network(network).network_address
    assert not is_public(str(ipaddress.IPv6Address(int(outer) | int(inner))))


def test_public_addresses() -> None:
    for address in ("8.8.8.8", "1.1.1.1", "100.63.255.255", "172.32.0.1", "2606:4700::1111", "2001:200::1", "2a00::1"):
        assert is_public(address), address
    assert not is_public("2606:4700::1111%eth0")
    assert not is_public("no address")


ADDRESSES = [
    "127.0.0.1", "10.0.0.1", "0.0.0.1", "169.254.169.254", "100.64.0.1", "224.0.0.1", "255.255.255.255",
    "[::1]", "[::]", "[::127.0.0.1]", "[::ffff:10.0.0.1]", "[::ffff:8.8.8.8]", "[fec0::1]", "[fe80::1]",
    "[64:ff9b:1::]", "[64:ff9b::8.8.8.8]", "[2002:808:808::1]", "[2001:0:808:808::]", "[fd00::1]", "[ff02::1]",
    "[2001:db8::1]",
]  # fmt: skip


def test_addresses_that_must_not_be_called(gateway: httpx.Client) -> None:
    for host in ADDRESSES:
        answer = gateway.post("/v1/webhooks", json={"url": f"https://{host}/hook"})
        assert (answer.status_code, answer.json()["detail"]) == (422, REFUSED), host
    assert gateway.get("/v1/webhooks").json() == []


ODD_URLS = [
    "http://example.com/", "https://user:secret@8.8.8.8/", "ftp://8.8.8.8/", "file:///etc/passwd", "//", "https://",
    # IPv4 in other spellings: decimal, hexadecimal, octal, short
    "https://2130706433/", "https://134744072/", "https://0x7f000001/", "https://0x7f.1/", "https://017700000001/",
    "https://0177.0.0.1/", "https://127.1/", "https://8.8.8.08/", "https://8.8.8.8./", "https://1.2.3.4.5/",
    "https://0x/", "https://999.1.1.1/",
    # hosts that another parser may read otherwise
    "https://１２７.０.０.１/", "https://①②⑦.0.0.1/", "https://127。0。0。1/", "https://ⓛocalhost/",
    "https://local\u00adhost/", "https://%31%32%37.0.0.1/", "https://8.8.8.8\\@127.0.0.1/", "https://a b.example/",
    "https://8.8.8.8%00.example/", "https://[::1%25lo]/", "https://[8.8.8.8]/", "https://a..example/",
    "https://-a.example/", "https://" + "a" * 64 + ".com/", "https://" + "a." * 130 + "com/", "https://xn--/",
    "https://example.com:99999/", "https://example.com:x/", "https://example.com:0/",
]  # fmt: skip


def test_odd_spellings_are_refused_without_asking_a_resolver(gateway: httpx.Client, lookups: Lookups) -> None:
    for url in ODD_URLS:
        answer = gateway.post("/v1/webhooks", json={"url": url})
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request"), url
    assert lookups.asked == []
    gateway.post("/v1/webhooks", json={"url": "https://bücher.test/"})
    assert lookups.asked == ["xn--bcher-kva.test"], "a name is asked for as it is written in ASCII"


class Lookups:
    """The system's resolver as the guard sees it: it knows the names that a test gives it.

    Attributes:
        names: from a name to what gives its addresses.
        asked: the names that were asked for.
    """

    def __init__(self) -> None:
        self.names: dict[str, Callable[[], list[str]]] = {}
        self.asked: list[str] = []
        self._system = socket.getaddrinfo

    def getaddrinfo(self, host: Any, port: Any, *more: Any, **options: Any) -> Any:
        if threading.current_thread().name != "lookup":  # not the guard: the test's own client
            return self._system(host, port, *more, **options)
        self.asked.append(host)
        found = self.names[host]() if host in self.names else []
        if not found:
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]


@pytest.fixture
def lookups(monkeypatch: pytest.MonkeyPatch) -> Lookups:
    made = Lookups()
    monkeypatch.setattr(socket, "getaddrinfo", made.getaddrinfo)
    return made


def test_a_refusal_does_not_tell_why(gateway: httpx.Client, lookups: Lookups) -> None:
    """A name that is unknown, private, partly private or slow to resolve: the same words, after the same time."""
    hang = threading.Event()
    lookups.names |= {
        "private.test": lambda: ["10.0.0.1"], "mixed.test": lambda: ["8.8.8.8", "10.0.0.1"],
        "slow.test": lambda: ["8.8.8.8"] if hang.wait(30) else [], "public.test": lambda: ["8.8.8.8"],
    }  # fmt: skip
    answers = [
        gateway.post("/v1/webhooks", json={"url": f"https://{name}.test/"})
        for name in ("unknown", "private", "mixed", "slow")
    ]
    hang.set()
    assert {(answer.status_code, answer.json()["detail"]) for answer in answers} == {(422, REFUSED)}
    assert all(2 <= answer.elapsed.total_seconds() < 6 for answer in answers)
    assert gateway.post("/v1/webhooks", json={"url": "https://public.test/"}).status_code == 201


def test_names_that_hang_delay_nobody_else(start_gateway: Start, lookups: Lookups, tmp_path: Path) -> None:
    """Neither another market nor the addresses of the services: the system's pool of resolving threads is small."""
    gateway = start_gateway(local=False, data=tmp_path / "data")
    slow, other = (User(gateway, new_key(tmp_path / "data", name)["key"]) for name in ("slow", "other"))
    hang = threading.Event()
    lookups.names |= {"hang.test": lambda: ["8.8.8.8"] if hang.wait(60) else [], "public.test": lambda: ["8.8.8.8"]}
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(slow, "POST", "/v1/webhooks", json={"url": "https://hang.test/"}) for _ in range(8)]
        assert {each.result().status_code for each in asked} == {422}
    files = {"person": photo(1), "garment": photo(2)}
    fitting = other("POST", "/v1/fittings", files=files, headers={"Prefer": "wait=20"}).json()
    assert fitting["state"] == "succeeded"
    public = {"url": "https://public.test/"}
    assert slow("POST", "/v1/webhooks", json=public).status_code == 422, "too many questions of this market hang"
    assert other("POST", "/v1/webhooks", json=public).status_code == 201
    assert lookups.asked.count("hang.test") == 4
    hang.set()


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A port where a connection is noticed."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(1)
        yield server


def test_a_name_that_is_bound_anew_is_not_called(
    gateway: httpx.Client, lookups: Lookups, listener: socket.socket
) -> None:
    answers = iter([["8.8.8.8"]])
    lookups.names["rebind.test"] = lambda: next(answers, ["127.0.0.1"])
    url = f"https://rebind.test:{listener.getsockname()[1]}/hook"
    hook = gateway.post("/v1/webhooks", json={"url": url}).json()["id"]
    files = {"person": photo(1), "garment": photo(2)}
    gateway.post("/v1/fittings", files=files, headers={"Prefer": "wait=20"}).raise_for_status()
    until = time.monotonic() + 10
    while not (delivery := gateway.get(f"/v1/webhooks/{hook}/deliveries").json()[0])["error"]:
        assert time.monotonic() < until
        time.sleep(0.05)
    assert delivery["error"] == "its host must have public addresses, and only those"
    with pytest.raises(TimeoutError):
        listener.accept()


def test_the_address_that_was_checked_is_the_one_that_is_called(start_gateway: Start, lookups: Lookups) -> None:
    received: list[str] = []
    app = FastAPI()

    @app.post("/hook")
    async def hook(request: Request) -> None:
        received.append(request.headers["host"])

    lookups.names["hooks.test"] = lambda: ["127.0.0.1"]
    gateway = start_gateway(webhook_hosts="hooks.test")
    with serve(app) as url:
        host = f"hooks.test:{httpx.URL(url).port}"
        gateway.post("/v1/webhooks", json={"url": f"http://{host}/hook"}).raise_for_status()
        files = {"person": photo(1), "garment": photo(2)}
        gateway.post("/v1/fittings", files=files, headers={"Prefer": "wait=20"}).raise_for_status()
        until = time.monotonic() + 10
        while not received:
            assert time.monotonic() < until
            time.sleep(0.05)
    assert received == [host]
    assert lookups.asked == ["hooks.test"] * 2, "once at the registration, once for the call"
