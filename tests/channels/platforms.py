"""The four real adapters, each in front of the platform that stands in for its own, and a person on any of them."""

import itertools
import uuid
from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import Any, Protocol

import httpx

from bot.app import Core
from bot.channels.alarms import Alarms
from bot.channels.downloads import Downloads
from bot.channels.menu import menu
from bot.channels.numbered import NumberedMenus
from bot.channels.protocol import Channel, Take
from bot.channels.standing import Standings
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.webchat.channel import WebChatChannel
from bot.channels.zalo_bot import webhook as bot_webhook
from bot.channels.zalo_bot.channel import ZaloBotChannel
from bot.channels.zalo_oa import webhook as oa_webhook
from bot.delivery.transport import Limits
from tests.channels.serving import served
from tests.channels.unread import unread
from tests.channels.zalo_oa.conftest import KEY, Desk
from tests.clock import ManualClock
from tests.peers.telegram import TelegramPeer
from tests.peers.zalo_bot import TOKEN, ZaloBotPeer
from tests.peers.zalo_oa import ZaloPeer

PUBLIC = "https://bot.example"
SECRET = "a-secret-of-the-tests"


class Talk(Protocol):
    """A person on a platform: what they can do there, whichever it is."""

    async def says(self, text: str) -> None: ...

    async def chooses(self, label: str) -> None:
        """Take a choice that they were offered: press its button, or type its number."""

    async def sends(self, name: str, content: bytes) -> None:
        """Send a picture."""

    async def again(self) -> None:
        """Have the platform bring the newest of their events once more."""

    async def heard(self) -> list[str]: ...

    async def got_file(self) -> bytes:
        """Return the content of the newest file that they were sent."""


class Platform(Protocol):
    """A platform with our adapter in front of it."""

    channel: Channel

    async def starts(self, stack: AsyncExitStack, take: Take) -> None:
        """Serve the adapter and have it receive."""

    async def person(self) -> Talk: ...


def _downloads(core: Core, clock: ManualClock) -> Downloads:
    return Downloads(core.files, core.catalogue, clock, key=KEY, base_url=PUBLIC)


class Telegram:
    def __init__(self, core: Core, peer: TelegramPeer) -> None:
        self._peer = peer
        self.channel: Channel = TelegramChannel(
            token=peer.token,
            api_url=peer.url,
            mode="webhook",
            files=core.files,
            standings=Standings(core.database, core.clock),
            menu=menu(core.router.menu, core.catalogue),
            default_language="vi",
            clock=core.clock,
            limits=Limits(),
            public_url=PUBLIC,
            webhook_secret=SECRET,
            first_wait=0.02,
            unread=unread(core.database, core.clock, core.pipeline.may_be_kept),
        )

    async def starts(self, stack: AsyncExitStack, take: Take) -> None:
        self._peer.reaches(PUBLIC, at=await stack.enter_async_context(served(self.channel.routes())))
        await self.channel.start(take)
        stack.push_async_callback(self.channel.stop)
        await self._peer.called("setWebhook")

    async def person(self) -> Talk:
        return OnTelegram(self._peer)


class OnTelegram:
    def __init__(self, peer: TelegramPeer) -> None:
        self._peer = peer
        self._person = peer.user("Lan")

    async def says(self, text: str) -> None:
        await self._person.says(text)
        await self._peer.taken()

    async def chooses(self, label: str) -> None:
        await self._person.presses(label)
        await self._peer.taken()

    async def sends(self, name: str, content: bytes) -> None:
        await self._person.sends_file(name, content)
        await self._peer.taken()

    async def again(self) -> None:
        self._peer.delivers_again()
        await self._peer.taken()

    async def heard(self) -> list[str]:
        return [message.text for message in self._person.messages]

    async def got_file(self) -> bytes:
        ids = [message.file_id for message in self._person.messages if message.file_id]
        return self._peer.file(ids[-1]).data


class ZaloOa:
    def __init__(self, core: Core, peer: ZaloPeer, clock: ManualClock) -> None:
        self._peer = peer
        ours = Desk(core, peer, clock)
        self.channel: Channel = ours.make(ours.account())

    async def starts(self, stack: AsyncExitStack, take: Take) -> None:
        self._peer.webhook = await stack.enter_async_context(served(self.channel.routes())) + oa_webhook.PATH
        await self.channel.start(take)
        stack.push_async_callback(self.channel.stop)

    async def person(self) -> Talk:
        return OnZaloOa(self._peer)


class OnZaloOa:
    def __init__(self, peer: ZaloPeer) -> None:
        self._peer = peer
        self._person = peer.person("Lan")

    async def says(self, text: str) -> None:
        assert await self._person.says(text) == 200

    async def chooses(self, label: str) -> None:
        assert await self._person.chooses(label) == 200

    async def sends(self, name: str, content: bytes) -> None:
        assert await self._person.sends("image", name, content) == 200

    async def again(self) -> None:
        assert await self._peer.again() == 200

    async def heard(self) -> list[str]:
        return [message.text for message in self._person.heard]

    async def got_file(self) -> bytes:
        return next(message.file for message in reversed(self._person.heard) if message.file is not None)


