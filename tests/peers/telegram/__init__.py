"""A loopback Telegram: our own Bot API server, with the people who use it.

    async with TelegramPeer() as peer:                 # peer.url, peer.token
        bot = Bot(peer.token, session=AiohttpSession(api=TelegramAPIServer.from_base(peer.url)))
        lan = peer.user("Lan")
        await lan.says("/start")                       # an update for the bot, by polling or webhook
        await lan.sees("Xin chào")                     # waits; returns the message (text, buttons, raw, ...)
        press = await lan.presses("Hỏi cán bộ")        # by text or data; waits for the button
        await press.answered()                         # the bot's answerCallbackQuery
        lan.messages[-1].labels                        # what is on the screen now, edits applied
        await lan.sends_file("to-khai.pdf", b"...")
        await lan.blocks_bot()                         # 403 from now on, and my_chat_member

        officer = peer.user("Minh", started=True)
        desk = peer.group("Phòng Thuế", officer, forum=True)
        topic = await desk.has_topic("YC-2026-000001")
        await officer.presses("Nhận xử lý", chat=desk, topic=topic.id)
        await officer.says("Trả lời...", chat=desk, topic=topic.id)

        peer.fails("sendMessage", status=500)          # the next call; times=, skip=, chat_id=
        peer.fails("sendMessage", status=429, retry_after=2)
        peer.cuts("sendMessage", after_effect=True)    # sent, but the bot will not hear of it
        peer.delays("sendMessage", seconds=3); peer.garbles("sendMessage"); peer.heals()
        await peer.goes_down(); await peer.comes_back()
        peer.limits_flood()                            # token buckets: 30/s, 1/s a chat, 20/min a group
        await peer.called("sendMessage", times=2); peer.calls; await peer.taken()
        peer.reaches("https://bot.example", at="http://127.0.0.1:8080")   # where webhooks really go

As its own process: `python -m tests.peers.telegram --port 0 --token ...` prints its URL; the same
acts are JSON under `/_peer/...`, and `RemoteTelegramPeer` has the same methods on them:

    async with RemoteTelegramPeer.launched("--flood") as peer: ...
"""

from .peer import TelegramPeer
from .remote import RemoteTelegramPeer

__all__ = ["RemoteTelegramPeer", "TelegramPeer"]
