"""Who a campaign is for: contacts by what is known of them and of their enterprise. The statements."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any, Self

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, exists, func, or_, select, update
from sqlalchemy.engine import RowMapping

from storage.ids import new_id
from storage.models import (
    ChannelAccount,
    Contact,
    Enterprise,
    EnterpriseChapter,
    SavedAudience,
    SubscriptionTime,
)
from storage.subscriptions import TimesRow, Wish
from storage.unit_of_work import UnitOfWork, table_of

_A, _C, _E = table_of(ChannelAccount), table_of(Contact), table_of(Enterprise)
_H, _S = table_of(EnterpriseChapter), table_of(SavedAudience)
_T = table_of(SubscriptionTime)
GUEST = "guest"
"""the membership of a contact without an enterprise"""


@dataclass(frozen=True)
class AudienceFilter:
    """Conditions that must all hold; of the values of one, any. Without any condition: everybody with an enterprise."""

    membership: tuple[str, ...] = ()
    """of the enterprise; `guest`: contacts without one"""
    compliance_levels: tuple[int, ...] = ()
    regions: tuple[str, ...] = ()
    sectors: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    hs_chapters: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    """reachable on one of these, and told there"""
    tax_codes: tuple[str, ...] = ()
    contacts: tuple[int, ...] = ()
    """these contacts by name: a panel"""

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Self:
        return cls(**{each.name: tuple(content.get(each.name, ())) for each in fields(cls)})

    def to_json(self) -> dict[str, Any]:
        return {each.name: list(value) for each in fields(self) if (value := getattr(self, each.name))}

    @property
    def about_enterprises(self) -> bool:
        """Whether it names enterprises that may have nobody who joined: not where it names contacts or guests alone."""
        return not self.contacts and set(self.membership) != {GUEST}

    def enterprise_conditions(self) -> list[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = []
        for column, values in (
            (_E.c.compliance_level, self.compliance_levels),
            (_E.c.region, self.regions),
            (_E.c.sector, self.sectors),
            (_E.c.kind, self.kinds),
            (_E.c.tax_code, self.tax_codes),
        ):
            if values:
                found.append(column.in_(list(values)))
        if self.hs_chapters:
            trades = _H.c.enterprise_id == _E.c.id
            found.append(exists().where(trades, _H.c.chapter.in_(list(self.hs_chapters))))
        return found

    def conditions(self, default_language: str) -> list[ColumnElement[bool]]:
        found = self.enterprise_conditions()
        if self.membership:
            known = [each for each in self.membership if each != GUEST]
            ways = [_E.c.membership.in_(known)] if known else []
            found.append(or_(*ways, _C.c.enterprise_id.is_(None)) if GUEST in self.membership else or_(*ways))
        elif not self.contacts:
            found.append(_C.c.enterprise_id.is_not(None))
        if self.languages:
            found.append(func.coalesce(_C.c.language, default_language).in_(list(self.languages)))
        if self.contacts:
            found.append(_C.c.id.in_(list(self.contacts)))
        return found


@dataclass(frozen=True)
class Person:
    """A contact of an audience. account: where to write to; none where nothing can be sent to them, and `reason` says why."""

    contact_id: int
    name: str
    language: str
    enterprise_id: int | None
    enterprise: str | None
    tax_code: str | None
    membership: str | None
    account_id: int | None = None
    channel: str | None = None
    external_id: str | None = None
    reason: str | None = None


@dataclass(frozen=True)
class Count:
    """What an audience comes to. by_channel: people by the channel on which they are told. unreachable: by reason."""

    people: int = 0
    enterprises: int = 0
    by_channel: Mapping[str, int] = field(default_factory=dict)
    unreachable: Mapping[str, int] = field(default_factory=dict)

    @property
    def reachable(self) -> int:
        return sum(self.by_channel.values())


@dataclass(frozen=True)
class Standing:
    """How many people of an audience a platform's window lets us write to for nothing, for a fee, and not at all."""

    free: int = 0
    paid: int = 0
    outside: int = 0


def _contacts(wanted: AudienceFilter, default_language: str, wish: Wish | None = None) -> Select[Any]:
    """Select the contacts of an audience; with a wish, those who want to be told, or must be."""
    willing = [~wish.refused] if wish is not None else []
    return (
        select(
            _C.c.id.label("contact_id"),
            _C.c.name,
            func.coalesce(_C.c.language, default_language).label("language"),
            _C.c.preferred_channel,
            _C.c.enterprise_id,
            _E.c.name.label("enterprise"),
            _E.c.tax_code,
            _E.c.membership,
        )
        .outerjoin(_E, _E.c.id == _C.c.enterprise_id)
        .where(*wanted.conditions(default_language), *willing)
    )


