"""A session holds while somebody is at work, and no longer."""

from datetime import timedelta

from sqlalchemy import select

from bot.access.sessions import IDLE, LONGEST, csrf_fits, csrf_of
from storage.models import OfficerSession
from storage.unit_of_work import table_of
from tests.office import Office


async def test_an_unused_session_ends_after_twelve_hours(office: Office) -> None:
    session = await office.sessions.start(await office.officer("lan"))
    office.clock.advance(IDLE - timedelta(seconds=1))
    assert await office.sessions.find(session.token, in_use=False) is not None
    office.clock.advance(timedelta(seconds=1))
    assert await office.sessions.find(session.token) is None


async def test_use_moves_the_end_but_not_beyond_a_week(office: Office) -> None:
    session = await office.sessions.start(await office.officer("lan"))
    for _ in range(int(LONGEST / timedelta(hours=8)) - 1):
        office.clock.advance(timedelta(hours=8))
        assert await office.sessions.find(session.token) is not None
    office.clock.advance(timedelta(hours=8))
    assert await office.sessions.find(session.token) is None


async def test_the_database_holds_no_token(office: Office) -> None:
    session = await office.sessions.start(await office.officer("lan"))
    async with office.core.database.read() as uow:
        rows = await uow.rows(select(table_of(OfficerSession)))
    assert session.token not in str([dict(row) for row in rows])
    assert session.token not in repr(session)


async def test_signing_out_ends_this_session_only(office: Office) -> None:
    officer = await office.officer("lan")
    here, there = await office.sessions.start(officer), await office.sessions.start(officer)
    await office.sessions.end(here.token)
    assert await office.sessions.find(here.token) is None
    assert await office.sessions.find(there.token) is not None


async def test_expired_sessions_are_cleared_away(office: Office) -> None:
    officer = await office.officer("lan")
    await office.sessions.start(officer)
    office.clock.advance(IDLE)
    await office.sessions.start(officer)
    async with office.core.database.read() as uow:
        assert len(await uow.rows(select(table_of(OfficerSession)))) == 1


def test_a_form_fits_its_own_session_only() -> None:
    assert csrf_fits("one", csrf_of("one"))
    assert not csrf_fits("one", csrf_of("two"))
    assert not csrf_fits("one", "")
    assert not csrf_fits("one", "\udcff")
