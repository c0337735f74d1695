"""Fittings that were asked for in FASHN's words, and the receivers that were named with them.

Revision: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "predictions",
        sa.Column("fitting_id", sa.String(length=40), nullable=False),
        sa.Column("output_format", sa.String(length=10), nullable=False),
        sa.Column("return_base64", sa.Boolean(), nullable=False),
        sa.Column("key_id", sa.String(length=40), nullable=False),
        sa.Column("base_url", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["fitting_id"], ["fittings.id"], name=op.f("fk_predictions_fitting_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("fitting_id", name=op.f("pk_predictions")),
    )
    op.add_column("webhooks", sa.Column("fitting_id", sa.String(length=40), nullable=True))
    op.create_index("ix_webhooks_fitting_id", "webhooks", ["fitting_id"])


def downgrade() -> None:
    """Undo. Receivers of single predictions go: an older gateway would tell them of everything."""
    callbacks = "SELECT id FROM webhooks WHERE fitting_id IS NOT NULL"
    op.execute(sa.text(f"DELETE FROM deliveries WHERE webhook_id IN ({callbacks})"))  # noqa: S608  our own words
    op.execute(sa.text("DELETE FROM webhooks WHERE fitting_id IS NOT NULL"))
    op.drop_index("ix_webhooks_fitting_id", "webhooks")
    op.drop_column("webhooks", "fitting_id")
    op.drop_table("predictions")
