"""Telling people what happened to an inquiry: the enterprise by its channel, officers on their desk."""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from bot.clock import Clock
from bot.delivery.ledger import BY_HAND, Ledger, Recipient
from bot.delivery.message import Attachment, Button, Message
from bot.locales.catalogue import LANGUAGES, Catalogue
from storage import deliveries
from storage import inquiries as stored
from storage.ids import new_id
from storage.inquiries import InquiryRecord, RecipientRow
from storage.models import OfficerNotice
from storage.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class Reminder:
    """What has a notice told again. told_at: empty when it must wait for `repeat_at` to be told at all."""

    rung_id: int
    told_at: datetime | None
    repeat_at: datetime


_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class Notices:
    def __init__(self, ledger: Ledger, catalogue: Catalogue, clock: Clock, default_language: str) -> None:
        self._ledger = ledger
        self._catalogue = catalogue
        self._clock = clock
        self._default_language = default_language

    async def tell_enterprise(
        self,
        uow: UnitOfWork,
        inquiry: InquiryRecord,
        key: str,
        *,
        buttons: tuple[tuple[tuple[str, str], ...], ...] = (),
        files: tuple[Attachment, ...] = (),
        kind: str = "notice",
        once: str | None = None,
        replaces: str | None = None,
        reply: bool = False,
        purpose: str = "",
        asks: bool = False,
        **params: Any,
    ) -> int:
        """Add a message to the person who asked, in their language; return the delivery's id. reply: see `address`.

        buttons: rows of (key of the label, action). once: a key that lets the same message exist only once. A `due` among
        the values is also the message's deadline. asks: see `Message`.
        """
        to = await self.address(uow, inquiry, reply=reply)
        # Whoever chose no language is told in the one that they asked in.
        language = next((each for each in (to.language, inquiry.language) if each in LANGUAGES), self._default_language)
        say = self._catalogue.say
        params = {name: value[language] if isinstance(value, dict) else value for name, value in params.items()}
        message = Message(
            text=say(key, language, number=inquiry.number, **params),
            buttons=tuple(tuple(Button(say(label, language), action) for label, action in row) for row in buttons),
            files=files,
            deadline=params.get("due"),
            purpose=purpose,
            facts=self._facts(inquiry, params) if purpose else (),
            asks=asks,
        )
        recipient = Recipient(to.account_id, to.channel, to.external_id)
        delivery_id = self._ledger.add(uow, recipient, message, kind=kind, inquiry_id=inquiry.id, key=once, replaces=replaces)
        if to.channel in BY_HAND:
            await self._have_it_passed_on(uow, inquiry, delivery_id)
        return delivery_id

    async def address(self, uow: UnitOfWork, inquiry: InquiryRecord, *, reply: bool) -> RecipientRow:
        """Return the account at which the person is told something: a reply where they last wrote, anything else where they
        prefer to be told, and neither where nothing arrives."""
        accounts = await stored.accounts_of_person(uow, inquiry.account_id)
        reached = [each for each in accounts if each.unreachable is None] or accounts
        wanted = [each for each in reached if not reply and each.channel == each.preferred_channel]
        # Where nobody knows when they wrote, the account on which they asked comes first.
        return max(wanted or reached, key=lambda each: (each.active_at or _LONG_AGO, each.account_id == inquiry.account_id))

    @staticmethod
    def _facts(inquiry: InquiryRecord, params: dict[str, Any]) -> tuple[tuple[str, str], ...]:
        title = " ".join(inquiry.text.split())[:100]
        department = str(params.get("department", ""))
        return (("number", inquiry.number), ("department", department), ("title", title))

    async def _have_it_passed_on(self, uow: UnitOfWork, inquiry: InquiryRecord, delivery_id: int) -> None:
        """Nobody but an officer can tell this person anything: the department's, or a coordinator while there is none."""
        await self.tell_officers(
            uow,
            inquiry,
            "officer.tell_by_hand",
            audience="officer" if inquiry.department_id else "coordinator",
            department_id=inquiry.department_id,
            once=f"by_hand:{delivery_id}",
        )

    async def correct(self, uow: UnitOfWork, inquiry: InquiryRecord, kind: str, *, before: str, text: str) -> None:
        """Tell the person who asked that what they were told (`answer`, `ask_back`) reads otherwise now: in the message that
        they have, where the platform lets us change it, else in one of its own."""
        sent = [row for row in await deliveries.of_inquiry(uow, inquiry.id) if before in row["content"].get("text", "")]
        to = await self.address(uow, inquiry, reply=False)
        there = bool(sent) and sent[-1]["state"] == "sent" and sent[-1]["account_id"] == to.account_id
        replaces = sent[-1]["platform_message_id"] if there else None
        key = "notice.corrected_answer" if kind == "answer" else "notice.corrected_ask_back"
        actions = (("button.solved", "solved"), ("button.not_solved", "unsolved"))
        below = actions if kind == "answer" else (("button.reply", "reply"),)
        await self.tell_enterprise(
            uow,
            inquiry,
            key,
            kind="answer",
            department=inquiry.department_name or "",
            text=text,
            replaces=replaces,
            asks=kind == "ask_back",
            buttons=(tuple((label, f"{action}:{inquiry.id}") for label, action in below),),
        )

    async def tell_officers(
        self,
        uow: UnitOfWork,
        inquiry: InquiryRecord,
        text_key: str,
        *,
        audience: str,
        department_id: str | None,
        once: str,
        reminder: Reminder | None = None,
        **params: Any,
    ) -> None:
        """Put a notice on the desk of a department's officers or lead, of the coordinators or their head.

        once: a key of the change that this is about. A second notice with it is refused by the database, and its transaction
        with it: the caller's own change is guarded, and can be made only once. reminder: told again until somebody has seen it.
        """
        uow.insert(
            OfficerNotice,
            id=new_id(),
            department_id=department_id,
            audience=audience,
            inquiry_id=inquiry.id,
            key=once,
            text_key=text_key,
            params={"number": inquiry.number, **params},
            created_at=self._clock.now(),
            **(asdict(reminder) if reminder else {}),
        )

    def tell_department(
        self, uow: UnitOfWork, text_key: str, *, audience: str, department_id: str, once: str, **params: Any
    ) -> None:
        """Put a notice on a department's desk that is about no inquiry. once: as in `tell_officers`."""
        uow.insert(
            OfficerNotice,
            id=new_id(),
            department_id=department_id,
            audience=audience,
            key=once,
            text_key=text_key,
            params=params,
            created_at=self._clock.now(),
        )
