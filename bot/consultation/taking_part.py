"""What an enterprise says: comments and answers, written step by step, handed in as a whole, and changed until the closing.

Each person writes a draft of their own. Handing it in puts it in place of what stood for their enterprise before; that is
kept. Whoever begins anew begins with what stands.
"""

from dataclasses import dataclass
from datetime import datetime

from bot.clock import Clock
from bot.consultation import errors
from bot.consultation.consultations import Consultations, Whole
from bot.consultation.questions import answer
from bot.consultation.states import State
from storage import consultations as stored
from storage import positions
from storage.consultations import ConsultationRow
from storage.ids import new_id
from storage.positions import OpinionRow, PositionRow
from storage.unit_of_work import UnitOfWork

OPINION_AT_MOST = 4000
OPINIONS_AT_MOST = 200


@dataclass(frozen=True)
class Voice:
    """Who speaks. channel: on which they do; `web` for the page."""

    contact_id: int
    name: str
    channel: str
    enterprise_id: int | None = None
    enterprise_name: str = ""
    tax_code: str | None = None
    member: bool = False

    @property
    def respondent(self) -> str:
        return f"enterprise:{self.enterprise_id}" if self.enterprise_id is not None else f"contact:{self.contact_id}"


@dataclass(frozen=True)
class Standing:
    """Where somebody stands: what they are writing, and what stands for their enterprise."""

    whole: Whole
    draft: PositionRow | None
    standing: PositionRow | None
    opinions: list[OpinionRow]
    """of the draft, else of what stands"""
    answers: dict[int, str]


