"""The gateway client: problems become sentences and exit codes, other programs on the port are not taken for ours."""

from __future__ import annotations

import json
from collections.abc import Callable

import httpx
import pytest

from vf_cli import identity
from vf_cli.client import GatewayClient, ProblemError, find_gateway
from vf_cli.output import CommandError, Exit
from vfkit.contracts import Category


def client(answer) -> GatewayClient:
    return GatewayClient("http://gateway", httpx.MockTransport(answer))


def test_a_fitting_is_watched_to_its_end() -> None:
    done = json.dumps({"fitting_id": "f", "at": "now", "stage": "parse", "state": "done", "ms": 3.0})
    events = f"id: 1\nevent: running\ndata: {{}}\n\nid: 2\nevent: stage\ndata: {done}\n\n"

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/events"):
            return httpx.Response(200, text=events + "id: 3\nevent: succeeded\ndata: {}\n\n")
        state = "queued" if request.method == "POST" else "succeeded"
        return httpx.Response(200, json={"id": "f", "state": state, "stages": {"parse": {"state": "waiting"}}})

    seen = []
    made = client(answer).fit(b"p", b"g", seen.append)
    assert made.state == "succeeded"
    assert [fitting.state for fitting in seen] == ["running", "running", "succeeded"]
    assert [fitting.stages["parse"].state for fitting in seen] == ["waiting", "done", "done"]


def test_a_category_goes_with_the_garments_photo() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        assert b'name="category"\r\n\r\nbottoms' in request.read()
        return httpx.Response(200, json={"id": "f", "state": "succeeded", "links": {"self": "/f"}})

    gateway = client(answer)
    assert gateway.fit(b"p", b"g", category=Category.BOTTOMS).state == "succeeded"


@pytest.mark.parametrize(
    ("code", "exit_code"),
    [
        ("no_person_found", Exit.PICTURE),
        ("garment_worn", Exit.PICTURE),
        ("unsupported_image", Exit.PICTURE),
        ("overloaded", Exit.SYSTEM),
        ("new", Exit.SYSTEM),
    ],
)
def test_a_failed_fitting_is_a_problem(code: str, exit_code: Exit) -> None:
    problem = {"code": code, "detail": "So it is.", "stage": "openpose"}
    answer = {"id": "f", "state": "failed", "problem": problem}
    with pytest.raises(ProblemError, match=r"So it is\. .* \[openpose\]") as caught:
        client(lambda _: httpx.Response(202, json=answer)).fit(b"p", b"g")
    assert caught.value.code == exit_code
    assert caught.value.problem == problem


def test_a_refusal_is_a_problem(monkeypatch) -> None:
    monkeypatch.setattr("vf_client.calls.FIRST_PAUSE", 0)
    response = httpx.Response(503, json={"code": "overloaded", "title": "Busy"}, headers={"retry-after": "0"})
    with pytest.raises(ProblemError, match="Busy") as caught:
        client(lambda _: response).fit(b"p", b"g")
    assert caught.value.refused
    assert not caught.value.picture


def test_an_answer_that_is_no_json_is_told(monkeypatch) -> None:
    monkeypatch.setattr("vf_client.calls.FIRST_PAUSE", 0)
    with pytest.raises(CommandError, match="HTTP status 502"):
        client(lambda _: httpx.Response(502, text="<html>")).fit(b"p", b"g")


def test_a_gateway_that_is_gone_is_told(monkeypatch) -> None:
    monkeypatch.setattr("vf_client.calls.FIRST_PAUSE", 0)

    def gone(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    with pytest.raises(CommandError, match="does not answer") as caught:
        client(gone).system()
    assert caught.value.code == Exit.SYSTEM


@pytest.fixture
def answering(monkeypatch) -> Callable[..., None]:
    """Sets what answers at every address."""

    def answering(status: int, document: object, **headers: str) -> None:
        transport = httpx.MockTransport(lambda _: httpx.Response(status, json=document, headers=headers))
        monkeypatch.setattr("vf_cli.client._direct", lambda: transport)

    return answering


def test_the_gateway_that_is_named_is_taken_when_it_is_one(monkeypatch, answering) -> None:
    monkeypatch.setenv("VF_GATEWAY", "http://gateway.example")
    for document in ({"hello": "world"}, ["services"]):
        answering(200, document)
        with pytest.raises(CommandError, match=r"gateway\.example"):
            find_gateway()
    answering(401, {"code": "unauthorized"})
    with pytest.raises(CommandError, match="VF_API_KEY"):
        find_gateway()
    answering(200, {"services": []})
    assert find_gateway() == "http://gateway.example"


def test_the_local_gateway_is_taken_when_it_is_of_this_checkout(monkeypatch, answering) -> None:
    monkeypatch.delenv("VF_GATEWAY", raising=False)
    for headers in ({}, {identity.HEADER: "0123456789abcdef"}):
        answering(200, {"services": []}, **headers)
        assert find_gateway() is None
    answering(200, {"services": []}, **{identity.HEADER: identity.instance()})
    assert find_gateway() == "http://127.0.0.1:8000"
    monkeypatch.setenv("VF_PORT_BASE", "9000")
    assert find_gateway() == "http://127.0.0.1:9000"
    monkeypatch.setenv("VF_PORT_BASE", "65530")
    with pytest.raises(CommandError, match="VF_PORT_BASE") as caught:
        find_gateway()
    assert caught.value.code == Exit.USAGE
