"""The baseline of sending: aiogram's `Bot.send_message`, so many at once, and nothing else: nothing is kept.

    python -m bench.bare --port 8082 --api http://127.0.0.1:8081

`GET /send?chats=N` sends one message to each of N chats, and answers when all are sent.
"""

import argparse
import asyncio

import uvloop
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiohttp import web

from bench.processes import TOKEN

_AT_ONCE = 40
_TEXT = "Từ ngày mai, doanh nghiệp dùng biểu mẫu mới khi nộp hồ sơ. " * 4


async def serve(port: int, api: str) -> None:
    bot = Bot(TOKEN, session=AiohttpSession(api=TelegramAPIServer.from_base(api)))

    async def send(request: web.Request) -> web.Response:
        chats = iter(range(1, int(request.query["chats"]) + 1))

        async def worker() -> None:
            for chat in chats:
                await bot.send_message(chat, _TEXT)

        await asyncio.gather(*(worker() for _ in range(_AT_ONCE)))
        return web.Response(text="sent")

    app = web.Application()
    app.router.add_get("/send", send)
    app.router.add_get("/healthz", lambda _: asyncio.sleep(0, web.Response()))
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await asyncio.Event().wait()


def main() -> None:
    options = argparse.ArgumentParser(description="Bare sending, for comparison")
    options.add_argument("--port", type=int, required=True)
    options.add_argument("--api", required=True)
    given = options.parse_args()
    uvloop.run(serve(given.port, given.api))


if __name__ == "__main__":
    main()
