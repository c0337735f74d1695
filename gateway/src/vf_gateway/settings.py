"""Settings of the gateway, from the environment: every field is ``VF_`` and its name in capitals."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from vfkit.contracts import Stage


class Settings(BaseSettings):
    """What an operator may set; the defaults run on one machine without preparation."""

    model_config = SettingsConfigDict(env_prefix="VF_", extra="ignore")

    openpose_url: str = "http://127.0.0.1:8101"
    parse_url: str = "http://127.0.0.1:8102"
    densepose_url: str = "http://127.0.0.1:8103"
    clothmask_url: str = "http://127.0.0.1:8104"
    agnostic_url: str = "http://127.0.0.1:8105"
    hrviton_url: str = "http://127.0.0.1:8106"

    data: Path = Field(default=Path("var"), description="folder of the database and, by default, of the pictures")
    store_url: str | None = Field(default=None, description="s3://bucket/prefix and its like; default: VF_DATA/objects")

    deadline: float = Field(default=120.0, gt=0, description="seconds a fitting may take once it runs")
    stage_timeout: float = Field(default=60.0, gt=0, description="seconds one call of one stage may take")
    connect_timeout: float = Field(default=2.0, gt=0, description="seconds to connect to a service")
    attempts: int = Field(default=3, ge=1, description="calls of one stage, the retries included")
    connections: int = Field(default=16, ge=1, description="simultaneous calls of one service")
    info_seconds: float = Field(default=30.0, ge=0, description="how long a service's /v1/info is believed")
    aside_seconds: float = Field(default=5.0, gt=0, description="how long a failing address is left alone")
    resolve_seconds: float = Field(default=5.0, gt=0, description="how long a resolved service name is believed")

    wait_limit: float = Field(default=60.0, ge=0, description="longest Prefer: wait=N that is honoured, in seconds")

    def url(self, stage: Stage) -> str:
        """Base address of the service that runs a stage."""
        value: str = getattr(self, f"{stage.value}_url")
        return value.rstrip("/")
