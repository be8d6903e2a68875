"""What a browser posts is taken once and for good, or refused with words; what it reads is its own."""

import asyncio
import uuid
from typing import Any

import httpx
import pytest

from bot.delivery.message import Message
from bot.escalation.actors import Actor, ActorKind, Role
from storage import inquiries as stored
from storage.models import ChannelAccount, ChatMessage, Event, Inquiry
from storage.unit_of_work import UnitOfWork
from tests.channels.webchat.conftest import Chat, Visitor

QUESTION = "Bao lâu thì câu hỏi của tôi được chuyển đến đơn vị chuyên môn?"


async def test_a_question_is_answered_with_its_legal_basis(chat: Chat) -> None:
    visitor = await chat.visitor()
    answer = await visitor.posts(text=QUESTION)
    assert answer.status_code == 200
    said = (await visitor.texts())[-1]
    assert "24 giờ" in said
    assert "Điều 3 khoản 1 điểm c" in said
    assert "1399/QĐ-TCHQ" in said


async def test_the_language_of_the_page_is_the_language_of_the_answer(chat: Chat) -> None:
    visitor = await chat.visitor(language="en")
    await visitor.posts(text="How long until my request reaches the unit that can deal with it?")
    assert "24 hours" in (await visitor.texts())[-1]


async def test_what_a_person_wrote_stands_above_the_answer(chat: Chat) -> None:
    visitor = await chat.visitor()
    sent = str(uuid.uuid4())
    await visitor.posts(id=sent, text=QUESTION)
    messages = await visitor.sees()
    assert messages[0]["author"] == "person"
    assert messages[0]["event"] == sent
    assert [int(message["id"]) for message in messages] == sorted(int(message["id"]) for message in messages)


async def test_the_same_message_sent_again_changes_nothing(chat: Chat) -> None:
    visitor = await chat.visitor()
    sent = str(uuid.uuid4())
    first = await visitor.posts(id=sent, text=QUESTION)
    before = await visitor.sees()
    second = await visitor.posts(id=sent, text=QUESTION)
    assert (first.status_code, second.status_code) == (200, 200)
    assert await visitor.sees() == before
    assert await chat.count(Inquiry) == 1


async def test_an_id_that_another_browser_used_is_free_for_this_one(chat: Chat) -> None:
    sent = str(uuid.uuid4())
    for visitor in (await chat.visitor(), await chat.visitor()):
        await visitor.posts(id=sent, text=QUESTION)
        assert len(await visitor.texts("person")) == 1


async def test_a_person_sees_nothing_of_the_chat_of_another(chat: Chat) -> None:
    one, other = await chat.visitor(), await chat.visitor()
    await one.posts(text=QUESTION)
    assert await other.sees() == []


async def given_inquiry(visitor: Visitor) -> dict[str, Any]:
    """Ask, then ask for an officer; return the message that says so."""
    await visitor.posts(text=QUESTION)
    buttons = [button for message in await visitor.sees() for row in message.get("buttons", []) for button in row]
    await visitor.posts(action=next(button["action"] for button in buttons if button["action"].startswith("officer:")))
    return next(message for message in await visitor.sees() if "deadline" in message)


async def test_an_inquiry_comes_with_its_number_and_the_time_that_is_left(chat: Chat) -> None:
    message = await given_inquiry(await chat.visitor())
    assert message["inquiry"]["number"].startswith("YC-2026-")
    assert message["inquiry"]["state"] == "awaiting_routing"
    assert message["inquiry"]["due"] == message["deadline"] == "2026-11-17T02:00:00+00:00"


