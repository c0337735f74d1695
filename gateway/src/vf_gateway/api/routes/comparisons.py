"""Comparisons: one person in many garments."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from vf_gateway.api.documents import ComparisonDocument, ComparisonRequest
from vf_gateway.api.routes.common import (
    ACCEPTED,
    FINDING,
    IdempotencyHeader,
    Parts,
    Prefer,
    User,
    body_problems,
    ended,
    once_of,
    waiting,
)
from vf_gateway.api.views import comparison_document
from vf_gateway.database.tables import Comparison
from vf_gateway.pictures.store import digest
from vf_gateway.stages.client import Deadline
from vfkit.pictures import PictureKind
from vfkit.problems import Code

router = APIRouter(prefix="/v1/comparisons", tags=["comparisons"])


@router.post(
    "",
    status_code=202,
    response_description=ACCEPTED,
    responses=body_problems(
        Code.NOT_FOUND, Code.CONFLICT, Code.OVERLOADED, Code.NO_PERSON_FOUND, Code.STORAGE_FULL, Code.QUOTA_EXCEEDED
    )
    | ended(ComparisonDocument),
    operation_id="create_comparison",
)
async def create(
    *,
    request: Request,
    response: Response,
    gateway: Parts,
    user: User,
    asked: ComparisonRequest,
    prefer: Prefer = None,
    idempotency_key: IdempotencyHeader = None,
) -> ComparisonDocument:
    """Fit up to 50 garments on one person."""
    once = once_of(user, "comparisons.create", idempotency_key, digest(asked.model_dump_json().encode()))
    row = await gateway.fittings.earlier(once, Comparison)
    if row is None:
        person = await gateway.photos.get(user, asked.person_id, PictureKind.PERSON)
        ids = list(dict.fromkeys(asked.garment_ids))
        garments = await gateway.photos.get_all(user, ids, PictureKind.GARMENT)
        traceparent = gateway.tracing.carry(request.headers.get("traceparent"))
        row = await gateway.fittings.compare(person, garments, once=once, traceparent=traceparent)
    row, fittings = await gateway.fittings.comparison(user, row.id)
    if wait := waiting(prefer, gateway, response):
        deadline = Deadline(wait)
        for fitting in fittings:
            await gateway.fittings.wait(user, fitting.id, deadline.remaining())
        row, fittings = await gateway.fittings.comparison(user, row.id)
    document = comparison_document(row, fittings)
    if wait and document.state.final:
        response.status_code = 200
    response.headers["Location"] = document.links["self"]
    return document


@router.get("/{comparison_id}", responses=FINDING, operation_id="get_comparison")
async def get(gateway: Parts, user: User, comparison_id: str) -> ComparisonDocument:
    """The fittings side by side."""
    return comparison_document(*await gateway.fittings.comparison(user, comparison_id))


@router.delete("/{comparison_id}", status_code=204, responses=FINDING, operation_id="delete_comparison")
async def delete(gateway: Parts, user: User, comparison_id: str) -> None:
    """Remove a comparison with its fittings and their pictures."""
    await gateway.deletion.delete_comparison(user, *await gateway.fittings.comparison(user, comparison_id))
