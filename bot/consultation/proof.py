"""The proof of a consultation: who was asked, reminded and told of its end, when, where, with the hash of every message.

Made of the ledger alone, as that of a campaign: made again while nothing has changed there, it is the same, byte for byte.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from bot.consultation.consultations import REMIND, TELL_CANCELLED
from bot.consultation.invitations import ASK, OUTCOME, told_key
from bot.locales.catalogue import Catalogue
from bot.outreach.proof import Proof
from storage import audiences, deliveries
from storage import consultations as stored
from storage.audiences import Person
from storage.consultations import ConsultationRow, EventRow
from storage.database import Database
from storage.deliveries import ToldRow

_READ_AT_ONCE = 400
_COLUMNS = ("place", "enterprise", "tax_code", "person", "channel", "state", "sent", "about", "message", "reason", "hash")


class ConsultationProofs:
    def __init__(self, database: Database, catalogue: Catalogue) -> None:
        self._database = database
        self._catalogue = catalogue

    async def whole(self, row: ConsultationRow, language: str) -> tuple[Proof, list[list[str]]]:
        """Return what stands above the list, and the list: of each person what they were told, in the order of its kinds."""
        rows: list[list[str]] = []
        states: Counter[str] = Counter()
        words: dict[tuple[str, str], None] = {}
        async with self._database.read() as uow:
            events = await stored.events(uow, row.id)
            asked = await stored.asked(uow, row.id)
            after = 0
            while ids := await stored.concerned(uow, row.id, after=after, limit=_READ_AT_ONCE):
                after = ids[-1]
                people = await audiences.people(uow, ids, channels=(), default_language=language)
                meant = await stored.invited_among(uow, row.id, ids)
                kinds = list(_kinds(row))
                told = await deliveries.told(uow, [told_key(row, kind, each) for kind in kinds for each in ids])
                for person in people:
                    theirs = [(kind, told.get(told_key(row, kind, person.contact_id))) for kind in kinds]
                    if theirs[0][1] is None and person.contact_id in meant:
                        rows.append(self._not_asked(len(rows) + 1, person, language))
                    for kind, each in theirs:
                        if each is None:
                            continue
                        states[each.state] += 1
                        rows.append(self._row(len(rows) + 1, person, kind, each, language))
                        if kind != OUTCOME:  # which is another one for each
                            words[kind, each.text] = None
        proof = Proof(
            title=self._say("proof.title", language, number=row.number),
            facts=self._facts(row, asked.contacts, states, language),
            words=[(self._about(kind, language), text) for kind, text in words],
            steps=[self._step(each, language) for each in events],
            head=[self._say(f"proof.column.{each}", language) for each in _COLUMNS],
            at=max([row.updated_at, *(each.at for each in events)]),
        )
        return proof, rows

    def _facts(self, row: ConsultationRow, asked: int, states: Counter[str], language: str) -> list[tuple[str, str]]:
        facts = [
            ("consultation", f"{row.number} · {row.title(language)}"),
            ("author", row.author_name),
            ("approved", f"{row.approver_name or '–'} · {self._moment(row.approved_at, language) or '–'}"),
            ("opened", self._moment(row.opened_at, language) or "–"),
            ("closed", self._moment(row.closed_at or row.closes_at, language) or "–"),
            ("hash", f"SHA-256 {row.text_hash or '–'}"),
            ("recipients", str(asked)),
        ]
        named = [(self._say(f"proof.fact.{name}", language), value) for name, value in facts]
        return named + [(self._say(f"desk.delivery.{state}", language), str(many)) for state, many in sorted(states.items())]

    def _step(self, event: EventRow, language: str) -> tuple[str, str, str]:
        what = self._say(f"desk.consultations.event.{event.event}", language)
        reason = event.details.get("reason")
        return self._moment(event.at, language), f"{what}: {reason}" if reason else what, event.actor

    def _row(self, place: int, person: Person, kind: str, told: ToldRow, language: str) -> list[str]:
        channel, state = f"desk.channel.{told.channel}", f"desk.delivery.{told.state}"
        return [
            *self._who(place, person),
            self._say(channel, language) if self._catalogue.has(channel) else told.channel,
            self._say(state, language) if self._catalogue.has(state) else told.state,
            self._moment(told.sent_at, language),
            self._about(kind, language),
            told.platform_message_id or "",
            told.error or "",
            hashlib.sha256(told.text.encode()).hexdigest(),
        ]

    def _not_asked(self, place: int, person: Person, language: str) -> list[str]:
        """The row of somebody to whom no invitation was written: they have no channel, or do not want to hear of it now."""
        why = "proof.no_channel" if person.account_id is None else "proof.not_wanted"
        about = self._about(ASK, language)
        state, reason = self._say("proof.not_told", language), self._say(why, language)
        return [*self._who(place, person), "", state, "", about, "", reason, ""]

    @staticmethod
    def _who(place: int, person: Person) -> list[str]:
        return [str(place), person.enterprise or "", person.tax_code or "", person.name]

    def _about(self, kind: str, language: str) -> str:
        return self._say(f"proof.about.{'remind' if kind.startswith(REMIND) else kind}", language)

    def _moment(self, at: datetime | None, language: str) -> str:
        return self._say("proof.moment", language, at=at) if at is not None else ""

    def _say(self, key: str, language: str, **params: object) -> str:
        return self._catalogue.say(key, language, **params)


def _kinds(row: ConsultationRow) -> Iterator[str]:
    """Yield what can have been told of it, in the order in which it is."""
    yield ASK
    yield from (f"{REMIND}{days}" for days in row.remind_days)
    yield OUTCOME
    yield TELL_CANCELLED
