"""What people ask and the knowledge base cannot settle: grouped by likeness, the most frequent first.

Whoever looks after the knowledge base need not be allowed to read inquiries: what they see here is freed of names and
numbers, and leads to no inquiry.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np

from bot.knowledge.service import Knowledge
from bot.knowledge.verdict import Decision, Verdict
from bot.learning.likeness import ALIKE, ALIKE_IN_MEANING, Likeness, Table, groups
from bot.learning.personal import freed
from storage import answers
from storage.answers import EntryFigures, Unanswered
from storage.database import Database

PERIOD = timedelta(days=90)
READ_AT_MOST = 600
"""the newest; each is looked up once more"""
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


class Gaps:
    def __init__(self, database: Database, knowledge: Knowledge) -> None:
        self._database = database
        self._knowledge = knowledge

    async def groups(self, *, since: datetime, today: date, limit: int = 30) -> list[Group]:
        """Return the largest groups of what was not settled since then."""
        async with self._database.read() as uow:
            found = await answers.unanswered(uow, since=since, limit=READ_AT_MOST)
        if not found:
            return []
        texts = [freed(each.text, (each.contact_name, each.company)) for each in found]
        # One after the other in the thread that searches: whoever asks meanwhile waits for one of them at most.
        verdicts = [await self._knowledge.look_up_off_loop(each, audience="member", on=today) for each in texts]
        meanings = await self._meanings(texts, verdicts)
        grouped = await asyncio.to_thread(self._grouped, texts, verdicts, meanings)
        return [
            _group([found[each] for each in members], [texts[each] for each in members], verdicts[members[0]])
            for members in grouped[:limit]
        ]

    async def _meanings(self, texts: Sequence[str], verdicts: Sequence[Verdict]) -> Table | None:
        """Return what each text means; None where one cannot be read, since only likes can be compared."""
        found = []
        for text, verdict in zip(texts, verdicts, strict=True):
            vector = await self._knowledge.meaning_off_loop(text, verdict.language) if text.strip() else None
            if vector is None and text.strip():
                return None
            found.append(vector)
        widths = [len(each) for each in found if each is not None]
        if not widths:
            return None
        return np.stack([np.zeros(widths[0], dtype=np.float32) if each is None else each for each in found])

    def _grouped(self, texts: Sequence[str], verdicts: Sequence[Verdict], meanings: Table | None) -> list[list[int]]:
        entries = self._knowledge.entries.values()
        likeness = Likeness([phrasing for entry in entries for phrasing in entry.vi.phrasings])
        alike = ALIKE if meanings is None else ALIKE_IN_MEANING
        return groups(likeness.between(texts, verdicts, meanings), alike=alike)

    async def figures(self, *, since: datetime) -> list[EntryFigures]:
        """Return what people thought of the answers, by entry. For reports: the ranking never reads it."""
        async with self._database.read() as uow:
            return await answers.figures(uow, since=since)


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
