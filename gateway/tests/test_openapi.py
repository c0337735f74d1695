"""The OpenAPI document says what the gateway does: schemathesis calls everything that it describes."""

from __future__ import annotations

import re
from typing import Any

import httpx
import schemathesis
from gateway_harness import Services, photo
from gateway_shop import data_uri
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.specs.openapi.checks import positive_data_acceptance


def test_every_operation_is_described(gateway: httpx.Client) -> None:
    document = gateway.get("/openapi.json").json()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert operation.get("description"), (method, path)
            if path.startswith("/v1/") and path != "/v1/system":
                assert "401" in operation["responses"], (method, path)


def test_summaries_name_the_thing(gateway: httpx.Client) -> None:
    paths = gateway.get("/openapi.json").json()["paths"]
    summaries = [operation["summary"] for methods in paths.values() for operation in methods.values()]
    assert len(set(summaries)) == len(summaries)
    assert all(len(summary.split()) > 1 for summary in summaries), summaries


def test_every_body_and_answer_has_an_example(gateway: httpx.Client) -> None:
    document = gateway.get("/openapi.json").json()

    def has_example(content: dict[str, Any]) -> bool:
        schema = content.get("schema", {})
        schema = schema.get("items", schema)
        schema = document["components"]["schemas"].get(schema.get("$ref", "").rpartition("/")[2], schema)
        return bool(content.get("example") or content.get("examples") or schema.get("examples"))

    lacking = []
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            told = {"body": operation.get("requestBody", {}), **operation["responses"]}
            for name, part in told.items():
                for media_type, content in part.get("content", {}).items():
                    if not media_type.startswith("image/") and not has_example(content):
                        lacking.append((method, path, name, media_type))
    assert lacking == []


def test_the_pages_load_nothing_from_outside(gateway: httpx.Client) -> None:
    for page in ("/docs", "/redoc"):
        answer = gateway.get(page)
        assert answer.status_code == 200
        assert "connect-src 'self'" in answer.headers["content-security-policy"]
        loaded = re.findall(r'(?:src|href|spec-url)="([^"]+)"', answer.text)
        assert "//" not in "".join(loaded)
        for address in loaded:
            if not address.startswith("data:"):
                assert gateway.get(f"/{address}").status_code == 200, address
    assert gateway.get("/redoc/logo-mini.svg").status_code == 200
    assert gateway.get("/docs/../secret").status_code == 404
    assert gateway.get("/docs/nothing.js").headers["content-type"] == "application/problem+json"


CALLING = ("/v1/webhooks", "/v1/people", "/v1/garments", "/v1/fittings", "/v1/run")
schemathesis.openapi.format("uri", st.sampled_from([data_uri(photo(1)), "http://127.0.0.2/x.png", "data:,", "x"]))

NO_JSON = (b"\xff", b"{", b"", b"[[", b"null", b'{"buyer": "\xed\xa0\x80"}', b"{" + b" " * 70_000)


def test_every_answer_to_a_bad_body_is_described(gateway: httpx.Client) -> None:
    for path, methods in gateway.get("/openapi.json").json()["paths"].items():
        if "requestBody" not in methods.get("post", {}):
            continue
        for body in NO_JSON:
            for kind in ("application/json", "multipart/form-data; boundary=x", "text/plain"):
                url = path.replace("{fitting_id}", "fit_none")
                answer = gateway.post(url, content=body, headers={"Content-Type": kind})
                assert 400 <= answer.status_code < 500, (path, body, answer.text)
                assert str(answer.status_code) in methods["post"]["responses"], (path, body, answer.text)
                assert answer.headers["content-type"] == "application/problem+json"


def test_an_answer_that_was_waited_for_is_described(gateway: httpx.Client) -> None:
    responses = {
        path: m["post"]["responses"] for path, m in gateway.get("/openapi.json").json()["paths"].items() if "post" in m
    }
    made = {
        kind: gateway.post(f"/v1/{kind}", files={"image": photo(n)}, headers={"Prefer": "wait=30"})
        for n, kind in enumerate(("people", "garments"))
    }
    ids = {kind: answer.json()["id"] for kind, answer in made.items()}
    for path, asked in (
        ("/v1/fittings", {"person_id": ids["people"], "garment_id": ids["garments"]}),
        ("/v1/comparisons", {"person_id": ids["people"], "garment_ids": [ids["garments"]]}),
    ):
        made[path.rpartition("/")[2]] = gateway.post(path, json=asked, headers={"Prefer": "wait=30"})
    for kind, answer in made.items():
        assert answer.status_code == 200
        described = responses[f"/v1/{kind}"]
        assert described["200"]["content"] == described["202"]["content"]


def test_the_gateway_keeps_to_its_document(start_gateway: Any, database_url: str, services: Services) -> None:
    gateway = start_gateway(database_url=database_url)
    wait = {"Prefer": "wait=20"}
    gateway.post("/v1/fittings", files={"person": photo(1), "garment": photo(2)}, headers=wait).raise_for_status()
    schema = schemathesis.openapi.from_url(f"{gateway.base_url}/openapi.json")
    failures: list[str] = []
    for result in schema.get_all_operations():
        operation = result.ok()

        @given(case=operation.as_strategy())
        @settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
        def keeps(case: Any) -> None:
            # Whether an address may be called, or has a picture, is more than its schema can say.
            excluded = [positive_data_acceptance] if operation.path in CALLING else []  # noqa: B023
            case.call_and_validate(timeout=30, excluded_checks=excluded)

        try:
            keeps()
        except (Exception, BaseExceptionGroup) as error:
            failures.append(f"{operation.label}: {error!r} {getattr(error, 'exceptions', '')}")
    assert not failures, "\n\n".join(failures)
