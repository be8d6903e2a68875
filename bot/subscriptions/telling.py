"""Telling many people one thing each, once: what they switched off is left out, and nobody is told twice.

The ledger's key makes a second message to a person impossible, so that whoever was interrupted just goes on from the start.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.delivery.ledger import Ledger, Priority, Recipient
from bot.delivery.message import Message
from bot.locales.catalogue import LANGUAGES
from bot.subscriptions.subscriptions import Subscriptions
from bot.subscriptions.topics import Topic
from storage import answers
from storage.audiences import Person
from storage.unit_of_work import UnitOfWork

Write = Callable[[Person, str], Message]
"""makes the message to a person, in a language"""


@dataclass(frozen=True)
class Told:
    """What became of a list of people, as the ids of contacts.

    before: they had been told already. waiting: it is not one of their hours; later: when the first of these begins, for
    whoever asks for the same once more then.
    """

    told: tuple[int, ...] = ()
    before: tuple[int, ...] = ()
    unwanted: tuple[int, ...] = ()
    unreachable: tuple[int, ...] = ()
    waiting: tuple[int, ...] = ()
    later: datetime | None = None


@dataclass(frozen=True)
class Step:
    """How far a round over many people has come. after: the id to go on behind; none when that were all."""

    after: int | None
    later: datetime | None = None


def key_of(news: str, contact_id: int) -> str:
    """Return the ledger's key of some news to a person."""
    return f"{news}:{contact_id}"


def sooner(one: datetime | None, other: datetime | None) -> datetime | None:
    return min((each for each in (one, other) if each is not None), default=None)


class Telling:
    def __init__(self, ledger: Ledger, subscriptions: Subscriptions, default_language: str) -> None:
        self._ledger = ledger
        self._subscriptions = subscriptions
        self.default_language = default_language

    async def tell(
        self,
        uow: UnitOfWork,
        people: Sequence[Person],
        write: Write,
        *,
        key: str,
        kind: str,
        topic: Topic | None = None,
        priority: Priority = Priority.BULK,
    ) -> Told:
        """Write to each of these people who wants to hear of the topic, has not been told, and may be written to at this hour.

        A row is never written for later: an account's rows go out in order, and replies would have to wait behind it.

        key: of this news; together with the person it makes a second row impossible. topic: none for what somebody is owed
        because they took part themselves.
        """
        ids = [each.contact_id for each in people]
        wanting = set(ids) if topic is None else await self._subscriptions.allows(uow, ids, topic)
        done = await answers.ledger_keys(uow, [key_of(key, each) for each in ids])
        hours = await self._subscriptions.not_before(uow, ids)
        told, before, unwanted, unreachable, waiting = [], [], [], [], []
        for person in people:
            once = key_of(key, person.contact_id)
            if once in done:
                before.append(person.contact_id)
            elif person.contact_id not in wanting:
                unwanted.append(person.contact_id)
            elif person.account_id is None or person.channel is None or person.external_id is None:
                unreachable.append(person.contact_id)
            elif person.contact_id in hours:
                waiting.append(person.contact_id)
            else:
                language = person.language if person.language in LANGUAGES else self.default_language
                to = Recipient(person.account_id, person.channel, person.external_id)
                self._ledger.add(uow, to, write(person, language), kind=kind, priority=priority, key=once)
                told.append(person.contact_id)
        later = min((hours[each] for each in waiting), default=None)
        return Told(tuple(told), tuple(before), tuple(unwanted), tuple(unreachable), tuple(waiting), later)
