"""The knowledge base as the settings want it: for the program that serves and for the commands alike."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from bot.knowledge.search.passages import LawPassage
from bot.knowledge.service import Knowledge
from bot.knowledge.understanding import Meaning
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.lawbooks.lawbooks import Lawbooks


def load_knowledge(settings: Settings, *, today: date, waits: bool = True) -> Knowledge:
    """Read the files and what the settings say of meaning. Raises KnowledgeFilesError.

    waits: for vectors that are lacking; if not, words alone answer until they are computed.
    """
    meaning = Meaning.chosen(
        settings.embeddings,
        model=settings.embeddings_model,
        key=settings.embeddings_key.get_secret_value(),
        data_dir=settings.data_dir,
        waits=waits,
    )
    return Knowledge.load(settings.faq_dir, today=today, meaning=meaning)


def load_with_law(settings: Settings, *, today: date, on: date | None = None) -> Knowledge:
    """The same with the law that was imported, as it held on a day. For commands: not to be called on an event loop."""
    from sqlalchemy.engine import make_url

    knowledge = load_knowledge(settings, today=today)
    url = make_url(settings.database())
    if url.get_backend_name() != "sqlite" or (url.database and Path(url.database).is_file()):
        asyncio.run(_take_law(settings, knowledge, on or today))
    return knowledge


async def _take_law(settings: Settings, knowledge: Knowledge, on: date) -> None:
    """Have the law of that day searched; none from a database that was made before there was any, and which this does not
    change."""
    from sqlalchemy.exc import OperationalError, ProgrammingError

    from bot.lawbooks.of_the_day import LawOfTheDay

    async with _lawbooks(settings, knowledge) as lawbooks:
        with suppress(OperationalError, ProgrammingError):  # there is no such table
            await LawOfTheDay(lawbooks, knowledge, today=lambda: on).take()
            knowledge.earlier_law = _EarlierLaw(settings, knowledge)


@asynccontextmanager
async def _lawbooks(settings: Settings, knowledge: Knowledge) -> "AsyncIterator[Lawbooks]":
    from bot.clock import SystemClock
    from bot.lawbooks.lawbooks import Lawbooks
    from storage.database import Database

    database = Database(settings.database())
    try:
        yield Lawbooks(database, SystemClock(), lambda: knowledge.documents)
    finally:
        await database.close()


class _EarlierLaw:
    """The law of a day in the past, for a command: no connection outlives the event loop of one question."""

    def __init__(self, settings: Settings, knowledge: Knowledge) -> None:
        self._settings = settings
        self._knowledge = knowledge

    async def wording(self, on: date) -> object:
        async with _lawbooks(self._settings, self._knowledge) as lawbooks:
            return await lawbooks.wording(on)

    async def passages(self, on: date) -> Sequence[LawPassage]:
        async with _lawbooks(self._settings, self._knowledge) as lawbooks:
            return await lawbooks.passages(on)
