"""Memory that all pictures in flight may take together."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import Future
from contextlib import asynccontextmanager, contextmanager


class Budget:
    """Grants memory, first come, first served: a large picture is not overtaken for ever by small ones.

    Args:
        total: bytes that may be granted at a time.
    """

    def __init__(self, total: int) -> None:
        self.total = total
        self._free = total
        self._queue: deque[tuple[int, Future[None]]] = deque()
        self._lock = threading.Lock()

    @contextmanager
    def grant(self, amount: int) -> Iterator[None]:
        """Hold some bytes, at most ``total``, while the context lasts; the thread waits until they are free."""
        self._ask(amount).result()
        try:
            yield
        finally:
            self._give_back(amount)

    @asynccontextmanager
    async def granted(self, amount: int) -> AsyncIterator[None]:
        """As `grant`, for an event loop; who is cancelled while waiting leaves the queue."""
        asked = self._ask(amount)
        try:
            await asyncio.wrap_future(asked)
        except asyncio.CancelledError:
            self._give_back(0 if asked.cancel() else amount)
            raise
        try:
            yield
        finally:
            self._give_back(amount)

    def _ask(self, amount: int) -> Future[None]:
        if amount > self.total:
            raise ValueError(f"{amount} bytes are more than all there is")
        asked: Future[None] = Future()
        with self._lock:
            self._queue.append((amount, asked))
            self._serve()
        return asked

    def _give_back(self, amount: int) -> None:
        with self._lock:
            self._free += amount
            self._serve()

    def _serve(self) -> None:
        """Grant what is first in the queue as long as it is free."""
        while self._queue and (self._queue[0][1].cancelled() or self._queue[0][0] <= self._free):
            amount, asked = self._queue.popleft()
            if asked.set_running_or_notify_cancel():
                self._free -= amount
                asked.set_result(None)
