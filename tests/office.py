"""The authority's side of a helpdesk, for tests: services over a real database, officers, browsers, programs."""

import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx
from argon2 import PasswordHasher
from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send

from bot import health
from bot.access.officers import Officer, Officers
from bot.access.passwords import Passwords
from bot.access.roles import Posts
from bot.access.sessions import Sessions, csrf_of
from bot.access.tokens import Tokens
from bot.api.application import build, mounted
from bot.app import Core, build_core
from bot.desk.desk import Desk
from bot.desk.pages import routes
from bot.escalation.actors import BOT, Actor
from bot.escalation.keeping import Asker, Candidate, IncomingFile
from bot.escalation.routing import candidates_of
from bot.knowledge.service import Knowledge
from bot.knowledge.verdict import DepartmentGuess
from bot.settings import load
from storage import deliveries, queue
from storage import inquiries as stored
from storage.ids import new_id
from storage.inquiries import InquiryRecord
from storage.models import ChannelAccount, Contact, Enterprise
from storage.unit_of_work import UnitOfWork
from tests.clock import ManualClock

OWN, OTHER, COORDINATING = "cuc-gsql", "vu-phap-che", "cuc-qlrr"
"""departments of the shipped directory"""
PASSWORD = "mật khẩu của tôi"
QUESTION = "Tờ khai luồng đỏ của công ty tôi bị dừng ở cửa khẩu, phải làm gì?"


