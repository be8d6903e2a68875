"""The webhook: who is let in, and what Telegram hears."""

import io
import json
from typing import Any

import aiohttp
from structlog.testing import capture_logs

from bot.channels.posted import LARGEST
from bot.channels.telegram.webhook import PATH
from storage.database import Database
from tests.channels.telegram.conftest import PUBLIC, SECRET, MakeChannel, Taking, eventually, served
from tests.channels.unread import unread_rows
from tests.peers.telegram import TelegramPeer

HEADER = "X-Telegram-Bot-Api-Secret-Token"


def update(text: str = "một", number: int = 1) -> dict[str, Any]:
    lan = {"id": 7_000_000_001, "is_bot": False, "first_name": "Lan"}
    chat = {"id": 7_000_000_001, "type": "private", "first_name": "Lan"}
    return {"update_id": number, "message": {"message_id": 1, "date": 1, "chat": chat, "from": lan, "text": text}}


async def post(address: str, body: Any, secret: str | None = SECRET, method: str = "POST") -> int:
    headers = {} if secret is None else {HEADER: secret}
    body = io.BytesIO(body) if isinstance(body, bytes) else body
    async with (
        aiohttp.ClientSession() as session,
        session.request(method, address + PATH, data=body, headers=headers) as answer,
    ):
        return answer.status


async def test_it_is_registered_with_its_secret_and_the_kinds_we_read(peer: TelegramPeer, webhook: str) -> None:
    [call] = peer.calls_of("setWebhook")
    assert call.params["url"] == PUBLIC + PATH
    assert call.params["secret_token"] == SECRET
    assert set(call.params["allowed_updates"]) == {"message", "edited_message", "callback_query", "my_chat_member"}


async def test_telegram_hears_200_only_after_the_update_was_taken(peer: TelegramPeer, webhook: str, taking: Taking) -> None:
    taking.may_go_on.clear()
    await peer.user("Lan").says("một")
    await taking.until(lambda: bool(taking.attempts))
    assert peer.pending_updates == 1
    taking.may_go_on.set()
    await peer.taken()
    assert taking.texts == ["một"]


async def test_people_are_taken_beside_each_other(peer: TelegramPeer, webhook: str, taking: Taking) -> None:
    taking.may_go_on.clear()
    for number in range(12):
        await peer.user(f"Người {number}").says("một")
    await taking.until(lambda: taking.at_once == 12)
    taking.may_go_on.set()
    await peer.taken()


async def test_telegram_tries_again_after_a_failure_of_ours(peer: TelegramPeer, webhook: str, taking: Taking) -> None:
    taking.broken = True
    await peer.user("Lan").says("một")
    await taking.until(lambda: len(taking.attempts) >= 2)
    assert "503" in peer.platform.webhook.last_error
    taking.broken = False
    await peer.taken()
    assert taking.texts == ["một"]


async def test_an_update_that_is_posted_twice_keeps_its_event_id(peer: TelegramPeer, webhook: str, taking: Taking) -> None:
    peer.duplicates_webhooks(2)
    await peer.user("Lan").says("một")
    await taking.until(lambda: len(taking.attempts) == 3)
    assert len({incoming.event for incoming in taking.attempts}) == 1
    await peer.taken()
    assert taking.texts == ["một"]


async def test_a_wrong_or_missing_secret_is_refused_and_nothing_is_read(webhook: str, taking: Taking) -> None:
    body = json.dumps(update())
    assert await post(webhook, body, secret=None) == 401
    assert await post(webhook, body, secret="") == 401
    assert await post(webhook, body, secret=SECRET[:-1]) == 401
    assert await post(webhook, body, secret=SECRET + "x") == 401
    assert await post(webhook, body, secret="é") == 401
    assert await post(webhook, b"x" * (LARGEST + 1), secret="wrong") == 401
    assert taking.attempts == []


