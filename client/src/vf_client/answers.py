"""What the API answers, typed: each class is one of its documents.

A class holds the fields that this version of the client knows; ``document`` is the JSON as it came, so that nothing is
lost when the gateway is newer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Document = dict[str, Any]
"""A JSON document of the API."""

FINAL_STATES = frozenset({"succeeded", "failed", "cancelled"})


@dataclass(frozen=True)
class StageRecord:
    """How one stage went: ``state`` is waiting, running, done, failed or skipped; times are milliseconds."""

    state: str
    cached: bool = False
    started_ms: float | None = None
    ms: float | None = None

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> StageRecord:
        """From its JSON."""
        return cls(
            state=document["state"],
            cached=bool(document.get("cached", False)),
            started_ms=document.get("started_ms"),
            ms=document.get("ms"),
        )


@dataclass(frozen=True)
class FittingWarning:
    """Something to know about a result that is given all the same; ``detail`` may be shown to a buyer."""

    stage: str
    code: str
    detail: str

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> FittingWarning:
        """From its JSON."""
        return cls(stage=document["stage"], code=document["code"], detail=document["detail"])


@dataclass(frozen=True)
class ReadValue:
    """One thing that was read of a garment's photo; ``confidence`` is the probability that it is so, 0 to 1."""

    value: str
    confidence: float

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> ReadValue:
        """From its JSON."""
        return cls(document["value"], document["confidence"])


@dataclass(frozen=True)
class Reading:
    """What a garment's photo shows: the garment's kind, how it was photographed, and from which side."""

    kind: ReadValue
    photo: ReadValue
    view: ReadValue

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Reading:
        """From its JSON."""
        return cls(*(ReadValue.read(document[name]) for name in ("kind", "photo", "view")))


@dataclass(frozen=True)
class Photo:
    """A person or a garment.

    Attributes:
        id: its name.
        state: of its preparation: queued, running, succeeded, failed or cancelled.
        width, height: of the uploaded photo, in pixels.
        buyer: whose it is; None: the market's.
        reference: the market's own name for it.
        category: of a garment: what the market says that it sells.
        reading: of a garment that has been prepared: what its photo shows.
        created_at, expires_at: when it came, and when it will be deleted.
        stages: how its preparation goes, by stage.
        warnings: what to know about it.
        problem: why it cannot be used (RFC 9457).
        artifacts: paths of its pictures by file name.
        links: paths of its own calls.
        document: the JSON as it came.
    """

    id: str
    state: str
    width: int
    height: int
    buyer: str | None
    reference: str | None
    category: str | None
    reading: Reading | None
    created_at: datetime | None
    expires_at: datetime | None
    stages: dict[str, StageRecord]
    warnings: list[FittingWarning]
    problem: Document | None
    artifacts: dict[str, str]
    links: dict[str, str]
    document: Document = field(repr=False)

    @property
    def ended(self) -> bool:
        """Nothing changes any more."""
        return self.state in FINAL_STATES

    @classmethod
    def read(cls, document: Document) -> Photo:
        """From its JSON."""
        return cls(
            id=document["id"],
            state=document["state"],
            width=document.get("width", 0),
            height=document.get("height", 0),
            buyer=document.get("buyer"),
            reference=document.get("reference"),
            category=document.get("category"),
            reading=Reading.read(document["reading"]) if document.get("reading") else None,
            created_at=_time(document.get("created_at")),
            expires_at=_time(document.get("expires_at")),
            stages=_stages(document),
            warnings=_warnings(document),
            problem=document.get("problem"),
            artifacts=document.get("artifacts", {}),
            links=document.get("links", {}),
            document=document,
        )


