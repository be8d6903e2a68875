"""What people are written about a consultation: that they are asked, that it closes soon, what became of their comments."""

from functools import partial

from bot.clock import Clock
from bot.consultation.consultations import TELL_CANCELLED
from bot.consultation.responding import Response, grouped
from bot.delivery.message import Button, Message
from bot.locales.catalogue import Catalogue
from bot.subscriptions.telling import Step, Telling, key_of
from bot.subscriptions.topics import Topic
from storage import answers, audiences, positions
from storage import consultations as stored
from storage.audiences import AudienceFilter, Person
from storage.consultations import ConsultationRow, InvitedRow
from storage.positions import GroupRow, Voiced
from storage.unit_of_work import UnitOfWork

KIND = "consultation"
ASK, OUTCOME = "ask", "outcome"
_SHOWN = 8
"""comments that are named in the message; the page has all of them"""
_COMMENT_SHOWN = 160
_REASON_SHOWN = 300


class Invitations:
    """base_url: where people reach our pages."""

    def __init__(self, telling: Telling, catalogue: Catalogue, clock: Clock, *, base_url: str) -> None:
        self._telling = telling
        self._catalogue = catalogue
        self._clock = clock
        self._base_url = base_url

    @property
    def _language(self) -> str:
        return self._telling.default_language

    async def ask(self, uow: UnitOfWork, row: ConsultationRow, *, members_only: bool, after: int, limit: int) -> Step:
        """Ask some of the audience."""
        wanted = AudienceFilter.from_json(row.audience)
        people = await audiences.page(uow, wanted, after=after, limit=limit, default_language=self._language)
        if not people:
            return Step(None)
        asked = [each for each in people if not members_only or each.membership == "member"]
        told = await self._telling.tell(
            uow, asked, partial(self._invitation, row), key=_news(row, ASK), kind=KIND, topic=Topic.CONSULTATION
        )
        now = self._clock.now()
        # Who does not want to hear of consultations may still take part in one that a colleague tells them of.
        unreachable = set(told.unreachable)
        rows = [
            InvitedRow(each.contact_id, each.enterprise_id, each.membership == "member", each.contact_id in unreachable, now)
            for each in asked
        ]
        await stored.invite(uow, row.id, rows)
        return Step(people[-1].contact_id, told.later)

    def _invitation(self, row: ConsultationRow, person: Person, language: str) -> Message:
        say = self._catalogue.say
        text = say(
            "consultation.asked",
            language,
            title=row.title(language),
            issuer=row.issuer,
            summary=row.summary(language),
            due=row.closes_at,
            number=row.number,
        )
        return self._message(row, text, language)

    def _message(self, row: ConsultationRow, text: str, language: str) -> Message:
        return Message(
            text,
            self._buttons(row, language),
            deadline=row.closes_at,
            purpose="consultation",
            facts=(("number", row.number), ("title", row.title(language))),
        )

    def _buttons(self, row: ConsultationRow, language: str) -> tuple[tuple[Button, ...], ...]:
        say = self._catalogue.say
        return (
            (Button(say("consultation.button.open", language), f"cs:{row.id}"),),
            (Button(say("consultation.button.web", language), f"cs_web:{row.id}"),),
        )

    async def remind(self, uow: UnitOfWork, row: ConsultationRow, *, kind: str, after: int, limit: int) -> Step:
        """Remind some of those who were asked and have not answered."""
        ids = await stored.invited(uow, row.id, after=after, limit=limit)
        if not ids:
            return Step(None)
        people = await audiences.people(uow, ids, channels=(), default_language=self._language)
        answered = await positions.have_answered(uow, row.id, [(each.contact_id, each.enterprise_id) for each in people])
        begun = await positions.have_begun(uow, row.id, ids)
        missing = [each for each in people if each.contact_id not in answered or each.contact_id in begun]

        def write(person: Person, language: str) -> Message:
            key = "consultation.remind_unsent" if person.contact_id in begun else "consultation.remind"
            text = self._catalogue.say(key, language, title=row.title(language), due=row.closes_at, number=row.number)
            return self._message(row, text, language)

        told = await self._telling.tell(uow, missing, write, key=_news(row, kind), kind=KIND, topic=Topic.CONSULTATION)
        return Step(ids[-1], told.later)

    async def tell_cancelled(self, uow: UnitOfWork, row: ConsultationRow, *, after: int, limit: int) -> Step:
        """Tell some of those who had been told of it, or had written something, that it was given up, and why."""
        ids = await stored.concerned(uow, row.id, after=after, limit=limit)
        if not ids:
            return Step(None)
        asked = await answers.ledger_keys(uow, [told_key(row, ASK, each) for each in ids])
        written = await positions.have_written(uow, row.id, ids)
        owed = [each for each in ids if each in written or told_key(row, ASK, each) in asked]
        people = await audiences.people(uow, owed, channels=(), default_language=self._language) if owed else []
        reason = await stored.cancel_reason(uow, row.id)

        def write(_person: Person, language: str) -> Message:
            say = self._catalogue.say
            return Message(say("consultation.cancelled", language, title=row.title(language), number=row.number, reason=reason))

        # They were asked for their time, so they are owed the end of it, whatever they subscribed to since.
        told = await self._telling.tell(uow, people, write, key=_news(row, TELL_CANCELLED), kind=KIND)
        return Step(ids[-1], told.later)

    async def tell_outcome(self, uow: UnitOfWork, row: ConsultationRow, *, after: int, limit: int) -> Step:
        """Tell some of those who took part what became of their comments."""
        took_part = await positions.who_took_part(uow, row.id, after=after, limit=limit)
        if not took_part:
            return Step(None)
        people = await audiences.people(
            uow, [contact for contact, _ in took_part], channels=(), default_language=self._language
        )
        respondents = dict(took_part)
        standing = {each.respondent: each.id for each in await positions.standing(uow, row.id)}
        by_position: dict[int, list[tuple[GroupRow, Voiced]]] = {}
        for answered in await grouped(uow, row.id):
            for voice in answered.voices:
                by_position.setdefault(voice.opinion.position_id, []).append((answered.group, voice))
        units = {unit.seq: unit.place for unit in await stored.units(uow, row.id)}

        def write(person: Person, language: str) -> Message:
            theirs = by_position.get(standing.get(respondents[person.contact_id], 0), [])
            return self._outcome(row, theirs, units, language)

        # They took part, so they are owed the outcome, whatever they subscribed to.
        told = await self._telling.tell(uow, people, write, key=_news(row, OUTCOME), kind=KIND)
        return Step(took_part[-1][0], told.later)

    def _outcome(
        self, row: ConsultationRow, theirs: list[tuple[GroupRow, Voiced]], units: dict[int, str], language: str
    ) -> Message:
        say = self._catalogue.say
        parts = []
        for group, voice in theirs[:_SHOWN]:
            unit = voice.opinion.unit
            parts.append(
                say(
                    "consultation.outcome_of_one",
                    language,
                    place=units[unit] if unit in units else say("consultation.whole_draft", language),
                    comment=_short(voice.opinion.text, _COMMENT_SHOWN),
                    response=say(f"consultation.response.{group.response or Response.PARTLY}", language),
                    reason=_short(group.reason, _REASON_SHOWN),
                )
            )
        if len(theirs) > _SHOWN:
            parts.append(say("consultation.outcome_more", language, count=len(theirs) - _SHOWN))
        page = f"{self._base_url}/consultations/{row.number}"
        if row.conclusion(language):
            parts.append(_short(row.conclusion(language), _REASON_SHOWN))
        text = say(
            "consultation.outcome" if theirs else "consultation.outcome_answers_only",
            language,
            title=row.title(language),
            number=row.number,
            parts="\n\n".join(parts),
            page=page,
        )
        return Message(text, ((Button(say("consultation.button.own_outcome", language), f"cs_out:{row.id}"),),))


def _news(row: ConsultationRow, kind: str) -> str:
    return f"consultation:{row.id}:{kind}"


def told_key(row: ConsultationRow, kind: str, contact_id: int) -> str:
    """Return the ledger's key of what somebody is told of a consultation. kind: ASK, OUTCOME, or what fell due."""
    return key_of(_news(row, kind), contact_id)


def _short(text: str, most: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1].rsplit(" ", 1)[0].rstrip(" ,.;:") + "…"
