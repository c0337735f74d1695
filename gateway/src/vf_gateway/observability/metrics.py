"""Prometheus metrics of the gateway; what each one tells stands in the README."""

from __future__ import annotations

from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.process_collector import ProcessCollector

from vf_gateway.stages.pipeline import StageRecord
from vfkit.contracts import Stage

_SECONDS = (0.01, 0.03, 0.1, 0.3, 0.6, 1, 2, 4, 8, 15, 30, 60, 120)
_LONG_SECONDS = (*_SECONDS, 300, 900)
_REQUEST_SECONDS = (0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 60)


class Metrics:
    """The gateway's counters, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.stage_seconds = self._histogram("vf_stage_seconds", "Time a stage took where a model ran", "stage")
        self.stage_results = self._counter(
            "vf_stage_results", "Ended stages by code; cached: kept pictures were used", "stage", "code", "cached"
        )
        self.stage_retries = self._counter("vf_stage_retries", "Calls made again", "stage")
        self.addresses = self._gauge("vf_stage_addresses", "Addresses that a service's name resolves to", "stage")
        self.addresses_aside = self._gauge("vf_stage_addresses_aside", "Of those, set aside after failures", "stage")
        self.queue_length = self._gauge("vf_queue_length", "Unfinished jobs of all gateways")
        self.queue_waiting = self._gauge("vf_queue_waiting", "Of those, taken by no gateway yet")
        self.queue_oldest = self._gauge("vf_queue_oldest_seconds", "Age of the oldest waiting job; 0: none waits")
        self.jobs_running = self._gauge("vf_jobs_running", "Jobs that this gateway works on")
        self.queue_seconds = self._histogram("vf_queue_seconds", "Time a job waited", buckets=_LONG_SECONDS)
        self.fitting_seconds = self._histogram(
            "vf_fitting_seconds", "Time from accepting a fitting to its end", buckets=_LONG_SECONDS
        )
        self.fittings = self._counter("vf_fittings", "Ended fittings by code", "code")
        self.photos = self._counter("vf_photos", "Prepared people and garments by code", "kind", "code")
        self.deliveries = self._counter("vf_webhook_deliveries", "Webhook calls by result", "result")
        self.webhooks_waiting = self._gauge("vf_webhooks_waiting", "Messages that are not delivered yet")
        self.deletions = self._counter("vf_deletions", "Deleted things by action", "action")
        self.listeners = self._gauge("vf_listeners", "Those who wait for fittings here")
        self.requests = self._counter("vf_requests", "Requests by route and status", "method", "route", "status")
        self.request_seconds = self._histogram(
            "vf_request_seconds", "Time until an answer begins", "route", buckets=_REQUEST_SECONDS
        )

    def stage_ended(self, stage: Stage, record: StageRecord, code: str) -> None:
        """Count an ended stage; see `vf_gateway.stages.pipeline.Observe`."""
        self.stage_results.labels(stage.value, code, str(record.cached).lower()).inc()
        if record.ms is not None and not record.cached:
            self.stage_seconds.labels(stage.value).observe(record.ms / 1000)

    def stage_retried(self, stage: Stage) -> None:
        """Count a call that is made again."""
        self.stage_retries.labels(stage.value).inc()

    def show_addresses(self, counts: Mapping[Stage, tuple[int, int]]) -> None:
        """Set the gauges of the services' addresses; see `vf_gateway.stages.services.StageServices.addresses`."""
        for stage, (known, aside) in counts.items():
            self.addresses.labels(stage.value).set(known)
            self.addresses_aside.labels(stage.value).set(aside)

    def _counter(self, name: str, told: str, *labels: str) -> Counter:
        return Counter(name, told, labels, registry=self.registry)

    def _gauge(self, name: str, told: str, *labels: str) -> Gauge:
        return Gauge(name, told, labels, registry=self.registry)

    def _histogram(self, name: str, told: str, *labels: str, buckets: tuple[float, ...] = _SECONDS) -> Histogram:
        return Histogram(name, told, labels, buckets=buckets, registry=self.registry)
