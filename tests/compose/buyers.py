"""Calls of a market's backend, through the gateway's published port."""

from __future__ import annotations

import io
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Self

import httpx
from PIL import Image

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
GARMENTS = ("tshirt", "longsleeve", "tank")
ENDED = {"succeeded", "failed", "cancelled"}
POLL_SECONDS = 0.5


def unseen(sample: Path) -> bytes:
    """A picture like the sample, with a corner of noise: what was computed for another one cannot be taken for it."""
    picture = Image.open(sample).convert("RGB")
    noise = Image.effect_noise((8, 8), 64).convert("RGB")
    picture.paste(noise, (0, 0))
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=95)
    return file.getvalue()


class Market:
    """One market.

    Args:
        url: the gateway.
        key: its API key.
    """

    def __init__(self, url: str, key: str) -> None:
        self.url = url
        self._client = httpx.Client(
            base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=90, trust_env=False
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def wait_ready(self, seconds: float = 120) -> None:
        """Wait until the gateway accepts work."""
        end = time.monotonic() + seconds
        while True:
            try:
                if self._client.get("/readyz").status_code == 200:
                    return
            except httpx.TransportError:
                pass
            assert time.monotonic() < end, "the gateway did not become ready"
            time.sleep(POLL_SECONDS)

    def accept(self, number: int = 0) -> str:
        """Post a person and a garment that no service has seen; the fitting's id."""
        pair = {"person": "person", "garment": GARMENTS[number % len(GARMENTS)]}
        files = {name: unseen(SAMPLES / f"{sample}.jpg") for name, sample in pair.items()}
        return self._post(files)

    def sample(self) -> str:
        """Post the person and the T-shirt as they are."""
        pair = {"person": "person", "garment": "tshirt"}
        files = {name: (SAMPLES / f"{sample}.jpg").read_bytes() for name, sample in pair.items()}
        return self._post(files)

    def _post(self, files: dict[str, bytes]) -> str:
        answer = self._client.post("/v1/fittings", files=files, data={"category": "tops"})
        assert answer.status_code == 202, answer.text
        return str(answer.json()["id"])

    def accept_many(self, count: int) -> list[str]:
        """Post many at the same time."""
        with ThreadPoolExecutor(8) as pool:
            return list(pool.map(self.accept, range(count)))

    def people(self) -> int:
        """HTTP status of the list of people: whether the key opens anything."""
        return self._client.get("/v1/people").status_code

    def fitting(self, fitting: str) -> dict[str, Any]:
        answer = self._client.get(f"/v1/fittings/{fitting}")
        assert answer.status_code == 200, answer.text
        document: dict[str, Any] = answer.json()
        return document

    def result(self, fitting: str) -> bytes:
        answer = self._client.get(f"/v1/fittings/{fitting}/result")
        assert answer.status_code == 200, answer.text
        return answer.content

    def outcome(self, fittings: list[str], seconds: float) -> dict[str, str]:
        """How each ended: ``succeeded``, or its problem's code. The gateway may be away in between.

        Raises:
            AssertionError: one had not ended in time, or is not known any more.
        """
        open_, ended = list(fittings), {}
        end = time.monotonic() + seconds
        while open_:
            assert time.monotonic() < end, f"not ended after {seconds} s: {open_}; ended: {ended}"
            try:
                document = self.fitting(open_[0])
            except httpx.TransportError:
                time.sleep(POLL_SECONDS)
                continue
            if document["state"] in ENDED:
                ended[open_.pop(0)] = (document["problem"] or {}).get("code") or document["state"]
            else:
                time.sleep(POLL_SECONDS)
        return ended
