"""Long polling: what Telegram counts as confirmed is in the database."""

import asyncio
import json
from functools import partial

from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from structlog.testing import capture_logs

from bot.channels.telegram.channel import TelegramChannel
from storage.database import Database
from storage.models import OfficerNotice
from storage.unit_of_work import table_of
from tests.channels.telegram.conftest import MakeChannel, Taking, eventually, served
from tests.channels.unread import unread_rows, unread_so_far
from tests.peers.telegram import TelegramPeer


async def test_what_a_person_writes_is_taken_with_who_they_are(
    peer: TelegramPeer, polling: TelegramChannel, taking: Taking
) -> None:
    lan = peer.user("Lan <b>Nguyễn</b>", language="en-GB")
    await lan.says("Bao lâu thì câu hỏi được chuyển?")
    [incoming] = await taking.has(1)
    assert (incoming.channel, incoming.external_id) == ("telegram", str(lan.id))
    assert incoming.text == "Bao lâu thì câu hỏi được chuyển?"
    assert incoming.name == "Lan <b>Nguyễn</b>"
    assert incoming.language == "en"


async def test_an_update_is_confirmed_only_when_it_was_taken(
    peer: TelegramPeer, polling: TelegramChannel, taking: Taking
) -> None:
    taking.may_go_on.clear()
    await peer.user("Lan").says("một")
    await taking.until(lambda: bool(taking.attempts))
    assert peer.pending_updates == 1
    taking.may_go_on.set()
    await peer.taken()
    assert taking.texts == ["một"]


async def test_one_person_is_taken_in_order_and_several_beside_each_other(
    peer: TelegramPeer, make_channel: MakeChannel, taking: Taking
) -> None:
    people = [peer.user(f"Người {number}") for number in range(8)]
    for text in ("một", "hai", "ba"):
        for person in people:
            await person.says(text)
    taking.may_go_on.clear()
    await make_channel().start(taking)
    await taking.until(lambda: taking.at_once == len(people))
    taking.may_go_on.set()
    await peer.taken()
    for person in people:
        assert [i.text for i in taking.taken if i.external_id == str(person.id)] == ["một", "hai", "ba"]


async def test_nothing_is_confirmed_while_taking_fails_and_all_of_it_is_taken_afterwards(
    peer: TelegramPeer, polling: TelegramChannel, taking: Taking
) -> None:
    taking.broken = True
    await peer.user("Lan").says("một")
    await peer.user("Minh").says("hai")
    await taking.until(lambda: len(taking.attempts) >= 3)
    assert peer.pending_updates == 2
    taking.broken = False
    await peer.taken()
    assert sorted(taking.texts) == ["hai", "một"]


async def test_after_a_failure_the_same_persons_later_words_wait_their_turn(
    peer: TelegramPeer, make_channel: MakeChannel, taking: Taking
) -> None:
    lan = peer.user("Lan")
    for text in ("một", "hai"):
        await lan.says(text)
    taking.broken = True
    await make_channel().start(taking)
    await taking.until(lambda: len(taking.attempts) >= 2)
    assert {incoming.text for incoming in taking.attempts} == {"một"}
    taking.broken = False
    await peer.taken()
    assert taking.texts == ["một", "hai"]


async def test_what_can_never_be_taken_does_not_hold_up_the_others(
    peer: TelegramPeer, make_channel: MakeChannel, taking: Taking
) -> None:
    taking.breaks_on = "poison"
    await peer.user("Lan").says("poison")
    await peer.user("Minh").says("hai")
    await make_channel(first_wait=0.001).start(taking)
    # Telegram answers slowly who asks again for what he did not confirm; the test does not wait for that.
    for tries in range(2, 6):
        await taking.until(partial(taking.tried, tries))
        peer.advances(3)
    await peer.taken(timeout=15)
    assert taking.texts == ["hai", ""], "the person is told that we could not use it"


async def test_an_update_that_cannot_be_read_holds_up_nobody_is_kept_and_told(
    peer: TelegramPeer, polling: TelegramChannel, taking: Taking, database: Database
) -> None:
    before = unread_so_far()
    lan = peer.user("Lan")
    await lan.sends({"text": {"not": "a text"}})
    await lan.says("hai")
    await taking.has(2)
    await peer.taken()
    assert taking.texts == ["", "hai"], "the person is told that we could not use it"
    [kept] = await unread_rows(database)
    assert json.loads(kept["body"])["message"]["text"] == {"not": "a text"}
    assert unread_so_far() == before + 1
    async with database.read() as uow:
        notices = await uow.rows(select(table_of(OfficerNotice)))
    assert [row["text_key"] for row in notices] == ["officer.channel.event_unreadable"]
    assert "1 updates could not be read" in (await polling.problems())[0]


async def test_of_an_update_with_one_part_that_cannot_be_read_the_rest_is_taken(
    peer: TelegramPeer, polling: TelegramChannel, taking: Taking, database: Database
) -> None:
    origin = {"type": "from_a_later_version", "date": 1}
    await peer.user("Lan").sends({"text": "Thuế suất mã này?", "forward_origin": origin})
    await taking.has(1)
    assert taking.texts == ["Thuế suất mã này?"]
    assert len(await unread_rows(database)) == 1


async def test_of_what_is_for_the_special_team_nothing_is_kept_though_it_cannot_be_read(
    peer: TelegramPeer, polling: TelegramChannel, taking: Taking, database: Database
) -> None:
    origin = {"type": "from_a_later_version", "date": 1}
    with capture_logs() as logs:
        await peer.user("Lan").sends({"text": "Cán bộ đòi hối lộ", "forward_origin": origin})
        await taking.has(1)
    [kept] = await unread_rows(database)
    assert kept["body"] == ""
    assert "hối lộ" not in str(logs)


