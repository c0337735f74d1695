"""OpenTelemetry, when VF_OTEL is set: spans of requests, of jobs and of calls to the services, in one trace."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import Any

import httpx
from fastapi import FastAPI
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor
from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

_PROBES = "healthz,readyz,metrics"
_HEADER = "traceparent"


class OpenTelemetry:
    """A `vf_gateway.observability.tracing.Tracing` that exports spans as the standard OTEL_* variables say."""

    def __init__(self) -> None:
        resource = Resource.create({SERVICE_NAME: "vf-gateway"})
        self._provider = TracerProvider(resource=resource)
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        self._tracer = self._provider.get_tracer("vf_gateway")
        self._propagator = TraceContextTextMapPropagator()

    def carry(self, header: str | None) -> str:
        """See `Tracing`: the request's span, which has taken up the caller's trace."""
        carrier: dict[str, str] = {}
        self._propagator.inject(carrier)
        return carrier.get(_HEADER) or header or ""

    def job(self, kind: str, subject: str, traceparent: str | None) -> AbstractContextManager[object]:
        """See `Tracing`: a span of the trace in which the job was accepted."""
        context = self._propagator.extract({_HEADER: traceparent or ""})
        span: AbstractContextManager[object] = self._tracer.start_as_current_span(
            kind, context=context, attributes={"vf.subject": subject}
        )
        return span

    def watch(self, app: FastAPI, clients: Iterable[httpx.AsyncClient]) -> None:
        """See `Tracing`."""
        FastAPIInstrumentor.instrument_app(
            app,
            server_request_hook=_hide_query,
            tracer_provider=self._provider,
            excluded_urls=_PROBES,
            exclude_spans=["receive", "send"],
        )
        for client in clients:
            HTTPXClientInstrumentor.instrument_client(client, tracer_provider=self._provider)

    def close(self) -> None:
        """See `Tracing`."""
        self._provider.shutdown()


def _hide_query(span: trace.Span, _scope: dict[str, Any]) -> None:
    """A signed link's query opens a picture: it must not leave this process."""
    known = getattr(span, "attributes", None) or {}
    for name in ("http.url", "http.target", "url.full", "url.query"):
        if isinstance(value := known.get(name), str):
            span.set_attribute(name, "" if name == "url.query" else value.partition("?")[0])
