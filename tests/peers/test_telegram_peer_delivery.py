"""The loopback Telegram held to the Bot API: how updates arrive, and what goes wrong on the way."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientSession, FormData, web

from tests.peers.telegram import RemoteTelegramPeer, TelegramPeer
from tests.peers.telegram_clients import CLIENTS, Aiogram, Client, Refused, keyboard, stopped


@pytest.fixture
async def peer() -> AsyncIterator[TelegramPeer]:
    async with TelegramPeer() as running:
        yield running


@pytest.fixture(params=CLIENTS, ids=lambda client: client.name)
async def client(request: pytest.FixtureRequest, peer: TelegramPeer) -> AsyncIterator[Client]:
    connected = request.param(peer.url, peer.token)
    yield connected
    await connected.close()


class Endpoint:
    """A bot's webhook: keeps what it was sent, and answers as a test says (200 when nothing is left to say)."""

    def __init__(self) -> None:
        self.updates: list[dict[str, Any]] = []
        self.secrets: list[str | None] = []
        self.answers: list[web.Response] = []
        self.busy = asyncio.Event()
        self.gate = asyncio.Event()
        self.gate.set()
        self.at_once = 0
        self.url = ""

    async def take(self, request: web.Request) -> web.Response:
        self.updates.append(await request.json())
        self.secrets.append(request.headers.get("X-Telegram-Bot-Api-Secret-Token"))
        self.at_once += 1
        self.busy.set()
        await self.gate.wait()
        self.at_once -= 1
        return self.answers.pop(0) if self.answers else web.Response()

    @property
    def texts(self) -> list[str]:
        return [update["message"]["text"] for update in self.updates]


