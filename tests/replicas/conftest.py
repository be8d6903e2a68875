from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from bot.knowledge.service import Knowledge
from bot.replicas import Replicas
from tests import one_topic
from tests.clock import ManualClock
from tests.office import Office, open_office


@asynccontextmanager
async def running(url: str, folder: Path, clock: ManualClock) -> AsyncIterator[Office]:
    """A process with files of its own, listening to the others; its folder is kept from run to run."""
    faq = folder / "faq"
    if faq.exists():
        knowledge = Knowledge.load(faq, today=one_topic.TODAY)
    else:
        knowledge = one_topic.knowledge_of(one_topic.copied_to(folder))
    office = open_office(url, folder, clock, knowledge)
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
