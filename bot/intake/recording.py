"""Inquiries that came by telephone, e-mail or letter (1399/QĐ-TCHQ Điều 3 khoản 3 điểm d): written down by an officer, they run
the same clocks as any other, from the moment at which they were received.

Whoever asked is told on a chat of their enterprise where it has one and the officer has made sure that they speak for it; else
every message waits at the desk for an officer who passes it on by hand.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.clock import Clock
from bot.delivery.ledger import BY_HAND, Ledger
from bot.escalation.actors import BOT, Actor, ActorKind, Role
from bot.escalation.errors import RoleNotEnough
from bot.escalation.inquiries import Inquiries
from bot.escalation.keeping import Asker, IncomingFile, checked
from bot.escalation.routing import candidates_of, confident_candidate
from bot.intake import errors
from bot.knowledge.service import Knowledge
from bot.knowledge.verdict import Decision, Verdict
from bot.locales.catalogue import LANGUAGES
from bot.membership.accounts import MEMBER
from bot.membership.tax_codes import tax_code as checked_tax_code
from storage import intake as stored
from storage.database import Database
from storage.ids import new_id
from storage.inquiries import InquiryRecord
from storage.intake import Chat, IntakeRow
from storage.models import ChannelAccount, Contact, Intake
from storage.unit_of_work import UnitOfWork

RECORDS = (Role.OFFICER, Role.COORDINATOR, Role.ADMINISTRATOR)
LONGEST_AGO = timedelta(days=60)
_NAME_AT_MOST = 200
_REACH_AT_MOST = 300


@dataclass(frozen=True)
class Given:
    """What an officer writes down. verified: they made sure that the person speaks for the enterprise of the tax code.

    received_at: when it came (aware), not when it is typed. account_id: the chat on which the enterprise is told, else none.
    department_id: where a coordinator routes it at once.
    """

    means: str
    text: str
    received_at: datetime
    person: str = ""
    reach: str = ""
    tax_code: str = ""
    company: str = ""
    verified: bool = False
    language: str = "vi"
    account_id: int | None = None
    department_id: str = ""
    files: tuple[IncomingFile, ...] = ()


@dataclass(frozen=True)
class Recorded:
    """told: the enterprise was told its number on a chat; else the officer reads it out."""

    inquiry: InquiryRecord
    told: bool


@dataclass(frozen=True)
class Enterprise:
    id: int
    tax_code: str
    name: str
    membership: str
    region: str | None
    chats: Sequence[Chat]


class Intakes:
    """zone: the operator's, in whose days the law counts."""

    def __init__(
        self, database: Database, inquiries: Inquiries, knowledge: Knowledge, ledger: Ledger, clock: Clock, zone: ZoneInfo
    ) -> None:
        self._database = database
        self._inquiries = inquiries
        self._zone = zone
        self._knowledge = knowledge
        self._ledger = ledger
        self._clock = clock

    def tidied(self, given: Given, actor: Actor) -> Given:
        """Return it as it is kept. Raises what stands in the way; then nothing has been kept."""
        if actor.role not in RECORDS:
            raise RoleNotEnough(action="record")
        if given.means not in BY_HAND:
            raise errors.MeansUnknown(means=given.means[:40], known=", ".join(BY_HAND))
        now = self._clock.now()
        if given.received_at > now:
            raise errors.ReceivedAhead(at=given.received_at)
        if given.received_at < now - LONGEST_AGO:
            raise errors.ReceivedLongAgo(at=given.received_at, most=LONGEST_AGO.days)
        person = " ".join(given.person.split())[:_NAME_AT_MOST]
        if not person:
            raise errors.PersonMissing()
        if given.department_id and not actor.sees_all:
            raise RoleNotEnough(action="route")
        return replace(
            given,
            text=checked(given.text),
            person=person,
            reach=" ".join(given.reach.split())[:_REACH_AT_MOST],
            tax_code=checked_tax_code(given.tax_code) if given.tax_code.strip() else "",
            company=" ".join(given.company.split())[:_REACH_AT_MOST],
            language=given.language if given.language in LANGUAGES else LANGUAGES[0],
        )

    async def read(self, given: Given) -> Verdict:
        """Have the knowledge base look at it, before anything of it is kept. Raises IsReport."""
        today = self._clock.now().astimezone(self._zone).date()
        verdict = await self._knowledge.look_up_off_loop(given.text, audience="member", on=today)
        if verdict.decision is Decision.HOTLINE:
            raise errors.IsReport()
        return verdict

    async def enterprise(self, uow: UnitOfWork, tax_code: str) -> Enterprise | None:
        """Return the enterprise with its chats; none where nobody knows the code."""
        row = await stored.enterprise(uow, tax_code)
        if row is None:
            return None
        return Enterprise(
            row["id"], row["tax_code"], row["name"], row["membership"], row["region"], await stored.chats(uow, row["id"])
        )

    async def with_newest_chat(self, given: Given) -> Given:
        """Return it with the chat on which the enterprise was added last, for a program, which has nobody to choose one."""
        if not given.tax_code.strip():
            return given
        async with self._database.read() as uow:
            enterprise = await self.enterprise(uow, checked_tax_code(given.tax_code))
        chats = enterprise.chats if enterprise is not None else ()
        return replace(given, account_id=chats[0].account_id if chats else None)

    async def of(self, uow: UnitOfWork, inquiry_id: int) -> IntakeRow | None:
        """Return how an inquiry came that somebody wrote down; none for one that came by chat."""
        return await stored.of_inquiry(uow, inquiry_id)

    async def record(self, uow: UnitOfWork, given: Given, verdict: Verdict, actor: Actor) -> Recorded:
        """Make an inquiry of it and hand it to people. given: as `tidied` returns it; verdict: as `read` does."""
        found = await self.enterprise(uow, given.tax_code) if given.tax_code else None
        enterprise = found if given.verified else None
        chat = self._chat(given, enterprise)
        asker = self._asker(uow, given, enterprise, chat)
        region = enterprise.region if enterprise is not None else None
        candidates = candidates_of(verdict.departments, self._inquiries.directory, region=region, text=given.text)
        inquiry = await self._inquiries.receive(
            uow, asker, given.text, candidates=candidates, received_at=given.received_at, by=actor, files=given.files
        )
        uow.insert(
            Intake,
            inquiry_id=inquiry.id,
            means=given.means,
            person=given.person,
            reach=given.reach,
            recorded_at=self._clock.now(),
            recorded_by=actor.id if actor.kind is ActorKind.OFFICER else None,
            recorded_name=actor.name,
        )
        best = confident_candidate(candidates)
        to, router, by = given.department_id, actor, "coordinator"
        if not to and best is not None:
            to, router, by = best.department_id, BOT, "bot"
        inquiry = await self._inquiries.ask_officer(uow, inquiry, actor=actor, routed_at_once=bool(to))
        if to:
            inquiry = await self._inquiries.route(uow, inquiry, to, router, by=by, tell=False, at_once=True)
        if chat is not None:
            await self._inquiries.tell_recorded(uow, inquiry)
        return Recorded(inquiry, chat is not None)

    async def told_by_hand(self, uow: UnitOfWork, inquiry: InquiryRecord, delivery_id: int, actor: Actor) -> InquiryRecord:
        """An officer has passed on a message by telephone, e-mail or letter. Raises NotToldByHand."""
        inquiry = await self._inquiries.passed_on(uow, inquiry, actor)
        if not await self._ledger.told_by_hand(uow, delivery_id, inquiry_id=inquiry.id):
            raise errors.NotToldByHand()
        return inquiry

    def _chat(self, given: Given, enterprise: Enterprise | None) -> Chat | None:
        if given.account_id is None:
            return None
        chats = enterprise.chats if enterprise is not None else ()
        chat = next((each for each in chats if each.account_id == given.account_id), None)
        if chat is None:
            raise errors.ChatUnknown()
        return chat

    def _asker(self, uow: UnitOfWork, given: Given, enterprise: Enterprise | None, chat: Chat | None) -> Asker:
        if chat is not None:
            contact_id, account_id = chat.contact_id, chat.account_id
        else:
            contact_id, account_id = self._somebody(uow, given, enterprise)
        return Asker(
            contact_id,
            account_id,
            given.means,
            (chat.language if chat is not None else None) or given.language,
            given.person,
            enterprise_id=enterprise.id if enterprise is not None else None,
            is_member=enterprise is not None and enterprise.membership == MEMBER,
            claimed_tax_code=None if enterprise is not None else given.tax_code or None,
            claimed_company=None if enterprise is not None else given.company or None,
        )

    def _somebody(self, uow: UnitOfWork, given: Given, enterprise: Enterprise | None) -> tuple[int, int]:
        """Add somebody who can only be reached by hand; a second call is somebody new, since nobody proves who they are."""
        contact_id, account_id = new_id(), new_id()
        now = self._clock.now()
        uow.insert(
            Contact,
            id=contact_id,
            enterprise_id=enterprise.id if enterprise is not None else None,
            name=given.person,
            language=given.language,
            claimed_tax_code=None if enterprise is not None else given.tax_code or None,
            claimed_company=None if enterprise is not None else given.company or None,
            created_at=now,
        )
        uow.insert(
            ChannelAccount,
            id=account_id,
            contact_id=contact_id,
            channel=given.means,
            external_id=str(account_id),
            step_data={},
            unreachable="by_hand",
            created_at=now,
        )
        return contact_id, account_id
