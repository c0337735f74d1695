"""What the gateway itself costs, beside stub services that answer at once.

    python bench/gateway.py [--postgres URL] [--fittings 2000] [--listeners 1000] [--gateways 2]

Prints one JSON document: overhead of a fitting whose pictures are all kept, fittings per second through the queue
(kept ones, and ones whose synthesis is called), server-sent-event listeners that one gateway serves, memory.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import resource
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np

from vfkit.contracts import Stage
from vfkit.pictures import encode_png

ROOT = Path(__file__).resolve().parent.parent
STUBS = ROOT / "gateway" / "tests" / "gateway_stubs.py"
WARM_UP, MEASURED, AT_ONCE = 20, 200, 32


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def process(arguments: list[str], url: str, environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    child = subprocess.Popen([sys.executable, *arguments], env={**os.environ, **environment}, stdout=subprocess.DEVNULL)
    try:
        for _ in range(300):
            with contextlib.suppress(httpx.HTTPError):
                httpx.get(url, trust_env=False)
                break
            time.sleep(0.1)
        yield child
    finally:
        child.terminate()
        child.wait(30)


def photo(seed: int) -> bytes:
    return encode_png(np.random.default_rng(seed).integers(0, 255, (400, 300, 3), np.uint8))


def expect(true: bool, what: str) -> None:
    if not true:
        raise SystemExit(what)


def resident_mb(child: subprocess.Popen[bytes]) -> float:
    pages = int(Path(f"/proc/{child.pid}/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


class Bench:
    """Gateways on one database, a client of each; what one gateway can show is asked of the first."""

    def __init__(self, clients: list[httpx.AsyncClient], child: subprocess.Popen[bytes]) -> None:
        self.clients = clients
        self.client = clients[0]
        self.child = child
        self.person = ""
        self.garment = ""

    async def upload(self, kind: str, seed: int) -> str:
        answer = await self.client.post(f"/v1/{kind}", files={"image": photo(seed)}, headers={"Prefer": "wait=30"})
        return str(answer.json()["id"])

    async def overhead(self) -> dict[str, float]:
        """One fitting after the other, all of whose pictures are kept: from the request to the finished answer."""
        body = {"person_id": self.person, "garment_id": self.garment}
        times = []
        for n in range(WARM_UP + MEASURED):
            began = time.perf_counter()
            answer = await self.client.post("/v1/fittings", json=body, headers={"Prefer": "wait=30"})
            expect(answer.json()["state"] == "succeeded", answer.text)
            if n >= WARM_UP:
                times.append((time.perf_counter() - began) * 1000)
        return {"p50_ms": round(statistics.median(times), 1), "p95_ms": round(sorted(times)[int(0.95 * len(times))], 1)}

    async def throughput(self, count: int, garments: list[str]) -> dict[str, float]:
        """Many fittings through the queue: from the first request until the last has ended."""
        ids: list[str] = []
        waiting = asyncio.Semaphore(AT_ONCE)

        async def accept(n: int) -> None:
            async with waiting:
                body = {"person_id": self.person, "garment_id": garments[n % len(garments)]}
                answer = await self.clients[n % len(self.clients)].post("/v1/fittings", json=body)
                expect(answer.status_code == 202, answer.text)
                ids.append(answer.json()["id"])

        began = time.perf_counter()
        await asyncio.gather(*map(accept, range(count)))
        accepted = time.perf_counter() - began
        while True:
            metrics = (await self.client.get("/metrics")).text
            if "\nvf_queue_length 0.0" in metrics:
                break
            await asyncio.sleep(0.1)
        seconds = time.perf_counter() - began
        for state in ("failed", "cancelled"):
            listed = await self.client.get("/v1/fittings", params={"state": state})
            expect(not listed.json()["items"], "some failed")
        return {"accepted_per_second": round(count / accepted, 1), "finished_per_second": round(count / seconds, 1)}

    async def listeners(self, count: int, stub: str) -> dict[str, Any]:
        """Many who follow a few slow fittings until their end."""
        await self.client.post(f"{stub}/control/hrviton", json={"mode": "slow", "seconds": 10})
        fresh = [await self.upload("garments", 9000 + n) for n in range(4)]
        made = [
            (await self.client.post("/v1/fittings", json={"person_id": self.person, "garment_id": g})).json()["links"]
            for g in fresh
        ]
        connected, ended = 0, 0
        limits = httpx.Limits(max_connections=None)

        async def listen(http: httpx.AsyncClient, n: int) -> None:
            nonlocal connected, ended
            async with http.stream("GET", made[n % len(made)]["events"]) as stream:
                connected += 1
                async for line in stream.aiter_lines():
                    if line == "event: succeeded":
                        ended += 1

        async with httpx.AsyncClient(
            base_url=self.client.base_url, timeout=120, limits=limits, trust_env=False
        ) as http:
            tasks = [asyncio.create_task(listen(http, n)) for n in range(count)]
            await asyncio.sleep(6)
            at_once = connected
            began = time.perf_counter()
            health = await self.client.get("/healthz")
            answer_ms = (time.perf_counter() - began) * 1000
            await asyncio.gather(*tasks)
        await self.client.post(f"{stub}/control/hrviton", json={"mode": "ok"})
        expect(health.status_code == 200, health.text)
        return {"connected": at_once, "told_of_the_end": ended, "healthz_ms_meanwhile": round(answer_ms, 1)}


async def measure(bench: Bench, options: argparse.Namespace, stub: str) -> dict[str, Any]:
    bench.person, bench.garment = await bench.upload("people", 1), await bench.upload("garments", 2)
    found: dict[str, Any] = {"overhead_of_a_kept_fitting": await bench.overhead()}
    found["kept"] = await bench.throughput(options.fittings, [bench.garment])
    before = resident_mb(bench.child)
    fresh = [await bench.upload("garments", 100 + n) for n in range(options.fresh)]
    found["synthesis_called"] = await bench.throughput(options.fresh, fresh)
    await bench.throughput(options.fittings, fresh)
    found["resident_mb"] = {"before": round(before), "after": round(resident_mb(bench.child))}
    if options.listeners:
        found["listeners"] = await bench.listeners(options.listeners, stub)
    return found


async def run(
    urls: list[str], child: subprocess.Popen[bytes], options: argparse.Namespace, stub: str
) -> dict[str, Any]:
    async with contextlib.AsyncExitStack() as stack:
        clients = [
            await stack.enter_async_context(httpx.AsyncClient(base_url=url, timeout=60, trust_env=False))
            for url in urls
        ]
        return await measure(Bench(clients, child), options, stub)


def main() -> None:
    parser = argparse.ArgumentParser(description="What the gateway itself costs.")
    parser.add_argument("--postgres", help="URL of an empty database")
    parser.add_argument("--fittings", type=int, default=2000)
    parser.add_argument("--gateways", type=int, default=1, help="processes on one database and one folder of pictures")
    parser.add_argument("--fresh", type=int, default=100)
    parser.add_argument("--listeners", type=int, default=1000)
    options = parser.parse_args()
    files = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (files[1], files[1]))
    found: dict[str, Any] = {"cpus": os.cpu_count(), "load_before": round(os.getloadavg()[0], 2)}
    stub_port = free_port()
    stub = f"http://127.0.0.1:{stub_port}"
    with process([str(STUBS), str(stub_port), "--one-colour"], f"{stub}/calls", {}):
        for name in ("sqlite", *(["postgresql"] if options.postgres else [])):
            ports = [free_port() for _ in range(options.gateways)]
            urls = [f"http://127.0.0.1:{port}" for port in ports]
            with tempfile.TemporaryDirectory() as data, contextlib.ExitStack() as stack:
                environment = {f"VF_{stage.name}_URL": f"{stub}/{stage.value}" for stage in Stage}
                environment |= {
                    "VF_DATA": data, "VF_LOCAL": "1", "VF_QUEUE_LIMIT_BUYER": "10000", "VF_QUEUE_LIMIT": "10000",
                    "VF_RATE_KEY": "1000000/minute",
                }  # fmt: skip
                if name == "postgresql":
                    environment["VF_DATABASE_URL"] = options.postgres
                children = [
                    stack.enter_context(
                        process(["-m", "vf_gateway", "serve", "--port", str(port)], f"{url}/healthz", environment)
                    )
                    for port, url in zip(ports, urls, strict=True)
                ]
                found[name] = asyncio.run(run(urls, children[0], options, stub))
    found["load_after"] = round(os.getloadavg()[0], 2)
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
