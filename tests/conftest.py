"""What all tests share: a clock that stands still, and databases, each test its own."""

import asyncio
import gc
import os
import shutil
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from storage.database import Database
from storage.schema import migrate
from tests import postgresql
from tests.clock import ManualClock

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as in `bot.cli`; read when numpy is imported first


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What starts programs and browsers comes first: a worker that begins a test of a minute at the end keeps all waiting."""
    items.sort(key=lambda item: not any(item.get_closest_marker(slow) for slow in ("process", "browser")))


def pytest_collection_finish() -> None:
    """What was imported and collected stays to the end: whoever looks for garbage need not look through it each time."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file: a test copies it instead of migrating anew."""
    path = tmp_path_factory.mktemp("template") / "donghanh.db"
    asyncio.run(migrate(f"sqlite+aiosqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    programs = postgresql.programs()
    if programs is None:
        pytest.skip("no PostgreSQL server programs on this machine (Debian: apt-get install postgresql)")
    with postgresql.cluster(programs) as server:
        yield server


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    copy = tmp_path / "donghanh.db"
    shutil.copyfile(sqlite_template, copy)
    return f"sqlite+aiosqlite:///{copy}"


@pytest.fixture
async def postgresql_url(postgresql_server: str) -> AsyncIterator[str]:
    name = f"test_{uuid.uuid4().hex}"
    yield await postgresql.copy_of_template(postgresql_server, name)
    await postgresql.drop(postgresql_server, name)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """An empty database of each kind in turn: for tests where the database is the point."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = Database(database_url)
    yield opened
    await opened.close()
