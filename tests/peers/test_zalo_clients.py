"""The loopback Zalo held to the platform by clients that others wrote, as far as these work.

What they get wrong, as of these versions: zalo-sdk 0.3.0 recognises a dead token only by -216 with "expired" in Zalo's words,
so never by -220, prints template elements, and still offers the transaction and promotion messages that Zalo ended; its OAuth
address is fixed.
python-zalo-bot 0.1.9 calls `asyncio.run` for set, delete and get webhook, which fails inside a loop (the coroutines behind
them work), takes a refusal with HTTP 200 for success, and defaults to the old host.
"""

import asyncio

import pytest
import zalo_sdk
import zalo_sdk.oa
from zalo_bot import Bot
from zalo_sdk.zns.Client import Client as TemplateClient

from tests.clock import ManualClock
from tests.peers.zalo_bot import TOKEN, ZaloBotPeer
from tests.peers.zalo_oa import ZaloPeer


async def test_zalo_sdk_writes_uploads_and_asks(clock: ManualClock) -> None:
    async with ZaloPeer(clock) as zalo:
        lan = zalo.person("Lan", active=True)
        token = zalo.platform.grant().access
        client = zalo_sdk.oa.Client(zalo.platform.app_id, zalo.platform.app_secret, token, endpoint_prefix=zalo.url)
        to = zalo_sdk.oa.ZaloRecipient(user_id=lan.id)

        def work() -> list[dict[str, object]]:
            sent = client.send_message(to, zalo_sdk.oa.ZaloMessageBody(text="Xin chào"))
            upload = client.upload_file(b"%PDF", "file", "a.pdf", "application/pdf")
            file = zalo_sdk.oa.ZaloAttachment("file", {"token": upload["data"]["token"]})
            client.send_message(to, zalo_sdk.oa.ZaloMessageBody(attachment=file))
            return [
                sent,
                client.get_zalo_oa_quotas("OA", "cs", "sub_quota"),
                client.get_zalo_user_quotas(lan.id),
                client.get_user_detail(lan.id),
                client.get_list({"offset": 0, "count": 50}),
                client.tag_follower(lan.id, "x"),
            ]

        sent, quota, person_quota, detail, listed, _ = await asyncio.to_thread(work)
        assert sent["data"]["message_id"] == lan.heard[0].id
        assert sent["data"]["quota"]["quota_type"] == "reply"
        assert [heard.file for heard in lan.heard] == [None, b"%PDF"]
        assert quota["data"][0]["remain"] == 500
        assert int(person_quota["data"]["last_interaction"]) > 0
        assert detail["data"]["display_name"] == "Lan"
        assert listed["data"]["users"] == [{"user_id": lan.id}]


async def test_zalo_sdk_meets_the_errors_that_it_knows(clock: ManualClock) -> None:
    async with ZaloPeer(clock) as zalo:
        lan = zalo.person("Lan")
        client = zalo_sdk.oa.Client("1", "x", zalo.platform.grant().access, endpoint_prefix=zalo.url)
        to, hello = zalo_sdk.oa.ZaloRecipient(user_id=lan.id), zalo_sdk.oa.ZaloMessageBody(text="x")
        with pytest.raises(zalo_sdk.ZaloOAException, match="-232"):
            await asyncio.to_thread(client.send_message, to, hello)
        with pytest.raises(zalo_sdk.ZaloOAException, match="-240"):
            await asyncio.to_thread(client.send_message, to, hello, category="transaction")
        client.access_token = "wrong"
        with pytest.raises(zalo_sdk.ZaloOAException, match="-216"):
            await asyncio.to_thread(client.send_message, to, hello)


async def test_zalo_sdk_sends_a_template_by_phone(clock: ManualClock) -> None:
    async with ZaloPeer(clock) as zalo:
        lan = zalo.person("Lan")
        lan.state.phone = "84912345678"
        zalo.template("283746", ma=20)
        client = TemplateClient("1", "x", zalo.platform.grant().access, endpoint_prefix=zalo.url)
        await asyncio.to_thread(client.send_zns_message, "84912345678", "283746", {"ma": "YC-1"}, "t-1")
        assert lan.heard[0].data == {"ma": "YC-1"}
        with pytest.raises(zalo_sdk.ZaloException, match="-1122"):
            await asyncio.to_thread(client.send_zns_message, "84912345678", "283746", {})


async def test_python_zalo_bot_writes_receives_and_sets_its_webhook() -> None:
    async with ZaloBotPeer() as zalo, Bot(TOKEN, zalo.url) as bot:
        lan = zalo.person("Lan")
        await lan.says("Xin chào")
        update = await bot.get_update(timeout=5)
        assert (update.message.text, update.message.chat.id) == ("Xin chào", lan.id)
        assert (await bot.send_message(lan.id, "Chào Lan")).message_id == lan.heard[0]["message_id"]
        await bot.send_photo(lan.id, "ảnh", "https://example.vn/a.jpg")
        assert await bot.send_message("nobody", "x") is None, "it does not look at ok, which is false"
        await bot._set_webhook_async("https://bot.example/x", "a-secret-of-8")
        assert (await bot._get_webhook_info_async()).url == "https://bot.example/x"
