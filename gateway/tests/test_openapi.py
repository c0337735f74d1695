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
