"""A question, and everything that the knowledge base may make of it.

Each becomes an inquiry. One that was met with suggestions stays `received` until a suggestion is chosen or an officer is
asked: it runs no clock, is found under "my inquiries", and can be taken further from there at any time.
"""

from collections.abc import Iterable

from bot.escalation.actors import BOT
from bot.escalation.states import State
from bot.handlers import finding, presenting
from bot.handlers.conversation import Conversation, Handle
from bot.handlers.officer import hand_over
from bot.handlers.turn import Turn
from bot.knowledge.citations import Citation
from bot.knowledge.entries import Entry
from bot.knowledge.language.as_of import day_meant
from bot.knowledge.verdict import Decision
from storage import inquiries as stored
from storage.inquiries import InquiryRecord


async def on_question(turn: Turn) -> None:
    assert turn.verdict is not None  # the router brings here only what has been looked up
    turn.decided(turn.verdict.decision)
    await _BY_DECISION[turn.verdict.decision](turn)


async def _receive(turn: Turn) -> InquiryRecord:
    assert turn.verdict is not None
    return await turn.services.inquiries.receive(turn.uow, turn.asker, turn.asked, candidates=turn.candidates())


async def _answer(turn: Turn) -> None:
    assert turn.verdict is not None
    inquiry = await _receive(turn)
    if turn.verdict.entry is not None:
        await _say_answer(turn, inquiry, turn.verdict.entry, turn.verdict.confidence)
    elif turn.verdict.passage is not None:
        passage = turn.verdict.passage
        text = presenting.quotation(turn, passage)
        await _say(turn, inquiry, text, None, passage.citations, turn.verdict.confidence)
    else:
        raise AssertionError("an answer without what it says")


async def _say_answer(turn: Turn, inquiry: InquiryRecord, entry: Entry, confidence: float | None) -> None:
    await _say(turn, inquiry, presenting.answer(turn, entry), entry.id, entry.citations, confidence)


async def _say(
    turn: Turn,
    inquiry: InquiryRecord,
    answer: str,
    entry_id: str | None,
    cited: Iterable[Citation],
    confidence: float | None,
) -> None:
    """Say what the bot answers, and log on which ground: the log is what a recall goes by."""
    citations = [{"document": each.document, "place": each.place} for each in cited]
    inquiry = await turn.services.inquiries.answered_by_bot(
        turn.uow, inquiry, entry_id=entry_id, citations=citations, confidence=confidence, actor=BOT
    )
    text = f"{as_of(turn, inquiry)}{answer}\n\n{turn.words('answer.did_it_help')}"
    turn.say_text(text, buttons=presenting.answer_buttons(turn, inquiry), inquiry_id=inquiry.id)
    turn.outcome = "answered"


def as_of(turn: Turn, inquiry: InquiryRecord) -> str:
    """Return what stands above an answer by the rules of an earlier day; empty by those of today."""
    day = day_meant(inquiry.text, turn.today)
    return "" if day is None else f"{turn.words('answer.as_of', day=day)}\n\n"


async def _suggest(turn: Turn) -> None:
    assert turn.verdict is not None
    suggested = turn.verdict.suggestions
    inquiry = await _receive(turn)
    inquiry = await turn.services.inquiries.suggested(
        turn.uow, inquiry, entry_ids=[each.id for each in suggested], confidence=turn.verdict.confidence, actor=BOT
    )
    questions = [f"{place}. {each.wording(turn.language).question}" for place, each in enumerate(suggested, 1)]
    turn.say(
        "suggest.which",
        questions="\n".join(questions),
        buttons=[
            *presenting.choices(turn, [(each, f"pick:{inquiry.id}:{place}") for place, each in enumerate(questions)]),
            [turn.button("button.officer", f"officer:{inquiry.id}")],
        ],
        inquiry_id=inquiry.id,
    )
    turn.outcome = "suggested"


async def _escalate(turn: Turn) -> None:
    assert turn.verdict is not None
    place, first = turn.verdict.place, ""
    if turn.verdict.as_of is not None:
        first = turn.words("answer.as_of_unknown", day=turn.verdict.as_of)
    elif place is not None:
        first = turn.words(f"answer.{turn.verdict.kind}", place=place.place, document=place.document)
    await hand_over(turn, await _receive(turn), first=first)


