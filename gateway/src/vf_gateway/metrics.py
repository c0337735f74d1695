"""Prometheus metrics of the gateway."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from vf_gateway.pipeline import StageRecord
from vfkit.contracts import Stage

_SECONDS = (0.01, 0.03, 0.1, 0.3, 0.6, 1, 2, 4, 8, 15, 30, 60, 120)


class Metrics:
    """The gateway's counters, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.stage_seconds = Histogram(
            "vf_stage_seconds",
            "Time a stage took where a model ran",
            ["stage"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.stage_results = Counter(
            "vf_stage_results", "Ended stages by code; cached says whether kept pictures were used",
            ["stage", "code", "cached"], registry=self.registry,
        )  # fmt: skip
        self.stage_retries = Counter("vf_stage_retries", "Calls made again", ["stage"], registry=self.registry)
        self.queue_seconds = Histogram(
            "vf_queue_seconds", "Time a job waited", buckets=_SECONDS, registry=self.registry
        )
        self.queue_length = Gauge("vf_queue_length", "Unfinished jobs of all gateways", registry=self.registry)
        self.listeners = Gauge("vf_listeners", "Those who wait for fittings here", registry=self.registry)
        self.fittings = Counter("vf_fittings", "Ended fittings by code", ["code"], registry=self.registry)
        self.deliveries = Counter(
            "vf_webhook_deliveries", "Webhook calls by result", ["result"], registry=self.registry
        )
        self.requests = Counter(
            "vf_requests", "Requests by route and status", ["method", "route", "status"], registry=self.registry
        )

    def stage_ended(self, stage: Stage, record: StageRecord, code: str) -> None:
        """Count an ended stage; see `vf_gateway.pipeline.Observe`."""
        self.stage_results.labels(stage.value, code, str(record.cached).lower()).inc()
        if record.ms is not None and not record.cached:
            self.stage_seconds.labels(stage.value).observe(record.ms / 1000)

    def stage_retried(self, stage: Stage) -> None:
        """Count a call that is made again."""
        self.stage_retries.labels(stage.value).inc()
