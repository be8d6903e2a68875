"""My inquiries: the list, one of them in detail, and a number that is typed instead of pressed."""

import re

from bot.escalation.states import TAKES_MESSAGES, State
from bot.handlers import additions, finding, presenting
from bot.handlers.conversation import Conversation
from bot.handlers.turn import Turn
from bot.knowledge.verdict import Decision
from storage import inquiries as stored
from storage.inquiries import InquiryRecord

_SHOWN = 10
_ANSWER_SHOWN = 1500
NUMBER = re.compile(r"(?<!\w)yc[\s_–-]{0,3}(20\d\d)(?:[\s_–-]{1,3}(\d{1,9})|(\d{6}))(?!\w)", re.IGNORECASE)
"""YC-2026-000123 as people type it: in lower case, without the leading zeros, with blanks for the dashes"""
_WORDS_ABOUT_IT = 8
"""beside the number: with more than that somebody tells something instead of asking how it stands"""


async def on_list(turn: Turn) -> None:
    """Show the newest ten; one that is still open is not crowded out by those that are done."""
    open_ones = await finding.open_ones(turn)
    newest = await stored.of_contact(turn.uow, turn.account.contact_id, limit=_SHOWN)
    known = {inquiry.id: inquiry for inquiry in [*open_ones[:_SHOWN], *newest]}
    shown = sorted(list(known.values())[:_SHOWN], key=lambda each: each.id, reverse=True)
    if not shown:
        turn.say("inquiries.none", buttons=presenting.menu(turn))
    else:
        labelled = [(f"{each.number} · {presenting.state(turn, each)}", f"inquiry:{each.id}") for each in shown]
        turn.say(
            "inquiries.list",
            lines="\n\n".join(presenting.line(turn, each) for each in shown),
            buttons=[*presenting.choices(turn, labelled), presenting.menu_button(turn)],
        )
    turn.outcome = "listed"


async def on_detail(turn: Turn) -> None:
    inquiry = await finding.meant_by_button(turn)
    if inquiry is not None:
        await show(turn, inquiry)


async def show(turn: Turn, inquiry: InquiryRecord) -> None:
    """Say where the inquiry stands, what was last said about it, and what can be done."""
    parts = [presenting.facts(turn, inquiry)]
    if last := await _last_word(turn, inquiry):
        parts.append(last)
    if inquiry.routing_due_at is not None:
        parts.append(presenting.tracking(turn, inquiry))
    back = [turn.button("button.inquiries", "inquiries"), *presenting.menu_button(turn)]
    turn.say_text(
        "\n\n".join(parts),
        buttons=[*presenting.steps_on(turn, inquiry), back],
        inquiry_id=inquiry.id,
        deadline=inquiry.due_at if inquiry.closed_at is None else None,
    )
    turn.outcome = "shown"


async def _last_word(turn: Turn, inquiry: InquiryRecord) -> str:
    """Return the last that was said to the enterprise: by an officer, else by the bot."""
    said = [row for row in await stored.messages(turn.uow, inquiry.id) if row["kind"] in ("answer", "ask_back")]
    if said:
        text = said[-1]["text"]
        shown = text if len(text) <= _ANSWER_SHOWN else text[:_ANSWER_SHOWN] + "…"
        return turn.words(f"detail.last_{said[-1]['kind']}", at=said[-1]["at"], text=shown)
    knowledge = turn.services.knowledge
    entry = knowledge.entry(inquiry.entry_id) if inquiry.entry_id else None
    if entry is not None and entry.holds(turn.today, knowledge.documents):
        return turn.words("detail.bot_answer", text=presenting.answer(turn, entry))
    return ""


async def _by_number(turn: Turn) -> InquiryRecord | None:
    found = NUMBER.search(turn.text)
    assert found is not None
    number = f"YC-{found[1]}-{int(found[2] or found[3]):06d}"
    inquiry = await stored.by_number(turn.uow, number)
    return inquiry if inquiry is not None and inquiry.contact_id == turn.account.contact_id else None


async def on_number(turn: Turn) -> None:
    """Nothing but a number: its detail, or the answer to the question to which inquiry something belongs."""
    inquiry = await _by_number(turn)
    if inquiry is None:
        finding.not_found(turn)
    elif turn.account.step == additions.WHERE:
        await additions.put_waiting(turn, inquiry)
    else:
        await show(turn, inquiry)


async def on_mention(turn: Turn) -> None:
    """A number within a text: how does it stand, or something to add?"""
    inquiry = await _by_number(turn)
    if inquiry is None:
        finding.not_found(turn)
        return
    rest = NUMBER.sub(" ", turn.text).split()
    small = turn.verdict is not None and turn.verdict.decision is Decision.SMALLTALK
    if len(rest) <= _WORDS_ABOUT_IT or small or State(inquiry.state) not in TAKES_MESSAGES | {State.ANSWERED, State.CLOSED}:
        await show(turn, inquiry)
    else:
        additions.ask_where(turn, [inquiry], turn.asked, (), key="where.to_this")


CONVERSATION = Conversation(
    commands={"inquiries": on_list, "my": on_list},
    phrases=dict.fromkeys(
        (
            "yeu cau cua toi",
            "cac yeu cau cua toi",
            "cau hoi cua toi",
            "xem yeu cau",
            "xem yeu cau cua toi",
            "danh sach yeu cau",
            "yeu cau cua em",
            "yeu cau cua doanh nghiep",
            "my inquiries",
            "my requests",
            "my questions",
            "list my inquiries",
        ),
        on_list,
    ),
    actions={"inquiries": on_list, "inquiry": on_detail},
    whole={NUMBER: on_number},
    mentions={NUMBER: on_mention},
    menu={"inquiries": 20},
)
