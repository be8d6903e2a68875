"""Documents of our own writing, as awkward as the real ones, and files that are made while the tests run."""

from pathlib import Path

import pytest

from bot.knowledge.law.parsing import parse, read_law
from bot.knowledge.law.reading import read_bytes
from bot.knowledge.law.tree import Document

FILES = Path(__file__).parent / "files"


def document(name: str) -> Document:
    """Read one of our own files."""
    return read_law(FILES / name).document


def document_of(text: str, name: str = "van-ban.txt") -> Document:
    return parse(read_bytes(name, text.encode()))


@pytest.fixture
def written_file(tmp_path: Path) -> Path:
    """A decision with one article, as a file."""
    path = tmp_path / "quyet-dinh.txt"
    path.write_text("QUYẾT ĐỊNH\nSố: 5/QĐ-HLV\nĐiều 1. Trồng thêm cây.\nĐiều 2. Tưới cây./.\n", encoding="utf-8")
    return path
