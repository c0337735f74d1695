"""The interface between a service and the model behind it.

An engine knows pictures and numbers, no HTTP: a notebook can build one, `load` it and call `predict`.
A service has several engines (``open``, ``reference``) behind the same request and answer types;
``VF_ENGINE`` picks one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

from pydantic import BaseModel, Field

from vfkit.problems import Code, Problem


class WeightsInfo(BaseModel):
    """One weight file in use, as ``GET /v1/info`` tells it."""

    file: str = Field(description="path below VF_WEIGHTS")
    sha256: str
    licence: str
    known: bool = Field(description="false: no digest is recorded for this file, nor pinned in weights.lock")


class EngineInfo(BaseModel):
    """What a loaded engine is, as ``GET /v1/info`` tells it."""

    name: str = Field(description="open, reference, ...")
    description: str = Field(description="one or two honest sentences: what it computes and what it approximates")
    version: str = Field(description="changes whenever the same input may give another output")
    licence: str = Field(description="SPDX expression, or the name of the weights' licence")
    weights: list[WeightsInfo] = []
    device: str = "cpu"
    dtype: str = "float32"
    precomputes: bool = Field(
        default=False, description="it can compute once what it needs for all garments of one person"
    )
    options: dict[str, Any] = Field(default={}, description="settings that change the output")


class AnswerWarning(BaseModel):
    """Something the caller should know about an answer that is given all the same."""

    code: str
    detail: str


RequestT_contra = TypeVar("RequestT_contra", contravariant=True)
AnswerT = TypeVar("AnswerT")


class Engine(Protocol[RequestT_contra, AnswerT]):
    """A model with its weights.

    `load` reads the weights and does one warm-up; it raises `Problem` when it cannot: ``weights_missing``, or
    ``stage_unavailable`` without the device or the library that was asked for.
    `predict` answers a batch in order; an item that has no answer gets its `Problem` in its place, so that one
    bad picture does not spoil its neighbours'. `predict` is called from one thread at a time.
    """

    def load(self) -> None:
        """Read the weights; afterwards `info` is complete."""

    @property
    def info(self) -> EngineInfo:
        """What this engine is."""

    def predict(self, batch: Sequence[RequestT_contra]) -> list[AnswerT | Problem]:
        """Answer every request of the batch, in order."""


def uses_tf32(device: str, allow_tf32: bool) -> bool:
    """Whether an engine multiplies with TensorFloat-32, as its `EngineInfo.options` tell: no CPU does.

    Args:
        device: ``cpu`` or ``cuda``, as ``VF_DEVICE`` says.
        allow_tf32: as ``VF_ALLOW_TF32`` says.
    """
    return allow_tf32 and device == "cuda"


def require_device(device: str, has_cuda: Callable[[], bool]) -> None:
    """Let no engine fall back to a CPU unasked, where it would be too slow for its callers.

    Args:
        device: ``cpu`` or ``cuda``, as ``VF_DEVICE`` says.
        has_cuda: whether the engine's framework finds a CUDA device; asked only when one is wanted.

    Raises:
        Problem: ``stage_unavailable``.
    """
    if device == "cuda" and not has_cuda():
        raise Problem(Code.STAGE_UNAVAILABLE, "VF_DEVICE is cuda, but no CUDA device is there.")
