import shutil
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest

from bot.knowledge.service import Knowledge
from tests.clock import ManualClock
from tests.office import Office, open_office

SHIPPED = Path(__file__).parent.parent.parent / "faq"


@pytest.fixture
def faq(tmp_path: Path) -> Path:
    """The shipped documents and departments with one topic of entries: a folder that a test may write to."""
    folder = tmp_path / "faq"
    (folder / "entries").mkdir(parents=True)
    for name in ("documents.yaml", "directory.yaml", "calendar.yaml", "entries/1399-thu-hoi.yaml"):
        shutil.copy(SHIPPED / name, folder / name)
    return folder


@pytest.fixture
async def office(sqlite_url: str, tmp_path: Path, clock: ManualClock, faq: Path) -> AsyncIterator[Office]:
    opened = open_office(sqlite_url, tmp_path, clock, Knowledge.load(faq, today=date(2026, 11, 16)))
    yield opened
    await opened.core.database.close()
