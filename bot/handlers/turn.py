"""One turn of a conversation: what a handler is given, and how it answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from bot.access.links import OfficerLinks
from bot.clock import Clock
from bot.consultation.taking_part import TakingPart
from bot.delivery.ledger import Ledger, Recipient
from bot.delivery.message import Button, Message
from bot.errors import HelpdeskError
from bot.escalation.inquiries import Inquiries
from bot.escalation.keeping import Asker, Candidate
from bot.escalation.routing import candidates_of
from bot.escalation.tracking import TrackingCodes
from bot.handlers.incoming import Incoming
from bot.knowledge.entries import Audience
from bot.knowledge.service import Knowledge
from bot.knowledge.verdict import Decision, Verdict
from bot.locales.catalogue import LANGUAGES, Catalogue
from bot.membership.accounts import Account, Accounts
from bot.membership.invitations import Invitations
from bot.membership.links import Links
from bot.metrics import DECISIONS
from bot.outreach.answers import CampaignAnswers
from bot.subscriptions.subscriptions import Subscriptions
from bot.surveys.surveys import Surveys
from storage.ids import new_id
from storage.unit_of_work import UnitOfWork

_WORDS_THAT_TELL = 3
_ID_BELOW = 2**63
"""what a column of ours holds"""
TEXT_SHOWN = 3500
"""characters of a message of ours: below what the narrowest channel takes in one piece after translation of its markup"""


@dataclass(frozen=True)
class Services:
    """What conversations may call. They hold the rules; a handler only decides which to call and what to say."""

    inquiries: Inquiries
    knowledge: Knowledge
    accounts: Accounts
    invitations: Invitations
    officer_links: OfficerLinks
    ledger: Ledger
    catalogue: Catalogue
    clock: Clock
    default_language: str
    hotline_contact: str
    """how the special team is reached, as the operator set it; may be empty"""
    base_url: str
    """where people reach our pages"""
    taking_part: TakingPart
    subscriptions: Subscriptions
    surveys: Surveys
    links: Links
    tracking: TrackingCodes
    campaign_answers: CampaignAnswers


class Turn:
    """What one person did, who they are, and the transaction in which they are answered. `say` sends nothing: it writes
    to the ledger, and what is there goes out after the commit."""

    def __init__(
        self,
        incoming: Incoming,
        uow: UnitOfWork,
        account: Account,
        services: Services,
        *,
        asked: str = "",
        verdict: Verdict | None = None,
    ) -> None:
        self.incoming = incoming
        self.uow = uow
        self.account = account
        self.services = services
        self.asked = asked
        """the part of what they wrote that may be a question: the text, or what follows a command; may be empty"""
        self.verdict = verdict
        """what the knowledge base makes of `asked`; none where that is empty or too long to be looked up"""
        self.stands = False
        """the turn itself has written down where the person stands"""
        self.sealed = False
        """nothing of what the person wrote may be kept: it belongs to the special team alone"""
        self.outcome = "said_nothing"
        self._offers_language = account.is_new
        self.opened_id = new_id()
        """comes before the ids of everything that the turn says: what the person wrote stands above the answer"""

    # Who and when

    @property
    def language(self) -> str:
        """The language that the person chose, else that of their question, else the one their app is set to."""
        asked_in = self.verdict.language if self.verdict is not None and self._tells_language() else None
        wanted = self.account.language or asked_in or self.incoming.language
        return wanted if wanted in LANGUAGES else self.services.default_language

    def _tells_language(self) -> bool:
        """Say whether what they wrote is enough to go by: neither a command with a code nor a word or two."""
        small = self.verdict is not None and self.verdict.decision is Decision.SMALLTALK
        return not small and not self.text.lstrip().startswith("/") and len(self.asked.split()) >= _WORDS_THAT_TELL

    @property
    def now(self) -> datetime:
        return self.services.clock.now()

    @property
    def today(self) -> date:
        """The day in the operator's time zone, on which an answer's legal ground must be in force."""
        return self.now.astimezone(self.services.catalogue.timezone).date()

    @property
    def audience(self) -> Audience:
        return self.account.audience

    @property
    def asker(self) -> Asker:
        account = self.account
        return Asker(
            contact_id=account.contact_id,
            account_id=account.id,
            channel=account.channel,
            language=self.language,
            name=account.name,
            enterprise_id=account.enterprise_id,
            is_member=account.is_member,
            claimed_tax_code=account.claimed_tax_code,
            claimed_company=account.claimed_company,
            origin=None if self.incoming.edited else self.incoming.message_id,
        )

    # What they did

    @property
    def text(self) -> str:
        return self.incoming.text

    @property
    def argument(self) -> str:
        """What follows a command: the code in `/start CODE`."""
        _, _, rest = self.incoming.text.strip().partition(" ")
        return rest.strip()

    @property
    def action_arguments(self) -> list[str]:
        """What follows the name in a button's action: `rate:5:17` gives ["5", "17"]."""
        return self.incoming.action.split(":")[1:]

    async def ask(self, text: str) -> None:
        """Have the knowledge base look at a text that was written earlier, as if it had been written now."""
        self.asked = text
        self.verdict = await self.services.knowledge.look_up_as_asked(text, audience=self.audience, today=self.today)

    def candidates(self) -> list[Candidate]:
        """Return who may be competent for `asked`, best first, for the region in which the enterprise's office is."""
        if self.verdict is None:
            return []
        directory = self.services.inquiries.directory
        return candidates_of(self.verdict.departments, directory, region=self.account.region, text=self.asked)

    def decided(self, decision: Decision) -> None:
        """Count what the knowledge base decided about a question, once it is committed."""
        self.outcome = str(decision)
        self.uow.after_commit(DECISIONS.labels(str(decision)).inc)

    def id_in_action(self, place: int) -> int | None:
        """Return the id at that place behind the action's name; none where there is no usable number."""
        given = self.action_arguments[place : place + 1]
        if not given or not given[0].isascii() or not given[0].isdigit() or len(given[0]) > len(str(_ID_BELOW)):
            return None
        return number if (number := int(given[0])) < _ID_BELOW else None

    # Answering

    def words(self, key: str, **params: Any) -> str:
        """Return a sentence of the catalogue in the person's language."""
        return self.services.catalogue.say(key, self.language, **params)

    def explain(self, error: HelpdeskError, *, buttons: Sequence[Sequence[Button]] = (), beside: bool = False) -> None:
        """Say what is wrong and how to mend it. beside: see `Message`."""
        params = {name: self._in_words(name, value) for name, value in error.params.items()}
        words = self.words(f"error.{error.code}", **params)
        self.say_text(words, buttons=buttons or [[self.button("button.menu", "menu")]], beside=beside)
        self.outcome = "refused"

    def _in_words(self, name: str, value: object) -> object:
        key = f"{name}.{value}"
        return self.words(key) if name in ("state", "action") and self.services.catalogue.has(key) else value

    def button(self, key: str, action: str, **params: Any) -> Button:
        return Button(self.words(key, **params), action)

    def say(
        self,
        key: str,
        *,
        buttons: Sequence[Sequence[Button]] = (),
        inquiry_id: int | None = None,
        beside: bool = False,
        **params: Any,
    ) -> int:
        """Answer with a sentence of the catalogue; return the delivery's id. A `due` is also the message's deadline."""
        words = self.words(key, **params)
        return self.say_text(words, buttons=buttons, inquiry_id=inquiry_id, deadline=params.get("due"), beside=beside)

    def say_text(
        self,
        text: str,
        *,
        buttons: Sequence[Sequence[Button]] = (),
        inquiry_id: int | None = None,
        deadline: datetime | None = None,
        beside: bool = False,
    ) -> int:
        """beside: see `Message`."""
        if self._offers_language and not any(b.action.startswith("lang:") for row in buttons for b in row):
            # beside the first answer of all, never in its place
            other = [self.button(f"button.language_{each}", f"lang:{each}") for each in LANGUAGES if each != self.language]
            buttons = [*buttons, other]
        self._offers_language = False
        to = Recipient(self.account.id, self.account.channel, self.account.external_id)
        message = Message(text[:TEXT_SHOWN], tuple(tuple(row) for row in buttons if row), deadline=deadline, beside=beside)
        self.outcome = "said" if self.outcome == "said_nothing" else self.outcome
        return self.services.ledger.add(self.uow, to, message, kind="reply", inquiry_id=inquiry_id)

    # Where they stand

    def remember(self, step: str, **data: Any) -> None:
        """Write down where the person stands: their next free text goes to the handler of this step."""
        self.stands = True
        self.account = self.services.accounts.stand(self.uow, self.account, step, data)

    def forget(self) -> None:
        self.account = self.services.accounts.stand(self.uow, self.account, None, {})

    @property
    def memory(self) -> dict[str, Any]:
        """What `remember` wrote down with the step."""
        return dict(self.account.step_data)

    def seal(self) -> None:
        """Keep nothing of what the person wrote in this turn."""
        self.sealed = True
