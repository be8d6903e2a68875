"""Adding to an inquiry: more text, files, the reply that an officer asked for. What could belong to several, or might be a
question of its own, waits in a step until one tap says where it goes."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.escalation.errors import TextTooLong
from bot.escalation.handling import ASKED_BACK
from bot.escalation.keeping import TEXT_AT_MOST, IncomingFile
from bot.escalation.states import TAKES_MESSAGES, State
from bot.handlers import finding, guest, officer, presenting, question
from bot.handlers.conversation import Conversation, NotForThisStep
from bot.handlers.sent_files import waiting_and_new
from bot.handlers.turn import Turn
from bot.knowledge.verdict import Decision
from storage.inquiries import InquiryRecord

ADD = "add"
WHERE = "where"
_JUST_NOW = timedelta(minutes=10)
"""how long files that come by themselves belong to what was sent last: the rest of an album, a photo taken after it"""
_REOPENS = frozenset({State.ANSWERED, State.CLOSED})


async def on_button(turn: Turn) -> None:
    """`add:<inquiry>` and `reply:<inquiry>`: the next text or file belongs to it."""
    inquiry = await finding.meant_by_button(turn)
    if inquiry is None:
        return
    if State(inquiry.state) not in TAKES_MESSAGES:
        finding.moved_on(turn, inquiry)
        return
    ask_what(turn, inquiry, "reply.what" if inquiry.state == State.WAITING_FOR_ENTERPRISE else "add.what")


def ask_what(turn: Turn, inquiry: InquiryRecord, key: str) -> None:
    """Ask for what is to be added to the inquiry."""
    turn.remember(ADD, inquiry=inquiry.id)
    turn.say(key, number=inquiry.number, buttons=[presenting.cancel_button(turn)], inquiry_id=inquiry.id, beside=True)
    turn.outcome = "asked_for_addition"


async def on_addition(turn: Turn) -> None:
    inquiry = await finding.own(turn, turn.memory.get("inquiry"))
    if inquiry is None:
        raise NotForThisStep
    files = waiting_and_new(turn)
    if State(inquiry.state) in TAKES_MESSAGES:
        await put(turn, inquiry, turn.asked, files)
    else:  # it was answered or closed while they wrote
        ask_where(turn, [inquiry], turn.asked, files, key="add.moved_on")


async def put(turn: Turn, inquiry: InquiryRecord, text: str, files: Sequence[IncomingFile]) -> None:
    """Add to the inquiry; one that is answered or closed is opened again for it."""
    inquiries = turn.services.inquiries
    if not text and not files:
        ask_what(turn, inquiry, "add.what")  # all files were too large, and the person has been told
        return
    was_asked = inquiry.state == State.WAITING_FOR_ENTERPRISE
    if State(inquiry.state) in _REOPENS:
        inquiry = await inquiries.reopen(turn.uow, inquiry, turn.asker)
    inquiry = await inquiries.add_message(turn.uow, inquiry, turn.asker, text, tuple(files))
    turn.say(
        "reply.done" if was_asked else "add.done",
        number=inquiry.number,
        buttons=[
            [turn.button("button.add", f"add:{inquiry.id}", number=inquiry.number)],
            [turn.button("button.detail", f"inquiry:{inquiry.id}", number=inquiry.number), *presenting.menu_button(turn)],
        ],
        inquiry_id=inquiry.id,
    )
    turn.outcome = "added"
    officer.just_sent(turn, inquiry)


# Where does it belong?


def ask_where(
    turn: Turn, inquiries: Sequence[InquiryRecord], text: str, files: Sequence[IncomingFile], *, key: str = "where.which"
) -> None:
    """Ask to which of the inquiries it belongs, or whether it is a new question; nothing of it is lost meanwhile."""
    turn.remember(WHERE, text=text, files=[each.to_json() for each in files], among=[each.id for each in inquiries])
    takers = [each for each in inquiries if State(each.state) in TAKES_MESSAGES | _REOPENS]
    to = [(_label(turn, each, alone=len(takers) == 1), f"to:{each.id}") for each in takers]
    new = [turn.button("button.new_question", "as_new"), *presenting.cancel_button(turn)]
    first = inquiries[0]
    turn.say(
        key,
        number=first.number,
        state=presenting.state(turn, first),
        count=len(inquiries),
        buttons=[*presenting.choices(turn, to), new],
    )
    turn.outcome = "asked_where"


def _label(turn: Turn, inquiry: InquiryRecord, *, alone: bool) -> str:
    if not alone:
        return turn.words("where.to", number=inquiry.number, about=presenting.shortened(inquiry.text, 40))
    waits = inquiry.state == State.WAITING_FOR_ENTERPRISE
    return turn.words("where.reply_to" if waits else "where.add_to", number=inquiry.number)


async def on_to(turn: Turn) -> None:
    inquiry = await finding.meant_by_button(turn)
    if inquiry is not None:
        await put_waiting(turn, inquiry)


async def put_waiting(turn: Turn, inquiry: InquiryRecord) -> None:
    """Add what waits in the step to the inquiry."""
    files = tuple(IncomingFile(**each) for each in turn.memory.get("files", []))
    text = turn.memory.get("text", "")
    can_take = State(inquiry.state) in TAKES_MESSAGES or (State(inquiry.state) in _REOPENS and inquiry.department_id)
    if turn.account.step != WHERE or not can_take or not (text or files):
        finding.moved_on(turn, inquiry)
        return
    await put(turn, inquiry, text, files)


async def on_new_question(turn: Turn) -> None:
    """What waits is a question of its own."""
    files = tuple(IncomingFile(**each) for each in turn.memory.get("files", []))
    text = turn.memory.get("text", "")
    if not text and not files:
        turn.say("where.nothing_waits", buttons=presenting.menu(turn))
        turn.outcome = "moved_on"
        return
    if not text:
        officer.ask_for_question(turn, files)
        return
    turn.forget()
    await turn.ask(text)
    await take_question(turn, files)


async def take_question(turn: Turn, files: Sequence[IncomingFile]) -> None:
    """Take a question that may have files: those no bot can read, so it goes to people unless it must be declined."""
    assert turn.verdict is not None
    if files and turn.verdict.decision is Decision.SMALLTALK:
        officer.ask_for_question(turn, files)
    elif files and turn.verdict.decision not in (Decision.DECLINE, Decision.HOTLINE):
        turn.decided(turn.verdict.decision)
        await officer.send(turn, turn.asked, files)
    else:
        await question.on_question(turn)


async def on_more(turn: Turn) -> None:
    """Instead of a tap there came more: it is kept with the rest, and asked again."""
    text = "\n".join(part for part in (turn.memory.get("text", ""), turn.asked) if part)
    among = [await finding.own(turn, each) for each in turn.memory.get("among", [])]
    known = [each for each in among if each is not None]
    if not known:
        raise NotForThisStep
    if len(text) > TEXT_AT_MOST:  # what waits goes on waiting
        turn.explain(TextTooLong(length=len(text), most=TEXT_AT_MOST), buttons=[presenting.cancel_button(turn)])
        return
    ask_where(turn, known, text, waiting_and_new(turn))


# Without a button


async def on_files(turn: Turn) -> None:
    """Files for which nobody asked: to the only open inquiry, or a question which one, or what they are about."""
    files, open_ones = waiting_and_new(turn), await finding.open_ones(turn)
    if not files and not turn.asked:
        return  # all were too large, and the person has been told
    if open_ones and (turn.asked or len(open_ones) > 1):
        ask_where(turn, open_ones, turn.asked, files)
    elif open_ones:
        await put(turn, open_ones[0], "", files)
    elif turn.asked:
        await take_question(turn, files)
    else:
        officer.ask_for_question(turn, files)


async def after_sending(turn: Turn) -> None:
    """Right after an inquiry went to people: more files are for it, a tax code is a guest's; all else is as ever."""
    memory = turn.memory
    if turn.asked and not turn.incoming.files and guest.is_guest(turn) and guest.may_be_tax_code(turn.asked):
        guest.take_tax_code(turn, turn.asked, memory["inquiry"])
        return
    recent = turn.now - datetime.fromisoformat(memory["at"]) <= _JUST_NOW
    inquiry = await finding.own(turn, memory["inquiry"]) if turn.incoming.files and not turn.asked and recent else None
    if inquiry is not None and State(inquiry.state) in TAKES_MESSAGES:
        await put(turn, inquiry, "", waiting_and_new(turn))
    else:
        await when_asked_back(turn)


