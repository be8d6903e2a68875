"""One transaction: reads see what it wrote, writes are gathered and go in together.

Inserts and updates by key wait in a buffer and are written as one statement a table and shape, also over several turns that
share a transaction (see `storage.database`). Any other statement first writes out the buffer, so nobody notices the wait.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Executable, Table, bindparam, insert, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine import CursorResult, Result, RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.models import Base, ChannelAccount, Contact, Counter, Enterprise, Event

Row = dict[str, Any]
_TABLE_ORDER = {table: place for place, table in enumerate(Base.metadata.sorted_tables)}


class EventKey(NamedTuple):
    """A platform's update: the channel it came on and the platform's own id of it."""

    channel: str
    event_id: str


class AccountKey(NamedTuple):
    """A person on a platform: the channel and the platform's own id of them."""

    channel: str
    external_id: str


def table_of(model: type[Base]) -> Table:
    table = model.__table__
    assert isinstance(table, Table)
    return table


class UnitOfWork:
    """Writes and reads of one transaction. Whoever opened it commits it: nothing in here does."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._inserts: dict[Table, dict[Any, Row]] = defaultdict(dict)
        self._updates: dict[tuple[Table, frozenset[str]], list[Row]] = defaultdict(list)
        self._held: dict[tuple[Table, int], Row] = {}
        self._held_changes: dict[tuple[Table, int], Row] = {}
        self._accounts: dict[AccountKey, Row] = {}
        self._new_events: set[EventKey] = set()
        self._counters: dict[str, int] = {}
        self.remembered: dict[Any, Any] = {}
        """what was read ahead for the work that runs now; whoever put it there takes it out before other work runs"""
        self._after_commit: list[Callable[[], None]] = []

    @property
    def dialect(self) -> str:
        return self._connection.dialect.name

    def after_commit(self, act: Callable[[], None]) -> None:
        """Have `act` called once the transaction is committed; never if it is not."""
        self._after_commit.append(act)

    def committed(self) -> None:
        for act in self._after_commit:
            act()

    # Writing

    def insert(self, model: type[Base], **values: Any) -> None:
        """Add a row; it is written with the others of its table, at the latest before the commit."""
        table = table_of(model)
        key = tuple(values[column.name] for column in table.primary_key.columns)
        if key in self._inserts[table]:
            raise ValueError(f"{table.name} {key} is added twice in one unit of work")
        self._inserts[table][key] = values

    def update(self, model: type[Base], id: int, **values: Any) -> None:
        """Change a row by its id, without a guard; where two may act at once, use `change`."""
        table = table_of(model)
        waiting = self._inserts[table].get((id,))
        if waiting is not None:
            waiting.update(values)
            return
        if (table, id) in self._held:
            self._change_held(table, id, values)
            return
        self._updates[table, frozenset(values)].append({"row_id": id, **values})

    async def change(self, model: type[Base], id: int, *, seen: Row, **values: Any) -> bool:
        """Change a row if it still is as it was seen; False when somebody else was quicker."""
        table = table_of(model)
        waiting = self._inserts[table].get((id,))
        if waiting is not None:
            if any(waiting.get(name) != value for name, value in seen.items()):
                return False
            waiting.update(values)
            return True
        held = self._held.get((table, id))
        if held is not None:
            if any(held.get(name) != value for name, value in seen.items()):
                return False
            self._change_held(table, id, values)
            return True
        guard = [table.c[name] == value if value is not None else table.c[name].is_(None) for name, value in seen.items()]
        result = await self.execute(update(table).where(table.c.id == id, *guard).values(**values))
        return self.rowcount(result) == 1

    def hold(self, model: type[Base], id: int, row: Row) -> None:
        """Take note that this transaction has locked a row, and how it is: nobody else can be quicker, so that changes of it
        need no guard in the database, and of many rows are written in one statement."""
        self._held[table_of(model), id] = row

    def _change_held(self, table: Table, id: int, values: Row) -> None:
        self._held[table, id].update(values)
        self._held_changes.setdefault((table, id), {}).update(values)

    async def execute(self, statement: Executable) -> Result[Any]:
        await self.flush()
        return await self._connection.execute(statement)

    async def execute_many(self, statement: Executable, rows: Sequence[Row]) -> None:
        """Run a statement once for each row of values."""
        await self.flush()
        await self._connection.execute(statement, rows)

    async def rows(self, statement: Executable) -> Sequence[RowMapping]:
        return (await self.execute(statement)).mappings().all()

    async def row(self, statement: Executable) -> RowMapping | None:
        return (await self.execute(statement)).mappings().first()

    async def scalar(self, statement: Executable) -> Any:
        return (await self.execute(statement)).scalar()

    @staticmethod
    def rowcount(result: Result[Any]) -> int:
        assert isinstance(result, CursorResult)
        return result.rowcount

    async def flush(self) -> None:
        """Write out what waits: parents before children, a statement for each table and shape of row."""
        if any(self._inserts.values()):
            waiting, self._inserts = self._inserts, defaultdict(dict)
            for table in sorted(waiting, key=_TABLE_ORDER.__getitem__):
                shapes: dict[frozenset[str], list[Row]] = defaultdict(list)
                for row in waiting[table].values():
                    shapes[frozenset(row)].append(row)
                for rows in shapes.values():
                    await self._connection.execute(_insert_into(table), rows)
        if self._updates:
            changes, self._updates = self._updates, defaultdict(list)
            for (table, names), rows in changes.items():
                await self._connection.execute(_update_by_id(table, names), rows)
        if self._held_changes:
            held, self._held_changes = self._held_changes, {}
            alike: dict[tuple[Table, frozenset[str]], list[Row]] = defaultdict(list)
            for (table, id), values in held.items():
                alike[table, frozenset(values)].append({"row_id": id, **values})
            for (table, names), rows in alike.items():
                await self._connection.execute(_update_by_id(table, names), rows)
        if self._counters:
            counters, self._counters = self._counters, {}
            for name, value in counters.items():
                await self._connection.execute(_SET_COUNTER, {"series": name, "reached": value})

    # What a turn asks for, taken for all turns of the transaction in one statement each

    async def begin_turns(self, turns: Sequence[tuple[EventKey, AccountKey, Any]]) -> set[AccountKey]:
        """Read the accounts of the turns that share this transaction, and record their events; return the accounts whose turn
        must wait for another transaction: their contact has a turn in this one, on another account, that they must see.

        turns: each with the time at which the event was received; no account twice. On PostgreSQL the contacts stay locked
        until the end, so that turns of one person never run at once on two replicas, whichever accounts they write from.
        """
        accounts = [account for _, account, _ in turns]
        await self._hold_contacts(accounts)
        later = self._of_contacts_before(accounts)
        await self._record_events([(event, at) for event, account, at in turns if account not in later])
        return later

    async def _hold_contacts(self, keys: list[AccountKey]) -> None:
        """Read the accounts; on PostgreSQL with their contacts locked first, in the order of their ids."""
        if self.dialect != "postgresql":
            await self._read_accounts(keys)
            return
        held: set[int] = set()
        while True:
            asked = {"accounts": [tuple(key) for key in keys]}
            held.update((await self._connection.execute(_HOLD_CONTACTS, asked)).scalars())
            # Read after the locks were granted, so that it shows what whoever held them has left.
            await self._read_accounts(keys)
            if held.issuperset(row["contact_id"] for row in self._accounts.values()):
                return
            # While we waited, an account was linked to another contact: that is the one to hold.

    def _of_contacts_before(self, keys: list[AccountKey]) -> set[AccountKey]:
        """Return the accounts whose contact one before them belongs to, and forget how they were read."""
        contacts: set[int] = set()
        later: set[AccountKey] = set()
        for key in keys:
            account = self._accounts.get(key)
            if account is None:
                continue
            if account["contact_id"] in contacts:
                later.add(key)
                del self._accounts[key]
            contacts.add(account["contact_id"])
        return later

    async def _record_events(self, events: list[tuple[EventKey, Any]]) -> None:
        rows = {key: {"channel": key.channel, "event_id": key.event_id, "received_at": at} for key, at in events}
        if not rows:
            return
        new = await self._connection.execute(_record_events(self.dialect), list(rows.values()))
        self._new_events.update(EventKey(*row) for row in new)

    def is_new(self, event: EventKey) -> bool:
        """Say whether this transaction is the first to take the event; asked a second time, it no longer is."""
        if event not in self._new_events:
            return False
        self._new_events.remove(event)
        return True

    async def _read_accounts(self, keys: list[AccountKey]) -> None:
        by_channel: dict[str, list[str]] = defaultdict(list)
        for key in keys:
            by_channel[key.channel].append(key.external_id)
        for channel, external_ids in by_channel.items():
            asked = {"channel": channel, "external_ids": external_ids}
            for row in (await self._connection.execute(_accounts(self.dialect), asked)).mappings():
                self._accounts[AccountKey(channel, row["external_id"])] = dict(row)

    def account(self, key: AccountKey) -> Row | None:
        """Return the account as read at the start of this transaction, with what was changed since."""
        return self._accounts.get(key)

    def keep_account(self, key: AccountKey, row: Row) -> None:
        self._accounts[key] = row

    async def next_number(self, series: str) -> int:
        """Return the next number of a series, from 1. The series is held until the commit, so none is given twice."""
        if series not in self._counters:
            value = await self._counter(series)
            if value is None:
                await self._connection.execute(_begin_counter(self.dialect), {"name": series, "value": 0})
                value = await self._counter(series)
                assert value is not None  # it has just been written
            self._counters[series] = value
        self._counters[series] += 1
        return self._counters[series]

    async def _counter(self, series: str) -> int | None:
        found: int | None = (await self._connection.execute(_COUNTER, {"series": series})).scalar()
        return found


# Statements of every turn. SQLAlchemy takes longer to put one together, and to find out that it has compiled it before, than
# SQLite takes to run it; so each is made once.


def _insert(table: Table, dialect: str) -> Any:
    return (postgresql_insert if dialect == "postgresql" else sqlite_insert)(table)


@cache
def _insert_into(table: Table) -> Executable:
    return insert(table)


@cache
def _update_by_id(table: Table, names: frozenset[str]) -> Executable:
    values: dict[str, Any] = {name: bindparam(name) for name in sorted(names)}
    return update(table).where(table.c.id == bindparam("row_id")).values(values)


@cache
def _record_events(dialect: str) -> Executable:
    table = table_of(Event)
    statement: Executable = _insert(table, dialect).on_conflict_do_nothing().returning(table.c.channel, table.c.event_id)
    return statement


@cache
def _accounts(dialect: str) -> Executable:
    account, contact, enterprise = table_of(ChannelAccount), table_of(Contact), table_of(Enterprise)
    statement = (
        select(
            account,
            contact.c.name,
            contact.c.language,
            contact.c.claimed_tax_code,
            contact.c.claimed_company,
            contact.c.enterprise_id,
            enterprise.c.name.label("enterprise_name"),
            enterprise.c.tax_code,
            enterprise.c.membership,
            enterprise.c.region,
        )
        .join(contact, contact.c.id == account.c.contact_id)
        .outerjoin(enterprise, enterprise.c.id == contact.c.enterprise_id)
        .where(
            account.c.channel == bindparam("channel"),
            account.c.external_id.in_(bindparam("external_ids", expanding=True)),
        )
    )
    if dialect == "postgresql":
        statement = statement.order_by(account.c.id).with_for_update(of=account)
    return statement


@cache
def _begin_counter(dialect: str) -> Executable:
    statement: Executable = _insert(table_of(Counter), dialect).on_conflict_do_nothing()
    return statement


_HOLD_CONTACTS = (
    select(Contact.id)
    .where(
        Contact.id.in_(
            select(ChannelAccount.contact_id).where(
                tuple_(ChannelAccount.channel, ChannelAccount.external_id).in_(bindparam("accounts", expanding=True))
            )
        )
    )
    .order_by(Contact.id)
    # Not against rows that refer to the contact: those of others are added meanwhile.
    .with_for_update(key_share=True)
)
_COUNTER = select(Counter.value).where(Counter.name == bindparam("series")).with_for_update()
_SET_COUNTER = (
    update(table_of(Counter)).where(table_of(Counter).c.name == bindparam("series")).values(value=bindparam("reached"))
)