async def page(uow: UnitOfWork, wanted: AudienceFilter, *, after: int, limit: int, default_language: str) -> list[Person]:
    """Return contacts of the audience in the order of their ids, from above `after`, each with where to write to."""
    statement = _contacts(wanted, default_language).where(_C.c.id > after).order_by(_C.c.id).limit(limit)
    return await with_accounts(uow, await uow.rows(statement), wanted.channels)


async def people(
    uow: UnitOfWork,
    contact_ids: Sequence[int],
    *,
    channels: Sequence[str],
    default_language: str,
    not_on: Set[int] = frozenset(),
    only_on: Set[int] = frozenset(),
) -> list[Person]:
    """Return these contacts, as `page` does. not_on: accounts that are not to be used; only_on: where given, no others are."""
    wanted = AudienceFilter(contacts=tuple(contact_ids), membership=())
    rows = await uow.rows(_contacts(wanted, default_language).order_by(_C.c.id))
    return await with_accounts(uow, rows, channels, not_on, only_on)


async def with_accounts(
    uow: UnitOfWork,
    rows: Sequence[RowMapping],
    channels: Sequence[str],
    not_on: Set[int] = frozenset(),
    only_on: Set[int] = frozenset(),
) -> list[Person]:
    """Give each contact the account on which they are told: on the channel that they prefer, else the newest one."""
    accounts: dict[int, list[RowMapping]] = {row["contact_id"]: [] for row in rows}
    if accounts:
        found = await uow.rows(
            select(_A.c.id, _A.c.contact_id, _A.c.channel, _A.c.external_id, _A.c.unreachable)
            .where(_A.c.contact_id.in_(list(accounts)))
            .order_by(_A.c.id.desc())
        )
        for account in found:
            if account["id"] in not_on or (only_on and account["id"] not in only_on):
                continue
            accounts[account["contact_id"]].append(account)
    return [_placed(row, accounts[row["contact_id"]], channels) for row in rows]


def _placed(row: RowMapping, accounts: Sequence[RowMapping], channels: Sequence[str]) -> Person:
    values = {name: row[name] for name in ("contact_id", "name", "language", "enterprise_id", "enterprise", "tax_code")}
    wanted = [each for each in accounts if not channels or each["channel"] in channels]
    open_to_us = sorted(
        (each for each in wanted if each["unreachable"] is None), key=lambda each: each["channel"] != row["preferred_channel"]
    )
    if open_to_us:
        chosen = open_to_us[0]
        place = {"account_id": chosen["id"], "channel": chosen["channel"], "external_id": chosen["external_id"]}
        return Person(**values, membership=row["membership"], **place)
    if not wanted:
        return Person(**values, membership=row["membership"], reason="other_channel" if accounts else "no_account")
    closed = wanted[0]
    place = {"account_id": closed["id"], "channel": closed["channel"], "external_id": closed["external_id"]}
    return Person(**values, membership=row["membership"], reason=closed["unreachable"], **place)


def _ranked(wanted: AudienceFilter, picked: Subquery) -> Subquery:
    """Return the accounts that can be written to, with the place among those of the same person: the first is used."""
    allowed = [_A.c.channel.in_(list(wanted.channels))] if wanted.channels else []
    # Of several accounts that can be written to: the one on the preferred channel, else the newest. As `_placed` does it.
    place = func.row_number().over(
        partition_by=picked.c.contact_id,
        order_by=(case((_A.c.channel == picked.c.preferred_channel, 0), else_=1), _A.c.id.desc()),
    )
    joined = picked.join(_A, and_(_A.c.contact_id == picked.c.contact_id, _A.c.unreachable.is_(None), *allowed))
    columns = (picked.c.contact_id, _A.c.channel, _A.c.active_at, place.label("place"))
    return select(*columns).select_from(joined).subquery()


async def standing(
    uow: UnitOfWork,
    wanted: AudienceFilter,
    *,
    channel: str,
    default_language: str,
    free_since: datetime,
    paid_since: datetime,
    wish: Wish | None = None,
) -> Standing:
    """Return how those who are told on a channel stand there, by when they last did something: after `free_since`, after
    `paid_since`, or before that (or never). wish: as in `count`."""
    ranked = _ranked(wanted, _contacts(wanted, default_language, wish).subquery())
    kind = case((ranked.c.active_at > free_since, "free"), (ranked.c.active_at > paid_since, "paid"), else_="outside")
    rows = await uow.rows(
        select(kind.label("kind"), func.count().label("n"))
        .where(ranked.c.place == 1, ranked.c.channel == channel)
        .group_by(kind)
    )
    return Standing(**{row["kind"]: int(row["n"]) for row in rows})