class ZaloBot:
    def __init__(self, core: Core, peer: ZaloBotPeer, clock: ManualClock) -> None:
        self._peer = peer
        self._downloads = _downloads(core, clock)
        self.served_at = ""
        self.channel: Channel = ZaloBotChannel(
            token=TOKEN,
            api_url=peer.url,
            mode="webhook",
            database=core.database,
            alarms=Alarms(core.database, clock, core.signals),
            menus=NumberedMenus(core.database),
            downloads=self._downloads,
            catalogue=core.catalogue,
            clock=clock,
            may_keep=core.pipeline.may_be_kept,
            key=KEY,
            limits=Limits(),
            public_url=PUBLIC,
            webhook_secret=SECRET,
            media_hosts=[peer.url],
            event_look_every=3600.0,
        )

    async def starts(self, stack: AsyncExitStack, take: Take) -> None:
        routes = [*self.channel.routes(), *self._downloads.routes()]
        self.served_at = await stack.enter_async_context(served(routes))
        self._peer.reach = self.served_at + bot_webhook.PATH
        # Zalo knows the webhook before the adapter has told it, so that nothing has to be waited for.
        self._peer.webhook = {"url": PUBLIC + bot_webhook.PATH, "secret_token": SECRET}
        await self.channel.start(take)
        stack.push_async_callback(self.channel.stop)

    async def person(self) -> Talk:
        return OnZaloBot(self._peer, self.served_at)


class OnZaloBot:
    def __init__(self, peer: ZaloBotPeer, served_at: str) -> None:
        self._peer = peer
        self._person = peer.person("Lan")
        self._served_at = served_at

    async def says(self, text: str) -> None:
        assert await self._person.says(text) == 200

    async def chooses(self, label: str) -> None:
        assert await self._person.chooses(label) == 200

    async def sends(self, name: str, content: bytes) -> None:
        assert await self._person.sends_photo(name, content) == 200

    async def again(self) -> None:
        assert await self._peer.again() == 200

    async def heard(self) -> list[str]:
        return [str(message.get("text", "")) for message in self._person.heard]

    async def got_file(self) -> bytes:
        """The Bot Platform carries no files: a link leads to a page of ours."""
        words = " ".join(await self.heard()).split()
        page = [word for word in words if word.startswith(f"{PUBLIC}/files/")][-1]
        async with httpx.AsyncClient() as web:
            answer = await web.get(page.replace(PUBLIC, self._served_at) + "/content")
        return answer.raise_for_status().content


class WebChat:
    def __init__(self, core: Core) -> None:
        self._core = core
        self._stack: AsyncExitStack
        self._served_at = ""
        self.channel: Channel = WebChatChannel(
            core.database,
            core.files,
            core.catalogue,
            core.signals,
            core.clock,
            menu=menu(core.router.menu, core.catalogue),
        )

    async def starts(self, stack: AsyncExitStack, take: Take) -> None:
        self._stack = stack
        self._served_at = await stack.enter_async_context(served(self.channel.routes()))
        await self.channel.start(take)
        stack.push_async_callback(self.channel.stop)

    async def person(self) -> Talk:
        http = httpx.AsyncClient(base_url=self._served_at, headers={"Sec-Fetch-Site": "same-origin"}, timeout=10)
        browser = await self._stack.enter_async_context(http)
        (await browser.get("/")).raise_for_status()
        return OnWebChat(browser)


class OnWebChat:
    def __init__(self, browser: httpx.AsyncClient) -> None:
        self._browser = browser
        self._newest: dict[str, Any] = {}

    async def _posts(self, **how: Any) -> None:
        self._newest = how
        (await self._browser.post("/chat/messages", params={"lang": "vi"}, **how)).raise_for_status()

    @staticmethod
    def _event(**body: str) -> dict[str, str]:
        return {"id": str(uuid.uuid4()), "language": "vi", **body}

    async def says(self, text: str) -> None:
        await self._posts(json=self._event(text=text))

    async def chooses(self, label: str) -> None:
        for message in reversed(await self._messages()):
            for button in itertools.chain.from_iterable(message["buttons"]):
                if label.lower() in button["label"].lower():
                    await self._posts(json=self._event(action=button["action"], label=button["label"]))
                    return
        raise AssertionError(f"no button {label!r}")

    async def sends(self, name: str, content: bytes) -> None:
        await self._posts(data=self._event(text=""), files=[("files", (name, content, "application/octet-stream"))])

    async def again(self) -> None:
        await self._posts(**self._newest)

    async def _messages(self) -> Sequence[dict[str, Any]]:
        answer = await self._browser.get("/chat/messages", params={"after": "0"})
        found: list[dict[str, Any]] = answer.raise_for_status().json()["messages"]
        return [message for message in found if message["author"] == "bot"]

    async def heard(self) -> list[str]:
        return [message["text"] for message in await self._messages()]

    async def got_file(self) -> bytes:
        urls = [file["url"] for message in await self._messages() for file in message["files"]]
        return (await self._browser.get(urls[-1])).raise_for_status().content