async def test_a_malformed_body_is_refused_and_changes_nothing(webhook: str, taking: Taking) -> None:
    for body in (
        b"",
        b"not json",
        b"[]",
        b"null",
        b"\xff\xfe\x00",
        b'{"update_id": 1',
        b'{"message": {}}',
        b'{"update_id": "one"}',
        b'{"a":' * 5000,
        b"[" * 100_000,
    ):
        assert await post(webhook, body) == 400, body[:40]
    assert taking.attempts == []


async def test_an_update_of_telegram_that_cannot_be_read_is_kept_so_it_need_not_come_again(
    webhook: str, taking: Taking, database: Database
) -> None:
    for body in (b'{"update_id": 1, "message": {"text": 5}}', b'{"update_id": 2, "message": "text"}'):
        for _ in range(2):
            assert await post(webhook, body) == 200
    assert taking.attempts == []
    assert [row["event_id"] for row in await unread_rows(database)] == ["1", "2"]


async def test_what_people_wrote_stays_out_of_the_log_also_when_it_cannot_be_read(webhook: str) -> None:
    body = update("điều không ai được đọc")
    body["message"]["date"] = "điều không ai được đọc"
    with capture_logs() as logs:
        assert await post(webhook, json.dumps(body)) == 200
    assert any(line["event"] == "event.unreadable" for line in logs)
    assert "không ai" not in str(logs)


async def test_a_body_over_one_mebibyte_is_refused_announced_or_not(webhook: str, taking: Taking) -> None:
    large = json.dumps(update("x" * LARGEST)).encode()
    assert await post(webhook, large) == 413

    async def in_chunks() -> Any:
        for start in range(0, len(large), 65536):
            yield large[start : start + 65536]

    assert await post(webhook, in_chunks()) == 413
    assert taking.attempts == []


async def test_a_kind_of_update_that_we_do_not_know_is_accepted_and_ignored(webhook: str, taking: Taking) -> None:
    assert await post(webhook, json.dumps({"update_id": 3, "something_new": {"id": 1}})) == 200
    assert taking.attempts == []


async def test_only_posts_are_taken(webhook: str) -> None:
    assert await post(webhook, None, method="GET") == 405


async def test_before_the_channel_has_started_telegram_is_asked_to_come_again(make_channel: MakeChannel) -> None:
    channel = make_channel(mode="webhook")
    async with served(list(channel.routes())) as address:
        assert await post(address, json.dumps(update())) == 503


async def test_without_an_https_address_it_is_not_registered_and_the_log_says_what_to_do(
    peer: TelegramPeer, make_channel: MakeChannel, taking: Taking
) -> None:
    channel = make_channel(mode="webhook", public_url="http://bot.example")
    with capture_logs() as logs:
        await channel.start(taking)
        await eventually(lambda: any(line["event"] == "telegram.webhook_not_registered" for line in logs))
    await peer.called("setMyCommands")
    assert peer.calls_of("setWebhook") == []
    assert "TELEGRAM_MODE=polling" in str(logs)
    assert any("https://" in problem for problem in await channel.problems())


async def test_while_polling_there_is_no_webhook_to_post_to(make_channel: MakeChannel) -> None:
    assert list(make_channel().routes()) == []


async def test_registering_is_repeated_until_telegram_takes_it(
    peer: TelegramPeer, make_channel: MakeChannel, taking: Taking
) -> None:
    peer.fails("setWebhook", status=429, retry_after=1)
    peer.cuts("setWebhook", after_effect=False)
    await make_channel(mode="webhook").start(taking)
    await peer.called("setWebhook", times=3)
    assert peer.platform.webhook.url == PUBLIC + PATH


async def test_doctor_is_told_what_telegram_says_about_deliveries_that_failed(
    peer: TelegramPeer, make_channel: MakeChannel, taking: Taking
) -> None:
    channel = make_channel(mode="webhook")
    await channel.start(taking)
    await peer.called("setWebhook")
    assert await channel.problems() == []
    await peer.user("Lan").says("một")  # bot.example is served nowhere
    await eventually(lambda: bool(peer.platform.webhook.last_error))
    [problem] = await channel.problems()
    assert "1 updates wait" in problem
    assert "Failed to resolve host" in problem
