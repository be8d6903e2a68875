import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import date
from pathlib import Path

import pytest

from bot.knowledge.service import Knowledge
from bot.replicas import Replicas
from tests.clock import ManualClock
from tests.office import Office, open_office

SHIPPED = Path(__file__).parent.parent.parent / "faq"
Begin = Callable[[str], "AsyncIterator[Office]"]


def files_for(folder: Path) -> Path:
    """The shipped documents and departments with one topic of entries, on a disk of its own."""
    faq = folder / "faq"
    (faq / "entries").mkdir(parents=True)
    for name in ("documents.yaml", "directory.yaml", "calendar.yaml", "entries/1399-thu-hoi.yaml"):
        shutil.copy(SHIPPED / name, faq / name)
    return faq


@asynccontextmanager
async def running(url: str, folder: Path, clock: ManualClock) -> AsyncIterator[Office]:
    """A process with files of its own, listening to the others; its folder is kept from run to run."""
    faq = folder / "faq" if (folder / "faq").exists() else files_for(folder)
    office = open_office(url, folder, clock, Knowledge.load(faq, today=date(2026, 11, 16)))
    replicas = Replicas(office.core)
    try:
        await replicas.start()
        yield office
    finally:
        office.core.signals.close()
        await replicas.stop()
        await office.core.database.close()


@pytest.fixture
async def two(postgresql_url: str, tmp_path: Path, clock: ManualClock) -> AsyncIterator[tuple[Office, Office]]:
    """Two processes on one PostgreSQL, each with a disk of its own."""
    async with AsyncExitStack() as stack:
        opened = [await stack.enter_async_context(running(postgresql_url, tmp_path / name, clock)) for name in ("one", "two")]
        yield opened[0], opened[1]
