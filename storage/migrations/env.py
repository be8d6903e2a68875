"""Alembic's entry: runs the migrations on the connection that `storage.schema` hands over."""

from typing import Any, Literal

from alembic import context

from storage.models import Base
from storage.types import UtcDateTime


def render(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Write our own types into a new migration as what they are in the database: a migration must outlive our code."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UtcDateTime) else False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
    render_item=render,
)
with context.begin_transaction():
    context.run_migrations()
