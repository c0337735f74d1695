"""An object store is set up by the cloud's own variables; docker-compose.yml passes as empty what .env leaves out."""

from __future__ import annotations

import os

import pytest

from vf_gateway.pictures.store import open_store
from vf_gateway.settings import Settings


def test_an_empty_variable_is_one_that_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """obstore itself refuses an empty AWS_ALLOW_HTTP, and would write to an empty AWS_ENDPOINT_URL."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name in ("AWS_ENDPOINT_URL", "AWS_ALLOW_HTTP", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    open_store(Settings(store_url="s3://bucket"))
    assert {name for name in os.environ if name.startswith("AWS_")} == {"AWS_REGION"}
