from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests import one_topic
from tests.clock import ManualClock
from tests.office import Office, open_office


@pytest.fixture
def faq(tmp_path: Path) -> Path:
    """A knowledge base that a test may write to."""
    return one_topic.copied_to(tmp_path)


@pytest.fixture
async def office(sqlite_url: str, tmp_path: Path, clock: ManualClock, faq: Path) -> AsyncIterator[Office]:
    opened = open_office(sqlite_url, tmp_path, clock, one_topic.knowledge_of(faq))
    yield opened
    await opened.core.database.close()
