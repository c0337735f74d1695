"""Rows as the API's documents."""

from __future__ import annotations

from collections.abc import Sequence

from vf_gateway.api.documents import (
    ComparisonDocument,
    DeliveryDocument,
    FittingDocument,
    FittingLinks,
    PhotoDocument,
    WebhookDocument,
)
from vf_gateway.database.tables import Comparison, Delivery, Fitting, Photo, Webhook, to_datetime
from vf_gateway.resources.states import State
from vfkit.contracts import CONTRACTS, Artifact, Category, Stage
from vfkit.pictures import PictureKind

COLLECTIONS = {PictureKind.PERSON: "people", PictureKind.GARMENT: "garments"}
_OWN_PICTURE = {PictureKind.PERSON: Artifact.PERSON, PictureKind.GARMENT: Artifact.GARMENT_PHOTO}


def home(row: Photo | Fitting | Comparison) -> str:
    """Where the API has it."""
    if isinstance(row, Photo):
        return f"/v1/{COLLECTIONS[PictureKind(row.kind)]}/{row.id}"
    return f"/v1/{'fittings' if isinstance(row, Fitting) else 'comparisons'}/{row.id}"


def fitting_document(row: Fitting) -> FittingDocument:
    """A fitting as the API tells it."""
    here = home(row)
    artifacts = {name: f"{here}/artifacts/{name}" for name in _fitting_artifacts(row)}
    finished = Artifact.RESULT in artifacts
    return FittingDocument(
        id=row.id,
        state=State(row.state),
        person_id=row.person_id,
        garment_id=row.garment_id,
        comparison_id=row.comparison_id,
        buyer=row.buyer,
        created_at=to_datetime(row.created_at),
        finished_at=to_datetime(row.finished_at) if row.finished_at else None,
        selected_at=to_datetime(row.selected_at) if row.selected_at else None,
        expires_at=to_datetime(row.expires_at) if row.expires_at else None,
        wall_ms=row.wall_ms,
        stages=row.stages,  # type: ignore[arg-type]
        warnings=row.warnings,
        problem=row.problem,  # type: ignore[arg-type]
        artifacts=artifacts,
        links=FittingLinks(
            self=here,
            events=f"{here}/events",
            person=f"/v1/people/{row.person_id}" if row.person_id else None,
            garment=f"/v1/garments/{row.garment_id}" if row.garment_id else None,
            comparison=f"/v1/comparisons/{row.comparison_id}" if row.comparison_id else None,
            result=f"{here}/result" if finished else None,
            result_full=artifacts.get(Artifact.RESULT_FULL),
            grid=artifacts.get(Artifact.GRID) and f"{here}/grid",
        ),
    )


def _fitting_artifacts(row: Fitting) -> list[str]:
    """What can be read: pictures go with the photo that they were made from, those of synthesis stay."""
    there: set[str] = set()
    if row.person_id:
        there.add(Artifact.PERSON)
    if row.garment_id:
        there.add(Artifact.GARMENT_PHOTO)
    for name in row.entries:
        stage = Stage(name)
        source = row.garment_id if stage is Stage.CLOTHMASK else row.person_id
        if source or stage is Stage.HRVITON:
            there.update(CONTRACTS[stage].returns)
    if Artifact.RESULT in there and row.person_id:
        there.add(Artifact.RESULT_FULL)
        if row.garment_id:
            there.add(Artifact.GRID)
    return [artifact.value for artifact in Artifact if artifact in there]


def photo_document(row: Photo) -> PhotoDocument:
    """A person or garment as the API tells it."""
    kind = PictureKind(row.kind)
    here = home(row)
    there = {_OWN_PICTURE[kind], *(artifact for name in row.entries for artifact in CONTRACTS[Stage(name)].returns)}
    return PhotoDocument(
        id=row.id,
        state=State(row.state),
        buyer=row.buyer,
        reference=row.reference,
        category=Category(row.category) if kind is PictureKind.GARMENT else None,
        reading=row.reading,  # type: ignore[arg-type]
        width=row.width,
        height=row.height,
        created_at=to_datetime(row.created_at),
        expires_at=to_datetime(row.expires_at) if row.expires_at else None,
        stages=row.stages,  # type: ignore[arg-type]
        warnings=row.warnings,
        problem=row.problem,  # type: ignore[arg-type]
        artifacts={artifact.value: f"{here}/artifacts/{artifact.value}" for artifact in Artifact if artifact in there},
        links={"self": here},
    )


def comparison_document(row: Comparison, fittings: Sequence[Fitting]) -> ComparisonDocument:
    """A comparison as the API tells it."""
    return ComparisonDocument(
        id=row.id,
        state=_joint_state([State(fitting.state) for fitting in fittings]),
        person_id=row.person_id,
        buyer=row.buyer,
        created_at=to_datetime(row.created_at),
        fittings=[fitting_document(fitting) for fitting in fittings],
        links={"self": home(row)},
    )


def _joint_state(states: Sequence[State]) -> State:
    if all(state is State.QUEUED for state in states) and states:
        return State.QUEUED
    if not all(state.final for state in states):
        return State.RUNNING
    for state in (State.SUCCEEDED, State.FAILED):
        if state in states:
            return state
    return State.CANCELLED


def webhook_document(row: Webhook, secret: str | None = None) -> WebhookDocument:
    """A receiver as the API tells it, with its secret when it is new."""
    return WebhookDocument(
        id=row.id, url=row.url, types=row.types, created_at=to_datetime(row.created_at),
        secret=secret,
    )  # fmt: skip


def delivery_document(row: Delivery) -> DeliveryDocument:
    """A message as the API tells it."""
    return DeliveryDocument(
        id=row.id, message_id=row.message_id, type=row.type, state=row.state, attempts=row.attempts, status=row.status,
        error=row.error, created_at=to_datetime(row.created_at),
        delivered_at=to_datetime(row.delivered_at) if row.delivered_at else None,
        next_at=to_datetime(row.next_at) if row.state == "waiting" else None,
    )  # fmt: skip
