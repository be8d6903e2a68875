"""`donghanh faq gaps` and `donghanh faq coverage`: what the knowledge base still lacks."""

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.running import explained, settings, with_core

if TYPE_CHECKING:
    from bot.app import Core
    from bot.knowledge.service import Knowledge
    from bot.settings import Settings

SHOWN = 40


def add_to(faq: typer.Typer) -> None:
    faq.command("gaps")(gaps)
    faq.command("coverage")(coverage)


def gaps(
    days: Annotated[int, typer.Option(min=1, max=3650, help="how far back to look")] = 90,
    limit: Annotated[int, typer.Option(min=1, max=500, help="how many groups to show")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object a line instead of text")] = False,
) -> None:
    """Group the questions that found nothing, chose no suggestion or were not helped; the most frequent first."""

    async def act(core: "Core") -> None:
        from bot.app import today
        from bot.learning.gaps import Gaps

        found = await Gaps(core.database, core.knowledge).groups(
            since=core.clock.now() - timedelta(days=days), today=today(core.clock, core.settings), limit=limit
        )
        for group in found:
            state = "answered by now" if group.answered_now else "a case of one's own" if group.concrete else ""
            if as_json:
                shown = {
                    "count": group.count,
                    "why": group.why,
                    "first": group.first.isoformat(),
                    "last": group.last.isoformat(),
                    "texts": group.texts,
                    "decision_now": str(group.now.decision),
                    "nearest": group.now.candidates[0].id if group.now.candidates else None,
                }
                print(json.dumps(shown, ensure_ascii=False))
                continue
            why = ", ".join(f"{count} {reason.replace('_', ' ')}" for reason, count in group.why.items())
            print(f"{group.count:>4}  {group.texts[0] if group.texts else '-'}" + (f"  [{state}]" if state else ""))
            print(f"      {why}; last on {group.last.astimezone(core.settings.zone):%d/%m/%Y}")
            for text in group.texts[1:4]:
                print(f"      · {text}")
        if not found and not as_json:
            print(f"No question was left without an answer in the last {days} days.")

    with_core(act, searches=True)


def coverage(
    every: Annotated[bool, typer.Option("--all", help="also the places that are answered only by what they lie in")] = False,
) -> None:
    """List the places of the law that no entry answers from, and the entries with fewer than six paraphrases."""
    from datetime import UTC, datetime

    from bot.knowledge.files import coverage as covering
    from bot.knowledge.service import Knowledge

    found = settings()
    with explained(found):
        today = datetime.now(UTC).astimezone(found.zone).date()
        knowledge = Knowledge.load(found.faq_dir, today=today)
        law = _imported(found, knowledge)
    entries = knowledge.entries.values()
    for each in covering.coverage(entries, knowledge.documents, law, on=today):
        source = "imported" if each.imported else "not imported; concluded from what is cited"
        print(f"{each.document} ({source}): {each.cited} of {each.places} places have an entry")
        for place, inside in covering.topmost(each.missing):
            print(f"  no entry: {place}" + (f" (and {inside} inside it)" if inside else ""))
        if each.only_around and not every:
            print(f"  {len(each.only_around)} more only through an entry on what they lie in (--all lists them)")
        for place in each.only_around if every else ():
            print(f"  only through what it lies in: {place}")
    few = covering.few_paraphrases(entries)
    for entry, count in few:
        print(f"{entry.file}:{entry.line}: {entry.id} has {count} paraphrases, fewer than {covering.ENOUGH_PARAPHRASES}")
    print(f"{len(few)} of {len(knowledge.entries)} entries have fewer than {covering.ENOUGH_PARAPHRASES} paraphrases.")


def _imported(found: "Settings", knowledge: "Knowledge") -> dict[str, list[str]]:
    """Return the places of each imported document, in its order; nothing where no law has been imported yet.

    Reads the database and leaves it as it is, like the check of the files.
    """
    import asyncio
    from datetime import UTC, datetime
    from pathlib import Path

    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import DBAPIError

    from bot.clock import SystemClock
    from bot.knowledge.law.tree import Kind
    from bot.lawbooks.lawbooks import Lawbooks
    from storage.database import Database

    url = make_url(found.database())
    if url.get_backend_name() == "sqlite" and not (url.database and Path(url.database).is_file()):
        return {}

    async def look() -> dict[str, list[str]]:
        database = Database(found.database())
        try:
            lawbooks = Lawbooks(database, SystemClock(), lambda: knowledge.documents)
            passages = await lawbooks.passages(datetime.now(UTC).astimezone(found.zone).date())
        except DBAPIError:
            return {}  # made by an earlier program: it has no law, and this is not the place to change it
        finally:
            await database.close()
        places: dict[str, dict[str, None]] = {}
        for each in passages:
            if each.kind not in (Kind.PART, Kind.APPENDIX):  # these only hold what is cited
                places.setdefault(each.document, {})[each.place] = None
        return {document: list(listed) for document, listed in places.items()}

    return asyncio.run(look())
