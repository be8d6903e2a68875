"""Migrations: each goes up, down and up again, and what they make is what the models say."""

from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from storage import schema
from storage.models import Base


def scripts() -> ScriptDirectory:
    return ScriptDirectory(str(Path(schema.__file__).parent / "migrations"))


def test_the_program_knows_the_newest_migration() -> None:
    assert scripts().get_heads() == [schema.HEAD]


async def test_each_migration_goes_up_down_and_up_again(tmp_path: Path, postgresql_url: str) -> None:
    for url in (f"sqlite+aiosqlite:///{tmp_path / 'stairs.db'}", postgresql_url):
        revisions = [script.revision for script in scripts().walk_revisions()][::-1]
        await schema.migrate(url, to="base") if "postgresql" in url else None
        for revision in revisions:
            script = scripts().get_revision(revision)
            assert script is not None
            await schema.migrate(url, to=revision)
            await schema.migrate(url, to=str(script.down_revision or "base"))
            assert await schema.migrate(url, to=revision)


async def test_the_migrated_database_is_what_the_models_say(database_url: str) -> None:
    def differences(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection), Base.metadata))

    engine = create_async_engine(database_url)
    async with engine.connect() as connection:
        found = await connection.run_sync(differences)
    await engine.dispose()

    assert found == []


async def test_a_database_that_is_up_to_date_is_left_alone(database_url: str) -> None:
    assert not await schema.migrate(database_url)
