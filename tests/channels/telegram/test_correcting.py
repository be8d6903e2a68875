"""The correction of a campaign as Telegram shows it: in the place of what was said first."""

from collections.abc import AsyncIterator

import pytest

from bot.delivery.sender import Sender
from storage.models import ChannelAccount
from storage.unit_of_work import UnitOfWork, table_of
from tests.channels.telegram.conftest import MakeChannel
from tests.office import Office
from tests.office_fixtures import office, shipped_knowledge
from tests.outreach.conftest import APPROVER, AUTHOR, Programme, programme
from tests.peers.telegram import TelegramPeer

__all__ = ["office", "programme", "shipped_knowledge"]


@pytest.fixture
async def on_telegram(programme: Programme, make_channel: MakeChannel) -> AsyncIterator[Programme]:
    """The programme, with the channel as it is shipped in front of the loopback Telegram."""
    programme.sender = Sender(programme.core.database, {"telegram": make_channel()}, programme.clock, "sender")
    programme.core.outbox.connect(programme.sender)
    yield programme
    await programme.sender.stop()


async def test_a_correction_takes_the_place_of_the_message_where_it_stood(
    on_telegram: Programme, peer: TelegramPeer, office: Office
) -> None:
    shown = {name: peer.user(name, started=True) for name in ("lan", "minh")}
    await on_telegram.enterprise("An Phát", *shown)

    async def at_their_numbers(uow: UnitOfWork) -> None:
        accounts = table_of(ChannelAccount)
        for name, person in shown.items():
            where = accounts.c.external_id == name
            await uow.execute(accounts.update().where(where).values(external_id=str(person.id)))

    await office.core.database.write(at_their_numbers)
    first = await on_telegram.sent(text_vi="Mẫu mới áp dụng từ thứ Ba.")
    peer.fails("editMessageText", status=400, description="Bad Request: message can't be edited", chat_id=shown["minh"].id)
    fix = await on_telegram.campaigns.correct(first.id, "", "Mẫu mới áp dụng từ <b>thứ Hai</b>.", "From Monday.", AUTHOR)
    fix = await on_telegram.campaigns.approve(fix.id, APPROVER, seen=fix.revision)
    await on_telegram.campaigns.schedule(fix.id, None, APPROVER, seen=fix.revision)
    await on_telegram.run()
    await on_telegram.deliver()
    assert (await on_telegram.look(fix)).state == "finished"
    [changed] = shown["lan"].messages
    assert "thứ Hai" in changed.text
    assert "thứ Ba" not in changed.text
    stayed, follow_up = shown["minh"].messages
    assert "thứ Ba" in stayed.text
    assert "thứ Hai" in follow_up.text
    assert first.number in follow_up.text