@dataclass
class Office:
    core: Core
    clock: ManualClock
    officers: Officers
    sessions: Sessions
    tokens: Tokens
    app: Starlette
    swept: list[Any] = field(default_factory=list)
    """when the clocks were last looked at, for /readyz; empty: never"""

    # People

    async def officer(self, login: str, *, role: str = "officer", department: str | None = OWN, lead: bool = False) -> Officer:
        """Somebody who has chosen their password (PASSWORD)."""
        added, password = await self.officers.add(
            login=login, name=f"Cán bộ {login}", role=role, department=department, lead=lead
        )
        await self.officers.change_password(added.id, old=password, new=PASSWORD)
        return await self.officers.find(login)

    @asynccontextmanager
    async def visitor(self) -> AsyncIterator[httpx.AsyncClient]:
        """A browser in which nobody has signed in."""
        transport = httpx.ASGITransport(app=self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://desk.test") as client:
            yield client

    @asynccontextmanager
    async def browser(self, officer: Officer) -> AsyncIterator["Browser"]:
        """A browser in which the officer is signed in."""
        session = await self.sessions.start(officer)
        async with self.visitor() as client:
            client.cookies.set("donghanh_desk", session.token)
            yield Browser(client, session.token)

    @asynccontextmanager
    async def program(self, *, role: str = "coordinator", department: str | None = None) -> AsyncIterator[httpx.AsyncClient]:
        """A program with a bearer token, at /api/v1."""
        _, secret = await self.tokens.create(role=role, department=department, name="chương trình")
        transport = httpx.ASGITransport(app=self.app)
        headers = {"Authorization": f"Bearer {secret}"}
        async with httpx.AsyncClient(transport=transport, base_url="http://desk.test/api/v1", headers=headers) as client:
            yield client

    # Inquiries

    async def asker(self, *, member: bool = False, company: str | None = None, tax_code: str | None = None) -> Asker:
        """Somebody who asks on the web chat: a member's contact, or a guest with what they say of themselves."""
        contact_id, account_id, enterprise_id = new_id(), new_id(), new_id() if member else None

        async def work(uow: UnitOfWork) -> None:
            now = self.clock.now()
            if member:
                uow.insert(
                    Enterprise,
                    id=enterprise_id,
                    tax_code=tax_code or f"01{str(enterprise_id)[-8:]}",
                    name=company or "Công ty Thành Viên",
                    membership="member",
                    member_since=now,
                    created_at=now,
                )
            uow.insert(Contact, id=contact_id, name="Chị Mai", enterprise_id=enterprise_id, language="vi", created_at=now)
            uow.insert(
                ChannelAccount,
                id=account_id,
                contact_id=contact_id,
                channel="webchat",
                external_id=str(account_id),
                step_data={},
                created_at=now,
            )

        await self.core.database.write(work)
        claimed = (None, None) if member else (tax_code, company)
        return Asker(contact_id, account_id, "webchat", "vi", "Chị Mai", enterprise_id, member, *claimed)

    async def given_inquiry(
        self,
        *,
        to: str | None = None,
        text: str = QUESTION,
        asker: Asker | None = None,
        candidates: tuple[str, ...] = (OWN, OTHER),
        state: str | None = None,
        by: Officer | None = None,
        guesses: Sequence[DepartmentGuess] = (),
    ) -> InquiryRecord:
        """An inquiry in people's hands; `to`: routed there; `state`: brought there by the officer `by`."""
        who = asker or await self.asker()
        names = self.core.knowledge.directory
        listed = candidates_of(guesses) or [Candidate(each, names[each].name, 0.6) for each in candidates]
        inquiries = self.core.inquiries

        async def work(uow: UnitOfWork) -> InquiryRecord:
            inquiry = await inquiries.receive(uow, who, text)
            inquiry = await inquiries.ask_officer(uow, inquiry, candidates=listed, actor=BOT)
            if to is not None:
                inquiry = await inquiries.route(uow, inquiry, to, BOT, by="bot", tell=False)
            if state in (None, "awaiting_routing", "routed"):
                return inquiry
            assert by is not None
            return await self._bring(uow, inquiry, state, by.actor, who)

        return await self.core.database.write(work)

    async def _bring(self, uow: UnitOfWork, inquiry: InquiryRecord, state: str, actor: Actor, asker: Asker) -> InquiryRecord:
        inquiries = self.core.inquiries
        if state == "in_progress":
            return await inquiries.take(uow, inquiry, actor)
        if state == "waiting_for_enterprise":
            return await inquiries.ask_back(uow, inquiry, "Xin gửi tờ khai.", actor)
        if state == "deferred":
            until = self.clock.now() + timedelta(days=2)
            return await inquiries.defer(uow, inquiry, reason="Chờ giám định.", until=until, actor=actor)
        inquiry = await inquiries.answer(uow, inquiry, "Đề nghị liên hệ chi cục.", actor)
        if state == "closed":
            return await inquiries.close(uow, inquiry, actor)
        if state == "reopened":
            return await inquiries.reopen(uow, inquiry, asker)
        assert state == "answered", state
        return inquiry

    async def given_file(self, inquiry: InquiryRecord, asker: Asker, *, name: str, content: bytes) -> None:
        """A file that the enterprise sent, already in the file store."""

        async def chunks() -> AsyncIterator[bytes]:
            yield content

        sha256, size = await self.core.files.keep(chunks(), at_most=10_000)
        file = IncomingFile("webchat", sha256, name, "text/html", size, sha256)

        async def work(uow: UnitOfWork) -> None:
            fresh = await stored.by_id(uow, inquiry.id)
            assert fresh is not None
            await self.core.inquiries.add_message(uow, fresh, asker, "Gửi cán bộ tệp.", (file,))

        await self.core.database.write(work)

    async def look(self, inquiry: InquiryRecord) -> InquiryRecord:
        async with self.core.database.read() as uow:
            found = await stored.by_id(uow, inquiry.id)
        assert found is not None
        return found

    async def told(self, inquiry: InquiryRecord) -> list[str]:
        """What the enterprise is told about it, oldest first."""
        async with self.core.database.read() as uow:
            return [row["content"]["text"] for row in await deliveries.of_inquiry(uow, inquiry.id)]

    async def said(self, inquiry: InquiryRecord) -> list[tuple[str, str]]:
        async with self.core.database.read() as uow:
            return [(row["kind"], row["text"]) for row in await stored.messages(uow, inquiry.id)]

    async def files_of(self, inquiry: InquiryRecord) -> list[Any]:
        async with self.core.database.read() as uow:
            return list(await stored.files(uow, inquiry.id))

    async def unseen(self, department: str, *audiences: str) -> list[str]:
        async with self.core.database.read() as uow:
            reader = queue.Reader(department, audiences, everywhere=False)
            return [row["text_key"] for row in await queue.unseen(uow, reader, limit=100)]


@dataclass
class Browser:
    client: httpx.AsyncClient
    token: str

    async def see(self, address: str) -> httpx.Response:
        return await self.client.get(address)

    async def press(
        self, inquiry: InquiryRecord, action: str, *, seen: int | None = None, files: Any = None, **fields: str
    ) -> httpx.Response:
        """Send the form of an action, as the page that shows the inquiry would."""
        data = {"csrf": csrf_of(self.token), "seen": str(inquiry.history_length if seen is None else seen), **fields}
        path = f"/desk/inquiries/{inquiry.number}/{action.replace('_', '-')}"
        return await self.client.post(path, data=data, files=files)

    async def post(self, address: str, **fields: str) -> httpx.Response:
        return await self.client.post(address, data={"csrf": csrf_of(self.token), **fields})


def shown(page: httpx.Response) -> str:
    """What a page says, without its markup."""
    text = re.sub(r"<(script|style)\b.*?</\1>", " ", page.text, flags=re.DOTALL)
    text = re.sub(r"<[^>]+>", " ", text)
    for name, letter in (("&#34;", '"'), ("&#39;", "'"), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        text = text.replace(name, letter)
    return re.sub(r"\s+", " ", text)


@dataclass
class _OnceAsked:
    """Made at its first request: making the API takes a tenth of a second of every test, and most never ask it."""

    make: Callable[[], ASGIApp]

    @cached_property
    def made(self) -> ASGIApp:
        return self.make()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.made(scope, receive, send)


def open_office(url: str, folder: Path, clock: ManualClock, knowledge: Knowledge, **more: Any) -> Office:
    settings = load(_env_file=None, data_dir=folder, secret_key="a key of the tests, long enough", database_url=url, **more)
    core = build_core(settings, clock=clock, knowledge=knowledge)
    posts = Posts(lambda: knowledge.directory)
    passwords = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    officers = Officers(core.database, clock, posts, passwords)
    sessions, tokens = Sessions(core.database, clock, lambda: knowledge.directory), Tokens(core.database, clock, posts)
    desk = Desk(
        database=core.database,
        inquiries=core.inquiries,
        knowledge=knowledge,
        catalogue=core.catalogue,
        clock=clock,
        signals=core.signals,
        files=core.files,
        officers=officers,
        sessions=sessions,
        outreach=core.outreach,
        secure_cookies=False,
        intakes=core.intakes,
        tracking=core.tracking,
        directory=core.directory_desk,
        telegram=bool(settings.telegram_token),
        telegram_name=lambda: core.group_desk.bot_name,
        wrong_files=lambda: core.shared.wrong,
    )
    api = _OnceAsked(
        lambda: build(
            database=core.database,
            inquiries=core.inquiries,
            knowledge=knowledge,
            catalogue=core.catalogue,
            clock=clock,
            officers=officers,
            tokens=tokens,
            outreach=core.outreach,
            intakes=core.intakes,
            tracking=core.tracking,
            files=core.files,
        )
    )
    swept: list[Any] = []
    watched = health.routes(
        database=core.database,
        knowledge=knowledge,
        clock=clock,
        last_sweep=lambda: swept[-1] if swept else None,
        sweep_interval=15,
    )
    app = Starlette(routes=[*routes(desk), *watched, mounted(api)])
    return Office(core, clock, officers, sessions, tokens, app, swept)
