"""The parts of a gateway, put together once; routes receive them from here."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from vf_gateway.access.gate import Gate
from vf_gateway.access.keys import ApiKeys
from vf_gateway.access.rates import AddressLimits, RateLimits
from vf_gateway.access.signing import Secrets, load_secret
from vf_gateway.api.fashn.answers import prediction_message
from vf_gateway.database.engine import Database
from vf_gateway.database.migrations import is_current, migrate
from vf_gateway.network.downloads import Downloads
from vf_gateway.network.targets import Targets
from vf_gateway.observability.metrics import Metrics
from vf_gateway.observability.tracing import PlainTracing, Tracing
from vf_gateway.pictures.disk import DiskRoom
from vf_gateway.pictures.intake import DECODED_HERE
from vf_gateway.pictures.store import local_folder, open_store
from vf_gateway.resources.deletion import Deletion
from vf_gateway.resources.fittings.accepting import FittingIntake
from vf_gateway.resources.fittings.asking import Fittings
from vf_gateway.resources.fittings.running import FittingRuns
from vf_gateway.resources.orphans import OrphanedPictures
from vf_gateway.resources.photos.accepting import PhotoIntake
from vf_gateway.resources.photos.asking import Photos
from vf_gateway.resources.photos.preparing import Preparation
from vf_gateway.resources.predictions import Predictions
from vf_gateway.resources.quotas import Quotas
from vf_gateway.resources.removal import Removals
from vf_gateway.resources.settling import Settlement
from vf_gateway.settings import Settings
from vf_gateway.stages.cache import StageCache
from vf_gateway.stages.people import check_person
from vf_gateway.stages.pipeline import Pipeline
from vf_gateway.stages.replicas import Resolve, resolve_host
from vf_gateway.stages.services import StageServices
from vf_gateway.webhooks.outbox import Outbox
from vf_gateway.webhooks.receivers import Receivers
from vf_gateway.webhooks.sender import Sender
from vf_gateway.work.jobs import JobKind, Queue, Worker
from vf_gateway.work.notifications import Notifications
from vfkit.contracts import Stage
from vfkit.pictures import DEFAULT_LIMITS
from vfkit.pictures.decoding import Decoders


class Gateway:
    """Everything that a gateway consists of, besides HTTP.

    Args:
        settings: what the operator set.
        resolve: asks for the addresses of a service's name.
    """

    def __init__(self, settings: Settings, resolve: Resolve = resolve_host) -> None:
        self.settings = settings
        self.metrics = Metrics()
        self.tracing = open_tracing(settings)
        self.store = open_store(settings)
        self.decoders = Decoders(settings, DECODED_HERE)
        self.database = open_database(settings)
        self.services = StageServices(settings, self.metrics.stage_retried, resolve)
        cache = StageCache(self.services, self.store, {Stage.OPENPOSE: check_person})
        pipeline = Pipeline(cache, settings.deadline, self.metrics.stage_ended)
        self.queue = queue = Queue(self.database, settings, self.metrics)
        self.notifications = Notifications(self.database, settings.poll_seconds)
        self.signer = Secrets(load_secret(settings))
        self.outbox = Outbox(self.database, settings.webhook_timeout)
        targets = Targets(settings.webhook_hosts)
        self.receivers = Receivers(self.database, self.signer, targets, self.outbox)
        self.sender = Sender(
            outbox=self.outbox, signer=self.signer, targets=targets, call_seconds=settings.webhook_timeout,
            metrics=self.metrics, tell_one=self._tell_one,
        )  # fmt: skip
        picture_targets = Targets(settings.picture_hosts, ("http", "https"))
        self.downloads = Downloads(picture_targets, settings.picture_seconds, DEFAULT_LIMITS.max_bytes)
        folders = [folder for folder in (self.database.folder, local_folder(settings)) if folder]
        self.disk = DiskRoom(folders, settings.disk_reserve_mb)
        quotas = Quotas(settings)
        orphans = OrphanedPictures(self.database, self.store, settings)
        settlement = Settlement(self.database, queue, quotas, self.notifications)
        self.photo_intake = PhotoIntake(self.database, self.store, queue, quotas, self.disk, orphans, settings)
        self.photos = Photos(self.database, self.store, self.notifications)
        self.preparation = Preparation(self.database, self.store, pipeline, settlement, self.metrics)
        self.fitting_intake = FittingIntake(
            self.database, self.photo_intake, queue, quotas, self.disk, self.outbox, settings
        )
        self.fitting_runs = FittingRuns(
            self.database, self.store, pipeline, settlement, self.outbox, self.metrics, settings
        )
        handlers = {JobKind.PHOTO: self.preparation.run, JobKind.FITTING: self.fitting_runs.run}
        self.worker = Worker(queue, handlers, settings, self.tracing)
        self.fittings = Fittings(self.database, self.store, queue, self.worker, self.outbox, self.notifications)
        removals = Removals(self.database, orphans, quotas, queue, self.worker, self.notifications)
        self.deletion = Deletion(self.database, removals, orphans, self.metrics, settings)
        self.predictions = Predictions(self.database)
        self.keys = ApiKeys(self.database)
        self.gate = Gate(settings, self.keys, self.signer)
        self.limiter = RateLimits(settings)
        self.anonymous = AddressLimits(settings.rate_address)

    async def _tell_one(self, fitting_id: str) -> str:
        """What the receiver of one fitting's end is told."""
        fitting = await self.fittings.find(fitting_id)
        return prediction_message(fitting, await self.predictions.get(fitting_id), self.signer, self.settings)

    async def look(self) -> None:
        """Bring the gauges up to date."""
        queue = await self.queue.state()
        self.metrics.queue_length.set(queue.length)
        self.metrics.queue_waiting.set(queue.waiting)
        self.metrics.queue_oldest.set(queue.oldest_seconds)
        self.metrics.jobs_running.set(self.worker.running)
        self.metrics.webhooks_waiting.set(await self.outbox.waiting())
        self.metrics.listeners.set(self.notifications.watched)
        self.metrics.show_addresses(self.services.addresses())

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Work while the context lasts; what is unfinished at its end is given back to the queue."""
        if self.settings.migrate:
            await migrate(self.database)
        elif not await is_current(self.database):
            raise RuntimeError("the database's schema is not the newest: run `vf-gateway migrate`")
        self.decoders.start()
        self.worker.start()
        loops = [
            asyncio.create_task(loop) for loop in (self.notifications.follow(), self.sender.run(), self.deletion.run())
        ]
        try:
            yield
        finally:
            for task in loops:
                task.cancel()
            await asyncio.gather(*loops, return_exceptions=True)
            with suppress(Exception):
                await self.worker.stop()
            await asyncio.to_thread(self.decoders.close)
            await self.services.close()
            await self.sender.close()
            await self.downloads.close()
            await self.database.close()
            self.tracing.close()


def open_database(settings: Settings) -> Database:
    """The database that the settings name."""
    return Database(settings.database_url or f"sqlite:///{(settings.data / 'gateway.sqlite').absolute()}")


def open_tracing(settings: Settings) -> Tracing:
    """Where traces go."""
    if not settings.otel:
        return PlainTracing()
    from vf_gateway.observability.opentelemetry import OpenTelemetry  # noqa: PLC0415  an optional dependency

    return OpenTelemetry()
