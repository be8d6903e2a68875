"""Telling many people one thing each, once: what they switched off is left out, and nobody is told twice.

The ledger's key makes a second message to a person impossible, so that whoever was interrupted just goes on from the start.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

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
    """What became of a list of people, as the ids of contacts. before: they had been told already."""

    told: tuple[int, ...] = ()
    before: tuple[int, ...] = ()
    unwanted: tuple[int, ...] = ()
    unreachable: tuple[int, ...] = ()


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
        """Write to each of these people who wants to hear of the topic and was not told before.

        key: of this news; together with the person it makes a second row impossible. topic: none for what somebody is owed
        because they took part themselves.
        """
        ids = [each.contact_id for each in people]
        wanting = set(ids) if topic is None else await self._subscriptions.allows(uow, ids, topic)
        done = await answers.ledger_keys(uow, [f"{key}:{each}" for each in ids])
        told, before, unwanted, unreachable = [], [], [], []
        for person in people:
            once = f"{key}:{person.contact_id}"
            if once in done:
                before.append(person.contact_id)
            elif person.contact_id not in wanting:
                unwanted.append(person.contact_id)
            elif person.account_id is None or person.channel is None or person.external_id is None:
                unreachable.append(person.contact_id)
            else:
                language = person.language if person.language in LANGUAGES else self.default_language
                to = Recipient(person.account_id, person.channel, person.external_id)
                self._ledger.add(uow, to, write(person, language), kind=kind, priority=priority, key=once)
                told.append(person.contact_id)
        return Told(tuple(told), tuple(before), tuple(unwanted), tuple(unreachable))
