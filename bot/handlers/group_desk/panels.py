"""What an officer looks up from a topic: the history, similar inquiries that were answered, the entries that apply."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process
from sqlalchemy.engine import RowMapping

from bot.handlers.group_desk.scene import GroupServices, Scene
from bot.knowledge.entries import Entry
from bot.knowledge.language.vietnamese import fold
from bot.topics.buttons import ENTRIES, HISTORY, SIMILAR
from bot.topics.words import TEXT_SHOWN, cut, shortened
from storage import answers
from storage import inquiries as stored
from storage.database import Database
from storage.inquiries import InquiryRecord

_ENTRIES = 3
_SIMILAR = 3
_COMPARED = 1000
_ALIKE = 55
"""of 100: below it two questions share a few words and no more"""
_HISTORY = 25


@dataclass(frozen=True)
class Found:
    """What was looked up before the turn: neither the ranking nor a comparison belongs into a transaction."""

    entries: tuple[Entry, ...] = ()
    similar: tuple[RowMapping, ...] = ()


async def look_up(services: GroupServices, database: Database, panel: str, inquiry: InquiryRecord) -> Found:
    if panel == ENTRIES:
        today = services.clock.now().astimezone(services.words.catalogue.timezone).date()
        verdict = await services.knowledge.look_up_off_loop(inquiry.text, audience="member", on=today)
        given = services.knowledge.entry(inquiry.entry_id) if inquiry.entry_id else None
        entries = [given, *(candidate.entry for candidate in verdict.candidates)]
        return Found(entries=tuple(dict.fromkeys(each for each in entries if each is not None))[:_ENTRIES])
    if panel == SIMILAR:
        async with database.read() as uow:
            # Everybody in the group reads it: nothing of another department may be shown there, whoever asks.
            known = await answers.answered_in(uow, inquiry.department_id, but=inquiry.id, limit=_COMPARED)
        return Found(similar=tuple(await asyncio.to_thread(alike, inquiry.text, known)))
    return Found()


def alike(text: str, known: Sequence[RowMapping]) -> list[RowMapping]:
    """Return the inquiries whose question is most like the text, best first."""
    questions = [fold(row["question"]).lower() for row in known]
    best = process.extract(fold(text).lower(), questions, scorer=fuzz.token_set_ratio, limit=_SIMILAR, score_cutoff=_ALIKE)
    return [known[place] for _, _, place in best]


async def show(scene: Scene, panel: str, found: Found) -> None:
    """Put the panel into the topic."""
    if panel == HISTORY:
        text = await _history(scene)
    elif panel == SIMILAR:
        text = _similar(scene, found)
    else:
        text = _entries(scene, found)
    scene.post("panel", {"text": cut(text, TEXT_SHOWN)})


async def _history(scene: Scene) -> str:
    rows = (await stored.history(scene.uow, scene.inquiry.id))[-_HISTORY:]
    words = scene.words
    lines = [f"{words.short(row['at'])}  {words.happened(row)}" for row in rows]
    return "\n".join([scene.say("topic.panel.history", number=scene.inquiry.number), "", *lines])


def _similar(scene: Scene, found: Found) -> str:
    if not found.similar:
        return scene.say("topic.panel.similar_none")
    parts = [scene.say("topic.panel.similar", number=scene.inquiry.number)]
    for row in found.similar:
        question, answer = shortened(row["question"], 200), cut(row["answer"], 700)
        parts.append(scene.say("topic.panel.similar_line", number=row["number"], question=question, answer=answer))
    return "\n\n".join(parts)


def _entries(scene: Scene, found: Found) -> str:
    if not found.entries:
        return scene.say("topic.panel.entries_none")
    parts = [scene.say("topic.panel.entries", number=scene.inquiry.number)]
    for entry in found.entries:
        wording = entry.wording(scene.inquiry.language)
        cites = "; ".join(f"{each.place}, {each.document}" for each in entry.citations)
        parts.append(f"▪ {wording.question}\n{cut(wording.answer, 900)}\n({cites})")
    return "\n\n".join(parts)
