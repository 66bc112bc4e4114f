"""Run by Alembic. The connection, its transaction and the name of the version table come from `history`."""

from __future__ import annotations

from alembic import context

from smarty_core.storage.migrations.rendering import render_type

given = context.config.attributes

context.configure(
    connection=given["connection"],
    target_metadata=given.get("metadata"),
    version_table=given["version_table"],
    render_as_batch=given["connection"].dialect.name == "sqlite",
    compare_type=True,
    render_item=render_type,
    user_module_prefix="types.",
)
with context.begin_transaction():
    context.run_migrations()
