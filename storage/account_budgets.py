"""What our accounts have given out of their rates: the statements. The database's own clock counts, not the processes'."""

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from storage.models import AccountBudget
from storage.unit_of_work import UnitOfWork, table_of

_T = table_of(AccountBudget)
_NOW = "extract(epoch FROM clock_timestamp())::float8"
_TAKE = text(
    f"""
    UPDATE account_budgets AS b
       SET spoken_for_until = greatest(b.spoken_for_until, n.now) + n.amount / cast(:rate AS float8)
      FROM (SELECT channel, {_NOW} AS now, closed_until,
                   least(cast(:most AS int),
                         floor(({_NOW} + cast(:horizon AS float8) - greatest(spoken_for_until, {_NOW}))
                               * cast(:rate AS float8))::int) AS amount
              FROM account_budgets WHERE channel = :channel FOR UPDATE) AS n
     WHERE b.channel = n.channel AND n.closed_until <= n.now AND n.amount > 0
    RETURNING n.amount, b.spoken_for_until - n.amount / cast(:rate AS float8) - n.now AS starts_in
    """  # noqa: S608 - every value is bound
)
_LEFT = text(
    f"SELECT greatest(closed_until - {_NOW}, cast(:pause AS float8)) AS pause FROM account_budgets WHERE channel = :channel"  # noqa: S608
)
_CLOSE = text(
    f"""
    UPDATE account_budgets SET closed_until = greatest(closed_until, {_NOW} + cast(:seconds AS float8))
     WHERE channel = :channel
    """  # noqa: S608 - every value is bound
)


async def take(uow: UnitOfWork, channel: str, *, rate: float, most: int, horizon: float) -> tuple[int, float]:
    """Give out the next places on the account's line, at most `most`, none further ahead than `horizon` seconds.

    Returns how many, and in how many seconds the first of them is; (0, in how many seconds to ask again) where none are left.
    """
    await _begin(uow, channel)
    row = (await uow.execute(_TAKE.bindparams(channel=channel, rate=rate, most=most, horizon=horizon))).mappings().first()
    if row is not None:
        return int(row["amount"]), float(row["starts_in"])
    left = (await uow.execute(_LEFT.bindparams(channel=channel, pause=horizon / 2))).scalar()
    return 0, float(left or horizon)


async def close(uow: UnitOfWork, channel: str, *, seconds: float) -> None:
    """Give out nothing for so long: the platform said so."""
    await _begin(uow, channel)
    await uow.execute(_CLOSE.bindparams(channel=channel, seconds=seconds))


async def _begin(uow: UnitOfWork, channel: str) -> None:
    await uow.execute(insert(_T).values(channel=channel, spoken_for_until=0.0, closed_until=0.0).on_conflict_do_nothing())
