"""Comparisons: one person in many garments."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from vf_gateway.api.documents import ComparisonDocument, ComparisonRequest
from vf_gateway.api.routes.common import (
    ACCEPTED,
    FINDING,
    IdempotencyHeader,
    Prefer,
    TheGateway,
    User,
    body_problems,
    ended,
    submission,
    waiting,
)
from vf_gateway.api.views import comparison_document, home
from vf_gateway.database.tables import Comparison
from vf_gateway.pictures.store import digest
from vf_gateway.resources.idempotency import make_once
from vf_gateway.stages.services import Deadline
from vfkit.pictures import PictureKind
from vfkit.problems import OF_THE_PHOTO, Code

router = APIRouter(prefix="/v1/comparisons", tags=["comparisons"])


@router.post(
    "",
    status_code=202,
    response_description=ACCEPTED,
    responses=body_problems(
        Code.NOT_FOUND,
        Code.CONFLICT,
        Code.OVERLOADED,
        *sorted(OF_THE_PHOTO),
        Code.STORAGE_FULL,
        Code.QUOTA_EXCEEDED,
        Code.BODY_TOO_LARGE,
    )
    | ended(ComparisonDocument),
    operation_id="create_comparison",
    summary="Compare garments on one person",
)
async def create(
    *,
    request: Request,
    response: Response,
    gateway: TheGateway,
    user: User,
    asked: ComparisonRequest,
    prefer: Prefer = None,
    idempotency_key: IdempotencyHeader = None,
) -> ComparisonDocument:
    """Fit up to 50 garments on one person."""
    by = submission(request, user, "comparisons.create", idempotency_key, digest(asked.model_dump_json().encode()))

    async def make() -> Comparison:
        person = await gateway.photos.get(user, asked.person_id, PictureKind.PERSON)
        ids = list(dict.fromkeys(asked.garment_ids))
        garments = await gateway.photos.get_all(user, ids, PictureKind.GARMENT)
        return await gateway.fitting_intake.compare(person, garments, by)

    row = await make_once(gateway.database, by, Comparison, make)
    row, fittings = await gateway.fittings.comparison(user, row.id)
    if wait := waiting(prefer, gateway, response):
        deadline = Deadline(wait)
        for fitting in fittings:
            await gateway.fittings.wait(user, fitting, deadline.remaining())
        row, fittings = await gateway.fittings.comparison(user, row.id)
    document = comparison_document(row, fittings)
    if wait and document.state.final:
        response.status_code = 200
    response.headers["Location"] = home(row)
    return document


@router.get("/{comparison_id}", responses=FINDING, operation_id="get_comparison", summary="Get a comparison")
async def get(gateway: TheGateway, user: User, comparison_id: str) -> ComparisonDocument:
    """The fittings side by side."""
    return comparison_document(*await gateway.fittings.comparison(user, comparison_id))


@router.delete(
    "/{comparison_id}",
    status_code=204,
    responses=FINDING,
    operation_id="delete_comparison",
    summary="Delete a comparison",
)
async def delete(gateway: TheGateway, user: User, comparison_id: str) -> None:
    """Remove a comparison with its fittings and their pictures."""
    await gateway.deletion.delete_comparison(user, *await gateway.fittings.comparison(user, comparison_id))
