"""The documents that may be cited, and whether they are in force on a day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType


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


class Documents:
    """All documents, by their number."""

    def __init__(self, documents: Iterable[Document] = ()) -> None:
        self._by_number: Mapping[str, Document] = MappingProxyType({each.number: each for each in documents})

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
