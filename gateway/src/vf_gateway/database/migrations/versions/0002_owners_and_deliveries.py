"""Owners that no two markets share, and an index for sending each webhook's oldest message.

An owner was ``market/buyer`` with nothing escaped. Only the rows of markets with a slash or a percent sign in
their name change; where one of these ends and its buyer begins is known from the thing that the row is about.

Revision: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_OWNED = {"jobs": "id", "idempotency_keys": "subject"}
"""Tables with owners, and the column that names what the row is about."""

_THINGS = ("photos", "fittings", "comparisons")


def upgrade() -> None:
    """Apply."""
    _resize_owners(310, 510)
    for table, about in _OWNED.items():
        for thing in _THINGS:
            _rewrite_owners(table, about, thing)
    with op.batch_alter_table("deliveries") as batch:
        batch.drop_index("ix_deliveries_due")
        batch.drop_index("ix_deliveries_webhook_id")
        batch.create_index("ix_deliveries_due", ["webhook_id", "state", "next_at"])
        batch.create_index("ix_deliveries_state", ["state"])


def downgrade() -> None:
    """Undo, but for the owners: they are longer than they were, and what they mean to an older gateway is harmless."""
    with op.batch_alter_table("deliveries") as batch:
        batch.drop_index("ix_deliveries_state")
        batch.drop_index("ix_deliveries_due")
        batch.create_index("ix_deliveries_webhook_id", ["webhook_id"])
        batch.create_index("ix_deliveries_due", ["state", "next_at"])


def _resize_owners(present: int, wanted: int) -> None:
    for table in _OWNED:
        with op.batch_alter_table(table) as batch:
            batch.alter_column(
                "owner",
                existing_type=sa.String(length=present),
                type_=sa.String(length=wanted),
                existing_nullable=False,
            )


def _rewrite_owners(table: str, about: str, thing: str) -> None:
    owned = sa.table(table, sa.column("owner"), sa.column(about))
    things = sa.table(thing, sa.column("id"), sa.column("market"))
    unescaped = sa.or_(things.c.market.contains("/", autoescape=True), things.c.market.contains("%", autoescape=True))
    rows = sa.select(owned.c[about], owned.c.owner, things.c.market).join(things, things.c.id == owned.c[about])
    connection = op.get_bind()
    for subject, owner, market in connection.execute(rows.where(unescaped)).all():
        buyer = owner.removeprefix(f"{market}/")
        same = (owned.c[about] == subject, owned.c.owner == owner)
        connection.execute(sa.update(owned).where(*same).values(owner=f"{_escape(market)}/{buyer}"))


def _escape(market: str) -> str:
    return market.replace("%", "%25").replace("/", "%2F")