@pytest.fixture
async def endpoint() -> AsyncIterator[Endpoint]:
    bot = Endpoint()
    app = web.Application()
    app.router.add_post("/webhook", bot.take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    bot.url = f"http://127.0.0.1:{runner.addresses[0][1]}/webhook"
    yield bot
    bot.gate.set()
    await runner.cleanup()


async def texts(client: Client, **how: Any) -> list[str]:
    return [update.message.text for update in await client.call("get_updates", **how)]


# -- polling


async def test_a_poll_waits_until_somebody_writes(client, peer):
    poll = asyncio.create_task(texts(client, timeout=30))
    await peer.polled()
    await peer.user("Lan").says("Chào")
    assert await poll == ["Chào"]


async def test_an_empty_poll_ends_after_its_timeout(client, peer):
    assert await texts(client, timeout=1) == []


async def test_updates_come_again_until_an_offset_confirms_them(client, peer):
    lan = peer.user("Lan")
    await lan.says("một")
    await lan.says("hai")
    updates = await client.call("get_updates")
    assert await texts(client, offset=updates[0].update_id) == ["một", "hai"]
    assert await texts(client, offset=updates[1].update_id) == ["hai"]
    assert peer.pending_updates == 1


async def test_limit_gives_the_oldest_and_a_negative_offset_the_newest(client, peer):
    for text in ("một", "hai", "ba"):
        await peer.user("Lan").says(text)
    assert await texts(client, limit=2) == ["một", "hai"]
    assert await texts(client, offset=-1) == ["ba"]
    assert peer.pending_updates == 1


async def test_asking_again_at_once_without_confirming_gives_one_update(client, peer):
    for text in ("một", "hai"):
        await peer.user("Lan").says(text)
    assert len(await texts(client)) == 2
    assert len(await texts(client)) == 1


async def test_update_ids_rise_by_one_and_may_jump_back_after_a_silence(client, peer):
    lan = peer.user("Lan")
    await lan.says("một")
    await lan.says("hai")
    first, second = await client.call("get_updates")
    assert second.update_id == first.update_id + 1
    await client.call("get_updates", offset=second.update_id + 1)
    peer.jumps_update_ids(to=5)
    await lan.says("tuần sau")
    [later] = await client.call("get_updates", offset=1)
    assert later.update_id == 5


async def test_unfetched_messages_are_forgotten_after_a_day(client, peer):
    await peer.user("Lan").says("Có ai không?")
    peer.advances(86_401)
    assert await texts(client) == []


async def test_reactions_come_only_when_asked_for(client, peer):
    lan = peer.user("Lan", started=True)
    sent = await client.call("send_message", lan.id, "Xong")
    await lan.reacts(sent.message_id, "👍")
    assert list(await client.call("get_updates", allowed_updates=["message_reaction"])) == []
    await lan.reacts(sent.message_id, "👎")
    await lan.says("không hỏi tới")
    [update] = await client.call("get_updates", offset=1)
    assert update.message_reaction.new_reaction[0].emoji == "👎"


async def test_a_second_poller_ends_the_first_with_a_conflict(client, peer):
    first = asyncio.create_task(client.call("get_updates", timeout=30))
    await peer.polled()
    rival = Aiogram(peer.url, peer.token)
    second = asyncio.create_task(rival.call("get_updates", timeout=30))
    with pytest.raises(Refused, match="terminated by other getUpdates request") as caught:
        await first
    assert caught.value.kind == "conflict"
    await stopped(second)
    await rival.close()


async def test_polling_is_refused_while_a_webhook_is_set(client, endpoint, peer):
    await client.call("set_webhook", endpoint.url)
    with pytest.raises(Refused, match="webhook is active") as caught:
        await client.call("get_updates")
    assert caught.value.kind == "conflict"
    await client.call("delete_webhook")
    assert await texts(client) == []


# -- webhook


async def test_a_webhook_gets_the_update_with_the_secret(client, endpoint, peer):
    await client.call("set_webhook", endpoint.url, secret_token="s3cret_-")
    await peer.user("Lan").says("Chào")
    await peer.taken()
    assert (endpoint.texts, endpoint.secrets) == (["Chào"], ["s3cret_-"])


async def test_an_update_that_was_refused_is_posted_again_in_order(client, endpoint, peer):
    endpoint.answers = [web.Response(status=500), web.Response(status=403)]
    await client.call("set_webhook", endpoint.url)
    await peer.user("Lan").says("một")
    await peer.user("Lan").says("hai")
    await peer.taken()
    assert endpoint.texts == ["một", "một", "một", "hai"]
    info = await client.call("get_webhook_info")
    assert (info.pending_update_count, info.last_error_message) == (0, "Wrong response from the webhook: 403")


async def test_webhook_info_counts_what_waits_while_the_bot_is_down(client, endpoint, peer):
    await client.call("set_webhook", "http://127.0.0.1:9/webhook", max_connections=7)
    await peer.user("Lan").says("Chào")
    await peer.platform.bell.until(lambda: peer.platform.webhook.last_error or None, 5)
    info = await client.call("get_webhook_info")
    assert (info.pending_update_count, info.max_connections) == (1, 7)
    await client.call("set_webhook", endpoint.url)
    await peer.taken()
    assert endpoint.texts == ["Chào"]


async def test_chats_are_served_in_parallel_and_each_in_order(client, endpoint, peer):
    endpoint.gate.clear()
    await client.call("set_webhook", endpoint.url)
    for text in ("một", "hai"):
        for name in ("Lan", "Minh", "Hoa"):
            await peer.user(name).says(f"{name} {text}")
    while endpoint.at_once < 3:
        endpoint.busy.clear()
        await endpoint.busy.wait()
    assert sorted(endpoint.texts) == ["Hoa một", "Lan một", "Minh một"]
    endpoint.gate.set()
    await peer.taken()
    assert peer.platform.webhook.most_at_once == 3


async def test_a_press_may_overtake_the_messages_of_its_chat(client, endpoint, peer):
    lan = peer.user("Lan", started=True)
    await client.call("send_message", lan.id, "?", reply_markup=keyboard([("Có", "yes")]))
    endpoint.gate.clear()
    await client.call("set_webhook", endpoint.url)
    await lan.says("một")
    await lan.says("hai")
    await lan.presses("Có")
    while endpoint.at_once < 2:
        endpoint.busy.clear()
        await endpoint.busy.wait()
    assert ["callback_query" in update for update in endpoint.updates] == [False, True]
    endpoint.gate.set()
    await peer.taken()


async def test_no_more_connections_are_opened_than_allowed(client, endpoint, peer):
    await client.call("set_webhook", endpoint.url, max_connections=1)
    for name in ("Lan", "Minh", "Hoa"):
        await peer.user(name).says("Chào")
    await peer.taken()
    assert peer.platform.webhook.most_at_once == 1


async def test_duplicates_and_disorder_come_when_ordered(client, endpoint, peer):
    peer.duplicates_webhooks()
    await client.call("set_webhook", endpoint.url)
    peer.holds_updates()
    for text in ("một", "hai"):
        await peer.user("Lan").says(text)
    peer.releases_updates("reversed")
    await peer.taken()
    assert endpoint.texts == ["hai", "hai", "một", "một"]
    assert endpoint.updates[0]["update_id"] == endpoint.updates[1]["update_id"]
    peer.duplicates_webhooks(0)
    peer.delivers_again()
    await peer.taken()
    assert endpoint.updates[-1] == endpoint.updates[-2]


async def test_a_method_in_the_webhooks_answer_is_carried_out(client, endpoint, peer):
    lan = peer.user("Lan")
    endpoint.answers = [web.json_response({"method": "sendMessage", "chat_id": lan.id, "text": "Chào chị"})]
    await client.call("set_webhook", endpoint.url)
    await lan.says("Chào")
    await lan.sees("Chào chị")


async def test_a_public_address_is_served_where_the_test_says(client, endpoint, peer):
    peer.reaches("https://bot.example", at=endpoint.url.removesuffix("/webhook"))
    await client.call("set_webhook", "https://bot.example/webhook")
    await peer.user("Lan").says("Chào")
    await peer.taken()
    assert endpoint.texts == ["Chào"]


@pytest.mark.parametrize(
    ("url", "secret", "why"),
    [
        ("http://bot.example/webhook", None, "https url must be provided"),
        ("https://bot.example:8080/webhook", None, "only on ports"),
        ("https://bot.example/webhook", "có dấu", "unallowed characters"),
    ],
)
async def test_a_webhook_that_telegram_would_not_call_is_refused(client, url, secret, why):
    with pytest.raises(Refused) as caught:
        await client.call("set_webhook", url, secret_token=secret)
    assert why in caught.value.text


async def test_pending_updates_can_be_dropped_when_the_webhook_changes(client, endpoint, peer):
    await peer.user("Lan").says("cũ")
    await client.call("set_webhook", endpoint.url, drop_pending_updates=True)
    await peer.user("Lan").says("mới")
    await peer.taken()
    assert endpoint.texts == ["mới"]


# -- rates


async def test_one_chat_takes_a_short_burst_and_then_one_message_a_second(client, peer):
    lan = peer.user("Lan", started=True)
    peer.limits_flood()
    for _ in range(3):
        await client.call("send_message", lan.id, "x")
    with pytest.raises(Refused) as caught:
        await client.call("send_message", lan.id, "x")
    assert (caught.value.kind, caught.value.retry_after) == ("retry", 1)
    peer.advances(1)
    await client.call("send_message", lan.id, "x")


async def test_a_group_takes_twenty_a_minute_edits_and_topics_included(client, peer):
    desk = peer.group("Phòng Thuế", forum=True)
    peer.limits_flood()
    now = peer.platform.clock.now()
    peer.platform.clock.now = lambda: now
    peer.platform.flood.one_chat = (30.0, 1.0)  # so that the limit of a group is met, not that of a chat
    await client.call("create_forum_topic", desk.id, "YC-1")
    sent = await client.call("send_message", desk.id, "0")
    for n in range(1, 10):
        await client.call("edit_message_text", f"{n}", chat_id=desk.id, message_id=sent.message_id)
        await client.call("send_message", desk.id, "x")
    with pytest.raises(Refused) as caught:
        await client.call("send_message", desk.id, "x")
    assert caught.value.retry_after == 3


async def test_all_chats_together_take_thirty_a_second(client, peer):
    people = [peer.user(f"DN {n}", started=True) for n in range(31)]
    peer.limits_flood()
    now = peer.platform.clock.now()
    peer.platform.clock.now = lambda: now  # the second must not pass while we send
    for person in people[:30]:
        await client.call("send_message", person.id, "x")
    with pytest.raises(Refused) as caught:
        await client.call("send_message", people[30].id, "x")
    assert caught.value.retry_after == 1


async def test_answers_to_presses_are_free_and_429_carries_the_header(peer):
    lan = peer.user("Lan", started=True)
    peer.fails("sendMessage", status=429, retry_after=7)
    async with (
        ClientSession() as session,
        session.get(f"{peer.url}/bot{peer.token}/sendmessage?chat_id={lan.id}&text=x") as answer,
    ):
        body = await answer.json()
    assert (answer.status, answer.headers["Retry-After"], body["parameters"]) == (429, "7", {"retry_after": 7})


# -- faults


async def test_a_failing_server_has_no_effect_and_recovers(client, peer):
    lan = peer.user("Lan", started=True)
    peer.fails("sendMessage", status=502, times=2)
    for _ in range(2):
        with pytest.raises(Refused) as caught:
            await client.call("send_message", lan.id, "x")
        assert caught.value.kind == "server"
    await client.call("send_message", lan.id, "x")
    assert len(lan.messages) == 1


@pytest.mark.parametrize(("after_effect", "arrived"), [(False, []), (True, ["x"])], ids=["before", "after"])
async def test_a_cut_leaves_the_client_unsure_whether_the_message_arrived(client, peer, after_effect, arrived):
    lan = peer.user("Lan", started=True)
    peer.cuts("sendMessage", after_effect=after_effect)
    with pytest.raises(Refused) as caught:
        await client.call("send_message", lan.id, "x")
    assert caught.value.kind == "network"
    assert [m.text for m in lan.messages] == arrived


async def test_a_client_that_gave_up_waiting_is_still_served(client, peer):
    lan = peer.user("Lan", started=True)
    peer.delays("sendMessage", seconds=0.4)
    with pytest.raises(Refused) as caught:
        await client.call("send_message", lan.id, "trễ", patience=0.1)
    assert caught.value.kind == "network"
    await lan.sees("trễ")


async def test_json_that_breaks_off_is_an_error_after_the_effect(client, peer):
    lan = peer.user("Lan", started=True)
    peer.garbles("sendMessage")
    with pytest.raises(Refused) as caught:
        await client.call("send_message", lan.id, "x")
    assert (caught.value.kind, len(lan.messages)) == ("garbled", 1)


async def test_a_fault_can_wait_for_the_third_call_of_one_chat(client, peer):
    lan, minh = peer.user("Lan", started=True), peer.user("Minh", started=True)
    peer.fails("sendMessage", chat_id=lan.id, skip=2)
    for person in (lan, minh, lan, minh):
        await client.call("send_message", person.id, "x")
    with pytest.raises(Refused):
        await client.call("send_message", lan.id, "x")


async def test_an_outage_breaks_polls_and_sends_and_keeps_what_people_wrote(client, peer):
    lan = peer.user("Lan", started=True)
    poll = asyncio.create_task(client.call("get_updates", timeout=30))
    await peer.polled()
    await peer.goes_down()
    for broken in (poll, client.call("send_message", lan.id, "x")):
        with pytest.raises(Refused) as caught:
            await broken
        assert caught.value.kind == "network"
    await lan.says("Còn đó không?")
    await peer.comes_back()
    assert await texts(client, offset=1) == ["Còn đó không?"]


async def test_a_poller_that_went_away_is_no_rival_to_the_next(client, peer):
    gone = asyncio.create_task(client.call("get_updates", timeout=30))
    await peer.polled()
    await stopped(gone)
    await peer.platform.bell.until(lambda: peer.platform.polling.active is None or None, 5)
    await peer.user("Lan").says("Chào")
    assert await texts(client, offset=1) == ["Chào"]


async def test_unknown_methods_are_not_found_and_known_ones_are_logged(peer):
    async with ClientSession() as session:
        async with session.post(f"{peer.url}/bot{peer.token}/sendTelepathy") as answer:
            assert (await answer.json())["description"] == "Not Found: method not found"
        async with session.post(f"{peer.url}/bot{peer.token}/sendMessage", json={"chat_id": 404}) as answer:
            assert (await answer.json())["description"] == "Bad Request: message text is empty"
    assert [(call.method, call.status) for call in peer.calls] == [("sendMessage", 400)]


async def test_every_encoding_of_a_call_is_understood_and_text_like_json_stays_text(peer):
    lan = peer.user("Lan", started=True)
    call = {"chat_id": str(lan.id), "text": '["1399"]'}
    async with ClientSession() as session:
        where = f"{peer.url}/bot{peer.token}/sendMessage"
        for how in ({"params": call}, {"data": call}, {"json": call}, {"data": FormData(call, default_to_multipart=True)}):
            async with session.post(where, **how) as answer:
                assert answer.status == 200
    assert [message.text for message in lan.messages] == ['["1399"]'] * 4


# -- what a test can rely on


async def test_the_same_words_are_waited_for_anew_after_the_person_acted(client, peer):
    lan = peer.user("Lan", started=True)
    await client.call("send_message", lan.id, "Đã nhận")
    first = await lan.sees("Đã nhận")
    await lan.says("Câu nữa")
    with pytest.raises(AssertionError, match="did not appear"):
        await lan.sees("Đã nhận", timeout=0.05)
    await client.call("send_message", lan.id, "Đã nhận")
    assert (await lan.sees("Đã nhận")).id > first.id


async def test_a_peer_in_its_own_process_has_the_same_people_and_acts():
    async with RemoteTelegramPeer.launched("--token", "77:own-token-of-this-process") as peer:
        bot = Aiogram(peer.url, peer.token)
        lan, minh = peer.user("Lan"), peer.user("Minh")
        desk = peer.group("Phòng Thuế", minh, forum=True)
        await lan.sends_file("tờ khai.pdf", b"%PDF")
        [update] = await bot.call("get_updates", offset=1)
        assert await bot.download(update.message.document.file_id) == b"%PDF"
        topic = await bot.call("create_forum_topic", desk.id, "YC-1")
        await bot.call("send_message", desk.id, "?", message_thread_id=topic.message_thread_id,
                       reply_markup=keyboard([("Nhận", "take")]))  # fmt: skip
        press = await minh.presses("Nhận", chat=desk, topic="YC-1")
        await bot.call("answer_callback_query", press.id, text="Xong")
        assert (await press.answered()).text == "Xong"
        assert [(t.name, desk.messages_in(t.id)[-1].labels) for t in desk.topics] == [("YC-1", ["Nhận"])]
        peer.fails("sendMessage", status=500)
        with pytest.raises(Refused):
            await bot.call("send_message", lan.id, "x")
        with pytest.raises(AssertionError, match="did not appear"):
            await lan.sees("x", timeout=0.05)
        assert [call.error for call in peer.calls_of("sendMessage")] == [None, "Internal Server Error"]
        await bot.close()
