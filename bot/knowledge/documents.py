"""The documents that may be cited, and whether they are in force on a day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from bot.knowledge.citations import Citation


class DocumentStatus(StrEnum):
    """What the operator says of a document; the dates beside it narrow it further."""

    IN_FORCE = "in_force"
    NOT_YET = "not_yet"
    EXPIRED = "expired"
    REPLACED = "replaced"
    SUSPENDED = "suspended"


@dataclass(frozen=True, slots=True)
class Document:
    """A legal document. Its wording is not kept; it is cited by number and place."""

    number: str
    title: str
    title_en: str
    issuer: str
    kind: str  # decision, letter, …
    language: str  # of the original
    signed: date
    effective_from: date
    status: DocumentStatus
    effective_until: date | None = None  # the last day on which it holds
    replaced_by: str | None = None

    def in_force(self, on: date) -> bool:
        """Say whether the document holds on that day, both ends included.

        A document that was replaced or has expired held until its last day, where one is written.
        Without one nobody knows when it ended, so it holds on no day.
        """
        if self.status in (DocumentStatus.NOT_YET, DocumentStatus.SUSPENDED):
            return False
        if self.status is not DocumentStatus.IN_FORCE and self.effective_until is None:
            return False
        return self.effective_from <= on and (self.effective_until is None or on <= self.effective_until)


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A place that a wording of a document had, and that an amended one no longer has.

    since: the first day without it. until: the last one, where a later wording has it again.
    """

    document: str
    place: str
    since: date
    until: date | None = None

    def on(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day <= self.until)


class Documents:
    """All documents, by their number, with the places that amendments took out of them as far as the law is imported."""

    def __init__(self, documents: Iterable[Document] = (), withdrawn: Iterable[Withdrawn] = ()) -> None:
        self._by_number: Mapping[str, Document] = MappingProxyType({each.number: each for each in documents})
        self._withdrawn: dict[tuple[str, str], list[Withdrawn]] = {}
        for each in withdrawn:
            self._withdrawn.setdefault((each.document, each.place), []).append(each)

    def amended(self, withdrawn: Iterable[Withdrawn]) -> Documents:
        """Return the same documents, with these places taken out of them and no others."""
        return Documents(self, withdrawn)

    def __iter__(self) -> Iterator[Document]:
        return iter(self._by_number.values())

    def __len__(self) -> int:
        return len(self._by_number)

    def __contains__(self, number: object) -> bool:
        return number in self._by_number

    def get(self, number: str) -> Document | None:
        return self._by_number.get(number)

    def in_force(self, number: str, on: date) -> bool:
        """Say whether that document is known and holds on that day."""
        document = self._by_number.get(number)
        return document is not None and document.in_force(on)

    def holds(self, citation: Citation, on: date) -> bool:
        """Say whether what is cited holds on that day: its document is in force, and no amendment has taken the place out."""
        gone = self._withdrawn.get((citation.document, citation.place), ())
        return self.in_force(citation.document, on) and not any(each.on(on) for each in gone)
