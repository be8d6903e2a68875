"""Asking an officer: by a button under an answer, or with a question that goes to people whatever the bot knows."""

from collections.abc import Sequence

from bot.escalation.actors import BOT
from bot.escalation.keeping import Candidate, IncomingFile
from bot.escalation.routing import confident_candidate
from bot.escalation.states import State
from bot.handlers import finding, guest, presenting
from bot.handlers.conversation import Conversation
from bot.handlers.sent_files import waiting_and_new
from bot.handlers.turn import Turn
from bot.knowledge.verdict import Decision
from storage.inquiries import InquiryRecord

QUESTION = "officer.question"
QUESTION_TO_FILES = "officer.files"
"""files wait for the question that goes with them"""
JUST_SENT = "just_sent"
"""an inquiry has just gone to people: further files belong to it, and a guest may leave their details"""


async def hand_over(turn: Turn, inquiry: InquiryRecord, files: Sequence[IncomingFile] = (), *, first: str = "") -> None:
    """Give the inquiry to people: to a department at once where the bot is confident, else to the coordinating unit.

    first: what is said before that, for which the question goes to people.
    """
    inquiries = turn.services.inquiries
    known = [Candidate(each["id"], each["name"], each["probability"]) for each in inquiry.candidates]
    best = confident_candidate([each for each in known if _accepts(turn, each)])
    inquiry = await inquiries.ask_officer(turn.uow, inquiry, actor=BOT, routed_at_once=best is not None)
    if files:
        inquiry = await inquiries.add_message(turn.uow, inquiry, turn.asker, "", tuple(files))
    buttons = [
        [turn.button("button.add", f"add:{inquiry.id}", number=inquiry.number)],
        [turn.button("button.inquiries", "inquiries"), *presenting.menu_button(turn)],
    ]
    if best is None:
        words = turn.words("inquiry.received", number=inquiry.number, due=inquiry.routing_due_at)
        turn.outcome = "escalated"
    else:
        inquiry = await inquiries.route(turn.uow, inquiry, best.department_id, BOT, by="bot", tell=False, at_once=True)
        to = presenting.department(turn, inquiry)
        words = turn.words("inquiry.routed", number=inquiry.number, department=to, due=inquiry.response_due_at)
        turn.outcome = "routed"
    text = "\n\n".join(filter(None, (first, words, presenting.tracking(turn, inquiry))))
    turn.say_text(text, buttons=buttons, inquiry_id=inquiry.id, deadline=inquiry.due_at)
    guest.offer(turn, inquiry)
    just_sent(turn, inquiry)


def just_sent(turn: Turn, inquiry: InquiryRecord) -> None:
    turn.remember(JUST_SENT, inquiry=inquiry.id, at=turn.now.isoformat())


def _accepts(turn: Turn, candidate: Candidate) -> bool:
    department = turn.services.inquiries.directory.get(candidate.department_id)
    return department is not None and department.accepts_inquiries


async def on_button(turn: Turn) -> None:
    """`officer:<inquiry>`: what the bot said was not enough."""
    inquiry = await finding.meant_by_button(turn)
    if inquiry is None:
        return
    if inquiry.state not in (State.RECEIVED, State.ANSWERED_BY_BOT):
        finding.moved_on(turn, inquiry)
        return
    await hand_over(turn, inquiry)


async def on_ask(turn: Turn) -> None:
    """A question for an officer is announced, or comes with the command itself."""
    if turn.asked:
        await on_text(turn)
    else:
        ask_for_question(turn, waiting_and_new(turn))


async def on_text(turn: Turn) -> None:
    """Take what was typed as the question; files without a word wait for it, and so does what holds no word."""
    files = waiting_and_new(turn)
    unclear = turn.verdict is not None and turn.verdict.decision is Decision.SMALLTALK and turn.verdict.kind == "unclear"
    if not turn.asked or unclear:
        ask_for_question(turn, files)
    else:
        await send(turn, turn.asked, files)


def ask_for_question(turn: Turn, files: Sequence[IncomingFile]) -> None:
    turn.remember(QUESTION_TO_FILES if files else QUESTION, files=[file.to_json() for file in files])
    key = "files.need_question" if files else "ask_officer.what"
    turn.say(key, count=len(files), buttons=[presenting.cancel_button(turn)])
    turn.outcome = "asked_for_question"


async def send(turn: Turn, text: str, files: Sequence[IncomingFile]) -> None:
    """Log the question and give it to people, with its files."""
    inquiry = await turn.services.inquiries.receive(turn.uow, turn.asker, text, candidates=turn.candidates())
    await hand_over(turn, inquiry, files)


CONVERSATION = Conversation(
    commands={"ask_officer": on_ask, "officer": on_ask},
    phrases=dict.fromkeys(
        (
            "gap can bo",
            "hoi can bo",
            "gap can bo hai quan",
            "hoi can bo hai quan",
            "toi muon gap can bo",
            "toi muon hoi can bo",
            "cho toi gap can bo",
            "cho em gap can bo",
            "noi chuyen voi can bo",
            "gap nguoi that",
            "gap nhan vien",
            "ask an officer",
            "ask officer",
            "talk to an officer",
            "speak to an officer",
            "talk to a human",
            "talk to a person",
        ),
        on_ask,
    ),
    actions={"officer": on_button, "ask_officer": on_ask},
    steps={QUESTION: on_text, QUESTION_TO_FILES: on_text},
    lasting=frozenset({QUESTION_TO_FILES}),
    menu={"ask_officer": 30},
)
