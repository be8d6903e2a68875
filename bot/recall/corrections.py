"""Telling everybody who was given an answer that no longer holds, each of them once."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import structlog

from bot.clock import Clock
from bot.delivery.ledger import Ledger, Priority, Recipient
from bot.delivery.message import Button, Message
from bot.escalation.actors import Role
from bot.locales.catalogue import LANGUAGES, Catalogue
from bot.recall.answers import Found, Given
from bot.recall.errors import MayNotCorrect, NobodyToTell, TextsMissing, TextTooLong
from storage import answers as stored
from storage import corrections
from storage.corrections import CorrectionRow
from storage.database import Database
from storage.ids import new_id
from storage.officers import OfficerRow
from storage.unit_of_work import UnitOfWork

log = structlog.get_logger()

MAY_CORRECT = frozenset({Role.APPROVER, Role.COORDINATOR, Role.ADMINISTRATOR})
KIND = "correction"
TEXT_AT_MOST = 3000
"""characters: with what is written around it, a message stays below what every platform takes (4096)"""
_ANSWERS_NAMED = 5
_QUESTION_NAMED = 80
_AT_ONCE = 100
"""people in one transaction: others who write meanwhile wait for no more than that"""


@dataclass(frozen=True)
class Sent:
    """What a correction came to. now, before: people it was written to. unreachable: who has no account that takes it."""

    correction: CorrectionRow
    now: int
    before: int
    unreachable: tuple[Given, ...]


class Corrections:
    def __init__(
        self, database: Database, clock: Clock, ledger: Ledger, catalogue: Catalogue, *, default_language: str
    ) -> None:
        self._database = database
        self._clock = clock
        self._ledger = ledger
        self._catalogue = catalogue
        self._default_language = default_language

    def check(self, texts: dict[str, str], officer: OfficerRow) -> None:
        """Raise TextsMissing, TextTooLong or MayNotCorrect where the correction may not be opened."""
        if not officer.active or officer.role not in MAY_CORRECT:
            raise MayNotCorrect(login=officer.login)
        if any(not texts.get(language, "").strip() for language in LANGUAGES):
            raise TextsMissing()
        longest = max(len(text.strip()) for text in texts.values())
        if longest > TEXT_AT_MOST:
            raise TextTooLong(length=longest, most=TEXT_AT_MOST)

    async def send(self, found: Found, texts: dict[str, str], officer: OfficerRow) -> Sent:
        """Open the correction and write it into the ledger for everybody who was found, each person once.

        texts: by language. The same texts for the same place are the same correction: it goes on where it stopped, and
        reaches those who were given such an answer since. Raises what `check` raises, and NobodyToTell.
        """
        self.check(texts, officer)
        if not found.given:
            raise NobodyToTell(place=found.place, document=found.document)
        correction = await self._open(found, {language: texts[language].strip() for language in LANGUAGES}, officer)
        now = before = 0
        unreachable: list[Given] = []
        people = list(found.contacts.values())
        for start in range(0, len(people), _AT_ONCE):
            some = people[start : start + _AT_ONCE]
            told, missing = await self._database.write(partial(self._tell, correction=correction, people=some))
            now, before = now + told, before + len(some) - told - len(missing)
            unreachable += missing

        async def finish(uow: UnitOfWork) -> None:
            await corrections.finish(uow, correction.id, self._clock.now())

        await self._database.write(finish)
        log.info("correction.sent", correction=correction.id, told=now, before=before, unreachable=len(unreachable))
        return Sent(correction, now, before, tuple(unreachable))

    async def _open(self, found: Found, texts: dict[str, str], officer: OfficerRow) -> CorrectionRow:
        said = "\n".join((found.document, found.place, *(texts[language] for language in LANGUAGES)))
        row = CorrectionRow(
            id=new_id(),
            key=hashlib.sha256(said.encode()).hexdigest(),
            document=found.document,
            place=found.place,
            text_vi=texts["vi"],
            text_en=texts["en"],
            opened_by=officer.id,
            opened_name=officer.name,
            opened_at=self._clock.now(),
            finished_at=None,
            told=0,
        )
        return await self._database.write(lambda uow: corrections.open_or_find(uow, row))

    async def _tell(
        self, uow: UnitOfWork, correction: CorrectionRow, people: Sequence[Sequence[Given]]
    ) -> tuple[int, list[Given]]:
        """Write to those who have not been told; return how many, and who cannot be reached."""
        await corrections.hold(uow, correction.id)
        keys = {_key(correction, each[0]): each for each in people}
        done = await stored.ledger_keys(uow, list(keys))
        left = {key: each for key, each in keys.items() if key not in done}
        accounts = await stored.accounts_of(uow, [each[0].contact_id for each in left.values()])
        unreachable: list[Given] = []
        told = 0
        for key, given in left.items():
            theirs = [Recipient(a["id"], a["channel"], a["external_id"]) for a in accounts.get(given[0].contact_id, ())]
            recipient = _recipient(given, theirs)
            if recipient is None:
                unreachable.append(given[-1])
                continue
            message = self._message(correction, given)
            newest = given[-1].inquiry_id
            self._ledger.add(uow, recipient, message, kind=KIND, priority=Priority.ALERT, inquiry_id=newest, key=key)
            told += 1
        await corrections.count_told(uow, correction.id, told)
        return told, unreachable

    def _message(self, correction: CorrectionRow, given: Sequence[Given]) -> Message:
        language = given[-1].language if given[-1].language in LANGUAGES else self._default_language
        say = self._catalogue.say
        text = say(
            "correction.message",
            language,
            cited=say("correction.place", language, place=correction.place, document=correction.document)
            if correction.place
            else correction.document,
            text=correction.text_en if language == "en" else correction.text_vi,
            answers="\n".join(self._answers(given, language)),
        )
        return Message(text, ((Button(say("button.ask_officer", language), "ask_officer"),),))

    def _answers(self, given: Sequence[Given], language: str) -> Iterator[str]:
        say = self._catalogue.say
        by_inquiry = {each.inquiry_id: each for each in given}
        newest = list(by_inquiry.values())[::-1]
        for each in newest[:_ANSWERS_NAMED]:
            question = " ".join(each.question.split())
            if len(question) > _QUESTION_NAMED:
                question = question[: _QUESTION_NAMED - 1].rstrip() + "…"
            yield say("correction.answer", language, number=each.number, on=each.at, question=question)
        if len(newest) > _ANSWERS_NAMED:
            yield say("correction.more", language, count=len(newest) - _ANSWERS_NAMED)


def _key(correction: CorrectionRow, given: Given) -> str:
    return f"correction:{correction.id}:{given.contact_id}"


def _recipient(given: Sequence[Given], accounts: Sequence[Recipient]) -> Recipient | None:
    """Return where to write to: where the newest answer went if that still takes messages, else another account of theirs."""
    there = {each.account_id: each for each in accounts}
    for each in reversed(given):
        if each.account_id in there:
            return there[each.account_id]
    return accounts[0] if accounts else None
