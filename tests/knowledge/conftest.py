from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from bot.knowledge.service import Knowledge
from tests.knowledge import corpus

TODAY = date(2026, 3, 2)  # when 77/QĐ-THU has ended


@pytest.fixture
def faq(tmp_path: Path) -> Path:
    return corpus.write(tmp_path)


@pytest.fixture(scope="session")
def knowledge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Knowledge]:
    loaded = Knowledge.load(corpus.write(tmp_path_factory.mktemp("knowledge")), today=TODAY)
    yield loaded
    loaded.close()
