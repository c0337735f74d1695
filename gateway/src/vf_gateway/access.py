"""Who asks, and what they may: API keys of market backends, tokens of single buyers, signed links, the local mode.

A key belongs to a market. A buyer's token is a JWT that a backend has the gateway mint for one of its buyers; it dies
with its key. Every row has a market and perhaps a buyer; a buyer sees only rows that name them (and the market's
garments), and what one may not see is answered exactly like what does not exist.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import secrets
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from urllib.parse import quote, urlencode

import jwt
from sqlalchemy import select, update
from starlette.requests import HTTPConnection

from vf_gateway.database import ApiKey, Audit, Database, now_us
from vf_gateway.settings import Settings
from vfkit.problems import Code, Problem


class Scope(StrEnum):
    """What a credential may do."""

    FITTINGS = "fittings"
    """People, garments, fittings, comparisons."""
    TOKENS = "tokens"
    """Mint tokens for buyers."""
    WEBHOOKS = "webhooks"
    """Set up webhooks, read and replay their deliveries."""


ALL_SCOPES = frozenset(Scope)
_BUYER_SCOPES = frozenset({Scope.FITTINGS})

LOCAL_MARKET = "local"
LOCAL_KEY_ID = "local"
_KEY_PREFIX = "vf_"
_TOKEN_AUDIENCE = "vf-gateway"  # noqa: S105  a name, not a secret
_ALGORITHM = "HS256"


@dataclass(frozen=True)
class Principal:
    """Who asks.

    Attributes:
        market: whose data this is about.
        buyer: the one buyer this credential is limited to; None for the market's backend.
        scopes: what it may do.
        key_id: the API key behind it.
    """

    market: str
    buyer: str | None
    scopes: frozenset[Scope] = field(default=ALL_SCOPES)
    key_id: str = LOCAL_KEY_ID

    def require(self, scope: Scope) -> None:
        """Raises Problem (``forbidden``) when the credential lacks this scope."""
        if scope not in self.scopes:
            raise Problem(Code.FORBIDDEN, f"This credential lacks the scope {scope}.")

    @property
    def actor(self) -> str:
        """How the audit names them; a buyer appears only as a digest."""
        return f"key:{self.key_id}" if self.buyer is None else f"buyer:{owner_digest(self.market, self.buyer)[:16]}"


def owner_digest(market: str, buyer: str | None) -> str:
    """A name for one market's buyer that tells nothing about them."""
    return hashlib.sha256(f"{market}\n{buyer or ''}".encode()).hexdigest()


class Secrets:
    """Signs tokens and links.

    Args:
        secret: at least 32 bytes of randomness, the same in all gateways of an installation.
        clock: seconds since 1970.
    """

    def __init__(self, secret: bytes, clock: Callable[[], float] = time.time) -> None:
        self._token_key = hmac.digest(secret, b"token", "sha256")
        self._link_key = hmac.digest(secret, b"link", "sha256")
        self._clock = clock

    def mint(self, principal: Principal, buyer: str, seconds: int) -> str:
        """A token with which a browser acts for one buyer."""
        now = int(self._clock())
        claims = {
            "aud": _TOKEN_AUDIENCE, "sub": buyer, "market": principal.market, "key": principal.key_id,
            "iat": now, "exp": now + seconds,
        }  # fmt: skip
        return jwt.encode(claims, self._token_key, _ALGORITHM)

    def read_token(self, token: str) -> Principal:
        """Who a token stands for. Raises Problem (``unauthorized``)."""
        try:
            claims = jwt.decode(
                token, self._token_key, [_ALGORITHM], audience=_TOKEN_AUDIENCE,
                options={"require": ["exp", "sub", "market", "key"]},
            )  # fmt: skip
        except jwt.InvalidTokenError:
            raise _unauthorized() from None
        return Principal(str(claims["market"]), str(claims["sub"]), _BUYER_SCOPES, str(claims["key"]))

    def sign_link(self, path: str, seconds: int) -> str:
        """The path with a signature that opens it for a while."""
        expires = int(self._clock()) + seconds
        return f"{quote(path)}?{urlencode({'expires': expires, 'signature': self._signature(path, expires)})}"

    def link_opens(self, path: str, expires: str | None, signature: str | None) -> bool:
        """Whether a signed link is genuine and not expired."""
        if not (expires and signature and expires.isdecimal() and len(expires) < 16 and signature.isascii()):
            return False
        genuine = hmac.compare_digest(self._signature(path, int(expires)), signature)
        return genuine and self._clock() < int(expires)

    def _signature(self, path: str, expires: int) -> str:
        return hmac.digest(self._link_key, f"{path}\n{expires}".encode(), "sha256").hex()


def load_secret(settings: Settings) -> bytes:
    """The installation's secret: VF_SECRET, or a file in the data folder that is made once."""
    if settings.secret:
        return settings.secret.get_secret_value().encode()
    path: Path = settings.data / "secret"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = path.with_name(f"secret.{uuid.uuid4().hex}")
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(48))
        try:
            path.hardlink_to(fresh)  # only the first of several gateways wins
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_text().strip().encode()


