"""What an operator sets by environment, the same for every service."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from vfkit.pictures.decoding import DecodingSettings

DEFAULT_WEIGHTS = Path("weights")


class ServiceSettings(DecodingSettings):
    """Settings of a model service; each is the variable ``VF_`` and its name. A service adds its own by a subclass.

    An empty variable is one that is not set, as compose files write it.
    """

    engine: str = Field(default="open", description="open or reference")
    weights: Path = Field(default=DEFAULT_WEIGHTS, description="folder of the weight files")
    threads: int = Field(default=2, ge=1, le=256, description="threads that one forward pass may use")
    queue: int = Field(
        default=32, ge=1, description="requests held at a time, the running ones included; more are refused"
    )
    batch: int = Field(default=4, ge=1, description="requests that one forward pass answers at most")
    batch_wait_ms: float = Field(default=5.0, ge=0, description="how long a request waits for company")
    max_body_mb: float = Field(default=64.0, gt=0, description="size of a request's body")
    log_level: str = Field(default="INFO", description="DEBUG, INFO, WARNING or ERROR")


class NetworkSettings(ServiceSettings):
    """Settings of a service whose reference engine runs networks, on a GPU where there is one."""

    device: Literal["cpu", "cuda"] = Field(default="cpu", description="reference: where the networks run")
    allow_tf32: bool = Field(
        default=False,
        description="reference: let a GPU multiply with TensorFloat-32, which is faster and keeps ten bits of mantissa",
    )
