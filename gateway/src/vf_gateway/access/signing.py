"""Tokens of buyers and signed links: what the gateway signs with its secret."""

from __future__ import annotations

import hmac
import secrets
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, urlencode

import jwt

from vf_gateway.access.principal import Principal, Scope, unauthorized
from vf_gateway.settings import Settings

_BUYER_SCOPES = frozenset({Scope.FITTINGS})

_TOKEN_AUDIENCE = "vf-gateway"  # noqa: S105  a name, not a secret

_ALGORITHM = "HS256"


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
            raise unauthorized() from None
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
