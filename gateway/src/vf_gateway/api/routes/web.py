"""The fitting room's files and page, and sessions for its demo market. In front of everything stands VF_WEB."""

from __future__ import annotations

import hashlib
import secrets
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import parse_qs

from fastapi import APIRouter, Cookie, Depends, FastAPI, Request, Response
from starlette.middleware.gzip import GZipMiddleware
from starlette.staticfiles import StaticFiles

from vf_gateway.access.principal import LOCAL_KEY_ID, LOCAL_MARKET, Principal
from vf_gateway.access.signing import Link
from vf_gateway.api.admission import admit
from vf_gateway.api.documents import TokenDocument
from vf_gateway.api.routes.common import TheGateway, limit_by_address
from vf_gateway.database.tables import SECOND, now_us, to_datetime
from vf_gateway.gateway import Gateway
from vfkit.problems import Code, Problem

FILES = Path(__file__).resolve().parents[2] / "fitting_room"
"""What `web/` builds; see web/README.md."""

_COOKIE = "vf_demo"
_SESSION_SECONDS = 30 * 86_400
_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob:",
        "media-src 'self' blob:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
_HEADERS = {
    "Cache-Control": "no-cache",  # the names stay when the content changes; the ETag answers 304
    "Content-Security-Policy": _POLICY,
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "cross-origin",  # markets' pages load the script
}


class _Files(StaticFiles):
    """Static files with the headers above."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers.update(_HEADERS)
        return response


def add_web(app: FastAPI, gateway: Gateway) -> None:
    """Serve the component's files, and in the local mode the demo market's page and its sessions."""
    settings = gateway.settings
    if not settings.web:
        return
    files = _Files(directory=FILES)
    app.mount("/web", GZipMiddleware(files))
    if settings.local or settings.local_key is not None:
        app.include_router(_demo_routes(files))


class SessionDocument(TokenDocument):
    """A demo buyer's token, and what the page tells them about how long things are kept."""

    people_hours: float
    fittings_days: float


def _demo_routes(files: StaticFiles) -> APIRouter:
    """The demo market: its page, and the part of a market's backend that gives its buyers their tokens."""
    router = APIRouter(include_in_schema=False, dependencies=[Depends(limit_by_address)])

    @router.get("/", response_class=Response)
    async def page(request: Request) -> Response:
        """The demo market's page."""
        return await files.get_response("index.html", request.scope)

    @router.post("/demo/session", status_code=201)
    async def session(
        request: Request,
        response: Response,
        gateway: TheGateway,
        known: Annotated[str | None, Cookie(alias=_COOKIE, max_length=400)] = None,
    ) -> SessionDocument:
        """A token for this browser's buyer: a new one for who shows the local key, else the one of the cookie."""
        buyer = _buyer_of(gateway, known)
        if buyer is None:
            _require_local_backend(await admit(request, gateway))
            buyer = f"demo-{secrets.token_hex(8)}"
            response.set_cookie(
                _COOKIE, _signed(gateway, buyer), _SESSION_SECONDS, path="/demo", httponly=True, samesite="strict"
            )
        seconds = gateway.settings.token_seconds
        return SessionDocument(
            token=gateway.signer.mint(Principal(LOCAL_MARKET, None), buyer, seconds),
            expires_at=to_datetime(now_us() + seconds * SECOND),
            people_hours=gateway.settings.people_hours,
            fittings_days=gateway.settings.fittings_days,
        )

    return router


def _require_local_backend(caller: Principal) -> None:
    """Raises Problem (``forbidden``)."""
    if caller.key_id != LOCAL_KEY_ID or caller.buyer is not None:
        raise Problem(Code.FORBIDDEN, "The demo market takes this installation's local key alone.")


def _signed(gateway: Gateway, buyer: str) -> str:
    """A cookie's value: it names the buyer, and only this installation can have made it."""
    link = gateway.signer.sign_link(_subject(gateway, buyer), LOCAL_KEY_ID, _SESSION_SECONDS)
    return f"{buyer}?{link.partition('?')[2]}"


def _buyer_of(gateway: Gateway, cookie: str | None) -> str | None:
    """Whom a cookie names; None: there is none, or it is not genuine, too old, or of another local key."""
    buyer, _, query = (cookie or "").partition("?")
    told = parse_qs(query)
    link = Link(*(told.get(name, [""])[0] for name in ("key", "expires", "signature")))
    return buyer if buyer and gateway.signer.link_opens(_subject(gateway, buyer), link) else None


def _subject(gateway: Gateway, buyer: str) -> str:
    """What a cookie's signature is about: with a new local key, those of the old one end."""
    key = gateway.settings.local_key
    digest = hashlib.sha256(key.get_secret_value().encode() if key else b"").hexdigest()
    return f"/demo/{buyer}/{digest}"
