"""One trace through gateway and services, exported by OTLP over HTTP to a collector of the test's own."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import httpx
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from receiving import Received, receiving

from vf_cli import stack
from vf_client import Client, Fitting
from vf_testing.gateway import GatewayProcess
from vfkit.contracts import Stage

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


def spans_of(received: Received) -> list[Any]:
    exports = (ExportTraceServiceRequest.FromString(body) for _, body in received)
    scopes = (scope for export in exports for resource in export.resource_spans for scope in resource.scope_spans)
    return [span for scope in scopes for span in scope.spans]


def of_trace(received: Received) -> list[Any]:
    return [span for span in spans_of(received) if span.trace_id.hex() == TRACE]


def test_one_trace_from_the_caller_to_every_service(
    start_gateway: Callable[..., GatewayProcess], local_stack: stack.Stack, person: bytes, garment: bytes
) -> None:
    with receiving() as (collector, received):
        gateway = start_gateway(VF_OTEL="true", OTEL_EXPORTER_OTLP_ENDPOINT=collector, OTEL_BSP_SCHEDULE_DELAY="200")
        headers = {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}
        with (
            Client(gateway.url) as client,
            httpx.Client(base_url=gateway.url, trust_env=False, timeout=60, headers=headers) as http,
        ):
            accepted = http.post("/v1/fittings", files={"person": person, "garment": garment})
            fitting = client.finish(Fitting.read(accepted.json()))
            link = http.post(f"/v1/fittings/{fitting.id}/links", json={}).json()["artifacts"]["result.png"]
            assert http.get(link).status_code == 200
        until = time.monotonic() + 10
        while not any("result" in span.name or "artifact" in span.name for span in of_trace(received)):
            assert time.monotonic() < until, "the last span did not come"
            time.sleep(0.1)
    spans = of_trace(received)
    by_id = {span.span_id: span for span in spans}
    (job,) = (span for span in spans if span.name == "fitting")
    assert by_id[job.parent_span_id].name == "POST /v1/fittings", "the job hangs on the request that was accepted"
    called = [span for span in spans if span.parent_span_id == job.span_id]
    assert len(called) >= len(Stage), "every service was called in the job"
    everything = "".join(map(str, spans_of(received)))
    assert "signature" not in everything, "a signed link's query is not told"
    for stage in Stage:
        lines = local_stack.running[stage.value].log.read_text().splitlines()
        logged = [json.loads(line) for line in lines if TRACE in line]
        assert any(line["event"] == "request" and line["status"] == 200 for line in logged), stage
