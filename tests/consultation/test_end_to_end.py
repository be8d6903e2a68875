"""A consultation from the first line of its draft to its published outcome: officers at the desk, one enterprise in Telegram,
another on the web page."""

import io
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest
from docx import Document
from sqlalchemy import func, select
from starlette.applications import Starlette

from bot.app import make_site
from bot.channels.standing import Standings
from bot.channels.telegram.channel import TelegramChannel
from bot.delivery.sender import Sender
from bot.delivery.transport import Limits
from bot.knowledge.service import Knowledge
from bot.membership import enterprises
from bot.public.routes import routes as public_routes
from storage.models import Delivery
from storage.unit_of_work import UnitOfWork
from tests.channels.telegram.test_conversation import eventually_async
from tests.channels.unread import unread
from tests.clock import ManualClock
from tests.consultation.conftest import DRAFT, QUESTIONS
from tests.office import Browser, Office, open_office, shown
from tests.office_fixtures import shipped_knowledge
from tests.peers.telegram import TelegramPeer

__all__ = ["shipped_knowledge"]

HOST = "http://public.test"


@dataclass
class World:
    office: Office
    peer: TelegramPeer
    web: httpx.AsyncClient

    async def settled(self) -> None:
        async def nothing_waits() -> bool:
            waiting = Delivery.state.in_(("queued", "sending"))
            async with self.office.core.database.read() as uow:
                return not await uow.scalar(select(func.count()).select_from(Delivery).where(waiting))

        await eventually_async(nothing_waits)

    async def at(self, moment: datetime) -> None:
        """Let that moment come, and what falls due then be done."""
        self.office.clock.set(moment)
        await self.office.core.consultation_sweeper.run()
        await self.settled()

    async def invitation(self, company: str, tax_code: str) -> str:
        async def work(uow: UnitOfWork) -> str:
            now = self.office.clock.now()
            added = await enterprises.find_or_add(uow, tax_code=tax_code, name=company, membership="member", now=now)
            await uow.flush()
            return self.office.core.services.invitations.create(uow, added)

        return await self.office.core.database.write(work)


@pytest.fixture
async def world(sqlite_url: str, tmp_path: Path, clock: ManualClock, shipped_knowledge: Knowledge) -> AsyncIterator[World]:
    office = open_office(sqlite_url, tmp_path, clock, shipped_knowledge)
    core = office.core
    async with AsyncExitStack() as stack:
        peer = await stack.enter_async_context(TelegramPeer())
        channel = TelegramChannel(
            token=peer.token,
            api_url=peer.url,
            mode="polling",
            webhook_secret="",
            public_url="",
            files=core.files,
            standings=Standings(core.database, core.clock),
            menu={"vi": [], "en": []},
            default_language="vi",
            clock=core.clock,
            limits=Limits(),
            first_wait=0.02,
            unread=unread(core.database, core.clock, core.pipeline.may_be_kept),
        )
        sender = Sender(core.database, {"telegram": channel}, core.clock, core.owner)
        core.outbox.connect(sender)
        await sender.start()
        await channel.start(core.pipeline.take)
        await peer.polled()
        app = Starlette(routes=public_routes(make_site(core)))
        web = await stack.enter_async_context(
            httpx.AsyncClient(
                transport=httpx.ASGITransport(app=app), base_url=HOST, follow_redirects=True, headers={"Origin": HOST}
            )
        )
        yield World(office, peer, web)
        await sender.stop()
        await channel.stop()
        await core.database.close()


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found is not None, name
    return found[1]


async def post(browser: Browser, address: str, action: str, **fields: str) -> str:
    """Press a button of the consultation's page; return the page that follows."""
    page = await browser.see(address)
    answer = await browser.post(f"{address}/{action}", revision=hidden(page.text, "revision"), **fields)
    assert answer.status_code == 303, shown(answer)
    return (await browser.see(answer.headers["location"])).text


def local(world: World, moment: datetime) -> str:
    return moment.astimezone(world.office.core.settings.zone).strftime("%Y-%m-%dT%H:%M")


