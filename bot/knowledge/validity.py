"""What will soon no longer be answered with, said while there is still time to mend it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from bot.knowledge.documents import Document, Documents, DocumentStatus
from bot.knowledge.entries import Entry, EntryStatus
from bot.knowledge.files.problems import Problem

AHEAD = timedelta(days=60)
"""how long before its end an entry is shown to editors: time to write another, and to have it approved"""


@dataclass(frozen=True, slots=True)
class Ending:
    """A published entry and the last day on which it may be given.

    last_day: None where it may be given on no day at all (a cited document is suspended, or ended nobody knows when).
    because: `valid_until` where the entry says it itself, else the number of the cited document that ends.
    """

    entry: Entry
    last_day: date | None
    because: str

    @property
    def of_itself(self) -> bool:
        return self.because == "valid_until"

    def over(self, today: date) -> bool:
        return self.last_day is None or self.last_day < today


def endings(entries: Iterable[Entry], documents: Documents, *, today: date, ahead: timedelta = AHEAD) -> list[Ending]:
    """Return the published entries that end within that time, and those that have ended already: by their last day, those
    that hold on no day first."""
    found = []
    for entry in entries:
        ending = _ending(entry, documents) if entry.status is EntryStatus.PUBLISHED else None
        if ending is not None and (ending.last_day is None or ending.last_day <= today + ahead):
            found.append(ending)
    return sorted(found, key=lambda each: (each.last_day or date.min, each.entry.id))


def _ending(entry: Entry, documents: Documents) -> Ending | None:
    """Return what ends it first; None where nothing does."""
    ends: list[tuple[date | None, str]] = []
    if entry.valid_until is not None:
        ends.append((entry.valid_until, "valid_until"))
    for number in dict.fromkeys(each.document for each in entry.citations):
        document = documents.get(number)
        if document is not None and _has_end(document):
            suspended = document.status is DocumentStatus.SUSPENDED
            ends.append((None if suspended else document.effective_until, number))
    if not ends:
        return None
    last_day, because = min(ends, key=lambda each: each[0] or date.min)
    return Ending(entry, last_day, because)


def _has_end(document: Document) -> bool:
    ended = (DocumentStatus.SUSPENDED, DocumentStatus.EXPIRED, DocumentStatus.REPLACED)
    return document.effective_until is not None or document.status in ended


def warnings(found: Iterable[Ending], *, today: date) -> list[Problem]:
    """Say of each entry that still holds when it ends, as `donghanh faq check` prints it."""
    said = []
    for each in found:
        if each.last_day is None or each.last_day < today:
            continue  # the loader has said so
        days = (each.last_day - today).days
        when = "today" if days == 0 else f"in {days} day{'s' if days > 1 else ''}"
        wrong = f"the entry ends on {each.last_day}, {when}"
        if each.of_itself:
            follows = "set a later `valid_until`, or write the entry that follows it"
        else:
            wrong += f", with {each.because}"
            follows = "cite what follows that document, or retire the entry"
        field = f"{each.entry.id}.valid_until" if each.of_itself else f"{each.entry.id}.citations"
        said.append(Problem(each.entry.file, each.entry.line, field, wrong, follows, warning=True))
    return said