@dataclass(frozen=True)
class Fitting:
    """A person in a garment; fields as in `Photo`.

    Attributes:
        person_id, garment_id: of what; None when that photo is gone.
        comparison_id: the comparison that it is part of.
        finished_at, selected_at: when it ended, and when the buyer picked it.
        wall_ms: milliseconds from the start of the first stage to the end of the last.
    """

    id: str
    state: str
    person_id: str | None
    garment_id: str | None
    comparison_id: str | None
    buyer: str | None
    created_at: datetime | None
    finished_at: datetime | None
    selected_at: datetime | None
    expires_at: datetime | None
    wall_ms: float | None
    stages: dict[str, StageRecord]
    warnings: list[FittingWarning]
    problem: Document | None
    artifacts: dict[str, str]
    links: dict[str, str | None]
    document: Document = field(repr=False)

    @property
    def ended(self) -> bool:
        """Nothing changes any more."""
        return self.state in FINAL_STATES

    @classmethod
    def read(cls, document: Document) -> Fitting:
        """From its JSON."""
        return cls(
            id=document["id"],
            state=document["state"],
            person_id=document.get("person_id"),
            garment_id=document.get("garment_id"),
            comparison_id=document.get("comparison_id"),
            buyer=document.get("buyer"),
            created_at=_time(document.get("created_at")),
            finished_at=_time(document.get("finished_at")),
            selected_at=_time(document.get("selected_at")),
            expires_at=_time(document.get("expires_at")),
            wall_ms=document.get("wall_ms"),
            stages=_stages(document),
            warnings=_warnings(document),
            problem=document.get("problem"),
            artifacts=document.get("artifacts", {}),
            links=document.get("links", {}),
            document=document,
        )


@dataclass(frozen=True)
class Comparison:
    """One person in many garments; succeeded when at least one fitting did and all have ended."""

    id: str
    state: str
    person_id: str | None
    buyer: str | None
    created_at: datetime | None
    fittings: list[Fitting]
    links: dict[str, str]
    document: Document = field(repr=False)

    @classmethod
    def read(cls, document: Document) -> Comparison:
        """From its JSON."""
        return cls(
            id=document["id"],
            state=document["state"],
            person_id=document.get("person_id"),
            buyer=document.get("buyer"),
            created_at=_time(document.get("created_at")),
            fittings=[Fitting.read(fitting) for fitting in document.get("fittings", [])],
            links=document.get("links", {}),
            document=document,
        )


@dataclass(frozen=True)
class Links:
    """Paths that open without a credential until ``expires_at``."""

    expires_at: datetime | None
    events: str
    artifacts: dict[str, str]

    @classmethod
    def read(cls, document: Document) -> Links:
        """From its JSON."""
        return cls(_time(document.get("expires_at")), document["events"], document["artifacts"])


@dataclass(frozen=True)
class Webhook:
    """A receiver of webhooks; ``secret`` checks the signatures and is told once, when it is created."""

    id: str
    url: str
    types: list[str]
    secret: str | None = field(repr=False)

    @classmethod
    def read(cls, document: Document) -> Webhook:
        """From its JSON."""
        return cls(document["id"], document["url"], document.get("types", []), document.get("secret"))


@dataclass(frozen=True)
class Service:
    """One model service: its stage, whether it answers, and its engine as the service itself describes it."""

    stage: str
    available: bool
    engine: Document | None

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Service:
        """From its JSON."""
        return cls(document["stage"], bool(document.get("available", False)), document.get("engine"))


@dataclass(frozen=True)
class System:
    """What an installation runs; ``ready``: all services answer."""

    version: str
    ready: bool
    services: list[Service]
    document: Document = field(repr=False)

    @classmethod
    def read(cls, document: Document) -> System:
        """From its JSON. Raises KeyError or TypeError when it is not a gateway's."""
        services = [Service.read(service) for service in document["services"]]
        return cls(str(document.get("version", "")), bool(document.get("ready", False)), services, document)


def _stages(document: Document) -> dict[str, StageRecord]:
    return {name: StageRecord.read(record) for name, record in document.get("stages", {}).items()}


def _warnings(document: Document) -> list[FittingWarning]:
    return [FittingWarning.read(warning) for warning in document.get("warnings", [])]


def _time(value: str | None) -> datetime | None:
    # Python 3.10 does not read the Z.
    return datetime.fromisoformat(value.replace("Z", "+00:00")) if value else None