async def test_an_officers_answer_arrives_and_no_clock_runs_any_more(chat: Chat) -> None:
    visitor = await chat.visitor()
    number = (await given_inquiry(visitor))["inquiry"]["number"]
    lan = Actor(ActorKind.OFFICER, id=None, name="Lan", role=Role.COORDINATOR)

    async def answered(uow: UnitOfWork) -> None:
        inquiries = chat.core.inquiries
        inquiry = await stored.by_number(uow, number)
        assert inquiry is not None
        inquiry = await inquiries.route(uow, inquiry, inquiries.directory.coordinating.id, lan, by="coordinator")
        await inquiries.answer(uow, inquiry, "Đã thông quan sáng nay.", lan)

    async with visitor.listens(after="1") as stream:
        await chat.core.database.write(answered)
        heard = await stream.next()
        while "Đã thông quan sáng nay." not in heard["text"]:
            heard = await stream.next()
    assert heard["inquiry"] == {"number": number, "state": "answered", "due": None}
    first = next(message for message in await visitor.sees() if "deadline" in message)
    assert first["inquiry"] == heard["inquiry"], "the old message shows how it stands now"


async def test_nothing_is_kept_of_somebody_who_only_looks(chat: Chat) -> None:
    visitor = await chat.visitor()
    assert await visitor.sees() == []
    assert await chat.count(ChannelAccount) == 0


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"text": ""}, 422, "webchat.empty"),
        ({"text": " \n\t "}, 422, "webchat.empty"),
        ({"text": "chào", "id": "7"}, 422, "webchat.malformed"),
        ({"text": "chào", "id": None}, 422, "webchat.malformed"),
        ({"text": ["chào"]}, 422, "webchat.malformed"),
        ({"action": "x" * 65}, 422, "webchat.malformed"),
        ({"action": "menu\n"}, 422, "webchat.malformed"),
        ({"text": "x" * 110_000}, 413, "webchat.too_large"),
    ],
    ids=["empty", "blank", "no uuid", "id is null", "text is a list", "long action", "control in action", "110 kB"],
)
async def test_what_is_no_message_is_refused_with_words_and_changes_nothing(
    chat: Chat, body: dict[str, object], status: int, code: str
) -> None:
    visitor = await chat.visitor()
    answer = await visitor.posts(**body)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == code
    assert len(answer.json()["title"]) > 10
    assert await chat.count(Event) == 0


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b"[" * 50_000, b'{"id":1e999}'])
async def test_a_body_that_is_no_json_object_is_refused(chat: Chat, content: bytes) -> None:
    visitor = await chat.visitor()
    answer = await visitor.http.post("/chat/messages", content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 422)


@pytest.mark.parametrize(
    "text",
    ["😀😀😀", "\x00\x01\x02", "/khongcolenhnay", "‮abc", "x" * 90_000, "<img src=x onerror=alert(1)>"],
    ids=["emoji", "control characters", "unknown command", "direction mark", "90 kB", "markup"],
)
async def test_strange_words_are_answered(chat: Chat, text: str) -> None:
    visitor = await chat.visitor()
    answer = await visitor.posts(text=text)
    assert answer.status_code == 200
    assert await visitor.texts()


