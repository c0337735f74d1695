"""Alembic's entry: runs on the connection that `vf_gateway.database.migrations.migrate` gives."""

from __future__ import annotations

from alembic import context

from vf_gateway.database.tables import Base

context.configure(
    connection=context.config.attributes["connection"], target_metadata=Base.metadata, render_as_batch=True
)
with context.begin_transaction():
    context.run_migrations()
