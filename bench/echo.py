"""The bare baseline: an aiogram echo behind the same web server as ours, tuned as well as we know how. It keeps nothing.

    python -m bench.echo --port 8080 --api http://127.0.0.1:8081

Each update is awaited to its end, the reply included, before the 200. Everything that the project could use as well it uses:
uvloop, httptools, a collector that is frozen and has wide thresholds, an update that is validated once.
"""

import argparse
import gc
import hmac

import uvicorn
from aiogram import Bot, Dispatcher, Router
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import Message
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bench.load import PATH, SECRET
from bench.processes import TOKEN


def application(api_url: str) -> Starlette:
    bot = Bot(TOKEN, session=AiohttpSession(api=TelegramAPIServer.from_base(api_url)))
    dispatcher, router = Dispatcher(), Router()

    @router.message()
    async def echo(message: Message) -> None:
        await message.answer(message.text or "")

    dispatcher.include_router(router)

    async def hook(request: Request) -> Response:
        if not hmac.compare_digest(request.headers.get("x-telegram-bot-api-secret-token", ""), SECRET):
            return Response(status_code=401)
        await dispatcher.feed_raw_update(bot, await request.json())
        return Response()

    return Starlette(routes=[Route(PATH, hook, methods=["POST"])])


def main() -> None:
    options = argparse.ArgumentParser(description="A bare aiogram echo")
    options.add_argument("--port", type=int, required=True)
    options.add_argument("--api", required=True)
    given = options.parse_args()
    app = application(given.api)
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 100)
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=given.port,
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="off",
        access_log=False,
        log_level="warning",
        backlog=1024,
    )


if __name__ == "__main__":
    main()
