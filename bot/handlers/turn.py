"""One turn of a conversation: what a handler is given, and how it answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from bot.clock import Clock
from bot.delivery.ledger import Ledger, Recipient
from bot.delivery.message import Button, Message
from bot.escalation.inquiries import Inquiries
from bot.escalation.keeping import Asker
from bot.handlers.incoming import Incoming
from bot.knowledge.service import Knowledge
from bot.knowledge.verdict import Verdict
from bot.locales.catalogue import LANGUAGES, Catalogue
from bot.membership.accounts import Account, Accounts
from bot.membership.invitations import Invitations
from storage.ids import new_id
from storage.unit_of_work import UnitOfWork

TEXT_SHOWN = 3500
"""characters of a message of ours: below what the narrowest channel takes in one piece after translation of its markup"""


@dataclass(frozen=True)
class Services:
    """What conversations may call. They hold the rules; a handler only decides which to call and what to say."""

    inquiries: Inquiries
    knowledge: Knowledge
    accounts: Accounts
    invitations: Invitations
    ledger: Ledger
    catalogue: Catalogue
    clock: Clock
    default_language: str
    hotline_contact: str
    """how the special team is reached, as the operator set it; may be empty"""


class Turn:
    """What one person did, who they are, and the transaction in which they are answered. `say` sends nothing: it writes
    to the ledger, and what is there goes out after the commit."""

    def __init__(
        self, incoming: Incoming, uow: UnitOfWork, account: Account, services: Services, verdict: Verdict | None
    ) -> None:
        self.incoming = incoming
        self.uow = uow
        self.account = account
        self.services = services
        self._verdict = verdict
        self.sealed = False
        """nothing of what the person wrote may be kept: it belongs to the special team alone"""
        self.outcome = "said_nothing"
        self.opened_id = new_id()
        """comes before the ids of everything that the turn says: what the person wrote stands above the answer"""

    # Who and when

    @property
    def language(self) -> str:
        """The language that the person chose, else the one their app is set to, else the operator's default."""
        chosen = self.account.language or self.incoming.language
        return chosen if chosen in LANGUAGES else self.services.default_language

    @property
    def now(self) -> datetime:
        return self.services.clock.now()

    @property
    def today(self) -> date:
        """The day in the operator's time zone, on which an answer's legal ground must be in force."""
        return self.now.astimezone(self.services.catalogue.timezone).date()

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

    def forget_verdict(self) -> None:
        self._verdict = None

    def verdict(self, text: str | None = None) -> Verdict:
        """Return what the knowledge base makes of the text (by default: of what they wrote)."""
        if text is None and self._verdict is not None:
            return self._verdict
        return self.services.knowledge.look_up(
            self.text if text is None else text,
            language="en" if self.language == "en" else "vi",
            audience="member" if self.account.is_member else "public",
            on=self.today,
        )

    # Answering

    def words(self, key: str, **params: Any) -> str:
        """Return a sentence of the catalogue in the person's language."""
        return self.services.catalogue.say(key, self.language, **params)

    def button(self, key: str, action: str, **params: Any) -> Button:
        return Button(self.words(key, **params), action)

    def say(self, key: str, *, buttons: Sequence[Sequence[Button]] = (), inquiry_id: int | None = None, **params: Any) -> int:
        """Answer with a sentence of the catalogue; return the delivery's id. A `due` is also the message's deadline."""
        words = self.words(key, **params)
        return self.say_text(words, buttons=buttons, inquiry_id=inquiry_id, deadline=params.get("due"))

    def say_text(
        self,
        text: str,
        *,
        buttons: Sequence[Sequence[Button]] = (),
        inquiry_id: int | None = None,
        deadline: datetime | None = None,
    ) -> int:
        to = Recipient(self.account.id, self.account.channel, self.account.external_id)
        message = Message(text[:TEXT_SHOWN], tuple(tuple(row) for row in buttons if row), deadline=deadline)
        self.outcome = "said" if self.outcome == "said_nothing" else self.outcome
        return self.services.ledger.add(self.uow, to, message, kind="reply", inquiry_id=inquiry_id)

    # Where they stand

    def remember(self, step: str, **data: Any) -> None:
        """Write down where the person stands: their next free text goes to the handler of this step."""
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
