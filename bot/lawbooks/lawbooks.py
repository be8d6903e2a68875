"""The law that was imported: which wording of which document held on a day, and what stands at a place of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from operator import itemgetter

from bot.clock import Clock
from bot.knowledge.citations import Citation
from bot.knowledge.documents import Documents, Withdrawn
from bot.knowledge.entries import Entry, EntryStatus
from bot.knowledge.files.problems import Problem
from bot.knowledge.law.parsing import ReadLaw
from bot.knowledge.law.tree import HEADINGS, Kind
from bot.lawbooks.errors import AnotherDocument, DayNotLater, DocumentNotListed, NumberNotFound
from storage import law
from storage.database import Database
from storage.ids import new_id
from storage.law import PassageRow, VersionRow
from storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class LawPassage:
    """A passage to search in and to quote.

    document, place: what to cite. kind: as in `bot.knowledge.law.tree.Kind`. parents: labels with titles of everything
    above, outermost first. text: the wording. indexed: the wording under the titles above it, for searching.
    """

    document: str
    place: str
    kind: str
    title: str
    parents: tuple[str, ...]
    text: str

    @property
    def indexed(self) -> str:
        return "\n".join((*self.parents, self.text))


@dataclass(frozen=True, slots=True)
class Stored:
    """What storing a document did. version: the one that holds now. replaced: the former one; None for the first.

    unchanged: the same file is stored already, nothing was written.
    """

    version: VersionRow
    replaced: VersionRow | None
    unchanged: bool = False


@dataclass(frozen=True, slots=True)
class Unplaced:
    """An entry that cites a place which the imported wording of the document does not have.

    since: the first day of the wording without it; None where the wording of today has none. instead: the deepest place
    above that it does have; empty where there is none.
    """

    entry: Entry
    citation: Citation
    since: date | None
    instead: str

    @property
    def problem(self) -> Problem:
        """Say it as `donghanh faq check` prints it: a mistake today, a warning before its day."""
        position = self.entry.citations.index(self.citation)
        line = self.entry.citation_lines[position] if self.entry.citation_lines else self.entry.line
        field = f"{self.entry.id}.citations.{position + 1}.place"
        hint = f", such as `{self.instead}`" if self.instead else ""
        document, place = self.citation.document, self.citation.place
        if self.since is None:
            wrong, expected = f"{document} as imported has no place `{place}`", f"a place that it has{hint}"
        else:
            wrong = f"from {self.since} on {document} has no place `{place}`"
            expected = f"cite a place that it has then{hint}, or retire the entry"
        return Problem(self.entry.file, line, field, wrong, expected, warning=self.since is not None)


@dataclass(frozen=True, slots=True)
class Listed:
    version: VersionRow
    passages: int


def number_of(read: ReadLaw, given: str | None, documents: Documents) -> str:
    """Return the number under which the file is stored. Raises NumberNotFound, AnotherDocument, DocumentNotListed.

    given: what the operator says; the file may not say otherwise, since every citation would lead to a wrong text.
    """
    found = read.document.number
    if given is not None and found is not None and _same(found) != _same(given):
        raise AnotherDocument(file=read.file, found=found, given=given)
    number = given or found
    if number is None:
        raise NumberNotFound(file=read.file)
    listed = next((each.number for each in documents if _same(each.number) == _same(number)), None)
    if listed is None:
        raise DocumentNotListed(document=number)
    return listed


def lacking_in(read: ReadLaw, number: str, entries: Iterable[Entry], since: date | None) -> list[Unplaced]:
    """Return the citations of that document that would lead nowhere in a file, before it is stored."""
    known = frozenset(each.place for each in read.document)
    return [
        Unplaced(entry, cited, since, _nearest(cited.place, known))
        for entry in entries
        if entry.status is not EntryStatus.RETIRED
        for cited in entry.citations
        if cited.document == number and cited.place not in known
    ]


class Lawbooks:
    """Stores and finds imported law. What a document is and when it holds is said by documents.yaml alone."""

    def __init__(self, database: Database, clock: Clock, documents: Callable[[], Documents]) -> None:
        self._database = database
        self._clock = clock
        self._documents = documents

    async def store(self, read: ReadLaw, *, number: str, effective_from: date | None = None) -> Stored:
        """Store the document as its newest version, and keep the former one with the days on which it held.

        effective_from: the first day of an amended wording. Without it the file is the same wording, read again from a
        better source: it takes the days of the former version, which then holds on none.
        Raises DocumentNotListed, DayNotLater; nothing is stored then.
        """
        document = self._documents().get(number)
        if document is None:
            raise DocumentNotListed(document=number)

        async def work(uow: UnitOfWork) -> Stored:
            former = await law.latest(uow, number)
            if former is not None and former.sha256 == read.sha256 and effective_from in (None, former.effective_from):
                return Stored(former, None, unchanged=True)
            if former is not None and effective_from is not None and effective_from <= former.effective_from:
                raise DayNotLater(document=number, day=effective_from, former=former.effective_from)
            version = VersionRow(
                id=new_id(),
                document=number,
                version=former.version + 1 if former else 1,
                title=document.title,
                issuer=document.issuer,
                signed=document.signed,
                effective_from=effective_from or (former.effective_from if former else document.effective_from),
                effective_until=None,
                status=law.IN_FORCE,
                imported_at=self._clock.now(),
                file=read.file,
                sha256=read.sha256,
                replaced_by=None,
            )
            law.add(uow, version, _columns(read))
            if former is not None:
                until = effective_from - timedelta(days=1) if effective_from else former.effective_until
                status = law.AMENDED if effective_from else law.CORRECTED
                await law.replace(uow, former.id, by=version.id, status=status, until=until)
            return Stored(version, former)

        return await self._database.write(work)

    async def listed(self) -> list[Listed]:
        """Return all versions, the newest of each document first."""
        async with self._database.read() as uow:
            counts = await law.passage_counts(uow)
            return [Listed(each, counts.get(each.id, 0)) for each in await law.versions(uow)]

    async def passages(self, on: date) -> list[LawPassage]:
        """Return everything that may be searched and cited on that day: of documents in force, in their wording of then."""
        async with self._database.read() as uow:
            rows = await law.passages(uow, on)
        documents = self._documents()
        in_force = {number for number in {each.document for each in rows} if documents.in_force(number, on)}
        return [_passage(each) for each in rows if each.document in in_force and each.kind not in HEADINGS]

    async def unchanged_since(self, on: date) -> date | None:
        """Return from which day on the wordings of that day have held without a change; None where none was ever another.

        For a day before it what is searched may not be what held. When a document itself came into force is not looked at.
        """
        documents = self._documents()
        async with self._database.read() as uow:
            held = await law.held(uow, on)
        begun = {each.effective_from for each in held if not _from_the_start(each, documents)}
        return max(begun, default=None)

    async def withdrawn(self) -> list[Withdrawn]:
        """Return the places that an amended wording took out of a document, with the days on which it has none."""
        async with self._database.read() as uow:
            versions = [each for each in await law.versions(uow) if each.status != law.CORRECTED]
            amended = Counter(each.document for each in versions)
            wordings: dict[str, list[tuple[date, frozenset[str]]]] = {}
            for each in versions:
                if amended[each.document] > 1:
                    places = await law.places_of(uow, each.id)
                    wordings.setdefault(each.document, []).append((each.effective_from, places))
        return [gone for document, each in wordings.items() for gone in _gone(document, sorted(each, key=itemgetter(0)))]

    async def wording(self, on: date) -> tuple[int, ...]:
        """Return the versions that are the wording of that day: the same for all days between two changes."""
        documents = self._documents()
        async with self._database.read() as uow:
            return tuple(each.id for each in await law.held(uow, on) if documents.in_force(each.document, on))

    async def at(self, document: str, place: str, on: date) -> list[LawPassage]:
        """Return what stood at a place on that day, its dashes after it; empty where there is no such place."""
        async with self._database.read() as uow:
            return [_passage(each) for each in await law.at_place(uow, document, place, on)]

    async def unplaced(self, entries: Iterable[Entry], on: date, *, ahead: timedelta = timedelta(0)) -> list[Unplaced]:
        """Return the citations whose document is imported, but does not have that place on that day.

        ahead: also those that lose their place so soon after it, with the wording that begins then.
        """
        found: dict[tuple[str, Citation], Unplaced] = {}
        entries = [each for each in entries if each.status is not EntryStatus.RETIRED]
        async with self._database.read() as uow:
            begun = {each.effective_from for each in await law.versions(uow) if on < each.effective_from <= on + ahead}
            for day in (on, *sorted(begun)):
                places = await law.places(uow, day)
                for entry in entries:
                    for citation in entry.citations:
                        known = places.get(citation.document)
                        if known is not None and citation.place not in known:
                            instead = _nearest(citation.place, known)
                            since = day if day > on else None
                            found.setdefault((entry.id, citation), Unplaced(entry, citation, since, instead))
        return sorted(found.values(), key=lambda each: (each.since or date.min, each.problem))


def _nearest(place: str, known: frozenset[str]) -> str:
    """Return the deepest place above that does exist."""
    words = place.split(" ")
    while len(words) > 2:
        words = words[:-2]
        if " ".join(words) in known:
            return " ".join(words)
    return ""


def _gone(document: str, wordings: Sequence[tuple[date, frozenset[str]]]) -> Iterable[Withdrawn]:
    """Return what was taken out by each wording after the first; wordings: the first day and the places of each, in order."""
    since: dict[str, date] = {}
    for (_, before), (day, places) in pairwise(wordings):
        for place in sorted(places & since.keys()):
            yield Withdrawn(document, place, since.pop(place), day - timedelta(days=1))
        since |= dict.fromkeys(before - places, day)
    yield from (Withdrawn(document, place, day) for place, day in sorted(since.items()))


def _from_the_start(version: VersionRow, documents: Documents) -> bool:
    """Say whether a version is the wording with which its document came into force."""
    document = documents.get(version.document)
    return document is not None and version.effective_from <= document.effective_from


def _same(number: str) -> str:
    return "".join(number.split()).replace("–", "-").upper()


def _columns(read: ReadLaw) -> Sequence[dict[str, object]]:
    return [
        {
            "place": each.place,
            "kind": each.kind.value,
            "number": each.number,
            "title": each.title,
            "parents": list(each.parents),
            "above": each.above,
            "text": each.text,
        }
        for each in read.document
    ]


def _passage(row: PassageRow) -> LawPassage:
    return LawPassage(row.document, row.place, Kind(row.kind), row.title, row.parents, row.text)
