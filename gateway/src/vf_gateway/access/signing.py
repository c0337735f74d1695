"""Tokens of buyers and signed links: what the gateway signs with its secret."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlencode

import jwt

from vf_gateway.access.principal import Principal, Scope, unauthorized
from vf_gateway.settings import Settings

_BUYER_SCOPES = frozenset({Scope.FITTINGS})

_TOKEN_AUDIENCE = "vf-gateway"  # noqa: S105  a name, not a secret

_ALGORITHM = "HS256"

SECRET_PREFIX = "whsec_"  # noqa: S105  Standard Webhooks' prefix, not a secret


class Secrets:
    """Signs tokens and links, and makes the secrets that sign webhooks.

    Args:
        secret: at least 32 bytes of randomness, the same in all gateways of an installation.
        clock: seconds since 1970.
    """

    def __init__(self, secret: bytes, clock: Callable[[], float] = time.time) -> None:
        self._token_key = hmac.digest(secret, b"token", "sha256")
        self._link_key = hmac.digest(secret, b"link", "sha256")
        self._webhook_key = hmac.digest(secret, b"webhook", "sha256")
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

    def sign_link(self, path: str, key_id: str, seconds: int) -> str:
        """The path with a signature that opens it for a while, as long as the key lives that it names."""
        expires = int(self._clock()) + seconds
        query = {"key": key_id, "expires": expires, "signature": self._signature(path, key_id, expires)}
        return f"{quote(path)}?{urlencode(query)}"

    def link_opens(self, path: str, link: Link) -> bool:
        """Whether a signed link is genuine and not expired; whether its key lives is to be asked besides."""
        if not (link.expires.isdecimal() and link.expires.isascii() and link.signature.isascii()):
            return False
        genuine = hmac.compare_digest(self._signature(path, link.key, int(link.expires)), link.signature)
        return genuine and self._clock() < int(link.expires)

    def webhook_secret(self, webhook_id: str) -> str:
        """The secret of a webhook: it is made anew each time, so that the database need not hold it."""
        derived = hmac.digest(self._webhook_key, webhook_id.encode(), "sha256")
        return SECRET_PREFIX + base64.b64encode(derived).decode()

    def _signature(self, path: str, key_id: str, expires: int) -> str:
        return hmac.digest(self._link_key, json.dumps([path, key_id, expires]).encode(), "sha256").hex()


@dataclass(frozen=True)
class Link:
    """The query of a signed link.

    Attributes:
        key: id of the API key that it was signed for.
        expires: seconds since 1970, in at most 15 digits.
        signature: hexadecimal.
    """

    key: str
    expires: str
    signature: str


def secret_digest(secret: str) -> str:
    """What tells whether a webhook's secret is still the one of its registration, without telling the secret."""
    return f"sha256:{hashlib.sha256(secret.encode()).hexdigest()}"


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
