"""The whole life of an inquiry on the real program and a loopback Telegram: asked on the web chat, routed, taken in a topic,
asked back, answered, rated."""

import asyncio
import re
import sys
import uuid
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
import yaml

from tests.peers.telegram import TelegramPeer
from tests.peers.telegram.groups import Group
from tests.peers.telegram.people import User
from tests.process.conftest import MakeProgram
from tests.process.program import PROJECT, STARTS_WITHIN, Program, until

pytestmark = pytest.mark.process

QUESTION = "Tờ khai 104567890123 luồng đỏ của công ty tôi bị giữ 5 ngày ở cảng Cát Lái, chưa ai kiểm hóa, xin hỏi phải làm gì?"
WITHIN = 30.0
OWN_PAGE = {"Sec-Fetch-Site": "same-origin"}


async def command(program: Program, *arguments: str) -> str:
    """Run `donghanh` beside the program, on its folder."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot.cli",
        *arguments,
        cwd=program.folder,
        env=program.environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, error = await process.communicate()
    assert process.returncode == 0, error.decode()[-2000:]
    return out.decode()


@dataclass
class Enterprise:
    """Somebody with the web chat open."""

    http: httpx.AsyncClient
    cookie: str = field(default_factory=lambda: f"donghanh={uuid.uuid4().hex}")

    async def posts(self, **body: Any) -> None:
        content = {"id": str(uuid.uuid4()), "language": "vi", **body}
        answer = await self.http.post("/chat/messages", json=content, headers={"Cookie": self.cookie})
        assert answer.status_code == 200, answer.text

    async def messages(self) -> list[dict[str, Any]]:
        answer = await self.http.get("/chat/messages", headers={"Cookie": self.cookie})
        found: list[dict[str, Any]] = answer.json()["messages"]
        return [message for message in found if message["author"] == "bot"]

    async def hears(self, words: str) -> dict[str, Any]:
        found: list[dict[str, Any]] = []

        async def heard() -> bool:
            found[:] = [message for message in await self.messages() if words in message["text"]]
            return bool(found)

        await until(heard, WITHIN, f"the enterprise reads {words!r}")
        return found[-1]

    async def presses(self, label: str) -> None:
        buttons = [b for message in await self.messages() for row in message.get("buttons", []) for b in row]
        fitting = [button["action"] for button in buttons if label in button["label"]]
        assert fitting, f"nobody offered {label!r}"
        await self.posts(action=fitting[-1])


@pytest.fixture
async def telegram() -> Any:
    async with TelegramPeer() as peer:
        yield peer


async def test_the_whole_life_of_an_inquiry(make_program: MakeProgram, telegram: TelegramPeer) -> None:
    program = make_program("life", telegram=telegram)
    minh = telegram.user("Minh", started=True)
    group = telegram.group("Đầu mối", minh, forum=True)
    await program.start()
    await telegram.polled(timeout=STARTS_WITHIN)
    await command(program, "officer", "add", "minh", "--name", "Trần Minh", "--role", "coordinator", "--department", "cuc-qlrr")
    await _linked(program, minh, group)

    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{program.port}", headers=OWN_PAGE, timeout=30) as http:
        mai = Enterprise(http)
        await mai.posts(text="/ask_officer")
        await mai.posts(text=QUESTION)
        number = re.search(r"YC-\d{4}-\d{6}", (await mai.hears("YC-"))["text"])
        assert number is not None

        topic = await _topic_of_the_department(program, minh, group, number[0])
        await minh.presses("Nhận xử lý", chat=group, topic=topic)
        await mai.hears("đã bắt đầu xử lý")

        await minh.says("/ask Xin gửi ảnh niêm phong.", chat=group, topic=topic)
        await mai.hears("Xin gửi ảnh niêm phong.")
        await mai.presses("Trả lời")
        await mai.posts(text="Niêm phong còn nguyên, số 778899.")
        await minh.sees("778899", chat=group, topic=topic, timeout=WITHIN)

        await minh.says("Đề nghị đến Chi cục cảng Cát Lái để kiểm hóa.", chat=group, topic=topic)
        await minh.presses("Gửi doanh nghiệp", chat=group, topic=topic, timeout=WITHIN)
        await mai.hears("Đề nghị đến Chi cục cảng Cát Lái để kiểm hóa.")
        await mai.presses("Đã giải quyết")
        await mai.hears("đánh giá")
        await mai.presses("5")
        await until(lambda: _closed(group, topic), WITHIN, "the topic is closed with its inquiry")

    [row] = program.rows("SELECT state, rating, officer_name FROM inquiries WHERE number = ?", number[0])
    assert (row["state"], row["rating"], row["officer_name"]) == ("closed", 5, "Trần Minh")
    assert "in order" in await command(program, "audit", "verify")


async def _linked(program: Program, minh: User, group: Group) -> None:
    code = re.search(r"/start (desk_\S+)", await command(program, "officer", "link", "minh"))
    assert code is not None
    await minh.starts(code[1])
    await minh.sees("Đã liên kết", timeout=WITHIN)
    # Whichever department the bot is sure of, and the unit that decides where it is not: one group for all of them.
    directory = yaml.safe_load((PROJECT / "faq" / "directory.yaml").read_text(encoding="utf-8"))
    for department in (each["id"] for each in directory["departments"] if each["accepts_inquiries"]):
        await minh.says(f"/link {department}", chat=group)
        await minh.sees("từ nay là nhóm của", chat=group, timeout=WITHIN)


async def _topic_of_the_department(program: Program, minh: User, group: Group, number: str) -> int:
    """Return the inquiry's topic; where the bot was not sure, a coordinator routes it with a tap first."""
    topic = await group.has_topic(number, timeout=WITHIN)
    card = await minh.sees(number, chat=group, topic=topic.id, timeout=WITHIN)
    if "Nhận xử lý" not in card.labels:
        await minh.presses(card.labels[0], chat=group, topic=topic.id)
        await minh.sees("Chưa ai nhận", chat=group, topic=topic.id, timeout=WITHIN)
    return topic.id


def _closed(group: Group, topic: int) -> bool:
    return any(each.id == topic and each.closed for each in group.topics)
