"""Alembic's entry: runs the steps on the connection it was given, in its transaction."""

from __future__ import annotations

from alembic import context
from sqlmodel import SQLModel

from storage import entities

assert entities.ROWS

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=True,
    transactional_ddl=False,
)
context.run_migrations()
