"""What the pages stand on."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from bot.access.officers import Officers
from bot.access.sessions import Sessions
from bot.clock import Clock
from bot.consultation.consultations import Consultations
from bot.consultation.responding import Responding
from bot.escalation.inquiries import Inquiries
from bot.escalation.tracking import TrackingCodes
from bot.intake.recording import Intakes
from bot.knowledge.files.problems import Problem
from bot.knowledge.service import Knowledge
from bot.lawbooks.lawbooks import Lawbooks
from bot.learning.directory import DirectoryDesk
from bot.learning.drafts import Drafts, nobody
from bot.learning.gaps import Gaps
from bot.locales.catalogue import Catalogue
from bot.outreach.outreach import Outreach
from bot.signals import Signals
from bot.surveys.surveys import Surveys
from storage.database import Database
from storage.files import FileStore

if TYPE_CHECKING:
    from bot.consultation.tables import Tables
    from bot.surveys.tables import SurveyTables


@dataclass(frozen=True)
class Desk:
    """The dependencies of the desk.

    secure_cookies: people reach it over https only. published: awaited when an entry was approved and written.
    """

    database: Database
    inquiries: Inquiries
    knowledge: Knowledge
    catalogue: Catalogue
    clock: Clock
    signals: Signals
    files: FileStore
    officers: Officers
    sessions: Sessions
    outreach: Outreach
    secure_cookies: bool
    intakes: Intakes
    tracking: TrackingCodes
    directory: DirectoryDesk
    default_language: str = "vi"
    telegram: bool = False
    """officers may work in groups there"""
    telegram_name: Callable[[], str | None] | None = None
    """what the bot is called there, once it is known"""
    published: Callable[[], Awaitable[None]] = nobody
    wrong_files: Callable[[], Sequence[Problem]] = tuple
    """what keeps the files of the knowledge base from being taken over as they are now"""

    @property
    def now(self) -> datetime:
        return self.clock.now()

    @property
    def today(self) -> date:
        """The day in the operator's time zone."""
        return self.now.astimezone(self.catalogue.timezone).date()

    @cached_property
    def drafts(self) -> Drafts:
        """One for all pages: it lets one entry be written at a time."""
        return Drafts(
            self.database,
            self.clock,
            self.knowledge,
            folder=self.knowledge.folder,
            today=lambda: self.today,
            published=self.published,
        )

    @cached_property
    def lawbooks(self) -> Lawbooks:
        return Lawbooks(self.database, self.clock, lambda: self.knowledge.documents)

    @cached_property
    def gaps(self) -> Gaps:
        return Gaps(self.database, self.knowledge)

    @cached_property
    def consultations(self) -> Consultations:
        return Consultations(self.clock, default_language=self.default_language)

    @cached_property
    def responding(self) -> Responding:
        return Responding(self.clock)

    @cached_property
    def tables(self) -> "Tables":
        from bot.consultation.tables import Tables  # brings python-docx and openpyxl along, which a start does without

        return Tables(self.catalogue)

    @cached_property
    def surveys(self) -> Surveys:
        return Surveys(self.clock, default_language=self.default_language)

    @cached_property
    def survey_tables(self) -> "SurveyTables":
        from bot.surveys.tables import SurveyTables  # as above

        return SurveyTables(self.catalogue)
