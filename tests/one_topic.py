"""A small knowledge base that a test may write to: the shipped documents and departments with one topic of entries."""

import shutil
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.knowledge.service import Knowledge
from bot.knowledge.understanding import Meaning

SHIPPED = Path(__file__).parent.parent / "faq"
TODAY = date(2026, 11, 16)


def copied_to(folder: Path) -> Path:
    """Copy the files; return where they lie."""
    faq = folder / "faq"
    (faq / "entries").mkdir(parents=True)
    for name in ("documents.yaml", "directory.yaml", "calendar.yaml", "entries/1399-thu-hoi.yaml"):
        shutil.copy(SHIPPED / name, faq / name)
    return faq


def knowledge_of(faq: Path) -> Knowledge:
    """Return what the copied files say, as long as nobody has changed them: it is read once, and anew when a test reloads."""
    return Knowledge(faq, Meaning(), _read()._current[0])


@cache
def _read() -> Knowledge:
    with TemporaryDirectory() as folder:
        return Knowledge.load(copied_to(Path(folder)), today=TODAY)
