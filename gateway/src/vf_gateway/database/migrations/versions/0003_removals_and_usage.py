"""Removals in batches, and what buyers and markets have stored.

Revision: 0003
"""

from __future__ import annotations

import time

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_THIRTY_DAYS = 30 * 24 * 3600 * 1_000_000
"""Microseconds: what buyers' garments from before, which never expired, still have."""


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "removals",
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("with_fittings", sa.Boolean(), nullable=False),
        sa.Column("begun_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_removals")),
    )
    op.create_table(
        "usage",
        sa.Column("market", sa.String(length=100), nullable=False),
        sa.Column("buyer", sa.String(length=200), nullable=False),
        sa.Column("photos", sa.BigInteger(), nullable=False),
        sa.Column("stored_bytes", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("market", "buyer", name=op.f("pk_usage")),
    )
    for table in ("photos", "fittings"):
        op.add_column(table, sa.Column("stored_bytes", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("doomed", sa.Column("again_at", sa.BigInteger(), nullable=True))
    # The sizes of what is already stored are not known: its photos are counted, its bytes are not.
    op.execute(
        "INSERT INTO usage (market, buyer, photos, stored_bytes) "
        "SELECT market, buyer, count(*), 0 FROM photos WHERE buyer IS NOT NULL GROUP BY market, buyer"
    )
    op.execute(
        "INSERT INTO usage (market, buyer, photos, stored_bytes) "
        "SELECT market, '', count(*), 0 FROM photos GROUP BY market"
    )
    photos = sa.table("photos", sa.column("kind"), sa.column("buyer"), sa.column("expires_at"))
    never = (photos.c.kind == "garment") & photos.c.buyer.is_not(None) & photos.c.expires_at.is_(None)
    op.execute(photos.update().where(never).values(expires_at=time.time_ns() // 1000 + _THIRTY_DAYS))


def downgrade() -> None:
    """Undo."""
    op.drop_column("doomed", "again_at")
    for table in ("fittings", "photos"):
        op.drop_column(table, "stored_bytes")
    op.drop_table("usage")
    op.drop_table("removals")
