"""What a person wants to be told, and when.

Whoever writes to many asks `allows` first (may these be told of this topic?) and `not_before` for when each may be.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.clock import Clock
from bot.subscriptions.errors import HoursWrong, MustBeTold, TopicUnknown
from bot.subscriptions.hours import Hours
from bot.subscriptions.quiet import QuietHours
from bot.subscriptions.topics import MANDATORY_FOR_MEMBERS, Topic
from storage import subscriptions as stored
from storage.subscriptions import TimesRow, Wish
from storage.unit_of_work import UnitOfWork

ANY_TIME = TimesRow(0, 24, working_days=False)
SPANS: Mapping[str, TimesRow] = {
    "any": ANY_TIME,
    "office": TimesRow(8, 17, working_days=True),
    "morning": TimesRow(8, 12, working_days=True),
    "afternoon": TimesRow(13, 17, working_days=True),
    "evening": TimesRow(18, 21, working_days=False),
}
"""what can be chosen with one press"""


@dataclass(frozen=True)
class Choice:
    """A topic as it stands for a person. fixed: they are told in any case."""

    topic: Topic
    wanted: bool
    fixed: bool


class Subscriptions:
    def __init__(self, clock: Clock, quiet: QuietHours) -> None:
        self._clock = clock
        self.hours = Hours(quiet)

    async def allows(self, uow: UnitOfWork, contact_ids: Iterable[int], topic: str) -> set[int]:
        """Return those of the contacts who are to be told of the topic: who did not switch it off, or must be told."""
        wish = _wish(Topic(topic))
        asked = set(contact_ids)
        off: set[int] = set()
        for some in _parts(asked):
            off |= await stored.refusing(uow, some, wish)
        return asked - off

    async def not_before(self, uow: UnitOfWork, contact_ids: Iterable[int], at: datetime | None = None) -> dict[int, datetime]:
        """Return the moment from which each of those may be written to about what can wait, where that is not `at`, or now."""
        now = at or self._clock.now()
        asked = set(contact_ids)
        chosen: dict[int, TimesRow] = {}
        for some in _parts(asked):
            chosen |= await stored.times(uow, some)
        starts = {each: self.hours.opening(chosen.get(each, ANY_TIME), now) for each in asked}
        return {each: start for each, start in starts.items() if start > now}

    async def chosen(self, uow: UnitOfWork, contact_id: int, *, member: bool) -> list[Choice]:
        """Return every topic with how it stands for this person."""
        said = await stored.of_contact(uow, contact_id)
        fixed = MANDATORY_FOR_MEMBERS if member else frozenset()
        return [Choice(topic, topic in fixed or said.get(topic, True), topic in fixed) for topic in Topic]

    async def choose(self, uow: UnitOfWork, contact_id: int, topic: str, *, wanted: bool, member: bool) -> None:
        """Switch a topic on or off. Raises TopicUnknown, or MustBeTold where a member would switch off what is owed."""
        if topic not in set(Topic):
            raise TopicUnknown(topic=topic[:40])
        if not wanted and member and topic in MANDATORY_FOR_MEMBERS:
            raise MustBeTold(topic=topic)
        await stored.choose(uow, contact_id, topic, wanted=wanted, now=self._clock.now())

    async def times(self, uow: UnitOfWork, contact_id: int) -> TimesRow:
        return (await stored.times(uow, [contact_id])).get(contact_id, ANY_TIME)

    async def set_times(self, uow: UnitOfWork, contact_id: int, times: TimesRow) -> None:
        """Keep the hours. Raises HoursWrong where they are no span of a day."""
        if not 0 <= times.from_hour < times.until_hour <= 24:
            raise HoursWrong()
        await stored.set_times(uow, contact_id, times, self._clock.now())


def wish_for(topic: str) -> Wish | None:
    """Return what people may have said about being told of this; none where it is no topic."""
    return _wish(Topic(topic)) if topic in set(Topic) else None


def _wish(topic: Topic) -> Wish:
    return Wish(topic, owed=topic in MANDATORY_FOR_MEMBERS)


def _parts(ids: set[int], size: int = 500) -> Iterable[list[int]]:
    every = sorted(ids)
    return (every[start : start + size] for start in range(0, len(every), size))
