"""What a person wants to be told, and when; what they are told in any case is shown, with the reason."""

from bot.delivery.message import Button
from bot.handlers import presenting
from bot.handlers.conversation import Conversation
from bot.handlers.personal_link import offer
from bot.handlers.turn import Turn
from bot.subscriptions.errors import HoursWrong, MustBeTold
from bot.subscriptions.subscriptions import SPANS
from storage.subscriptions import TimesRow

PURPOSE = "subscriptions"


def span_name(times: TimesRow) -> str:
    """Return the name of a span that can be chosen with one press; `own` for other hours."""
    return next((name for name, span in SPANS.items() if span == times), "own")


async def on_show(turn: Turn) -> None:
    """Every topic with its switch, and the hours."""
    await _show(turn)


async def _show(turn: Turn) -> None:
    subscriptions, contact = turn.services.subscriptions, turn.account.contact_id
    choices = await subscriptions.chosen(turn.uow, contact, member=turn.account.is_member)
    times = await subscriptions.times(turn.uow, contact)
    lines, buttons = [], list[list[Button]]()
    for choice in choices:
        name = turn.words(f"subscriptions.topic.{choice.topic}")
        state = "fixed" if choice.fixed else "on" if choice.wanted else "off"
        lines.append(turn.words(f"subscriptions.line_{state}", topic=name))
        if not choice.fixed:
            key = "subscriptions.button.off" if choice.wanted else "subscriptions.button.on"
            buttons.append([turn.button(key, f"sub:{choice.topic}:{0 if choice.wanted else 1}", topic=name)])
    fixed = turn.words("subscriptions.why_fixed") if any(choice.fixed for choice in choices) else ""
    when = turn.words(f"subscriptions.span.{span_name(times)}", start=times.from_hour, end=times.until_hour)
    text = turn.words("subscriptions.show", lines="\n".join(lines), fixed=fixed, when=when)
    buttons.append([turn.button("subscriptions.button.times", "sub_times")])
    buttons.append([turn.button("subscriptions.button.web", "sub_web"), *presenting.menu_button(turn)])
    turn.say_text("\n\n".join(part.strip() for part in text.split("\n\n") if part.strip()), buttons=buttons)
    turn.outcome = "shown"


async def on_switch(turn: Turn) -> None:
    """`sub:<topic>:<0 or 1>`"""
    topic, wanted = [*turn.action_arguments, "", ""][:2]
    try:
        await turn.services.subscriptions.choose(
            turn.uow, turn.account.contact_id, topic, wanted=wanted == "1", member=turn.account.is_member
        )
    except MustBeTold as error:
        turn.explain(error, buttons=[[turn.button("subscriptions.button.back", "subscriptions")]])
        return
    await _show(turn)


async def on_times(turn: Turn) -> None:
    buttons = [[turn.button(f"subscriptions.span.{name}", f"sub_at:{name}", start=0, end=24)] for name in SPANS]
    turn.say("subscriptions.when", buttons=[*buttons, [turn.button("subscriptions.button.back", "subscriptions")]])
    turn.outcome = "asked_what"


async def on_chosen_times(turn: Turn) -> None:
    """`sub_at:<span>`"""
    name = (turn.action_arguments or [""])[0]
    if name not in SPANS:
        raise HoursWrong
    await turn.services.subscriptions.set_times(turn.uow, turn.account.contact_id, SPANS[name])
    await _show(turn)


async def on_web(turn: Turn) -> None:
    offer(turn, PURPOSE, None, "subscriptions.web")


CONVERSATION = Conversation(
    commands={"subscriptions": on_show},
    phrases=dict.fromkeys(
        (
            "dang ky nhan tin",
            "nhan tin",
            "chu de nhan tin",
            "tat thong bao",
            "cai dat thong bao",
            "subscriptions",
            "unsubscribe",
        ),
        on_show,
    ),
    actions={
        "subscriptions": on_show,
        "sub": on_switch,
        "sub_times": on_times,
        "sub_at": on_chosen_times,
        "sub_web": on_web,
    },
    menu={"subscriptions": 45},
)
