"""Where everything is put together. Nothing else makes services or channels; importing a module opens nothing."""

from dataclasses import dataclass
from datetime import date

from bot.access.links import OfficerLinks
from bot.clock import Clock, SystemClock
from bot.consultation.consultations import Consultations
from bot.consultation.invitations import Invitations as ConsultationInvitations
from bot.consultation.sweeping import ConsultationSweeper
from bot.consultation.taking_part import TakingPart
from bot.delivery.ledger import Ledger, Outbox
from bot.delivery.sender import Sender
from bot.delivery.transport import Limits
from bot.escalation.calendar import Calendars
from bot.escalation.history import Chain
from bot.escalation.inquiries import Inquiries
from bot.escalation.ladder import Ladder
from bot.escalation.notices import Notices
from bot.escalation.sweeps import Sweeper
from bot.escalation.tracking import TrackingCodes
from bot.handlers.group_desk.desk import GroupDesk
from bot.handlers.group_desk.scene import GroupServices
from bot.handlers.pipeline import Pipeline
from bot.handlers.router import Router, all_conversations
from bot.handlers.turn import Services
from bot.intake.recording import Intakes
from bot.knowledge.service import Knowledge
from bot.knowledge_base import load_knowledge
from bot.lawbooks.lawbooks import Lawbooks
from bot.lawbooks.of_the_day import LawOfTheDay
from bot.learning.directory import DirectoryDesk
from bot.learning.sharing import SharedKnowledge
from bot.leftovers import Leftovers
from bot.locales.catalogue import Catalogue
from bot.membership.accounts import Accounts
from bot.membership.invitations import Invitations
from bot.membership.links import Links
from bot.outreach.answers import CampaignAnswers
from bot.outreach.outreach import Outreach, build_outreach
from bot.public.site import Site
from bot.settings import Settings
from bot.signals import Signals
from bot.subscriptions.quiet import QuietHours
from bot.subscriptions.subscriptions import Subscriptions
from bot.subscriptions.telling import Telling
from bot.surveys.surveys import Surveys
from bot.surveys.sweeping import SurveySweeper
from bot.topics.groups import Groups
from bot.topics.topics import Topics
from bot.topics.words import Words
from storage.database import Database
from storage.files import FileStore


@dataclass
class Core:
    """The services of one process, without channels and pages."""

    settings: Settings
    clock: Clock
    database: Database
    files: FileStore
    leftovers: Leftovers
    catalogue: Catalogue
    knowledge: Knowledge
    shared: SharedKnowledge
    law: LawOfTheDay
    signals: Signals
    chain: Chain
    tracking: TrackingCodes
    notices: Notices
    inquiries: Inquiries
    services: Services
    router: Router
    pipeline: Pipeline
    sweeper: Sweeper
    intakes: Intakes
    directory_desk: DirectoryDesk
    topics: Topics
    group_desk: GroupDesk
    consultations: Consultations
    consultation_sweeper: ConsultationSweeper
    survey_sweeper: SurveySweeper
    owner: str
    ledger: Ledger
    outbox: Outbox
    outreach: Outreach


def today(clock: Clock, settings: Settings) -> date:
    """Return the day in the operator's time zone."""
    return clock.now().astimezone(settings.zone).date()


