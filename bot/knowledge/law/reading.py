"""Reads a file of any kind that laws come in, and refuses what is too large to be one."""

from __future__ import annotations

import hashlib
from pathlib import Path

from bot.knowledge.law.plain_text import read_text
from bot.knowledge.law.source import LawFileError, Source

LARGEST = 30_000_000  # bytes of the file; the longest code with its appendices is a tenth of it
LARGEST_TEXT = 4_000_000  # characters read from it
SUFFIXES = (".txt", ".md", ".docx", ".pdf")


def read_file(path: Path) -> tuple[Source, str]:
    """Read the file; return its lines and the SHA-256 of its bytes. Raises LawFileError."""
    raw = _bytes(path)
    source = read_bytes(path.name, raw)
    size = sum(len(text) for each in source.lines for text in (each.text, *each.beside))
    if size > LARGEST_TEXT:
        raise LawFileError(path.name, f"the text has {size:,} characters", f"at most {LARGEST_TEXT:,}; split it")
    if not size:
        raise LawFileError(path.name, "the file is empty", "the text of a legal document")
    return source, hashlib.sha256(raw).hexdigest()


def read_bytes(name: str, raw: bytes) -> Source:
    """Read what a file of that name holds. The content must be what the name says. Raises LawFileError."""
    suffix = Path(name).suffix.lower()
    if suffix not in SUFFIXES:
        what = f"a file ending in {suffix}" if suffix else "a file without an ending"
        how = "save an old .doc as .docx" if suffix == ".doc" else "one of these"
        raise LawFileError(name, f"{what} is not read", f"{', '.join(SUFFIXES)}: {how}")
    if suffix == ".docx":
        from bot.knowledge.law.word import read_word

        return read_word(name, raw)
    if suffix == ".pdf":
        from bot.knowledge.law.pdf import read_pdf

        return read_pdf(name, raw)
    if raw.startswith((b"%PDF-", b"PK\x03\x04")):
        is_what = ".pdf" if raw.startswith(b"%PDF-") else ".docx"
        raise LawFileError(name, "this is not text", f"the ending that fits the content ({is_what}?)")
    return read_text(name, raw)


def _bytes(path: Path) -> bytes:
    try:
        if not path.is_file():
            raise LawFileError(path.name, "there is no such file" if not path.exists() else "this is not a file", "a file")
        size = path.stat().st_size
        if size > LARGEST:
            raise LawFileError(path.name, f"the file has {size:,} bytes", f"at most {LARGEST:,}")
        return path.read_bytes()
    except OSError as error:
        raise LawFileError(path.name, f"the file cannot be read ({error.strerror})", "a file that may be read") from error
