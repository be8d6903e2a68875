"""The tokens: renewed in time, by one process at a time, committed before they are used, and never lost."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.channels.alarms import Alarms
from bot.channels.calling import Caller
from bot.channels.sealing import Seal, is_sealed
from bot.channels.zalo_oa import consent
from bot.channels.zalo_oa.oauth import Oauth, Tokens, challenge_of
from bot.channels.zalo_oa.tokens import NoToken, TokenKeeper
from bot.delivery.transport import TryLater
from bot.signals import Signals
from storage import oauth
from storage.database import Database
from storage.models import OauthEvent, OauthToken
from storage.unit_of_work import table_of
from tests.channels.zalo_oa.conftest import Desk
from tests.clock import ManualClock
from tests.handlers.conftest import KNOWN
from tests.peers.zalo_oa import ZaloPeer

HOUR = timedelta(hours=1)
SEAL = Seal(b"a key of the tests", "oauth tokens")


async def ready(desk: Desk) -> None:
    """Let the first look at the tokens come to its end."""
    await desk.channel.tokens.look()


async def test_a_token_is_renewed_after_20_hours_before_it_dies(desk: Desk, zalo: ZaloPeer) -> None:
    await ready(desk)
    first = await desk.channel.tokens.current()
    desk.clock.advance(19 * HOUR)
    await desk.channel.tokens.look()
    assert await desk.channel.tokens.current() == first
    desk.clock.advance(HOUR)
    await desk.channel.tokens.look()
    assert await desk.channel.tokens.current() != first
    assert zalo.platform.refreshes == 2


async def test_a_token_that_dies_in_mid_campaign_is_renewed_once_and_everybody_is_told(desk: Desk, zalo: ZaloPeer) -> None:
    await ready(desk)
    people = [zalo.person(f"P{each}") for each in range(8)]
    for person in people:
        await person.says(KNOWN)
    await desk.settled()
    before = zalo.platform.refreshes
    for pair in zalo.platform.pairs:
        pair.expires = desk.clock.now()  # Zalo ends it before its time
    rows = await asyncio.gather(*(desk.tells(person, "Thông báo") for person in people))
    assert {row["state"] for row in rows} == {"sent"}
    assert zalo.platform.refreshes == before + 1
    assert zalo.platform.refused_refreshes == 0


async def test_http_401_is_a_refused_token_too(desk: Desk, zalo: ZaloPeer) -> None:
    await ready(desk)
    zalo.platform.switches.token_refused_with_401 = True
    zalo.platform.grant()  # somebody else renewed by hand: our access token died
    lan = zalo.person("Lan", active=True)
    await lan.says(KNOWN)
    await desk.settled()
    # What we held was used up by nobody, so it still renews.
    assert lan.heard


async def test_a_refused_renewal_is_told_at_the_desk_and_messages_wait(desk: Desk, zalo: ZaloPeer) -> None:
    await ready(desk)
    lan = zalo.person("Lan")
    await lan.says(KNOWN)
    await desk.settled()
    heard = len(lan.heard)
    for pair in zalo.platform.pairs:
        pair.dead = pair.used = True
    row = await desk.tells(lan, "chờ")
    assert row["state"] == "queued"
    assert "-14020" in row["error"]
    assert await desk.alarms() == ["token"]
    calls = zalo.calls.count("/v4/oa/access_token")
    held = await desk.channel.tokens.current()
    with pytest.raises(NoToken):
        await desk.channel.tokens.after_refusal(held)
    assert zalo.calls.count("/v4/oa/access_token") == calls, "a refused token is not asked for again and again"
    # An administrator grants access again: everything goes on.
    code = zalo.platform.consent(challenge_of("v" * 43))
    link = consent.link(desk.account(refresh_token="unused"), desk.clock)
    state = link.rpartition("state=")[2]
    assert await _opens(zalo, f"code={code}&oa_id={zalo.platform.oa_id}&state={state}") == 200
    desk.clock.advance(11 * timedelta(minutes=1))
    await desk.restarts()
    assert lan.heard[heard:][0].text == "chờ"


async def _opens(zalo: ZaloPeer, query: str) -> int:
    assert zalo._session is not None
    async with zalo._session.get(zalo.webhook + "/consent?" + query) as answer:
        return answer.status


async def test_a_consent_that_we_did_not_ask_for_is_refused(desk: Desk, zalo: ZaloPeer) -> None:
    code = zalo.platform.consent(challenge_of("v" * 43))
    for state in ("", "x", "99999999999.abc", "0.0"):
        assert await _opens(zalo, f"code={code}&state={state}") == 403
    link = consent.link(desk.account(refresh_token="unused"), desk.clock)
    state = link.rpartition("state=")[2]
    assert await _opens(zalo, f"code={code}&oa_id=1&state={state}") == 409
    desk.clock.advance(2 * HOUR)
    assert await _opens(zalo, f"code={code}&state={state}") == 410
    assert code in zalo.platform.codes, "it was not used up"


async def test_a_renewal_that_got_no_answer_is_tried_again_with_the_same_token(desk: Desk, zalo: ZaloPeer) -> None:
    zalo.fails("/v4/oa/access_token", cut=True)
    lan = zalo.person("Lan")
    await lan.says(KNOWN)
    with pytest.raises(TryLater):
        await desk.channel.tokens.current()
    assert await desk.channel.tokens.current()


async def test_a_refresh_token_that_nears_its_end_is_told_long_before(desk: Desk, zalo: ZaloPeer) -> None:
    await ready(desk)
    zalo.fails("/v4/oa/access_token", times=99, status=502)
    for _ in range(4):
        desk.clock.advance(24 * HOUR)
        await desk.channel.tokens.look()
    assert "token_ageing" in await desk.alarms()


async def test_what_happened_to_the_tokens_is_kept_without_them(desk: Desk, zalo: ZaloPeer) -> None:
    await ready(desk)
    rows = await desk.rows(OauthEvent)
    assert [row["event"] for row in rows] == ["seeded", "refreshed"]
    tokens = [each for pair in zalo.platform.pairs for each in (pair.access, pair.refresh)]
    assert not [row for row in rows if any(token in str(row) for token in tokens)]


def tokens_of(zalo: ZaloPeer) -> list[str]:
    return [each for pair in zalo.platform.pairs for each in (pair.access, pair.refresh)]


async def the_row(desk: Desk) -> dict[str, Any]:
    async with desk.core.database.read() as uow:
        row = await uow.row(select(table_of(OauthToken)))
    assert row is not None
    return dict(row)


async def test_no_token_is_in_the_database_as_it_is(desk: Desk, zalo: ZaloPeer) -> None:
    await ready(desk)
    for _ in range(2):
        row = await the_row(desk)
        assert is_sealed(row["access_token"])
        assert is_sealed(row["refresh_token"])
        assert not [token for token in tokens_of(zalo) if token in str(row)]
        desk.clock.advance(20 * HOUR)
        await desk.channel.tokens.look()


async def test_a_consent_too_is_kept_sealed(desk: Desk, zalo: ZaloPeer) -> None:
    pair = zalo.platform.grant()
    await desk.channel.tokens.adopt(Tokens(pair.access, pair.refresh, timedelta(hours=25)))
    assert not [token for token in tokens_of(zalo) if token in str(await the_row(desk))]
    assert await desk.channel.tokens.current() == pair.access


async def test_tokens_of_an_earlier_version_are_sealed_at_the_start(desk: Desk, zalo: ZaloPeer) -> None:
    await ready(desk)
    held = await desk.channel.tokens.current()
    opened = {"access_token": held, "refresh_token": zalo.platform.pairs[-1].refresh}
    revision = (await the_row(desk))["revision"]
    await desk.core.database.write(lambda uow: oauth.change(uow, "zalo_oa", seen=revision, **opened))
    after = desk.make(desk.account(refresh_token=zalo.platform.pairs[0].refresh), owner="two")
    await after.tokens.look()
    assert is_sealed((await the_row(desk))["refresh_token"])
    assert await after.tokens.current() == held
    await after.stop()


async def test_another_secret_key_opens_no_token_and_says_how_to_go_on(desk: Desk, zalo: ZaloPeer) -> None:
    await ready(desk)
    calls = zalo.calls.count("/v4/oa/access_token")
    seed = zalo.platform.pairs[0].refresh
    other = desk.make(desk.account(refresh_token=seed), owner="two", key=b"another key")
    with pytest.raises(NoToken, match="SECRET_KEY"):
        await other.tokens.current()
    await other.tokens.look()
    assert await desk.alarms() == ["token"]
    assert "SECRET_KEY" in " ".join(await other.problems())
    assert zalo.calls.count("/v4/oa/access_token") == calls, "nothing that it cannot read is sent to Zalo"
    await other.stop()


async def test_processes_that_renew_at_once_use_each_token_once_and_lose_none(
    postgresql_url: str, clock: ManualClock, zalo: ZaloPeer
) -> None:
    """Four keepers with databases of their own, as four replicas have; five days of renewals, some of them torn."""
    seed = zalo.platform.grant().refresh
    databases = [Database(postgresql_url) for _ in range(4)]
    callers = [Caller(answer_within=5, connections=4) for _ in range(4)]
    keepers = []
    for number, (database, caller) in enumerate(zip(databases, callers, strict=True)):
        calls = Oauth(caller, url=zalo.url, app_id=zalo.platform.app_id, app_secret=zalo.platform.app_secret)
        alarms = Alarms(database, clock, Signals())
        keepers.append(TokenKeeper(database, calls, alarms, clock, name="zalo_oa", seed=seed, seal=SEAL, owner=str(number)))
    try:
        for day in range(5):
            if day == 2:
                zalo.fails("/v4/oa/access_token", cut=True)
            await asyncio.gather(*(keeper.look() for keeper in keepers), return_exceptions=True)
            # The next look, a minute later, finds what another process renewed meanwhile.
            await asyncio.gather(*(keeper.look() for keeper in keepers), return_exceptions=True)
            tokens = await asyncio.gather(*(keeper.current() for keeper in keepers), return_exceptions=True)
            if day != 2:
                assert len(set(tokens)) == 1, tokens
            clock.advance(21 * HOUR)
        assert zalo.platform.refused_refreshes == 0
        async with databases[0].read() as uow:
            row = await uow.row(select(table_of(OauthToken)))
        assert row is not None
        assert SEAL.open(row["refresh_token"]) == zalo.platform.pairs[-1].refresh, "what is kept is the newest of the chain"
        assert zalo.platform.refreshes == row["revision"] - 1
    finally:
        for keeper in keepers:
            await keeper.stop()
        for database, caller in zip(databases, callers, strict=True):
            await caller.close()
            await database.close()