@dataclass(frozen=True)
class Chosen:
    """So many people who are told on a channel chose these hours."""

    channel: str
    times: TimesRow
    people: int


async def chosen_hours(
    uow: UnitOfWork, wanted: AudienceFilter, *, default_language: str, wish: Wish | None = None
) -> list[Chosen]:
    """Return the hours that people of an audience chose. wish: as in `count`."""
    ranked = _ranked(wanted, _contacts(wanted, default_language, wish).subquery())
    columns = (ranked.c.channel, _T.c.from_hour, _T.c.until_hour, _T.c.working_days)
    rows = await uow.rows(
        select(*columns, func.count().label("n"))
        .join(_T, _T.c.contact_id == ranked.c.contact_id)
        .where(ranked.c.place == 1)
        .group_by(*columns)
        .order_by(*columns)
    )
    return [
        Chosen(row["channel"], TimesRow(row["from_hour"], row["until_hour"], bool(row["working_days"])), int(row["n"]))
        for row in rows
    ]


async def count(uow: UnitOfWork, wanted: AudienceFilter, *, default_language: str, wish: Wish | None = None) -> Count:
    """Return how many people the audience has, where they would be told, and who will not be.

    wish: the topic that they are told of; those who switched it off count as `switched_off`.
    """
    picked = _contacts(wanted, default_language, wish).subquery()
    ranked = _ranked(wanted, picked)
    by_channel = await uow.rows(
        select(ranked.c.channel, func.count().label("n")).where(ranked.c.place == 1).group_by(ranked.c.channel)
    )
    everybody = _contacts(wanted, default_language).subquery()
    total = await uow.row(
        select(func.count().label("people"), func.count(everybody.c.enterprise_id.distinct()).label("enterprises")).select_from(
            everybody
        )
    )
    assert total is not None
    willing = total["people"]
    unreachable: dict[str, int] = {}
    if wish is not None:
        willing = await uow.scalar(select(func.count()).select_from(picked))
        if willing < total["people"]:
            unreachable["switched_off"] = int(total["people"] - willing)
    if willing > sum(row["n"] for row in by_channel):
        unreachable |= await _why_not(uow, wanted, default_language, wish)
    if alone := await _without_contact(uow, wanted):
        unreachable["no_contact"] = alone
    if unknown := await _unknown_codes(uow, wanted):
        unreachable["unknown_tax_code"] = len(unknown)
    channels = {row["channel"]: int(row["n"]) for row in sorted(by_channel, key=lambda row: str(row["channel"]))}
    return Count(int(total["people"]), int(total["enterprises"]), channels, dict(sorted(unreachable.items())))


async def _why_not(uow: UnitOfWork, wanted: AudienceFilter, default_language: str, wish: Wish | None) -> dict[str, int]:
    """Count those whom nothing reaches, by the reason of the newest account that counts."""
    picked = _contacts(wanted, default_language, wish).subquery()
    allowed = [_A.c.channel.in_(list(wanted.channels))] if wanted.channels else []
    theirs = _A.c.contact_id == picked.c.contact_id
    newest = (
        select(_A.c.unreachable).where(theirs, *allowed).order_by(_A.c.id.desc()).limit(1).correlate(picked).scalar_subquery()
    )
    anywhere = exists().where(theirs)
    reason = func.coalesce(newest, case((anywhere, "other_channel"), else_="no_account"))
    rows = await uow.rows(
        select(reason.label("reason"), func.count().label("n"))
        .select_from(picked)
        .where(~exists().where(theirs, _A.c.unreachable.is_(None), *allowed))
        .group_by(reason)
    )
    return {row["reason"]: int(row["n"]) for row in rows}


def _lonely(wanted: AudienceFilter) -> list[ColumnElement[bool]]:
    """Conditions on enterprises that are meant and of which nobody has joined."""
    known = [each for each in wanted.membership if each != GUEST]
    member = [_E.c.membership.in_(known)] if known else []
    return [*wanted.enterprise_conditions(), *member, ~exists().where(_C.c.enterprise_id == _E.c.id)]


async def _without_contact(uow: UnitOfWork, wanted: AudienceFilter) -> int:
    if not wanted.about_enterprises:
        return 0
    found: int = await uow.scalar(select(func.count()).select_from(_E).where(*_lonely(wanted)))
    return found


async def _unknown_codes(uow: UnitOfWork, wanted: AudienceFilter) -> list[str]:
    if not wanted.tax_codes:
        return []
    known = {row["tax_code"] for row in await uow.rows(select(_E.c.tax_code).where(_E.c.tax_code.in_(wanted.tax_codes)))}
    return [code for code in wanted.tax_codes if code not in known]


