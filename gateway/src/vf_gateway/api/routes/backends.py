"""What only market backends call: tokens for buyers, webhooks."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends

from vf_gateway.access.principal import Principal, Scope
from vf_gateway.api.documents import DeliveryDocument, TokenDocument, TokenRequest, WebhookDocument, WebhookRequest
from vf_gateway.api.routes.common import FINDING, Caller, Limit, TheGateway, body_problems, problems
from vf_gateway.api.views import delivery_document, webhook_document
from vf_gateway.database.tables import SECOND, now_us, to_datetime
from vfkit.problems import Code, Problem

router = APIRouter(prefix="/v1", tags=["backends"])


def _require_scopes(*scopes: Scope) -> Any:
    async def check(caller: Caller) -> Principal:
        for scope in scopes:
            caller.require(scope)
        if caller.buyer is not None:
            raise Problem(Code.FORBIDDEN, "This is for market backends.")
        return caller

    return Depends(check)


TokenBackend = Annotated[Principal, _require_scopes(Scope.TOKENS, Scope.FITTINGS)]
"""A token may work with fittings, so only who may do that mints one."""

WebhookBackend = Annotated[Principal, _require_scopes(Scope.WEBHOOKS)]


@router.post(
    "/tokens",
    responses=body_problems(Code.BODY_TOO_LARGE),
    operation_id="create_token",
    summary="Mint a buyer's token",
    status_code=201,
)
async def create_token(gateway: TheGateway, backend: TokenBackend, asked: TokenRequest) -> TokenDocument:
    """A token with which a browser acts for one buyer; it ends with its time or with the API key."""
    seconds = min(asked.expires_in, gateway.settings.token_seconds)
    token = gateway.signer.mint(backend, asked.buyer, seconds)
    return TokenDocument(token=token, expires_at=to_datetime(now_us() + seconds * SECOND))


@router.post(
    "/webhooks",
    responses=body_problems(Code.CONFLICT, Code.BODY_TOO_LARGE),
    operation_id="create_webhook",
    summary="Register a webhook",
    status_code=201,
)
async def create_webhook(gateway: TheGateway, backend: WebhookBackend, asked: WebhookRequest) -> WebhookDocument:
    """Be told of fittings (Standard Webhooks); the secret is shown only now."""
    row, secret = await gateway.receivers.register(backend, asked.url, asked.types)
    return webhook_document(row, secret)


@router.get("/webhooks", responses=problems(), operation_id="list_webhooks", summary="List webhooks")
async def list_webhooks(gateway: TheGateway, backend: WebhookBackend) -> list[WebhookDocument]:
    """The market's receivers."""
    return [webhook_document(row) for row in await gateway.receivers.all(backend)]


@router.delete(
    "/webhooks/{webhook_id}",
    status_code=204,
    responses=FINDING,
    operation_id="delete_webhook",
    summary="Delete a webhook",
)
async def delete_webhook(gateway: TheGateway, backend: WebhookBackend, webhook_id: str) -> None:
    """Be told no more."""
    await gateway.receivers.remove(backend, webhook_id)


@router.get(
    "/webhooks/{webhook_id}/deliveries",
    responses=FINDING,
    operation_id="list_deliveries",
    summary="List a webhook's deliveries",
)
async def list_deliveries(
    gateway: TheGateway, backend: WebhookBackend, webhook_id: str, limit: Limit = 50
) -> list[DeliveryDocument]:
    """The last messages and how far they got."""
    return [delivery_document(row) for row in await gateway.receivers.deliveries(backend, webhook_id, limit)]


@router.post(
    "/webhooks/{webhook_id}/deliveries/{delivery_id}/replay",
    status_code=202,
    responses=FINDING,
    operation_id="replay_delivery",
    summary="Send a delivery again",
)
async def replay(gateway: TheGateway, backend: WebhookBackend, webhook_id: str, delivery_id: str) -> DeliveryDocument:
    """Send a message again."""
    return delivery_document(await gateway.receivers.replay(backend, webhook_id, delivery_id))
