"""The card of an inquiry: the first message of its topic, edited whenever something of it changes."""

from typing import Any

from bot.escalation.states import State
from bot.knowledge.directory import Directory
from bot.topics import buttons, titles
from bot.topics.words import TEXT_SHOWN, Words, cut
from storage.queue import Queued

_QUESTION = 2600


def card(
    words: Words, found: Queued, directory: Directory, *, contact: str, files: int, elsewhere: str | None
) -> dict[str, Any]:
    """Return what the card says. elsewhere: the department that has the inquiry now, where that is another group's."""
    inquiry = found.inquiry
    state = words.named("state", inquiry.state)
    lines = [words.say("topic.card.head", number=inquiry.number, state=state)]
    tax_code = found.tax_code or inquiry.claimed_tax_code
    standing = "member" if found.membership == "member" else "known" if found.enterprise_name else "unverified"
    company = titles.company(words, found) + (f" ({tax_code})" if tax_code else "")
    lines.append(words.say(f"topic.card.{standing}", company=company))
    lines.append(
        words.say(
            "topic.card.person",
            person=contact or words.say("desk.actor.enterprise"),
            channel=words.named("channel", inquiry.channel),
            language=words.named("language_name", inquiry.language),
        )
    )
    if elsewhere is not None:
        lines.append(words.say("topic.card.elsewhere", department=elsewhere))
    else:
        lines += _standing(words, found)
    lines += ["", words.say("topic.card.question", text=cut(inquiry.text, _QUESTION))]
    if files:
        lines.append(words.say("topic.card.files", count=files))
    rows = [] if elsewhere is not None else buttons.of_inquiry(words, inquiry, directory)
    return {"text": cut("\n".join(lines), TEXT_SHOWN), "buttons": rows}


def _standing(words: Words, found: Queued) -> list[str]:
    inquiry = found.inquiry
    state = State(inquiry.state)
    lines = []
    if state is State.DEFERRED and inquiry.deferred_until is not None:
        until, reason = inquiry.deferred_until, inquiry.deferral_reason or ""
        lines.append(words.say("topic.card.deferred", until=until, reason=cut(reason, 300)))
    elif state is State.WAITING_FOR_ENTERPRISE:
        lines.append(words.say("topic.card.waits"))
    elif inquiry.due_at is not None and inquiry.closed_at is None:
        key = "topic.card.routing_due" if inquiry.routed_at is None else "topic.card.due"
        lines.append(words.say(key, due=inquiry.due_at))
    if state is State.AWAITING_ROUTING:
        lines.append(words.say("topic.card.route"))
        lines += _reasons(words, found)
    elif inquiry.officer_name:
        key = "topic.card.handled" if state in (State.ANSWERED, State.CLOSED) else "topic.card.held"
        lines.append(words.say(key, officer=inquiry.officer_name))
    elif state is not State.CLOSED:
        lines.append(words.say("topic.card.nobody"))
    if inquiry.rating is not None:
        comment = f" «{cut(inquiry.rating_comment, 300)}»" if inquiry.rating_comment else ""
        lines.append(words.say("topic.card.rating", rating=inquiry.rating, comment=comment))
    return lines


def _reasons(words: Words, found: Queued) -> list[str]:
    """Return why the bot thinks of each candidate, in the order of their buttons."""
    why = [(each["name"], each.get("reason")) for each in found.inquiry.candidates[: buttons.CANDIDATES]]
    return [words.say("topic.card.reason", department=name, reason=cut(reason, 200)) for name, reason in why if reason]
