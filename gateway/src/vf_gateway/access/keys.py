"""API keys of markets, in the database."""

from __future__ import annotations

import hashlib
import secrets
import time
import uuid

from sqlalchemy import select, update

from vf_gateway.access.names import check_key, check_market
from vf_gateway.access.principal import ALL_SCOPES, Principal, Scope
from vf_gateway.database.engine import Database
from vf_gateway.database.tables import ApiKey, Audit, now_us
from vfkit.problems import Code, Problem

KEY_PREFIX = "vf_"


class ApiKeys:
    """The keys in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._seen: dict[str, tuple[float, Principal | None]] = {}

    async def create(self, name: str, market: str, scopes: frozenset[Scope] = ALL_SCOPES) -> tuple[str, str]:
        """A new key: its id, and the key itself, which is shown only now.

        A market that has a key from before names were checked can have another one.

        Raises:
            Problem: ``invalid_request`` for a name that cannot be had, or for scopes that are of no use.
        """
        if Scope.TOKENS in scopes and Scope.FITTINGS not in scopes:
            raise Problem(
                Code.INVALID_REQUEST,
                "The scope tokens needs fittings beside it: a token may do no more than the key that mints it.",
            )
        check_key(name)
        if not await self._has_keys(market):
            check_market(market)
        key_id = f"key_{uuid.uuid4().hex[:16]}"
        key = f"{KEY_PREFIX}{secrets.token_urlsafe(32)}"
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

    async def scopes(self, key_id: str) -> frozenset[Scope]:
        """What a key, known by id, may do: nothing once it is revoked."""
        principal = await self._cached(f"id:{key_id}", ApiKey.id == key_id)
        return principal.scopes if principal else frozenset()

    async def _has_keys(self, market: str) -> bool:
        async with self._database.read() as session:
            return await session.scalar(select(ApiKey.id).where(ApiKey.market == market).limit(1)) is not None

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


def _key_digest(key: str) -> str:
    """A key has 256 bits of randomness, so a plain digest keeps it as well as a slow one would."""
    return hashlib.sha256(key.encode()).hexdigest()


def _audit(market: str, action: str, subject: str) -> Audit:
    return Audit(
        id=f"aud_{uuid.uuid4().hex}", at=now_us(), market=market, actor="cli", action=action, subject=subject, detail={}
    )