class TakingPart:
    def __init__(self, consultations: Consultations, clock: Clock) -> None:
        self._consultations = consultations
        self._clock = clock

    async def open_for(self, uow: UnitOfWork, voice: Voice) -> list[ConsultationRow]:
        """Return what this person is asked about now."""
        return await stored.open_for(uow, contact_id=voice.contact_id, enterprise_id=voice.enterprise_id)

    async def look(self, uow: UnitOfWork, consultation_id: int | None, voice: Voice) -> Standing:
        """Return where this person stands. Raises ConsultationNotFound, NotAsked, or NotOpen before the opening."""
        whole = await self._consultations.whole(uow, consultation_id)
        row = whole.row
        if row.opened_at is None:
            raise errors.ConsultationNotFound()
        if not await stored.is_invited(uow, row.id, contact_id=voice.contact_id, enterprise_id=voice.enterprise_id):
            raise errors.NotAsked(number=row.number)
        if row.state == State.CANCELLED:
            raise errors.Cancelled(number=row.number, reason=await stored.cancel_reason(uow, row.id))
        draft = await positions.draft_of(uow, row.id, voice.contact_id)
        standing = await positions.standing_of(uow, row.id, voice.respondent)
        shown = draft or standing
        return Standing(
            whole,
            draft,
            standing,
            await positions.opinions(uow, shown.id) if shown else [],
            await positions.answers(uow, shown.id) if shown else {},
        )

    async def _writing(self, uow: UnitOfWork, consultation_id: int | None, voice: Voice) -> tuple[Whole, PositionRow]:
        """Return the draft to write in, begun with what stands where there was none. Raises as `look`, or NotOpen."""
        found = await self.look(uow, consultation_id, voice)
        row, now = found.whole.row, self._clock.now()
        if row.state != State.OPEN or row.closes_at is None or now >= row.closes_at:
            raise errors.NotOpen(number=row.number)
        if found.draft is not None:
            return found.whole, found.draft
        draft = PositionRow(
            id=new_id(),
            consultation_id=row.id,
            respondent=voice.respondent,
            version=0,
            state="draft",
            contact_id=voice.contact_id,
            contact_name=voice.name,
            enterprise_id=voice.enterprise_id,
            enterprise_name=voice.enterprise_name,
            tax_code=voice.tax_code,
            member=voice.member,
            channel=voice.channel,
            based_on=found.standing.id if found.standing else None,
            started_at=now,
            updated_at=now,
            submitted_at=None,
        )
        positions.add(uow, draft)
        for opinion in found.opinions:
            positions.add_opinion(uow, draft, unit=opinion.unit, text=opinion.text, at=opinion.at)
        for question, value in found.answers.items():
            await positions.set_answer(uow, draft.id, question, value)
        return found.whole, draft

    async def comment(self, uow: UnitOfWork, consultation_id: int, voice: Voice, *, unit: int | None, text: str) -> int:
        """Write a comment on a unit, or on the whole (None); return its id.

        Raises as `look`, or NotOpen, UnitUnknown, OpinionEmpty, OpinionTooLong, TooManyOpinions.
        """
        text = text.strip()
        if not text:
            raise errors.OpinionEmpty()
        if len(text) > OPINION_AT_MOST:
            raise errors.OpinionTooLong(length=len(text), most=OPINION_AT_MOST)
        whole, draft = await self._writing(uow, consultation_id, voice)
        if unit is not None and whole.unit(unit) is None:
            raise errors.UnitUnknown()
        if len(await positions.opinions(uow, draft.id)) >= OPINIONS_AT_MOST:
            raise errors.TooManyOpinions(most=OPINIONS_AT_MOST)
        return positions.add_opinion(uow, draft, unit=unit, text=text, at=self._clock.now())

    async def take_back(self, uow: UnitOfWork, consultation_id: int, voice: Voice, *, place: int) -> OpinionRow:
        """Delete a comment: the one at that place of the list that `look` gives, from 0. Raises UnitUnknown.

        By its place, because the comments of what stands have other ids than those of the draft that this begins.
        """
        _, draft = await self._writing(uow, consultation_id, voice)
        opinions = await positions.opinions(uow, draft.id)
        if not 0 <= place < len(opinions):
            raise errors.UnitUnknown()
        await positions.drop_opinion(uow, opinions[place].id, position_id=draft.id)
        return opinions[place]

    async def answer(self, uow: UnitOfWork, consultation_id: int, voice: Voice, *, question: int, value: str) -> None:
        """Answer a question; an empty value takes the answer back. Raises as `comment`, or QuestionUnknown, AnswerWrong."""
        whole, draft = await self._writing(uow, consultation_id, voice)
        asked = next((each for each in whole.questions if each.seq == question), None)
        if asked is None:
            raise errors.QuestionUnknown()
        await positions.set_answer(uow, draft.id, question, answer(asked, value))

    async def hand_in(self, uow: UnitOfWork, consultation_id: int, voice: Voice, *, over_colleague: bool = False) -> int:
        """Let what was written stand for the enterprise; return its version.

        over_colleague: also in place of what a colleague handed in since this was begun.
        Raises as `look`, or NotOpen, NothingSaid, ColleagueWasQuicker.
        """
        found = await self.look(uow, consultation_id, voice)
        row, now = found.whole.row, self._clock.now()
        state = await positions.hold_consultation(uow, row.id)
        if state != State.OPEN or row.closes_at is None or now >= row.closes_at:
            raise errors.NotOpen(number=row.number)
        if found.draft is None or not (found.opinions or found.answers):
            raise errors.NothingSaid()
        standing = await positions.standing_of(uow, row.id, voice.respondent)
        if standing is not None and standing.id != found.draft.based_on and not over_colleague:
            raise errors.ColleagueWasQuicker(who=standing.contact_name, at=standing.submitted_at)
        return await positions.hand_in(uow, found.draft, replaces=standing, now=now)

    async def start_over(self, uow: UnitOfWork, consultation_id: int, voice: Voice) -> None:
        """Throw away what was written and not handed in; what stands is untouched. Raises as `look`."""
        found = await self.look(uow, consultation_id, voice)
        if found.draft is not None:
            await positions.drop_draft(uow, found.draft.id)


def is_open(row: ConsultationRow, now: datetime) -> bool:
    return row.state == State.OPEN and row.closes_at is not None and now < row.closes_at