def build_core(settings: Settings, *, clock: Clock | None = None, knowledge: Knowledge | None = None) -> Core:
    """Make the services. Raises SettingsWrong or KnowledgeFilesError, and then has opened nothing."""
    clock = clock or SystemClock()
    key = settings.key()
    knowledge = knowledge or load_knowledge(settings, today=today(clock, settings), waits=False)
    catalogue = Catalogue(settings.zone)
    signals = Signals()
    chain = Chain(key)
    tracking = TrackingCodes(key, settings.public_url)
    outbox = Outbox()
    owner = Sender.new_owner()
    ledger = Ledger(clock, owner, outbox)
    notices = Notices(ledger, catalogue, clock, settings.default_language)
    calendars = Calendars(settings.zone, lambda: knowledge.working_time)
    database = Database(settings.database())
    words = Words(catalogue, settings.default_language)
    topics = Topics(database, directory=lambda: knowledge.directory, words=words, clock=clock, live=signals)
    inquiries = Inquiries(
        directory=lambda: knowledge.directory,
        notices=notices,
        chain=chain,
        calendars=calendars,
        clock=clock,
        routing_deadline=settings.routing_deadline,
        live=signals,
        watch=topics.changed if settings.telegram_token else None,
        reminded=topics.note if settings.telegram_token else None,
        reopen_within=settings.reopen_within,
        review_target=settings.review_target,
        tracking=tracking,
    )
    groups = Groups(database, channel="telegram", directory=lambda: knowledge.directory, notices=notices, clock=clock)
    ladder = Ladder(
        inquiries=inquiries,
        notices=notices,
        calendars=calendars,
        clock=clock,
        live=signals,
        remind_every=settings.reminder_interval,
    )
    accounts = Accounts()
    quiet = QuietHours(*settings.quiet, settings.zone)
    subscriptions = Subscriptions(clock, quiet)
    telling = Telling(ledger, subscriptions, settings.default_language)
    consultations = Consultations(clock, default_language=settings.default_language)
    surveys = Surveys(clock, default_language=settings.default_language)
    invitations = ConsultationInvitations(telling, catalogue, clock, base_url=settings.base_url)
    services = Services(
        inquiries=inquiries,
        knowledge=knowledge,
        accounts=accounts,
        invitations=Invitations(accounts, clock),
        officer_links=OfficerLinks(database, clock),
        ledger=ledger,
        catalogue=catalogue,
        clock=clock,
        default_language=settings.default_language,
        hotline_contact=settings.hotline_contact,
        base_url=settings.base_url,
        taking_part=TakingPart(consultations, clock),
        subscriptions=subscriptions,
        surveys=surveys,
        links=Links(clock),
        tracking=tracking,
        campaign_answers=CampaignAnswers(clock, ledger, catalogue, default_language=settings.default_language),
    )
    outreach = build_outreach(
        database=database,
        clock=clock,
        ledger=ledger,
        outbox=outbox,
        catalogue=catalogue,
        signals=signals,
        entry_question=lambda entry, language: _question(knowledge, entry, language, today(clock, settings)),
        quiet=quiet,
        subscriptions=subscriptions,
        recall_window=settings.recall_window,
        default_language=settings.default_language,
        limits={"webchat": Limits()} | ({"telegram": Limits(settings.telegram_rate_limit)} if settings.telegram_token else {}),
    )
    router = Router(all_conversations())
    files = FileStore(settings.files_dir)
    leftovers = Leftovers(database, files, clock)
    lawbooks = Lawbooks(database, clock, lambda: knowledge.documents)
    law = LawOfTheDay(lawbooks, knowledge, today=lambda: today(clock, settings))
    shared = SharedKnowledge(database, knowledge, signals, today=lambda: today(clock, settings))
    shared.reloaded = law.take
    return Core(
        settings=settings,
        clock=clock,
        database=database,
        files=files,
        leftovers=leftovers,
        catalogue=catalogue,
        knowledge=knowledge,
        shared=shared,
        law=law,
        signals=signals,
        chain=chain,
        tracking=tracking,
        notices=notices,
        inquiries=inquiries,
        services=services,
        router=router,
        pipeline=Pipeline(database, router, services, leftovers.discard),
        sweeper=Sweeper(database, inquiries, ladder, clock, ahead=settings.route_ahead),
        directory_desk=DirectoryDesk(database, knowledge, clock, signals),
        intakes=Intakes(database, inquiries, knowledge, ledger, clock, settings.zone),
        topics=topics,
        group_desk=GroupDesk(database, GroupServices(inquiries, knowledge, topics, groups, clock)),
        consultations=consultations,
        consultation_sweeper=ConsultationSweeper(database, clock, invitations),
        survey_sweeper=SurveySweeper(database, clock, surveys, telling, catalogue),
        owner=owner,
        ledger=ledger,
        outbox=outbox,
        outreach=outreach,
    )


def _question(knowledge: Knowledge, entry_id: str, language: str, on: date) -> str | None:
    """Return the question of an entry that can be shown on that day."""
    entry = knowledge.entries.get(entry_id)
    if entry is None or not entry.holds(on, knowledge.documents):
        return None
    return entry.wording(language).question


def make_site(core: Core) -> Site:
    """Return what the public and the personal pages stand on."""
    return Site(
        database=core.database,
        catalogue=core.catalogue,
        clock=core.clock,
        consultations=core.consultations,
        taking_part=core.services.taking_part,
        subscriptions=core.services.subscriptions,
        surveys=core.services.surveys,
        links=core.services.links,
        secure_cookies=core.settings.base_url.startswith("https://"),
        default_language=core.settings.default_language,
    )
