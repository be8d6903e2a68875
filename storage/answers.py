"""What was answered: every answer with what it cites, as the history keeps it, and what people thought of the answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Text, and_, case, cast, func, or_, select
from sqlalchemy.engine import RowMapping

from storage.models import ChannelAccount, Contact, Delivery, Enterprise, History, Inquiry, InquiryMessage
from storage.unit_of_work import UnitOfWork, table_of

_I, _H, _M = table_of(Inquiry), table_of(History), table_of(InquiryMessage)
_C, _E, _A = table_of(Contact), table_of(Enterprise), table_of(ChannelAccount)
_PAGE = 2000
"""rows that are read at once: few enough to be held, many enough to be quick"""

BOT_ANSWERS = ("answer_by_bot", "decline")
"""events of a history that say what the bot answered, and on which ground"""

_WHO = (
    _I.c.id.label("inquiry_id"),
    _I.c.number,
    _I.c.text.label("question"),
    _I.c.channel,
    _I.c.language,
    _I.c.claimed_company,
    _C.c.id.label("contact_id"),
    _C.c.name.label("contact_name"),
    _C.c.language.label("contact_language"),
    _E.c.name.label("enterprise_name"),
    _E.c.tax_code,
    _A.c.id.label("account_id"),
    _A.c.external_id,
    _A.c.unreachable,
)


async def of_bot(uow: UnitOfWork, *, mentioning: str, after: tuple[int, int]) -> Sequence[RowMapping]:
    """Return a page of the bot's answers with `details` as they were logged, in order, from behind (inquiry id, seq).

    mentioning: ASCII text that the logged details hold; it spares reading most of them.
    """
    statement = (
        select(*_WHO, _H.c.seq, _H.c.event, _H.c.at, _H.c.details)
        .select_from(_H.join(_I, _I.c.id == _H.c.inquiry_id).join(_C, _C.c.id == _I.c.contact_id))
        .join(_A, _A.c.id == _I.c.account_id)
        .outerjoin(_E, _E.c.id == _I.c.enterprise_id)
        .where(
            _H.c.event.in_(BOT_ANSWERS),
            cast(_H.c.details, Text).contains(mentioning, autoescape=True),
            or_(_H.c.inquiry_id > after[0], and_(_H.c.inquiry_id == after[0], _H.c.seq > after[1])),
        )
        .order_by(_H.c.inquiry_id, _H.c.seq)
        .limit(_PAGE)
    )
    return await uow.rows(statement)


async def of_officers(uow: UnitOfWork, *, mentioning: str, after: int) -> Sequence[RowMapping]:
    """Return a page of what officers answered, in order, from behind the message `after`."""
    statement = (
        select(*_WHO, _M.c.id.label("message_id"), _M.c.at, _M.c.text.label("answer"))
        .select_from(_M.join(_I, _I.c.id == _M.c.inquiry_id).join(_C, _C.c.id == _I.c.contact_id))
        .join(_A, _A.c.id == _I.c.account_id)
        .outerjoin(_E, _E.c.id == _I.c.enterprise_id)
        .where(_M.c.kind == "answer", _M.c.text.contains(mentioning, autoescape=True), _M.c.id > after)
        .order_by(_M.c.id)
        .limit(_PAGE)
    )
    return await uow.rows(statement)


async def answered_in(uow: UnitOfWork, department_id: str | None, *, but: int, limit: int) -> Sequence[RowMapping]:
    """Return the newest inquiries that the department answered, each with `number`, `question` and its last `answer`."""
    last = select(func.max(_M.c.id)).where(_M.c.inquiry_id == _I.c.id, _M.c.kind == "answer").correlate(_I).scalar_subquery()
    statement = (
        select(_I.c.id, _I.c.number, _I.c.text.label("question"), _M.c.text.label("answer"))
        .join(_M, _M.c.id == last)
        .where(_I.c.department_id == department_id, _I.c.state.in_(("answered", "closed")), _I.c.id != but)
        .order_by(_I.c.id.desc())
        .limit(limit)
    )
    return await uow.rows(statement)


async def accounts_of(uow: UnitOfWork, contact_ids: Sequence[int]) -> dict[int, list[RowMapping]]:
    """Return the accounts on which these people can be reached, newest first."""
    statement = (
        select(_A.c.id, _A.c.contact_id, _A.c.channel, _A.c.external_id)
        .where(_A.c.contact_id.in_(list(contact_ids)), _A.c.unreachable.is_(None))
        .order_by(_A.c.id.desc())
    )
    found: dict[int, list[RowMapping]] = {}
    for row in await uow.rows(statement):
        found.setdefault(row["contact_id"], []).append(row)
    return found


async def ledger_keys(uow: UnitOfWork, keys: Sequence[str]) -> frozenset[str]:
    """Return those of the keys that the ledger has already."""
    table = table_of(Delivery)
    return frozenset(row["key"] for row in await uow.rows(select(table.c.key).where(table.c.key.in_(list(keys)))))


# What people thought of the answers


@dataclass(frozen=True)
class EntryFigures:
    """How often an entry was the last that the bot answered with, and what was said of it."""

    entry_id: str
    given: int
    helped: int
    not_helped: int
    went_on: int
    """how many went on to an officer all the same"""

    @property
    def rated(self) -> int:
        return self.helped + self.not_helped


async def figures(uow: UnitOfWork, *, since: datetime) -> list[EntryFigures]:
    """Return the figures of each entry, those first that helped least often in all."""

    def count(condition: Any) -> Any:
        return func.sum(case((condition, 1), else_=0))

    not_helped = count(_I.c.helped.is_(False))
    statement = (
        select(
            _I.c.entry_id,
            func.count().label("given"),
            count(_I.c.helped.is_(True)).label("helped"),
            not_helped.label("not_helped"),
            count(_I.c.routing_due_at.is_not(None)).label("went_on"),
        )
        .where(_I.c.entry_id.is_not(None), _I.c.received_at >= since)
        .group_by(_I.c.entry_id)
        .order_by(not_helped.desc(), func.count().desc(), _I.c.entry_id)
    )
    return [EntryFigures(**row) for row in await uow.rows(statement)]


@dataclass(frozen=True)
class Quoted:
    """An answer in the words of the law, which no entry gave."""

    citations: list[dict[str, str]]
    helped: bool | None
    went_on: bool


async def quoted(uow: UnitOfWork, *, since: datetime) -> list[Quoted]:
    """Return the answers that quoted the law itself."""
    rows = await uow.rows(
        select(_I.c.citations, _I.c.helped, _I.c.routing_due_at.is_not(None).label("went_on")).where(
            _I.c.entry_id.is_(None), _I.c.decision == "answer", _I.c.received_at >= since
        )
    )
    return [Quoted(row["citations"] or [], row["helped"], bool(row["went_on"])) for row in rows]


@dataclass(frozen=True)
class Unanswered:
    """A question that the knowledge base did not settle. why: nothing_found, none_chosen, not_helped."""

    inquiry_id: int
    number: str
    text: str
    language: str
    received_at: datetime
    why: str
    contact_name: str
    company: str | None


async def unanswered(uow: UnitOfWork, *, since: datetime, limit: int) -> list[Unanswered]:
    """Return the newest questions that found nothing, were met with suggestions of which none was chosen, or whose answer
    was said not to have helped or rated 1 or 2."""
    why = case(
        (or_(_I.c.helped.is_(False), _I.c.rating <= 2), "not_helped"),
        (and_(_I.c.decision == "suggest", _I.c.entry_id.is_(None)), "none_chosen"),
        (and_(_I.c.decision == "escalate", _I.c.entry_id.is_(None)), "nothing_found"),
        else_=None,
    )
    statement = (
        select(
            _I.c.id.label("inquiry_id"),
            _I.c.number,
            _I.c.text,
            _I.c.language,
            _I.c.received_at,
            why.label("why"),
            _C.c.name.label("contact_name"),
            func.coalesce(_E.c.name, _I.c.claimed_company).label("company"),
        )
        .join(_C, _C.c.id == _I.c.contact_id)
        .outerjoin(_E, _E.c.id == _I.c.enterprise_id)
        .where(_I.c.received_at >= since, why.is_not(None))
        .order_by(_I.c.id.desc())
        .limit(limit)
    )
    return [Unanswered(**row) for row in await uow.rows(statement)]
