"""The knowledge base as the rest of the system sees it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from bot.knowledge.directory import Directory
from bot.knowledge.documents import Documents
from bot.knowledge.entries import Audience, Entry, Language
from bot.knowledge.problems import Problem
from bot.knowledge.verdict import Verdict


class Knowledge:
    """Looks questions up. Safe to use from several threads; `reload` swaps the whole state at once."""

    @classmethod
    def load(cls, faq_dir: Path, *, today: date) -> Knowledge:
        """Read, check and index the files. Raises KnowledgeFilesError with everything that is wrong."""
        raise NotImplementedError

    def reload(self, *, today: date | None = None) -> tuple[Problem, ...]:
        """Build beside and swap; return the warnings. Raises KnowledgeFilesError and keeps the old state."""
        raise NotImplementedError

    @property
    def warnings(self) -> tuple[Problem, ...]:
        raise NotImplementedError

    @property
    def directory(self) -> Directory:
        raise NotImplementedError

    @property
    def documents(self) -> Documents:
        raise NotImplementedError

    def entry(self, entry_id: str) -> Entry | None:
        raise NotImplementedError

    def look_up(self, text: str, *, language: Language | None = None, audience: Audience = "public", on: date) -> Verdict:
        """Decide what to do with a message. Never raises on any text."""
        raise NotImplementedError

    async def look_up_off_loop(
        self, text: str, *, language: Language | None = None, audience: Audience = "public", on: date
    ) -> Verdict:
        """The same, in the one thread that searches, so that the event loop is never held."""
        raise NotImplementedError
