"""The bounded queue in front of an engine: requests that wait together are answered in one forward pass."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Generic, TypeVar

import structlog

from vfkit.engines import Engine
from vfkit.problems import Code, Problem

RequestT = TypeVar("RequestT")
AnswerT = TypeVar("AnswerT")

log = structlog.get_logger("vf.batching")

FIRST_GUESS_SECONDS = 1.0
"""What a request is taken to cost before one was measured."""
NEWEST_SHARE = 0.2
"""Weight of the newest batch in the running mean of a request's cost."""


@dataclass
class _Waiting(Generic[RequestT, AnswerT]):
    request: RequestT | None
    answer: asyncio.Future[AnswerT]


class Batcher(Generic[RequestT, AnswerT]):
    """Feeds an engine from one thread, in batches.

    Args:
        engine: a loaded engine.
        capacity: requests held at a time, waiting and running; more are refused with ``overloaded``.
        batch: requests of one forward pass at most.
        wait: seconds that the first of a batch waits for company.
        on_batch: told of each batch's size and seconds.
    """

    def __init__(
        self,
        engine: Engine[RequestT, AnswerT],
        *,
        capacity: int,
        batch: int,
        wait: float,
        on_batch: Callable[[int, float], None] = lambda size, seconds: None,
    ) -> None:
        self._engine = engine
        self._capacity = capacity
        self._batch = batch
        self._wait = wait
        self._on_batch = on_batch
        self._queue: asyncio.Queue[_Waiting[RequestT, AnswerT]] = asyncio.Queue()
        self._pending: set[asyncio.Future[AnswerT]] = set()
        self._cost = FIRST_GUESS_SECONDS
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="engine")
        self._worker = asyncio.create_task(self._work())

    @property
    def held(self) -> int:
        """Requests waiting or running."""
        return len(self._pending)

    async def predict(self, request: RequestT) -> AnswerT:
        """Wait for the engine's answer. A caller who is cancelled while waiting costs the engine nothing.

        Raises:
            Problem: ``overloaded`` when the queue is full, or whatever the engine says of this request.
        """
        if self.held >= self._capacity:
            raise Problem(Code.OVERLOADED, retry_after=max(1.0, round(self.held * self._cost)))
        waiting: _Waiting[RequestT, AnswerT] = _Waiting(request, asyncio.get_running_loop().create_future())
        self._pending.add(waiting.answer)
        waiting.answer.add_done_callback(self._pending.discard)
        self._queue.put_nowait(waiting)
        try:
            return await waiting.answer
        except asyncio.CancelledError:
            waiting.request = None  # its place in the queue may last minutes, its pictures need not
            raise

    async def close(self) -> None:
        """Finish what is held, then stop."""
        if self._pending:
            await asyncio.wait(self._pending)
        self._worker.cancel()
        await asyncio.gather(self._worker, return_exceptions=True)
        self._thread.shutdown(wait=True)

    async def _work(self) -> None:
        while True:
            batch = [waiting for waiting in await self._gather() if not waiting.answer.done()]
            if batch:
                await self._run(batch)

    async def _gather(self) -> list[_Waiting[RequestT, AnswerT]]:
        """The next batch: whatever comes within the wait after its first request."""
        batch = [await self._queue.get()]
        end = time.monotonic() + self._wait
        while len(batch) < self._batch:
            try:
                async with asyncio.timeout(max(0.0, end - time.monotonic())):
                    batch.append(await self._queue.get())
            except TimeoutError:
                if self._queue.empty():
                    break
                batch.append(self._queue.get_nowait())
        return batch

    async def _run(self, batch: list[_Waiting[RequestT, AnswerT]]) -> None:
        requests = [waiting.request for waiting in batch if waiting.request is not None]
        start = time.monotonic()
        try:
            answers = await asyncio.get_running_loop().run_in_executor(self._thread, self._engine.predict, requests)
            if len(answers) != len(batch):
                raise RuntimeError(f"the engine gave {len(answers)} answers to {len(batch)} requests")
        except Exception as error:  # whatever a model library throws: these callers fail, the service lives
            if not isinstance(error, Problem):
                log.exception("engine failed", batch=len(batch))
                error = Problem(Code.INTERNAL)
            answers = [error] * len(batch)
        seconds = time.monotonic() - start
        self._cost += NEWEST_SHARE * (seconds / len(batch) - self._cost)
        self._on_batch(len(batch), seconds)
        for waiting, answer in zip(batch, answers, strict=True):
            if waiting.answer.done():
                continue
            if isinstance(answer, Problem):
                waiting.answer.set_exception(answer)
            else:
                waiting.answer.set_result(answer)
