"""What people ask and the knowledge base cannot settle: grouped by likeness, the most frequent first.

Whoever looks after the knowledge base need not be allowed to read inquiries: what they see here is freed of names and
numbers, and leads to no inquiry.
"""

import asyncio
import weakref
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np

from bot.knowledge.meaning.embedder import Vectors
from bot.knowledge.service import Knowledge
from bot.knowledge.verdict import Decision, Verdict
from bot.learning.likeness import ALIKE, ALIKE_IN_MEANING, Likeness, Table, groups
from bot.learning.personal import freed
from storage import answers
from storage.answers import EntryFigures, Quoted, Unanswered
from storage.database import Database

PERIOD = timedelta(days=90)
READ_AT_MOST = 600
"""the newest; each is looked up once more"""
READ_AT_ONCE = 60
"""while a page is waited for: about three seconds"""
_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Group:
    """Questions that are alike. texts: some of them as they were asked, freed of what points to somebody, the most typical
    first. now: what the knowledge base makes of the first today."""

    count: int
    why: dict[str, int]
    """nothing_found, none_chosen, not_helped: how many of each"""
    first: datetime
    last: datetime
    language: str
    texts: tuple[str, ...]
    now: Verdict

    @property
    def answered_now(self) -> bool:
        """Whether the first would be answered today."""
        return self.now.decision is Decision.ANSWER

    @property
    def concrete(self) -> bool:
        """Whether it is about somebody's own case, which no entry can settle."""
        return self.now.kind == "concrete"


@dataclass(frozen=True, slots=True)
class Look:
    """What was found. unread: how many of the oldest questions were left out, for there was no time to read them."""

    groups: list[Group]
    unread: int


@dataclass(frozen=True, slots=True)
class _Read:
    verdict: Verdict
    meaning: Vectors | None


class Gaps:
    """Remembers what it has read, as long as the knowledge base is the same: reading a question takes some hundredths of a
    second, and there may be hundreds."""

    def __init__(self, database: Database, knowledge: Knowledge) -> None:
        self._database = database
        self._knowledge = knowledge
        self._known: dict[str, _Read] = {}
        self._known_by: tuple[weakref.ref[object], date] | None = None

    async def groups(self, *, since: datetime, today: date, limit: int = 30) -> list[Group]:
        """Return the largest groups of what was not settled since then, however long reading it takes."""
        return (await self.look(since=since, today=today, limit=limit, read_at_most=READ_AT_MOST)).groups

    async def look(self, *, since: datetime, today: date, limit: int, read_at_most: int) -> Look:
        """Return the largest groups of what was not settled since then.

        read_at_most: questions that are read now besides those that were read before; the newest first.
        """
        async with self._database.read() as uow:
            found = await answers.unanswered(uow, since=since, limit=READ_AT_MOST)
        everything = [freed(each.text, (each.contact_name, each.company)) for each in found]
        known = self._known_of(today)
        read = []
        for place, text in enumerate(everything):
            if text not in known:
                if not read_at_most:
                    continue
                read_at_most -= 1
                known[text] = await self._read(text, today)
            read.append(place)
        for text in known.keys() - set(everything):
            del known[text]
        if not read:
            return Look([], len(everything))
        texts = [everything[place] for place in read]
        verdicts = [known[text].verdict for text in texts]
        meanings = _table([known[text].meaning for text in texts])
        grouped = await asyncio.to_thread(self._grouped, texts, verdicts, meanings)
        shown = [
            _group([found[read[each]] for each in members], [texts[each] for each in members], verdicts[members[0]])
            for members in grouped[:limit]
        ]
        return Look(shown, len(everything) - len(read))

    def _known_of(self, today: date) -> dict[str, _Read]:
        """Return what was read by the knowledge base of now, on that day."""
        edition = self._knowledge.edition
        if self._known_by is None or self._known_by[0]() is not edition or self._known_by[1] != today:
            self._known, self._known_by = {}, (weakref.ref(edition), today)
        return self._known

    async def _read(self, text: str, today: date) -> _Read:
        # One after the other in the thread that searches: whoever asks meanwhile waits for one of them at most.
        verdict = await self._knowledge.look_up_off_loop(text, audience="member", on=today)
        return _Read(verdict, await self._knowledge.meaning_off_loop(text, verdict.language))

    def _grouped(self, texts: Sequence[str], verdicts: Sequence[Verdict], meanings: Table | None) -> list[list[int]]:
        entries = self._knowledge.entries.values()
        likeness = Likeness([phrasing for entry in entries for phrasing in entry.vi.phrasings])
        alike = ALIKE if meanings is None else ALIKE_IN_MEANING
        return groups(likeness.between(texts, verdicts, meanings), alike=alike)

    async def figures(self, *, since: datetime) -> list[EntryFigures]:
        """Return what people thought of the answers, by entry or by the place of the law that was quoted; those first that
        helped least often. For reports: the ranking never reads it."""
        async with self._database.read() as uow:
            of_entries = await answers.figures(uow, since=since)
            quoted = await answers.quoted(uow, since=since)
        places: dict[str, list[Quoted]] = {}
        for each in quoted:
            if each.citations:
                places.setdefault(f"{each.citations[0]['place']}, {each.citations[0]['document']}", []).append(each)
        of_places = [
            EntryFigures(
                entry_id=place,
                given=len(given),
                helped=sum(each.helped is True for each in given),
                not_helped=sum(each.helped is False for each in given),
                went_on=sum(each.went_on for each in given),
            )
            for place, given in places.items()
        ]
        return sorted([*of_entries, *of_places], key=lambda each: (-each.not_helped, -each.given, each.entry_id))


def _table(meanings: Sequence[Vectors | None]) -> Table | None:
    """Return a vector a row; None where one is lacking, since only likes can be compared."""
    found = [each for each in meanings if each is not None]
    return np.stack(found) if len(found) == len(meanings) else None


def _group(members: Sequence[Unanswered], texts: Sequence[str], now: Verdict) -> Group:
    times = [each.received_at for each in members]
    return Group(
        count=len(members),
        why=dict(Counter(each.why for each in members)),
        first=min(times),
        last=max(times),
        language=members[0].language,
        texts=tuple(dict.fromkeys(text for text in texts if text))[:_SHOWN],
        now=now,
    )
