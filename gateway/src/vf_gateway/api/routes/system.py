"""What the installation is and how it is."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from vf_gateway import VERSION
from vf_gateway.api.documents import SystemDocument
from vf_gateway.api.routes.common import TheGateway, exemplified, limit_by_address, problems
from vfkit.problems import Code, Problem

router = APIRouter(tags=["system"])


@router.get(
    "/v1/system",
    operation_id="get_system",
    summary="Describe the installation",
    dependencies=[Depends(limit_by_address)],
    responses=problems(Code.RATE_LIMITED),
)
async def system(gateway: TheGateway) -> SystemDocument:
    """The six services: engines, weights' digests, licences; what is down is said to be down."""
    described = await gateway.services.describe()
    return SystemDocument(version=VERSION, ready=all(s.available for s in described), services=described)


@router.get(
    "/healthz",
    responses=exemplified({"status": "ok"}),
    operation_id="get_health",
    summary="Ask whether the gateway is alive",
)
async def healthz() -> dict[str, str]:
    """Alive."""
    return {"status": "ok"}


@router.get(
    "/readyz",
    operation_id="get_readiness",
    summary="Ask whether fittings can be finished",
    responses=problems(Code.STAGE_UNAVAILABLE) | exemplified({"status": "ready"}),
)
async def readyz(gateway: TheGateway) -> dict[str, str]:
    """Able to finish fittings: database and all services answer, and the disk has room."""
    if await gateway.disk.is_low():
        raise Problem(Code.STAGE_UNAVAILABLE, "A disk is nearly full.", retry_after=5)
    try:
        await gateway.queue.length()
    except Exception as error:
        raise Problem(Code.STAGE_UNAVAILABLE, "The database does not answer.", retry_after=5) from error
    missing = [s.stage.value for s in await gateway.services.describe() if not s.available]
    if missing:
        raise Problem(Code.STAGE_UNAVAILABLE, f"Not available: {', '.join(missing)}.", retry_after=5)
    return {"status": "ready"}


@router.get("/metrics", include_in_schema=False)
async def metrics(gateway: TheGateway) -> Response:
    """Prometheus metrics."""
    await gateway.look()
    return Response(generate_latest(gateway.metrics.registry), media_type=CONTENT_TYPE_LATEST)
