"""Bearer tokens: shown once, kept as a hash, ended by time or by hand."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.access import errors
from bot.escalation.actors import ActorKind, Role
from storage.models import ApiToken
from storage.unit_of_work import table_of
from tests.office import OWN, Office


async def test_a_token_acts_with_its_role_and_department(office: Office) -> None:
    _, secret = await office.tokens.create(role="officer", department=OWN, name="hệ thống nội bộ")
    token = await office.tokens.find(secret)
    assert token is not None
    actor = token.actor
    assert (actor.kind, actor.role, actor.department_id, actor.name) == (ActorKind.API, Role.OFFICER, OWN, "hệ thống nội bộ")


async def test_the_database_holds_no_secret(office: Office) -> None:
    _, secret = await office.tokens.create(role="coordinator", name="x")
    async with office.core.database.read() as uow:
        assert secret not in str([dict(row) for row in await uow.rows(select(table_of(ApiToken)))])


async def test_an_expired_token_holds_no_longer(office: Office) -> None:
    end = office.clock.now() + timedelta(days=1)
    _, secret = await office.tokens.create(role="coordinator", name="x", expires_at=end)
    assert await office.tokens.find(secret) is not None
    office.clock.set(end)
    assert await office.tokens.find(secret) is None


async def test_a_revoked_token_holds_no_longer_and_is_revoked_once(office: Office) -> None:
    token, secret = await office.tokens.create(role="coordinator", name="x")
    await office.tokens.revoke(token.id)
    assert await office.tokens.find(secret) is None
    with pytest.raises(errors.TokenUnknown):
        await office.tokens.revoke(token.id)


async def test_a_token_cannot_end_in_the_past(office: Office) -> None:
    with pytest.raises(errors.ExpiryNotAhead):
        await office.tokens.create(role="coordinator", name="x", expires_at=office.clock.now())
    assert await office.tokens.list() == []


@pytest.mark.parametrize("secret", ["", "dh_", "dh_" + "x" * 500, "nothing of ours", "dh_\udcff"])
async def test_what_is_no_token_of_ours_finds_nothing(office: Office, secret: str) -> None:
    assert await office.tokens.find(secret) is None