async def unreachable(
    uow: UnitOfWork, wanted: AudienceFilter, *, limit: int, default_language: str, wish: Wish | None = None
) -> list[Person]:
    """Return some of those who are not told, each with the reason: enterprises of which nobody has joined, people whom nothing
    reaches, and who switched the topic off."""
    found: list[Person] = [
        Person(0, "", "", None, None, code, None, reason="unknown_tax_code")
        for code in (await _unknown_codes(uow, wanted))[:limit]
    ]
    if wanted.about_enterprises and len(found) < limit:
        rows = await uow.rows(
            select(_E.c.id, _E.c.name, _E.c.tax_code, _E.c.membership)
            .where(*_lonely(wanted))
            .order_by(_E.c.name, _E.c.id)
            .limit(limit - len(found))
        )
        found += [
            Person(0, "", "", row["id"], row["name"], row["tax_code"], row["membership"], reason="no_contact") for row in rows
        ]
    if len(found) < limit:
        allowed = [_A.c.channel.in_(list(wanted.channels))] if wanted.channels else []
        closed = ~exists().where(_A.c.contact_id == _C.c.id, _A.c.unreachable.is_(None), *allowed)
        statement = _contacts(wanted, default_language, wish).where(closed).order_by(_C.c.id).limit(limit - len(found))
        found += await with_accounts(uow, await uow.rows(statement), wanted.channels)
    if wish is not None and len(found) < limit:
        statement = _contacts(wanted, default_language).where(wish.refused).order_by(_C.c.id).limit(limit - len(found))
        some = await with_accounts(uow, await uow.rows(statement), wanted.channels)
        found += [replace(each, reason="switched_off") for each in some]
    return found


async def sample(
    uow: UnitOfWork, wanted: AudienceFilter, *, limit: int, default_language: str, wish: Wish | None = None
) -> list[Person]:
    """Return some of the audience, spread over all of it, the same ones each time."""
    # Ids grow with time; their last digits do not, and spread the sample over old and new contacts alike.
    statement = _contacts(wanted, default_language, wish).order_by(_C.c.id % 9973, _C.c.id).limit(limit)
    return await with_accounts(uow, await uow.rows(statement), wanted.channels)


async def known_values(uow: UnitOfWork) -> dict[str, list[Any]]:
    """Return what the enterprises have for each thing that can be filtered by, to choose from."""
    values: dict[str, list[Any]] = {}
    for name, column in (
        ("regions", _E.c.region),
        ("sectors", _E.c.sector),
        ("kinds", _E.c.kind),
        ("compliance_levels", _E.c.compliance_level),
        ("hs_chapters", _H.c.chapter),
        ("channels", _A.c.channel),
    ):
        rows = await uow.rows(select(column.label("value")).where(column.is_not(None)).distinct().order_by(column).limit(500))
        values[name] = [row["value"] for row in rows]
    return values


# Saved audiences


@dataclass(frozen=True)
class Saved:
    id: int
    name: str
    filter: AudienceFilter
    created_by: str
    created_name: str
    created_at: datetime
    updated_at: datetime


def _as_saved(row: RowMapping) -> Saved:
    values = {each.name: row[each.name] for each in fields(Saved)}
    return Saved(**{**values, "filter": AudienceFilter.from_json(row["filter"])})


async def save(
    uow: UnitOfWork, *, name: str, wanted: AudienceFilter, by: str, by_name: str, now: datetime, audience_id: int | None = None
) -> int | None:
    """Keep a filter under a name, a new one or in the place of `audience_id`; None when another has that name."""
    taken = await uow.scalar(select(_S.c.id).where(_S.c.name == name))
    if taken is not None and taken != audience_id:
        return None
    if audience_id is not None:
        change = {"name": name, "filter": wanted.to_json(), "updated_at": now}
        changed = await uow.execute(update(_S).where(_S.c.id == audience_id).values(**change))
        return audience_id if uow.rowcount(changed) else None
    made = new_id()
    who = {"created_by": by, "created_name": by_name, "created_at": now, "updated_at": now}
    uow.insert(SavedAudience, id=made, name=name, filter=wanted.to_json(), **who)
    return made


async def saved(uow: UnitOfWork, audience_id: int) -> Saved | None:
    row = await uow.row(select(_S).where(_S.c.id == audience_id))
    return _as_saved(row) if row else None


async def saved_by_name(uow: UnitOfWork, name: str) -> Saved | None:
    row = await uow.row(select(_S).where(_S.c.name == name))
    return _as_saved(row) if row else None


async def listed(uow: UnitOfWork, *, before: int | None = None, limit: int = 500) -> list[Saved]:
    """Return the saved audiences, the newest first."""
    below = [_S.c.id < before] if before is not None else []
    return [_as_saved(row) for row in await uow.rows(select(_S).where(*below).order_by(_S.c.id.desc()).limit(limit))]