async def test_half_a_character_is_left_out(chat: Chat) -> None:
    visitor = await chat.visitor()
    body = f'{{"id": "{uuid.uuid4()}", "text": "\\ud800 xin chào"}}'
    answer = await visitor.http.post("/chat/messages", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 200
    assert await visitor.texts("person") == [" xin chào"]


@pytest.mark.parametrize("action", ["nothing:1", "officer:1", "solved:99999999999999999999", "rate:6:1", "lang:xx", ":"])
async def test_a_button_of_nowhere_is_answered_and_no_dead_end(chat: Chat, action: str) -> None:
    visitor = await chat.visitor()
    answer = await visitor.posts(action=action)
    assert answer.status_code == 200
    assert await visitor.texts()


async def test_a_browser_that_never_opened_the_page_is_told_to(chat: Chat) -> None:
    async with httpx.AsyncClient(base_url=chat.url, headers={"Sec-Fetch-Site": "same-origin"}) as http:
        posted = await http.post("/chat/messages", json={"id": str(uuid.uuid4()), "text": "chào"})
        looked = await http.get("/chat/messages")
    assert (posted.status_code, looked.status_code) == (403, 403)
    assert "cookie" in posted.json()["title"]


async def test_a_cookie_that_is_not_ours_is_replaced(chat: Chat) -> None:
    visitor = await chat.visitor()
    async with httpx.AsyncClient(base_url=chat.url) as http:
        answer = await http.get("/", headers={"Cookie": "donghanh=../../etc/passwd"})
    assert answer.cookies["donghanh"] != visitor.http.cookies["donghanh"]
    assert len(answer.cookies["donghanh"]) == 32


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "none"}, 403),
        ({"Origin": "https://elsewhere.example"}, 403),
        ({"Origin": "null"}, 403),
        ({}, 403),
        ({"Origin": "{own}"}, 200),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
    ],
)
async def test_only_our_own_page_may_post(chat: Chat, headers: dict[str, str], status: int) -> None:
    visitor = await chat.visitor()
    del visitor.http.headers["Sec-Fetch-Site"]
    visitor.http.headers.update({name: value.format(own=chat.url) for name, value in headers.items()})
    answer = await visitor.posts(text=QUESTION)
    assert answer.status_code == status
    assert await chat.count(Event) == (status == 200)


async def test_who_writes_too_fast_is_told_when_to_go_on(chat: Chat) -> None:
    visitor = await chat.visitor()
    body = {"text": "", "language": "vi"}
    answers = [await visitor.http.post("/chat/messages", json=body) for _ in range(30)]
    slowed = [answer for answer in answers if answer.status_code == 429]
    assert 1 <= len(slowed) <= 10
    assert int(slowed[0].headers["retry-after"]) >= 1
    assert "giây" in slowed[0].json()["title"]
    other = await chat.visitor()
    assert (await other.posts(text=QUESTION)).status_code == 200


async def test_a_channel_that_does_not_take_asks_the_page_to_try_again(chat: Chat) -> None:
    visitor = await chat.visitor()
    sent = str(uuid.uuid4())
    await chat.channel.stop()
    answer = await visitor.posts(id=sent, text=QUESTION)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert await chat.count(Event) == 0
    await chat.channel.start(chat.core.pipeline.take)
    assert (await visitor.posts(id=sent, text=QUESTION)).status_code == 200


async def test_a_delivery_that_is_sent_twice_is_shown_once(chat: Chat) -> None:
    visitor = await chat.visitor()
    await visitor.posts(text=QUESTION)
    shown = await chat.count(ChatMessage)
    for _ in range(2):
        await chat.channel.send(visitor.external_id, Message("Cán bộ đã trả lời."), delivery_id=4711)
    assert await chat.count(ChatMessage) == shown + 1


async def test_messages_after_an_id_begin_with_the_last_moments_before_it(chat: Chat) -> None:
    """Ids are drawn before rows are committed: what came in late must not be passed over."""
    visitor = await chat.visitor()
    await visitor.posts(text=QUESTION)
    messages = await visitor.sees()
    assert await visitor.sees(after=messages[-1]["id"]) == messages
    hours_later = str(int(messages[-1]["id"]) + (7_200_000 << 21))
    assert await visitor.sees(after=hours_later) == []


@pytest.mark.parametrize("after", ["", "-1", "x", "9" * 19, "9" * 400, "1.5", "٣"])
async def test_an_id_that_is_none_does_no_harm(chat: Chat, after: str) -> None:
    visitor = await chat.visitor()
    assert await visitor.sees(after=after) == []


async def test_many_browsers_at_once_get_each_their_own_answer(chat: Chat) -> None:
    visitors = [await chat.visitor() for _ in range(20)]
    await asyncio.gather(*(visitor.posts(text=f"{QUESTION} {number}") for number, visitor in enumerate(visitors)))
    for number, visitor in enumerate(visitors):
        assert await visitor.texts("person") == [f"{QUESTION} {number}"]
        assert len(await visitor.texts()) >= 1
