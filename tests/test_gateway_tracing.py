"""One trace through gateway and services, exported by OTLP over HTTP to a collector of the test's own."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
from gateway_process import Gateway
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from vf_cli import stack
from vfkit.contracts import Stage

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


class Collector:
    """Keeps the spans that it is sent."""

    def __init__(self) -> None:
        spans = self.spans = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                    for scope in resource.scope_spans:
                        spans.extend(scope.spans)
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: Any) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def of_trace(self, trace: str) -> list[Any]:
        return [span for span in self.spans if span.trace_id.hex() == trace]


def test_one_trace_from_the_caller_to_every_service(
    start_gateway: Callable[..., Gateway], local_stack: stack.Stack, person: bytes, garment: bytes
) -> None:
    collector = Collector()
    gateway = start_gateway(VF_OTEL="true", OTEL_EXPORTER_OTLP_ENDPOINT=collector.url, OTEL_BSP_SCHEDULE_DELAY="200")
    try:
        with gateway.start() as client:
            headers = {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}
            with httpx.Client(base_url=gateway.url, trust_env=False, timeout=60, headers=headers) as http:
                accepted = http.post("/v1/fittings", files={"person": person, "garment": garment})
                fitting = client.finish(accepted.json())
                link = http.post(f"/v1/fittings/{fitting['id']}/links", json={}).json()["artifacts"]["result.png"]
                assert http.get(link).status_code == 200
            until = time.monotonic() + 10
            while not any("result" in span.name or "artifact" in span.name for span in collector.of_trace(TRACE)):
                assert time.monotonic() < until, "the last span did not come"
                time.sleep(0.1)
    finally:
        collector.close()
    spans = collector.of_trace(TRACE)
    by_id = {span.span_id: span for span in spans}
    (job,) = (span for span in spans if span.name == "fitting")
    assert by_id[job.parent_span_id].name == "POST /v1/fittings", "the job hangs on the request that was accepted"
    called = [span for span in spans if span.parent_span_id == job.span_id]
    assert len(called) >= len(Stage), "every service was called in the job"
    everything = "".join(map(str, collector.spans))
    assert "signature" not in everything, "a signed link's query is not told"
    for stage in Stage:
        lines = local_stack.running[stage.value].log.read_text().splitlines()
        logged = [json.loads(line) for line in lines if TRACE in line]
        assert any(line["event"] == "request" and line["status"] == 200 for line in logged), stage
