"""The gateway's tables.

Times are integers, microseconds since 1970 in UTC: they compare, page and test alike on both databases.
Rows never hold pictures: those are in the artifact store, below the scopes and entries that rows name.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, MetaData, String, Table, Text, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

SECOND = 1_000_000
"""Microseconds."""


def now_us() -> int:
    """The time now, in microseconds since 1970."""
    return time.time_ns() // 1000


def to_datetime(microseconds: int) -> datetime:
    """A column's time as a datetime in UTC."""
    return datetime.fromtimestamp(microseconds / SECOND, UTC)


class Base(DeclarativeBase):
    """All tables."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {int: BigInteger, dict[str, Any]: JSON, list[Any]: JSON}  # noqa: RUF012  SQLAlchemy's way


def table_of(entity: type[Base]) -> Table:
    """An entity's table, for statements that have no use for the ORM's bookkeeping."""
    return cast(Table, entity.__table__)


class ApiKey(Base):
    """A market backend's credential; the key itself is not kept, only its digest."""

    __tablename__ = "api_keys"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    market: Mapped[str] = mapped_column(String(100))
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    scopes: Mapped[list[Any]]
    created_at: Mapped[int]
    revoked_at: Mapped[int | None]


class Photo(Base):
    """A person or a garment: an uploaded photo and its preparation."""

    __tablename__ = "photos"
    __table_args__ = (
        Index("ix_photos_page", "market", "kind", "created_at", "id"),
        Index("ix_photos_equal", "market", "buyer", "kind", "sha256"),
    )
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    market: Mapped[str] = mapped_column(String(100))
    buyer: Mapped[str | None] = mapped_column(String(200))
    scope: Mapped[str] = mapped_column(String(100), index=True)
    sha256: Mapped[str] = mapped_column(String(64))
    width: Mapped[int]
    height: Mapped[int]
    reference: Mapped[str | None] = mapped_column(String(200))
    category: Mapped[str] = mapped_column(String(20), default="auto")
    """Of a garment: what the market says that it sells."""
    reading: Mapped[dict[str, Any] | None]
    """Of a garment that has been read: kind, photo and view, as in garment.json."""
    state: Mapped[str] = mapped_column(String(10))
    stages: Mapped[dict[str, Any]]
    entries: Mapped[dict[str, Any]]
    warnings: Mapped[list[Any]]
    problem: Mapped[dict[str, Any] | None]
    stored_bytes: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[int]
    expires_at: Mapped[int | None] = mapped_column(BigInteger, index=True)


