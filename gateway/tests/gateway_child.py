"""A gateway as a process of its own, before stub services, with its caller."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import httpx

from vf_testing.gateway import GatewayProcess


class Process(GatewayProcess):
    """A gateway as a process of its own."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        super().__init__(environment)
        self.client = httpx.Client(base_url=self.url, timeout=30)

    def finished(self, ids: list[str], seconds: float = 40) -> dict[str, dict[str, Any]]:
        until = time.monotonic() + seconds
        found: dict[str, dict[str, Any]] = {}
        while len(found) < len(ids):
            assert time.monotonic() < until, f"{len(found)} of {len(ids)} finished"
            for subject in set(ids) - set(found):
                document = self.client.get(f"/v1/fittings/{subject}").json()
                if document["state"] in ("succeeded", "failed", "cancelled"):
                    found[subject] = document
            time.sleep(0.05)
        return found
