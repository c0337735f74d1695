"""What an operator sets by environment, the same for the gateway and the services."""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class DecodingSettings(BaseSettings):
    """How pictures are decoded; each is the variable ``VF_`` and its name."""

    model_config = SettingsConfigDict(env_prefix="VF_", env_ignore_empty=True, extra="ignore")

    decoders: int = Field(default=2, ge=1, le=64, description="pictures that are decoded at the same time")
    decode_mb: float = Field(default=450.0, ge=128, description="memory that all of them may take together")
    decode_queue: int = Field(default=64, ge=1, description="pictures held, the running ones included; then 503")
    decode_wait: float = Field(
        default=5.0, gt=0, description="longest wait of a picture for its turn, in seconds; then 503"
    )
    decode_seconds: float = Field(default=30.0, gt=0, description="computing time of one picture")
