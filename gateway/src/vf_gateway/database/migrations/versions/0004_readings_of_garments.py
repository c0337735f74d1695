"""What a market says that a garment is, and what was read of its photo.

Revision: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("photos", sa.Column("category", sa.String(length=20), nullable=False, server_default="auto"))
    op.add_column("photos", sa.Column("reading", sa.JSON(), nullable=True))


def downgrade() -> None:
    """Undo."""
    op.drop_column("photos", "reading")
    op.drop_column("photos", "category")