async def test_a_consultation_from_its_draft_to_its_published_outcome(world: World) -> None:
    office, peer, web = world.office, world.peer, world.web
    lan, hung = peer.user("Lan"), peer.user("Hùng")
    for person, company, code in ((lan, "Công ty Bình Minh", "0100233488"), (hung, "Công ty Sao Mai", "0100109106")):
        await person.starts(await world.invitation(company, code))
        await person.sees("Đã liên kết")
    editor = await office.officer("soan", role="editor", department=None)
    approver = await office.officer("duyet", role="approver", department=None)
    opens = office.clock.now() + timedelta(hours=1)
    closes = opens + timedelta(days=10)

    async with office.browser(editor) as writes, office.browser(approver) as decides:
        # The draft
        made = await writes.post("/desk/consultations", title_vi="Dự thảo quy trình kiểm tra")
        address = made.headers["location"].split("?")[0]
        what = {
            "title_vi": "Dự thảo quy trình kiểm tra",
            "issuer": "Cục Kiểm tra sau thông quan",
            "members_first_h": "0",
            "remind_days": "3",
            "membership_member": "1",
            "opens_at": local(world, opens),
        }
        await post(writes, address, "save", **what, closes_at=local(world, opens - timedelta(hours=2)))
        await post(writes, address, "text", text=DRAFT)
        await post(writes, address, "questions", questions=QUESTIONS)
        page = await decides.see(address)
        refused = await decides.post(f"{address}/approve", revision=hidden(page.text, "revision"))
        assert refused.status_code == 422
        assert "phải ở sau thời điểm mở" in refused.text
        await post(writes, address, "save", **what, closes_at=local(world, closes))
        own = await writes.post(f"{address}/approve", revision=hidden((await writes.see(address)).text, "revision"))
        assert own.status_code == 403
        assert "Đã duyệt, chờ mở" in await post(decides, address, "approve")

        # The comments: in the chat, and on the page
        await world.at(opens)
        for person in (lan, hung):
            await person.sees("Kính mời Quý doanh nghiệp góp ý")
        await lan.presses("Đọc và góp ý")
        await lan.presses("Đọc và góp ý từng điều (3)")
        await lan.sees("Điều 1. Phạm vi điều chỉnh")
        await lan.presses("Tiếp ›")
        await lan.sees("Thời hạn kiểm tra tối đa")
        await lan.presses("Góp ý khoản 1")
        await lan.sees("Xin gửi ý kiến")
        await lan.says("Đề nghị kéo dài thời hạn kiểm tra lên 15 ngày")
        await lan.sees("Đã ghi góp ý cho Điều 2 khoản 1")
        await lan.presses("Xem lại và gửi")
        await lan.sees("1. Điều 2 khoản 1")
        await lan.presses("Gửi ý kiến")
        await lan.sees("Đã ghi nhận ý kiến của Công ty Bình Minh")

        await hung.presses("Góp ý trên trang web")
        link = re.search(r"/l/[\w-]{43}", (await hung.sees("/l/")).text)
        assert link is not None
        mine = await web.post(link[0])
        assert "Hùng góp ý cho Công ty Sao Mai" in mine.text
        for action, fields in (
            ("comment", {"unit": "3", "text": "đề nghị kéo dài thời hạn kiểm tra lên 15 ngày làm việc"}),
            ("comment", {"unit": "0", "text": "Nên có hướng dẫn kèm theo"}),
            ("answers", {"q_1": "2", "q_2": "4", "q_3": ""}),
            ("send", {}),
        ):
            mine = await web.post(f"/my/consultation/{action}", data={"csrf": hidden(mine.text, "csrf"), **fields})
        assert "Đã gửi ý kiến" in mine.text

    # After the closing: groups, responses, the outcome
    await world.at(closes)
    async with office.browser(editor) as writes, office.browser(approver) as decides:
        page = await writes.see(address)
        assert "Nhóm ý kiến: 2 (chưa trả lời: 2)" in page.text
        groups = re.findall(r'groups/respond".*?name="group" value="(\d+)"', page.text, re.DOTALL)
        for group, response, reason in zip(
            groups, ("partly", "accepted"), ("Kéo dài lên 12 ngày.", "Sẽ ban hành hướng dẫn."), strict=True
        ):
            answer = await writes.post(f"{address}/groups/respond", group=group, response=response, reason=reason)
            assert answer.status_code == 303
        await post(writes, address, "finish", conclusion_vi="Dự thảo được hoàn thiện theo góp ý.")
        table = await writes.see(f"{address}/table.docx")
        rows = [[cell.text for cell in row.cells] for row in Document(io.BytesIO(table.content)).tables[0].rows]
        assert rows[1][1] == "Điều 2 khoản 1"
        assert rows[1][3] == "Công ty Bình Minh\nCông ty Sao Mai"
        assert rows[1][4] == "Tiếp thu một phần. Kéo dài lên 12 ngày."
        assert (await writes.see(f"{address}/table.xlsx")).status_code == 200
        assert "Đã công bố" in await post(decides, address, "publish")

    await world.at(closes + timedelta(minutes=1))
    await world.at(closes + timedelta(minutes=2))
    for person, theirs in ((lan, 1), (hung, 2)):
        told = [message for message in person.messages if "Kết quả tiếp thu ý kiến" in message.text]
        assert len(told) == 1
        assert told[0].text.count("▪") == theirs
        assert "Kéo dài lên 12 ngày." in told[0].text
    number = re.search(r"LYK-\d{4}-\d{4}", told[0].text)
    assert number is not None
    outcome = await web.get(f"/consultations/{number[0]}")
    for words in ("Dự thảo được hoàn thiện theo góp ý.", "Sẽ ban hành hướng dẫn.", "Bản điện tử"):
        assert words in outcome.text
