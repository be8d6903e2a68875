"""What the public and the personal pages stand on."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from bot.clock import Clock
from bot.consultation.consultations import Consultations
from bot.consultation.taking_part import TakingPart
from bot.locales.catalogue import Catalogue
from bot.membership.links import Links
from bot.subscriptions.subscriptions import Subscriptions
from bot.surveys.surveys import Surveys
from storage.database import Database

if TYPE_CHECKING:
    from bot.consultation.tables import Tables


@dataclass(frozen=True)
class Site:
    """The dependencies. secure_cookies: people reach it over https only."""

    database: Database
    catalogue: Catalogue
    clock: Clock
    consultations: Consultations
    taking_part: TakingPart
    subscriptions: Subscriptions
    surveys: Surveys
    links: Links
    secure_cookies: bool
    default_language: str = "vi"

    @property
    def now(self) -> datetime:
        return self.clock.now()

    @cached_property
    def tables(self) -> "Tables":
        from bot.consultation.tables import Tables  # brings python-docx and openpyxl along, which a start does without

        return Tables(self.catalogue)
