"""The schema of the database: brought up to date at every start, before anything else is opened."""

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import create_async_engine

_MIGRATIONS = Path(__file__).parent / "migrations"
HEAD = "0013"
"""the newest migration; a test holds this and the folder together, so that a start need not read the folder"""
_LOCK = 0x646F6E67
"""PostgreSQL: two replicas that start together migrate one after the other"""


class SchemaTooNew(Exception):
    """The database was made by a newer version of the program; an older one must not touch it."""


async def migrate(url: str, *, to: str = HEAD) -> bool:
    """Bring the database to the revision; True if there was something to do. Raises SchemaTooNew."""
    engine = create_async_engine(url)
    try:
        async with engine.connect() as connection:
            if await connection.run_sync(_revision) == to:
                return False
        async with engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
            return await connection.run_sync(_migrate, to)
    finally:
        await engine.dispose()


async def is_newest(url: str) -> bool:
    """Say whether the database is as this program makes it; nothing is changed."""
    engine = create_async_engine(url)
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(_revision) == HEAD
    finally:
        await engine.dispose()


def _revision(connection: Connection) -> str | None:
    try:
        with connection.begin_nested() if connection.in_transaction() else connection.begin():
            revision: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
            return revision
    except SQLAlchemyError:
        return None  # no such table: an empty database


def config(connection: Connection) -> Any:
    """Return Alembic's configuration for this connection; Alembic is imported only where there is something to do."""
    from alembic.config import Config

    made = Config()
    made.set_main_option("script_location", str(_MIGRATIONS))
    made.attributes["connection"] = connection
    return made


def _migrate(connection: Connection, to: str) -> bool:
    from alembic import command
    from alembic.migration import MigrationContext
    from alembic.script import ScriptDirectory

    settings = config(connection)
    current = MigrationContext.configure(connection).get_current_revision()
    script = ScriptDirectory.from_config(settings)
    known = {revision.revision for revision in script.walk_revisions()}
    if current is not None and current not in known:
        raise SchemaTooNew(f"the database is at revision {current}, this program knows revisions up to {HEAD}")
    if current == to:
        return False
    earlier = {"base"} if current is None else {"base", *(r.revision for r in script.iterate_revisions(current, "base"))}
    if to in earlier:
        command.downgrade(settings, to)
    else:
        command.upgrade(settings, to)
    return True
