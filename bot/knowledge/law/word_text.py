"""The text of a stretch of a Word document, and what hangs on it: footnotes, endnotes, text boxes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from bot.knowledge.law.plain_text import composed

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_GONE = frozenset({f"{W}del", f"{W}moveFrom"})
# Text that is not part of the final wording, or stands elsewhere on the page.
_SKIPPED = _GONE | {f"{W}pict", f"{W}drawing", f"{W}instrText", f"{W}delText", f"{W}object"}
_REFERENCES = {f"{W}footnoteReference": "footnote", f"{W}endnoteReference": "endnote"}

Notes = dict[tuple[str, str], str]
"""footnotes and endnotes that were not read yet, by their kind and Word's number"""


def squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", composed(text)).strip()


def text_of(element: Any) -> str:
    found: list[str] = []
    for child in element:
        if child.tag in _SKIPPED:
            continue
        if child.tag == f"{W}t":
            found.append(child.text or "")
        elif child.tag in (f"{W}br", f"{W}cr"):
            found.append("\n")
        elif child.tag == f"{W}tab":
            found.append(" ")
        elif child.tag == f"{W}noBreakHyphen":
            found.append("-")
        elif len(child):
            found.append(text_of(child))
    return "".join(found)


def read_notes(document: Any) -> Notes:
    """Return the footnotes and endnotes. Raises XMLSyntaxError where their part is broken."""
    from docx.oxml import parse_xml

    notes: Notes = {}
    for relation in document.part.rels.values():
        part = relation.reltype.rpartition("/")[2]
        if part not in ("footnotes", "endnotes") or relation.is_external:
            continue
        kind = part.removesuffix("s")
        for note in parse_xml(relation.target_part.blob).iter(f"{W}{kind}"):
            notes[kind, note.get(f"{W}id", "")] = _paragraphs(note)
    return notes


def beside_of(element: Any, notes: Notes) -> Iterator[str]:
    """Yield what hangs on the text, each on a line that no number begins: it must never be taken for a clause of the law.

    A footnote is taken out of `notes`: a file that points to one again and again gets it once.
    """
    for child in element:
        if child.tag in _GONE or child.tag == _FALLBACK:  # the fallback says the same for older programs
            continue
        if child.tag in _REFERENCES:
            if text := notes.pop((_REFERENCES[child.tag], child.get(f"{W}id", "")), ""):
                yield f"(Chú thích: {text})"
        elif child.tag == f"{W}txbxContent":
            if text := _paragraphs(child):
                yield f"(Khung chữ: {text})"
        elif len(child):
            yield from beside_of(child, notes)


def _paragraphs(element: Any) -> str:
    return squeezed(" ".join(text_of(each) for each in element.iter(f"{W}p")))
