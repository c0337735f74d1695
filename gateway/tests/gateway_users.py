"""Keys and those who hold them, for the gateway's tests."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx


def command(data: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """One of the operator's commands."""
    return subprocess.run(
        [sys.executable, "-m", "vf_gateway", *arguments],
        env={**os.environ, "VF_DATA": str(data)}, capture_output=True, text=True, check=False,
    )  # fmt: skip


def new_key(data: Path, market: str, *more: str) -> dict[str, Any]:
    """A market's key, as the command prints it."""
    made = command(data, "keys", "create", "test", "--market", market, *more)
    assert made.returncode == 0, made.stderr
    document: dict[str, Any] = json.loads(made.stdout)
    return document


class User:
    """A client with a credential."""

    def __init__(self, client: httpx.Client, credential: str) -> None:
        self.client = client
        self.headers = {"Authorization": f"Bearer {credential}"}

    def __call__(self, method: str, path: str, **more: Any) -> httpx.Response:
        headers = {**self.headers, **more.pop("headers", {})}
        return self.client.request(method, path, headers=headers, **more)

    def token(self, buyer: str, seconds: int = 600) -> User:
        """One of this market's buyers."""
        answer = self("POST", "/v1/tokens", json={"buyer": buyer, "expires_in": seconds})
        assert answer.status_code == 201, answer.text
        return User(self.client, answer.json()["token"])
