"""Fixtures of the tests that need an office; their folders' conftest.py take them from here."""

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest

from bot.knowledge.service import Knowledge
from tests.clock import ManualClock
from tests.office import Office, open_office


@pytest.fixture(scope="session")
def shipped_knowledge() -> Knowledge:
    """The knowledge base as it is shipped: read once, since nothing here changes it."""
    return Knowledge.load(Path(__file__).parent.parent / "faq", today=date(2026, 11, 16))


@pytest.fixture
async def office(sqlite_url: str, tmp_path: Path, clock: ManualClock, shipped_knowledge: Knowledge) -> AsyncIterator[Office]:
    opened = open_office(sqlite_url, tmp_path, clock, shipped_knowledge)
    yield opened
    await opened.core.database.close()
