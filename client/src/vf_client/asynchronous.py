"""The asynchronous client.

`synchronous.py` is made from this file: run ``python client/make_synchronous.py`` after a change.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from types import TracebackType
from typing import Any

import httpx

from vf_client import calls
from vf_client.answers import Comparison, Document, Fitting, Links, Photo, System, Webhook
from vf_client.calls import Call, Event, FittingFailedError, PhotoFailedError, ProblemError

Watch = Callable[[Fitting], None]
"""Called with a fitting at each of its changes."""


class AsyncClient:
    """Calls one gateway.

    Args:
        url: its address.
        key: an API key or a buyer's token; none for what asks for none.
        timeout: seconds that the gateway may be silent.
        attempts: tries of one request, where trying again is safe and makes sense.
        transport: httpx's way to the gateway; None: the network, through a proxy where the environment names one.
    """

    def __init__(
        self,
        url: str,
        key: str | None = None,
        *,
        timeout: float = 60.0,
        attempts: int = 4,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._http = httpx.AsyncClient(base_url=url, headers=headers, timeout=timeout, transport=transport)
        self._attempts = attempts

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    # --- people and garments ---

    async def upload_person(self, image: bytes | str, *, buyer: str | None = None, wait: float = 0) -> Photo:
        """Store a person's photo, a file or one at an address, and have it prepared.

        ``wait``: seconds to wait for that.
        """
        return Photo.read(await self._made(calls.upload("people", image, buyer), wait))

    async def upload_garment(
        self,
        image: bytes | str,
        *,
        buyer: str | None = None,
        reference: str | None = None,
        category: str | None = None,
        wait: float = 0,
    ) -> Photo:
        """Store a garment's photo and have it prepared.

        Args:
            image: a photo file, or the address of one.
            buyer: whose it is; None: the market's.
            reference: the market's own name for it.
            category: what is sold: ``tops``, ``bottoms``, ``one-pieces``; ``auto`` or None: the photo decides.
            wait: seconds to wait for the preparation.
        """
        return Photo.read(await self._made(calls.upload("garments", image, buyer, reference, category), wait))

    async def prepared(self, photo: Photo, *, seconds: float = 120.0) -> Photo:
        """A person or garment when it is prepared, also through a restart of the gateway.

        Raises:
            PhotoFailedError: it cannot be used.
            ProblemError: it is gone, or took longer than ``seconds`` (code ``deadline_exceeded``).
        """
        until = time.monotonic() + seconds
        while not photo.ended:
            if time.monotonic() >= until:
                raise calls.too_late()
            await asyncio.sleep(calls.LOOK_SECONDS)
            try:
                photo = Photo.read(await self._document(Call("GET", photo.links["self"])))
            except ProblemError as error:
                if error.code != calls.UNREACHABLE:
                    raise
        if photo.state != "succeeded":
            raise PhotoFailedError(photo)
        return photo

    async def person(self, person_id: str) -> Photo:
        """A person."""
        return Photo.read(await self._document(Call("GET", f"/v1/people/{person_id}")))

    async def garment(self, garment_id: str) -> Photo:
        """A garment."""
        return Photo.read(await self._document(Call("GET", f"/v1/garments/{garment_id}")))

    async def delete_person(self, person_id: str) -> None:
        """Remove a person's photo with everything made from it."""
        await self._send(Call("DELETE", f"/v1/people/{person_id}"))

    async def delete_garment(self, garment_id: str) -> None:
        """Remove a garment with everything made from it."""
        await self._send(Call("DELETE", f"/v1/garments/{garment_id}"))

    # --- fittings ---

    async def start_fitting(
        self,
        person: str | bytes,
        garment: str | bytes,
        *,
        buyer: str | None = None,
        category: str | None = None,
    ) -> Fitting:
        """Accept a fitting of a person and a garment, each an id, a file or an address; it runs on. See `fit`."""
        return Fitting.read(await self._document(calls.fitting(person, garment, buyer, category)))

    async def fit(
        self,
        person: str | bytes,
        garment: str | bytes,
        *,
        buyer: str | None = None,
        category: str | None = None,
        seconds: float = 120.0,
        watch: Watch | None = None,
    ) -> Fitting:
        """A finished fitting.

        Args:
            person: an id, a photo file, or the address of one.
            garment: an id, a photo file, or the address of one.
            buyer: whose it is, where a market's backend asks.
            category: of a garment that comes as a photo file, as for `upload_garment`.
            seconds: how long to wait for it.
            watch: called with the fitting at each of its changes.

        Raises:
            FittingFailedError: it ended without a result.
            ProblemError: it was refused, or took longer than ``seconds`` (code ``deadline_exceeded``).
        """
        call = calls.fitting(person, garment, buyer, category)
        fitting = Fitting.read(await self._made(call, 0 if watch else seconds))
        return await self.finish(fitting, seconds=seconds, watch=watch)

    async def finish(self, fitting: Fitting, *, seconds: float = 120.0, watch: Watch | None = None) -> Fitting:
        """Wait until a fitting has ended, also through a restart of the gateway; see `fit`."""
        until = time.monotonic() + seconds
        while not fitting.ended:
            if time.monotonic() >= until:
                raise calls.too_late()
            try:
                await self._follow(fitting, until, watch)
                fitting = await self.fitting(fitting.id)
            except ProblemError as error:
                if error.code != calls.UNREACHABLE:
                    raise
                await asyncio.sleep(calls.RECONNECT_SECONDS)
        if fitting.state != "succeeded":
            raise FittingFailedError(fitting)
        return fitting

    async def _follow(self, fitting: Fitting, until: float, watch: Watch | None) -> None:
        """Watch a fitting until it has ended or the time is over."""
        async for event in self._events(fitting.id, None, until):
            fitting = calls.advance(fitting, event)
            if watch:
                watch(fitting)

    async def fitting(self, fitting_id: str) -> Fitting:
        """A fitting as it is."""
        return Fitting.read(await self._document(Call("GET", f"/v1/fittings/{fitting_id}")))

    async def events(self, fitting_id: str, *, after: str | None = None) -> AsyncIterator[Event]:
        """A fitting's progress until it has ended; ``after`` is the id of the last event that is known."""
        async for event in self._events(fitting_id, after, None):
            yield event

    async def _events(self, fitting_id: str, after: str | None, until: float | None) -> AsyncIterator[Event]:
        """Events until the time is over; the clock is read at each line, and a silent gateway sends empty ones."""
        call = Call("GET", f"/v1/fittings/{fitting_id}/events", headers={"Last-Event-ID": after} if after else {})
        parser = calls.EventParser()
        try:
            async with self._http.stream(**call.arguments()) as response:
                if not response.is_success:
                    await response.aread()
                    calls.check(response)
                async for line in response.aiter_lines():
                    if (event := parser.feed(line)) is not None:
                        yield event
                    if until is not None and time.monotonic() >= until:
                        return
        except httpx.HTTPError as error:
            raise calls.unreachable(error) from error

    async def fittings(self, **filters: Any) -> AsyncIterator[Fitting]:
        """Fittings, newest first; filters: person, garment, comparison, buyer, state, selected, since, until."""
        async for item in self._pages("/v1/fittings", filters):
            yield Fitting.read(item)

    async def select(self, fitting_id: str) -> Fitting:
        """The buyer picks the product."""
        return Fitting.read(await self._document(Call("POST", f"/v1/fittings/{fitting_id}/selection")))

    async def unselect(self, fitting_id: str) -> Fitting:
        """The buyer changed their mind."""
        return Fitting.read(await self._document(Call("DELETE", f"/v1/fittings/{fitting_id}/selection")))

    async def cancel(self, fitting_id: str) -> Fitting:
        """Stop a fitting that has not ended."""
        return Fitting.read(await self._document(Call("POST", f"/v1/fittings/{fitting_id}/cancel")))

    async def delete_fitting(self, fitting_id: str) -> None:
        """Remove a fitting and its pictures."""
        await self._send(Call("DELETE", f"/v1/fittings/{fitting_id}"))

    async def artifact(
        self, made: Fitting | Photo, name: str, *, size: int | None = None, accept: str = "*/*"
    ) -> bytes:
        """One picture of a fitting, person or garment; ``size`` bounds its longer edge in pixels."""
        call = Call("GET", made.artifacts[name], query={"size": size}, headers={"Accept": accept})
        return (await self._send(call)).content

    async def links(self, fitting_id: str, seconds: int = 600) -> Links:
        """Links to a fitting's pictures that open without a credential for a while."""
        call = Call("POST", f"/v1/fittings/{fitting_id}/links", json={"expires_in": seconds})
        return Links.read(await self._document(call))

    # --- comparisons ---

    async def compare(self, person_id: str, garment_ids: Sequence[str], *, wait: float = 0) -> Comparison:
        """One person in up to 50 garments."""
        body = {"person_id": person_id, "garment_ids": list(garment_ids)}
        return Comparison.read(await self._made(calls.once(Call("POST", "/v1/comparisons", json=body)), wait))

    async def comparison(self, comparison_id: str) -> Comparison:
        """A comparison as it is."""
        return Comparison.read(await self._document(Call("GET", f"/v1/comparisons/{comparison_id}")))

    # --- market backends ---

    async def token(self, buyer: str, seconds: int = 900) -> str:
        """A token with which a browser acts for one buyer."""
        made = await self._document(Call("POST", "/v1/tokens", json={"buyer": buyer, "expires_in": seconds}))
        return str(made["token"])

    async def create_webhook(self, url: str, types: Sequence[str] = ()) -> Webhook:
        """Be told of fittings; the answer holds the secret, once."""
        call = Call("POST", "/v1/webhooks", json={"url": url, "types": list(types)})
        return Webhook.read(await self._document(call))

    async def system(self) -> System:
        """The services' engines and state."""
        return System.read(await self._document(Call("GET", "/v1/system")))

    # --- sending ---

    async def _pages(self, path: str, filters: dict[str, Any]) -> AsyncIterator[Document]:
        cursor: str | None = None
        while True:
            page = await self._document(Call("GET", path, query={**filters, "limit": 100, "cursor": cursor}))
            for item in page["items"]:
                yield item
            cursor = page["next"]
            if cursor is None:
                return

    async def _made(self, call: Call, wait: float) -> Document:
        return await self._document(call.waiting(wait) if wait >= 1 else call)

    async def _document(self, call: Call) -> Document:
        document: Document = (await self._send(call)).json()
        return document

    async def _send(self, call: Call) -> httpx.Response:
        attempt = 0
        while True:
            attempt += 1
            try:
                return calls.check(await self._http.request(**call.arguments()))
            except (ProblemError, httpx.HTTPError) as error:
                pause = calls.pause_before(attempt, error, self._attempts)
                if pause is None:
                    if isinstance(error, httpx.HTTPError):
                        raise calls.unreachable(error) from error
                    raise
            await asyncio.sleep(pause)
