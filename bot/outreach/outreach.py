"""Everything of outreach, put together: what the composition makes once, and pages, programs and commands use."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from bot.clock import Clock
from bot.delivery.ledger import Ledger, Outbox
from bot.delivery.transport import Limits
from bot.locales.catalogue import Catalogue
from bot.outreach.audiences import Audiences
from bot.outreach.campaigns import Campaigns
from bot.outreach.plan import Carriers, Planner
from bot.outreach.progress import ProgressWatch
from bot.outreach.proof import Proofs
from bot.outreach.reminders import Reminders
from bot.outreach.runner import CampaignRunner
from bot.outreach.texts import Texts
from bot.outreach.waves import Waves
from bot.signals import Signals
from bot.subscriptions.quiet import QuietHours
from bot.subscriptions.subscriptions import Subscriptions
from storage.database import Database

EntryQuestion = Callable[[str, str], str | None]
"""the question of a published entry in a language; none where there is no such entry"""


@dataclass(frozen=True)
class Outreach:
    audiences: Audiences
    campaigns: Campaigns
    waves: Waves
    runner: CampaignRunner
    planner: Planner
    progress: ProgressWatch
    carriers: Carriers
    proofs: Proofs


def build_outreach(
    *,
    database: Database,
    clock: Clock,
    ledger: Ledger,
    outbox: Outbox,
    catalogue: Catalogue,
    signals: Signals,
    entry_question: EntryQuestion,
    quiet: QuietHours,
    subscriptions: Subscriptions,
    recall_window: timedelta,
    default_language: str,
    limits: Mapping[str, Limits],
) -> Outreach:
    """Make the services of outreach. quiet: the hours in which only what is urgent goes out. limits: of the channels that
    the settings name, for plans that are made where the channels do not run."""
    waves = Waves(database, clock, ledger, outbox, quiet, subscriptions, default_language=default_language)
    texts = Texts(catalogue, entry_question)
    audiences = Audiences(database, clock, default_language=default_language)
    campaigns = Campaigns(
        database,
        clock,
        waves,
        texts,
        audiences,
        knows_entry=lambda entry: entry_question(entry, default_language) is not None,
        default_language=default_language,
        recall_window=recall_window,
    )
    reminders = Reminders(database, clock, waves, texts, catalogue)
    runner = CampaignRunner(database, clock, campaigns, waves, reminders, signals)
    carriers = Carriers(limits)
    planner = Planner(database, clock, carriers, quiet, recall_window=recall_window, default_language=default_language)
    progress = ProgressWatch(database, clock)
    proofs = Proofs(database, catalogue, progress)
    return Outreach(audiences, campaigns, waves, runner, planner, progress, carriers, proofs)
