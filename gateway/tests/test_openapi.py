"""The OpenAPI document says what the gateway does: schemathesis calls everything that it describes."""

from __future__ import annotations

from typing import Any

import httpx
import schemathesis
from gateway_harness import Services, photo
from hypothesis import HealthCheck, given, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance


def test_every_operation_is_described(gateway: httpx.Client) -> None:
    document = gateway.get("/openapi.json").json()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert operation.get("description"), (method, path)
            if path.startswith("/v1/") and path != "/v1/system":
                assert "401" in operation["responses"], (method, path)
    schemas = document["components"]["schemas"]
    for name in ("FittingDocument", "PhotoDocument", "FittingRequest", "TokenRequest", "WebhookRequest"):
        assert schemas.get(name, {}).get("examples") or name == "FittingRequest", name


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
            # Whether an address may be a webhook is more than its schema can say.
            excluded = [positive_data_acceptance] if operation.path == "/v1/webhooks" else []  # noqa: B023
            case.call_and_validate(timeout=30, excluded_checks=excluded)

        try:
            keeps()
        except (Exception, BaseExceptionGroup) as error:
            failures.append(f"{operation.label}: {error!r} {getattr(error, 'exceptions', '')}")
    assert not failures, "\n\n".join(failures)
