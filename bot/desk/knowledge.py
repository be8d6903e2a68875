"""What the knowledge base has to say, for officers: beside an inquiry, and for a question of their own."""

from dataclasses import dataclass
from datetime import date

from starlette.responses import Response

from bot.desk.desk import Desk
from bot.desk.visit import Visit
from bot.handlers.pipeline import readable
from bot.knowledge.entries import Entry
from bot.knowledge.verdict import DepartmentGuess

SHOWN = 4
ASKED_AT_MOST = 1000
"""characters of a question that an officer asks the knowledge base"""


@dataclass(frozen=True)
class Applying:
    """Entries that may apply, best first, and the departments that may be competent, with reasons."""

    entries: tuple[Entry, ...]
    departments: tuple[DepartmentGuess, ...]


async def applying(desk: Desk, text: str, entry_id: str | None = None) -> Applying:
    """Look a text up as a member would be answered; the entry that the bot gave comes first."""
    verdict = await desk.knowledge.look_up_off_loop(text, audience="member", on=desk.today)
    given = desk.knowledge.entry(entry_id) if entry_id else None
    found = [given, *(candidate.entry for candidate in verdict.candidates)]
    entries = dict.fromkeys(entry for entry in found if entry is not None)
    return Applying(tuple(entries)[:SHOWN], verdict.departments)


async def ask(visit: Visit) -> Response:
    """An officer asks the knowledge base, by what is in force today or was on another day; nothing of it is kept."""
    question = readable(visit.request.query_params.get("q", "")).strip()[:ASKED_AT_MOST]
    typed = readable(visit.request.query_params.get("on", "")).strip()[:40]
    verdict, error, on = None, "", None
    try:
        on = date.fromisoformat(typed) if typed else None
    except ValueError:
        error = visit.words.say("desk.day_unreadable", given=typed)
    if question and not error:
        if on is None:
            verdict = await visit.desk.knowledge.look_up_as_asked(question, audience="member", today=visit.desk.today)
            on = verdict.as_of
        else:
            verdict = await visit.desk.knowledge.look_up_off_loop(question, audience="member", on=on)
    status = 422 if error else 200
    return visit.page("ask.html", status, question=question, verdict=verdict, on=on, typed_on=typed, error=error)