async def test_an_update_that_comes_again_keeps_its_event_id(
    peer: TelegramPeer, polling: TelegramChannel, taking: Taking
) -> None:
    await peer.user("Lan").says("một")
    await peer.taken()
    await peer.polled()
    peer.jumps_update_ids(900_000_000)
    peer.delivers_again()
    await taking.until(lambda: len(taking.attempts) == 2)
    assert taking.attempts[0].event == taking.attempts[1].event
    assert len(taking.taken) == 1


async def test_a_lower_update_id_after_a_week_of_silence_is_new(
    peer: TelegramPeer, make_channel: MakeChannel, taking: Taking
) -> None:
    await peer.user("Lan").says("một")
    first = make_channel()
    await first.start(taking)
    await peer.taken()
    await first.stop()
    peer.jumps_update_ids(5)
    await peer.user("Lan").says("hai")
    await make_channel().start(taking)
    await peer.taken()
    assert taking.texts == ["một", "hai"]


async def test_a_webhook_left_over_from_before_is_removed_and_what_waits_is_kept(
    peer: TelegramPeer, make_channel: MakeChannel, taking: Taking
) -> None:
    peer.platform.webhook.point_at("https://old.example/hook", "", 40)
    await peer.user("Lan").says("một")
    await make_channel().start(taking)
    await peer.taken()
    assert taking.texts == ["một"]


async def test_a_second_program_on_the_same_bot_is_named_in_the_log(
    peer: TelegramPeer, polling: TelegramChannel, make_channel: MakeChannel, taking: Taking
) -> None:
    with capture_logs() as logs:
        await make_channel().start(taking)
        await eventually(lambda: any(line["event"] == "telegram.conflict" for line in logs))
    [said, *_] = [line for line in logs if line["event"] == "telegram.conflict"]
    assert said["log_level"] == "error"
    assert "stop it" in said["mend"]
    # Each interrupts the other and asks again: what people write still arrives, once.
    await peer.user("Lan").says("một")
    await taking.has(1)


async def test_a_token_that_telegram_refuses_is_named_in_the_log(peer: TelegramPeer, make_channel: MakeChannel) -> None:
    with capture_logs() as logs:
        channel = make_channel(token="1000000001:AAanother-token-0123456789abcdefgh")
        await channel.start(Taking())
        await eventually(lambda: any(line["event"] == "telegram.token_refused" for line in logs))
    assert "TELEGRAM_BOT_TOKEN" in str(logs)
    assert await channel.problems() == ["TELEGRAM_BOT_TOKEN: Telegram does not know this token; take it anew from BotFather"]


async def test_it_goes_on_after_errors_of_the_platform(peer: TelegramPeer, make_channel: MakeChannel, taking: Taking) -> None:
    peer.fails("deleteWebhook", status=502)
    peer.cuts("getUpdates", after_effect=False)
    peer.garbles("getUpdates", skip=1)
    peer.fails("getUpdates", status=429, retry_after=1, skip=2)
    await peer.user("Lan").says("một")
    await make_channel().start(taking)
    await peer.taken(timeout=10)
    assert taking.texts == ["một"]


async def test_it_comes_up_while_telegram_cannot_be_reached(
    peer: TelegramPeer, make_channel: MakeChannel, taking: Taking
) -> None:
    await peer.stop()
    await make_channel().start(taking)
    await peer.start()
    await peer.user("Lan").says("một")
    await taking.has(1)


async def test_nothing_that_comes_instead_of_updates_ends_the_asking(make_channel: MakeChannel, taking: Taking) -> None:
    lan = {"id": 5, "is_bot": False, "first_name": "Lan"}
    message = {"message_id": 1, "date": 1, "chat": {"id": 5, "type": "private"}, "from": lan, "text": "một"}
    answers = iter([[{"no": "update id"}], 5, None, ["text"], [{"update_id": "x"}], [{"update_id": 1, "message": message}]])

    async def answer(request: Request) -> JSONResponse:
        if request.path_params["method"] != "getUpdates":
            return JSONResponse({"ok": True, "result": True})
        return JSONResponse({"ok": True, "result": next(answers, [])})

    async with served([Route("/bot{token}/{method}", answer, methods=["POST"])]) as address:
        channel = make_channel(api_url=address, first_wait=0.001)
        await channel.start(taking)
        await taking.has(1)
        await channel.stop()


async def test_it_stops_at_once_in_the_middle_of_a_long_poll(peer: TelegramPeer, polling: TelegramChannel) -> None:
    async with asyncio.timeout(1):
        await polling.stop()


async def test_it_stops_in_the_middle_of_a_turn_without_confirming_it(
    peer: TelegramPeer, polling: TelegramChannel, make_channel: MakeChannel, taking: Taking
) -> None:
    taking.may_go_on.clear()
    await peer.user("Lan").says("một")
    await taking.until(lambda: bool(taking.attempts))
    await polling.stop()
    assert peer.pending_updates == 1
    taking.may_go_on.set()
    await make_channel().start(taking)
    await peer.taken()
    assert taking.texts == ["một"]


async def test_the_menu_is_published_in_both_languages(peer: TelegramPeer, polling: TelegramChannel) -> None:
    await peer.called("setMyCommands", times=3)
    shown = {code: peer.commands(code, scope="all_private_chats") for code in ("", "vi", "en")}
    assert [entry["description"] for entry in shown["vi"]] == ["Hướng dẫn"]
    assert [entry["description"] for entry in shown["en"]] == ["Help"]
    assert shown[""] == shown["vi"], "whoever speaks neither gets the operator's language"