async def _decline(turn: Turn) -> None:
    assert turn.verdict is not None
    citations = [{"document": each.document, "place": each.place} for each in turn.verdict.citations]
    inquiry = await _receive(turn)
    await turn.services.inquiries.decline(turn.uow, inquiry, reason=turn.verdict.kind, citations=citations, actor=BOT)
    text = turn.words(f"decline.{turn.verdict.kind}")
    legal = presenting.basis(turn, citations)
    turn.say_text(
        f"{text}\n\n{legal}" if legal else text,
        buttons=[[turn.button("button.ask_officer", "ask_officer")], presenting.menu_button(turn)],
        inquiry_id=inquiry.id,
    )
    turn.outcome = "declined"


async def _smalltalk(turn: Turn) -> None:
    assert turn.verdict is not None
    turn.say(f"smalltalk.{turn.verdict.kind}", buttons=presenting.menu(turn))
    turn.outcome = "smalltalk"


async def on_hotline(turn: Turn) -> None:
    """A report of misconduct or smuggling: nothing of it is kept, and it is said how the special team is reached."""
    turn.seal()
    turn.decided(Decision.HOTLINE)
    contact = turn.services.hotline_contact.strip()
    reach = turn.words("hotline.contact", contact=contact) if contact else turn.words("hotline.no_contact")
    turn.say("hotline.not_here", reach=reach, buttons=[presenting.menu_button(turn)])
    turn.outcome = "hotline"


async def on_pick(turn: Turn) -> None:
    """One of the suggestions was pressed."""
    inquiry = await finding.meant_by_button(turn)
    if inquiry is None:
        return
    entry_id = await _suggested(turn, inquiry)
    if entry_id is None or inquiry.state not in (State.RECEIVED, State.ANSWERED_BY_BOT):
        finding.moved_on(turn, inquiry)
        return
    knowledge = turn.services.knowledge
    entry = knowledge.entry(entry_id)
    day = day_meant(inquiry.text, turn.today) or turn.today
    if entry is None or not entry.readable_by(turn.audience) or not entry.holds(day, knowledge.documents):
        officer = [turn.button("button.officer", f"officer:{inquiry.id}")]
        turn.say("suggest.no_longer", buttons=[officer, presenting.menu_button(turn)], inquiry_id=inquiry.id)
        turn.outcome = "moved_on"
    elif inquiry.entry_id == entry.id:  # pressed twice: the same answer, and nothing new to write down
        buttons = presenting.answer_buttons(turn, inquiry)
        turn.say_text(f"{as_of(turn, inquiry)}{presenting.answer(turn, entry)}", buttons=buttons, inquiry_id=inquiry.id)
        turn.outcome = "answered"
    else:
        await _say_answer(turn, inquiry, entry, inquiry.confidence)


async def _suggested(turn: Turn, inquiry: InquiryRecord) -> str | None:
    """Return the entry that stood at the pressed place: the history knows what was suggested."""
    place = turn.id_in_action(1)
    rows = await stored.history(turn.uow, inquiry.id)
    suggested: list[str] = next((row["details"]["entries"] for row in rows if row["event"] == "suggest"), [])
    return suggested[place] if place is not None and place < len(suggested) else None


async def on_helped(turn: Turn) -> None:
    inquiry = await _heard_whether_it_helped(turn, helped=True)
    if inquiry is not None:
        turn.say("answer.glad", buttons=[presenting.menu_button(turn)], inquiry_id=inquiry.id)
        turn.outcome = "helped"


async def on_not_helped(turn: Turn) -> None:
    inquiry = await _heard_whether_it_helped(turn, helped=False)
    if inquiry is not None:
        officer = [turn.button("button.officer", f"officer:{inquiry.id}")]
        turn.say("answer.not_enough", buttons=[officer, presenting.menu_button(turn)], inquiry_id=inquiry.id)
        turn.outcome = "not_helped"


async def _heard_whether_it_helped(turn: Turn, *, helped: bool) -> InquiryRecord | None:
    inquiry = await finding.meant_by_button(turn)
    if inquiry is None:
        return None
    if inquiry.state != State.ANSWERED_BY_BOT:
        finding.moved_on(turn, inquiry)
        return None
    if inquiry.helped is helped:
        return inquiry
    return await turn.services.inquiries.bot_helped(turn.uow, inquiry, turn.asker, helped)


_BY_DECISION: dict[Decision, Handle] = {
    Decision.ANSWER: _answer,
    Decision.SUGGEST: _suggest,
    Decision.ESCALATE: _escalate,
    Decision.DECLINE: _decline,
    Decision.HOTLINE: on_hotline,
    Decision.SMALLTALK: _smalltalk,
}

CONVERSATION = Conversation(
    actions={"pick": on_pick, "helped": on_helped, "not_helped": on_not_helped},
    takes={"question": on_question, "hotline": on_hotline},
)