class Removal(Base):
    """A person or garment that is being removed: gone for every caller at once, row by row in the background."""

    __tablename__ = "removals"
    subject: Mapped[str] = mapped_column(String(40), primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    with_fittings: Mapped[bool]
    begun_at: Mapped[int]


class Usage(Base):
    """What a buyer has stored; the row with an empty buyer counts the whole market."""

    __tablename__ = "usage"
    market: Mapped[str] = mapped_column(String(100), primary_key=True)
    buyer: Mapped[str] = mapped_column(String(200), primary_key=True)
    photos: Mapped[int]
    stored_bytes: Mapped[int]


class Comparison(Base):
    """One person in many garments."""

    __tablename__ = "comparisons"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    market: Mapped[str] = mapped_column(String(100))
    buyer: Mapped[str | None] = mapped_column(String(200))
    person_id: Mapped[str | None] = mapped_column(ForeignKey("photos.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[int]


class Fitting(Base):
    """A person in a garment."""

    __tablename__ = "fittings"
    __table_args__ = (Index("ix_fittings_page", "market", "buyer", "created_at", "id"),)
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    market: Mapped[str] = mapped_column(String(100))
    buyer: Mapped[str | None] = mapped_column(String(200))
    person_id: Mapped[str | None] = mapped_column(ForeignKey("photos.id", ondelete="SET NULL"), index=True)
    garment_id: Mapped[str | None] = mapped_column(ForeignKey("photos.id", ondelete="SET NULL"), index=True)
    comparison_id: Mapped[str | None] = mapped_column(ForeignKey("comparisons.id", ondelete="CASCADE"), index=True)
    position: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(String(10))
    stages: Mapped[dict[str, Any]]
    events: Mapped[list[Any]]
    version: Mapped[int] = mapped_column(default=0)
    entries: Mapped[dict[str, Any]]
    result_entry: Mapped[str | None] = mapped_column(String(200), index=True)
    warnings: Mapped[list[Any]]
    problem: Mapped[dict[str, Any] | None]
    wall_ms: Mapped[float | None]
    stored_bytes: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[int]
    finished_at: Mapped[int | None]
    selected_at: Mapped[int | None]
    expires_at: Mapped[int | None] = mapped_column(BigInteger, index=True)


class Prediction(Base):
    """A fitting that was asked for in FASHN's words (`vf_gateway.api.fashn`), and how it is to be answered."""

    __tablename__ = "predictions"
    fitting_id: Mapped[str] = mapped_column(ForeignKey("fittings.id", ondelete="CASCADE"), primary_key=True)
    output_format: Mapped[str] = mapped_column(String(10))
    return_base64: Mapped[bool]
    key_id: Mapped[str] = mapped_column(String(40))
    """The API key whose links open its picture."""
    base_url: Mapped[str] = mapped_column(Text)
    """Where the caller reached the gateway: links in a webhook begin with it."""


class Job(Base):
    """Work that was accepted and is not finished; the row goes in the transaction that finishes it."""

    __tablename__ = "jobs"
    __table_args__ = (Index("ix_jobs_turn", "turn", "created_at"),)
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    owner: Mapped[str] = mapped_column(String(510), index=True)
    turn: Mapped[int]
    traceparent: Mapped[str | None] = mapped_column(String(60))
    created_at: Mapped[int]
    attempts: Mapped[int] = mapped_column(default=0)
    lease: Mapped[str | None] = mapped_column(String(40))
    lease_until: Mapped[int | None]


class IdempotencyKey(Base):
    """What a request with an Idempotency-Key made."""

    __tablename__ = "idempotency_keys"
    owner: Mapped[str] = mapped_column(String(510), primary_key=True)
    call: Mapped[str] = mapped_column(String(60), primary_key=True)
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    body: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(40), index=True)
    created_at: Mapped[int] = mapped_column(BigInteger, index=True)


class Orphan(Base):
    """Pictures to delete at ``due_at``, and once more at ``again_at``, when nothing can still be writing there.

    The table keeps its first name: gateways of the version before go on while a new one has migrated already.
    """

    __tablename__ = "doomed"
    path: Mapped[str] = mapped_column(String(300), primary_key=True)
    due_at: Mapped[int] = mapped_column(BigInteger, index=True)
    again_at: Mapped[int | None]


class Audit(Base):
    """One line for each deletion and each change of a credential."""

    __tablename__ = "audit"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    at: Mapped[int] = mapped_column(BigInteger, index=True)
    market: Mapped[str] = mapped_column(String(100))
    actor: Mapped[str] = mapped_column(String(300))
    action: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(40))
    detail: Mapped[dict[str, Any]]


class Webhook(Base):
    """Where a market wants to be told."""

    __tablename__ = "webhooks"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    market: Mapped[str] = mapped_column(String(100), index=True)
    url: Mapped[str] = mapped_column(String(2000))
    secret: Mapped[str] = mapped_column(String(100))
    """``sha256:`` and the secret's digest; the secret itself where it was registered before secrets were derived."""
    types: Mapped[list[Any]]
    fitting_id: Mapped[str | None] = mapped_column(String(40), index=True)
    """Of a receiver that was named with one prediction and is told of that alone; no market's list has it."""
    created_at: Mapped[int]


class Delivery(Base):
    """One message to one webhook, and how far it got."""

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("webhook_id", "message_id"),
        Index("ix_deliveries_due", "webhook_id", "state", "next_at"),
        Index("ix_deliveries_state", "state"),
    )
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    webhook_id: Mapped[str] = mapped_column(ForeignKey("webhooks.id", ondelete="CASCADE"))
    message_id: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(40), index=True)
    type: Mapped[str] = mapped_column(String(40))
    body: Mapped[str] = mapped_column(String(4000))
    state: Mapped[str] = mapped_column(String(10))
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[int]
    status: Mapped[int | None]
    error: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[int]
    delivered_at: Mapped[int | None]