async def when_asked_back(turn: Turn) -> None:
    """Where an officer waits for a reply, what came may be it; where none does, it is as if nobody had asked."""
    waiting = await finding.open_ones(turn, [State.WAITING_FOR_ENTERPRISE])
    if not waiting:
        raise NotForThisStep
    verdict = turn.verdict
    if verdict is not None and verdict.decision is Decision.SMALLTALK and verdict.kind != "unclear" and not turn.incoming.files:
        await question.on_question(turn)
    elif len(waiting) == 1 and not turn.asked:
        await put(turn, waiting[0], "", waiting_and_new(turn))
    else:
        ask_where(turn, waiting, turn.asked, waiting_and_new(turn), key="reply.or_new" if len(waiting) == 1 else "where.which")


async def after_a_step(turn: Turn) -> None:
    """Whoever was in the middle of something when an officer asked back is expected to reply from now on."""
    if await finding.open_ones(turn, [State.WAITING_FOR_ENTERPRISE]):
        turn.remember(ASKED_BACK)


CONVERSATION = Conversation(
    actions={"add": on_button, "reply": on_button, "to": on_to, "as_new": on_new_question},
    steps={
        ADD: on_addition,
        WHERE: on_more,
        officer.JUST_SENT: after_sending,
        ASKED_BACK: when_asked_back,
    },
    takes={"files": on_files, "step_ended": after_a_step},
    lasting=frozenset({ASKED_BACK, WHERE}),
)