class ApiKeys:
    """The keys in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._seen: dict[str, tuple[float, Principal | None]] = {}

    async def create(self, name: str, market: str, scopes: frozenset[Scope] = ALL_SCOPES) -> tuple[str, str]:
        """A new key: its id, and the key itself, which is shown only now."""
        key_id = f"key_{uuid.uuid4().hex[:16]}"
        key = f"{_KEY_PREFIX}{secrets.token_urlsafe(32)}"
        now = now_us()
        async with self._database.write() as session:
            session.add(
                ApiKey(
                    id=key_id, name=name, market=market, sha256=_key_digest(key), scopes=sorted(scopes), created_at=now
                )
            )
            session.add(_audit(market, "key.create", key_id))
        return key_id, key

    async def revoke(self, key_id: str) -> bool:
        """End a key and every token minted with it; False when there is no such key in use."""
        async with self._database.write() as session:
            ended = await session.execute(
                update(ApiKey)
                .where(ApiKey.id == key_id, ApiKey.revoked_at.is_(None))
                .values(revoked_at=now_us())
                .returning(ApiKey.market)
            )
            market = ended.scalar_one_or_none()
            if market is not None:
                session.add(_audit(market, "key.revoke", key_id))
        return market is not None

    async def all(self) -> list[ApiKey]:
        """Every key, newest first."""
        async with self._database.read() as session:
            return list(await session.scalars(select(ApiKey).order_by(ApiKey.created_at.desc())))

    async def find(self, key: str) -> Principal | None:
        """Who a key belongs to."""
        return await self._cached(f"sha:{_key_digest(key)}", ApiKey.sha256 == _key_digest(key))

    async def is_live(self, key_id: str) -> bool:
        """Whether a key, known by id, is not revoked."""
        return await self._cached(f"id:{key_id}", ApiKey.id == key_id) is not None

    async def _cached(self, name: str, condition: object) -> Principal | None:
        """Looked up at most every `_BELIEVED_SECONDS`: a revoked key ends within that time."""
        now = time.monotonic()
        known = self._seen.get(name)
        if known and now - known[0] < _BELIEVED_SECONDS:
            return known[1]
        async with self._database.read() as session:
            row = await session.scalar(select(ApiKey).where(condition, ApiKey.revoked_at.is_(None)))  # type: ignore[arg-type]
        principal = Principal(row.market, None, frozenset(map(Scope, row.scopes)), row.id) if row else None
        if len(self._seen) > _MOST_BELIEVED:
            self._seen.clear()
        self._seen[name] = (now, principal)
        return principal


_BELIEVED_SECONDS = 2.0
_MOST_BELIEVED = 10_000


class Gate:
    """Finds out who asks.

    Args:
        settings: the local mode.
        keys: the keys in the database.
        signer: reads tokens.
    """

    def __init__(self, settings: Settings, keys: ApiKeys, signer: Secrets) -> None:
        self._local = settings.local
        self._local_key = settings.local_key.get_secret_value() if settings.local_key else None
        self._keys = keys
        self._signer = signer

    async def identify(self, connection: HTTPConnection) -> Principal:
        """Who asks.

        Raises:
            Problem: ``unauthorized``.
        """
        scheme, _, credential = connection.headers.get("authorization", "").partition(" ")
        credential = credential.strip()
        if not scheme:
            if self._local and _is_loopback(connection):
                return Principal(LOCAL_MARKET, None)
            raise _unauthorized()
        if scheme.lower() != "bearer" or not credential:
            raise _unauthorized()
        if self._local_key and hmac.compare_digest(credential.encode(), self._local_key.encode()):
            return Principal(LOCAL_MARKET, None)
        if credential.startswith(_KEY_PREFIX):
            principal = await self._keys.find(credential)
            if principal is None:
                raise _unauthorized()
            return principal
        buyer = self._signer.read_token(credential)
        live = self._is_local_on if buyer.key_id == LOCAL_KEY_ID else await self._keys.is_live(buyer.key_id)
        if not live:
            raise _unauthorized()
        return buyer

    @property
    def _is_local_on(self) -> bool:
        return self._local or self._local_key is not None


def _is_loopback(connection: HTTPConnection) -> bool:
    """Whether the peer is this machine and says so: a page that rebinds its name to 127.0.0.1 does not."""
    host = connection.url.hostname or ""
    forwarded = any(name in connection.headers for name in ("forwarded", "x-forwarded-for", "x-real-ip"))
    try:
        peer = ipaddress.ip_address(connection.client.host if connection.client else "")
        named = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
    origin = connection.headers.get("origin")
    # A page of another origin may send requests here without seeing the answers: those are refused too.
    same_origin = origin is None or origin == f"{connection.url.scheme}://{connection.url.netloc}"
    return peer.is_loopback and named and not forwarded and same_origin


def _key_digest(key: str) -> str:
    """A key has 256 bits of randomness, so a plain digest keeps it as well as a slow one would."""
    return hashlib.sha256(key.encode()).hexdigest()


def _audit(market: str, action: str, subject: str) -> Audit:
    return Audit(
        id=f"aud_{uuid.uuid4().hex}", at=now_us(), market=market, actor="cli", action=action, subject=subject, detail={}
    )


def _unauthorized() -> Problem:
    return Problem(Code.UNAUTHORIZED, "A valid API key or token is needed.")
