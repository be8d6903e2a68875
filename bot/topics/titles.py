"""The title of a topic: number, enterprise, time left. It changes at steps, never with each minute: a change of title is a
message to everybody in the group, and counts as one for the platform's limits."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.escalation.states import State
from bot.topics.words import Words, shortened
from storage.queue import Queued

LONGEST = 128
"""UTF-16 units, as Telegram counts"""
_COMPANY = 60
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
STEPS = (timedelta(minutes=30), _HOUR, 2 * _HOUR, 4 * _HOUR, 8 * _HOUR, 12 * _HOUR, *(n * _DAY for n in range(1, 8)))
"""what is left is shown as less than the next of these"""
_SOON = 2 * _HOUR


@dataclass(frozen=True)
class Title:
    """changes_at: when it must say something else though nothing happens; None: never."""

    text: str
    changes_at: datetime | None = None


def title(words: Words, found: Queued, now: datetime) -> Title:
    """Return the title of an inquiry that is with the group's department."""
    inquiry = found.inquiry
    state = State(inquiry.state)
    if state is State.WAITING_FOR_ENTERPRISE:
        return Title(_put(words, found, "", words.say("topic.title.waits")))
    if state is State.DEFERRED and inquiry.deferred_until is not None:
        return Title(_put(words, found, "", words.say("topic.title.deferred", until=words.short(inquiry.deferred_until))))
    if state in (State.ANSWERED, State.CLOSED):
        return Title(_put(words, found, "✅ ", words.say(f"topic.title.{state}")))
    due = inquiry.due_at
    if due is None:
        return Title(_put(words, found, "", words.named("state", state).lower()))
    left = due - now
    if left <= timedelta():
        return Title(_put(words, found, "🔴 ", words.say("topic.title.over")))
    above = next((step for step in STEPS if left <= step), None)
    if above is None:
        day = due.astimezone(words.catalogue.timezone).strftime("%d/%m")
        return Title(_put(words, found, "", words.say("topic.title.due", day=day)), due - STEPS[-1])
    below = max((step for step in STEPS if step < left), default=timedelta())
    mark = "🟡 " if left <= _SOON else ""
    return Title(_put(words, found, mark, words.say("topic.title.left", left=above)), due - below)


def moved(words: Words, found: Queued, to: str | None) -> Title:
    """Return the title of a topic whose inquiry is with somebody else by now."""
    return Title(_put(words, found, "➡️ ", words.say("topic.title.moved", department=shortened(to or "", 40))))


def company(words: Words, found: Queued) -> str:
    """Return who asks, as far as one knows."""
    return found.enterprise_name or found.inquiry.claimed_company or words.say("topic.guest")


def _put(words: Words, found: Queued, mark: str, rest: str) -> str:
    text = f"{mark}{found.inquiry.number} · {shortened(company(words, found), _COMPANY)} · {rest}"
    while len(text.encode("utf-16-le")) // 2 > LONGEST:
        text = text[:-1]
    return text.strip()
