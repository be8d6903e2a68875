"""An open page hears of what is new at once, misses nothing, and holds up no stop."""

from contextlib import AsyncExitStack
from pathlib import Path

from bot.channels.webchat.news import STREAMS_AT_MOST
from bot.delivery.message import Message
from bot.knowledge.service import Knowledge
from storage.chat import show
from tests.channels.webchat.conftest import Chat, running_chat
from tests.clock import ManualClock

QUESTION = "Bao lâu thì câu hỏi của tôi được chuyển đến đơn vị chuyên môn?"


async def test_an_open_page_hears_its_own_message_and_the_answer(chat: Chat) -> None:
    visitor = await chat.visitor()
    async with visitor.listens() as stream:
        await visitor.posts(text=QUESTION)
        own, answer = await stream.next(), await stream.next()
    assert (own["author"], own["text"]) == ("person", QUESTION)
    assert answer["author"] == "bot"


async def test_a_page_that_lost_the_line_goes_on_where_it_was(chat: Chat) -> None:
    visitor = await chat.visitor()
    await visitor.posts(text=QUESTION)
    last = (await visitor.sees())[-1]["id"]
    hours_later = int(last) + (7_200_000 << 21)
    await chat.tells(visitor, Message("Trong lúc mất mạng."))
    async with visitor.listens(after=str(hours_later), **{"Last-Event-ID": last}) as stream:
        heard = [await stream.next()]
        while heard[-1]["text"] != "Trong lúc mất mạng.":
            heard.append(await stream.next())
    assert len({message["id"] for message in heard}) == len(heard)


async def test_a_message_is_heard_once_although_each_look_reaches_back(chat: Chat) -> None:
    visitor = await chat.visitor()
    await visitor.posts(text=QUESTION)
    shown = len(await visitor.sees())
    async with visitor.listens(after="1") as stream:
        heard = [(await stream.next())["text"] for _ in range(shown)]
        for text in ("một", "hai", "ba"):
            await chat.tells(visitor, Message(text))
            heard.append((await stream.next())["text"])
    assert heard[shown:] == ["một", "hai", "ba"]


async def test_a_page_looks_by_itself_for_what_another_process_wrote(
    sqlite_url: str, tmp_path: Path, clock: ManualClock, knowledge: Knowledge
) -> None:
    async with running_chat(sqlite_url, tmp_path, clock, knowledge, look_every=0.05) as chat:
        visitor = await chat.visitor()
        await visitor.posts(text=QUESTION)
        last = (await visitor.sees())[-1]["id"]
        async with visitor.listens(after=last) as stream:
            for _ in await visitor.sees(after=last):
                await stream.next()
            await chat.core.database.write(
                lambda uow: show(
                    uow, delivery_id=1, external_id=visitor.external_id, content={"text": "từ nơi khác"}, now=clock.now()
                )
            )
            assert (await stream.next())["text"] == "từ nơi khác"


async def test_open_pages_do_not_hold_up_a_stop(chat: Chat) -> None:
    visitor = await chat.visitor()
    async with visitor.listens() as stream:
        chat.core.signals.close()
        assert await stream.ended()


async def test_proxies_are_told_not_to_hold_the_stream_back(chat: Chat) -> None:
    visitor = await chat.visitor()
    async with visitor.listens() as stream:
        assert stream.answer.headers["content-type"].startswith("text/event-stream")
        assert stream.answer.headers["x-accel-buffering"] == "no"
        assert "no-transform" in stream.answer.headers["cache-control"]


async def test_one_visitor_holds_only_so_many_streams(chat: Chat) -> None:
    visitor = await chat.visitor()
    async with AsyncExitStack() as windows:
        for _ in range(STREAMS_AT_MOST):
            await windows.enter_async_context(visitor.listens())
        async with visitor.listens() as one_more:
            assert one_more.answer.status_code == 429
    await chat.until(lambda: not chat.core.signals._listeners)
    async with visitor.listens() as again:
        assert again.answer.status_code == 200


async def test_who_closes_the_page_is_listened_for_no_longer(chat: Chat) -> None:
    visitor = await chat.visitor()
    async with visitor.listens() as stream:
        await visitor.posts(text=QUESTION)
        await stream.next()
        assert chat.core.signals._listeners
    await chat.until(lambda: not chat.core.signals._listeners)
