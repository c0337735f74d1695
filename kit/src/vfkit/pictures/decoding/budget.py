"""Memory that all pictures in flight may take together."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager


class Budget:
    """Grants memory to threads, first come, first served: a large picture is not overtaken for ever by small ones.

    Args:
        total: bytes that may be granted at a time.
    """

    def __init__(self, total: int) -> None:
        self.total = total
        self._free = total
        self._queue: deque[object] = deque()
        self._changed = threading.Condition()

    @contextmanager
    def grant(self, amount: int) -> Iterator[None]:
        """Hold some bytes, at most ``total``, while the context lasts; waits until they are free."""
        if amount > self.total:
            raise ValueError(f"{amount} bytes are more than all there is")
        turn = object()
        with self._changed:
            self._queue.append(turn)
            self._changed.wait_for(lambda: self._queue[0] is turn and self._free >= amount)
            self._queue.popleft()
            self._free -= amount
            self._changed.notify_all()
        try:
            yield
        finally:
            with self._changed:
                self._free += amount
                self._changed.notify_all()
