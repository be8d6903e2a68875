"""The peer in the test's own process: start it, give it people and groups, order its faults."""

from types import TracebackType
from typing import Any, Literal, Self

from . import view
from .control import Control
from .faults import Fault
from .files import StoredFile
from .groups import Group
from .people import User
from .platform import Platform, Request
from .screen import PATIENCE
from .server import Server
from .world import Chat, Status

TOKEN = "1000000001:AAEsecretOfTheLoopbackPeer-0123456789ab"
BOTNAME = "donghanh_bot"


def shown_call(request: Request) -> view.Call:
    return view.Call(request.method, request.params, request.at, request.error, request.status)


class TelegramPeer:
    """A Bot API server for one bot. flood: whether the rate limits answer 429."""

    def __init__(self, token: str = TOKEN, *, port: int = 0, username: str = BOTNAME, flood: bool = False) -> None:
        self.platform = Platform(token, username, flood=flood)
        self.token = token
        self.username = username
        self.url = ""
        self._port = port
        self._server = Server(self.platform)
        Control(self).add_to(self._server.app)
        self._users: dict[str, User] = {}
        self._groups: dict[str, Group] = {}

    def bot_token(self) -> str:
        return self.token

    def bot_username(self) -> str:
        return self.username

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        self._port = await self._server.start(self._port)
        self.url = f"http://127.0.0.1:{self._port}"

    async def stop(self) -> None:
        await self._server.stop()

    # -- people and groups

    def user(self, name: str, *, username: str | None = None, language: str = "vi", started: bool = False) -> User:
        """Return the person of this name, new when there was none. started: the bot may write to them already."""
        if name not in self._users:
            self._users[name] = User(self.platform, self.platform.world.add_person(name, username, language))
        user = self._users[name]
        user.account.started = user.account.started or started
        return user

    def group(
        self,
        title: str,
        *members: User,
        forum: bool = False,
        supergroup: bool = True,
        bot: Status = "administrator",
        username: str | None = None,
    ) -> Group:
        """Return the group of this title, new when there was none; the bot is in it without having been told."""
        if title not in self._groups:
            chat: Chat = self.platform.world.add_group(
                title, supergroup=supergroup or forum, forum=forum, bot=bot, username=username
            )
            self._groups[title] = Group(self.platform, chat)
        if (new := self.platform.world.chats[self._groups[title].id].upgraded_to) is not None:
            self._groups[title] = Group(self.platform, self.platform.world.chats[new])
        self._groups[title].adds(*members)
        return self._groups[title]

    def by_id(self, kind: str, number: int) -> User | Group:
        """Return a person or a group that there is already. Raises KeyError."""
        if kind == "User":
            return self._users[self.platform.world.people[number].name]
        return Group(self.platform, self.platform.world.chats[number])

    # -- what the bot did

    @property
    def calls(self) -> list[view.Call]:
        """Every call of the bot but getUpdates, in the order in which they ended."""
        return [shown_call(request) for request in self.platform.requests]

    def calls_of(self, method: str) -> list[view.Call]:
        return [shown_call(request) for request in self.platform.requests_of.get(method.lower(), [])]

    async def called(self, method: str, times: int = 1, timeout: float = PATIENCE) -> list[view.Call]:  # noqa: ASYNC109
        """Wait until the bot has called a method so often."""

        def made() -> int:
            return len(self.platform.requests_of.get(method.lower(), []))

        try:
            await self.platform.bell.until(lambda: True if made() >= times else None, timeout)
        except TimeoutError:
            others = [request.method for request in self.platform.requests[-20:]]
            raise AssertionError(f"{method} was called {made()} times, not {times}; called last: {others}") from None
        return self.calls_of(method)

    def commands(self, language: str = "", scope: str = "default") -> list[dict[str, Any]]:
        """Return the bot's command menu for that language and type of scope."""
        for (scope_json, code), commands in self.platform.commands.items():
            if code == language and f'"{scope}"' in scope_json:
                return commands
        return []

    @property
    def pending_updates(self) -> int:
        return self.platform.updates.count()

    async def taken(self, timeout: float = PATIENCE) -> None:  # noqa: ASYNC109
        """Wait until the bot has confirmed every update."""
        try:
            await self.platform.bell.until(lambda: None if self.pending_updates else True, timeout)
        except TimeoutError:
            raise AssertionError(f"{self.pending_updates} updates were not taken in {timeout} s") from None

    async def polled(self, timeout: float = PATIENCE) -> None:  # noqa: ASYNC109
        """Wait until a bot is polling: it is up, and has nothing left to fetch."""
        try:
            await self.platform.bell.until(lambda: self.platform.polling.active and True, timeout)
        except TimeoutError:
            raise AssertionError(f"nobody polled in {timeout} s") from None

    # -- faults, each for the next `times` calls of a method (None: until `heals`), after `skip` good ones

    def fails(
        self, method: str = "*", *, status: int = 500, times: int | None = 1, description: str = "",
        retry_after: int | None = None, after_effect: bool = False, chat_id: int | None = None, skip: int = 0,
    ) -> None:  # fmt: skip
        if not description:
            known = {429: f"Too Many Requests: retry after {retry_after or 1}", 502: "Bad Gateway"}
            description = known.get(status, "Internal Server Error")
        if status == 429:
            retry_after = retry_after or 1
        self.platform.faults.order(
            Fault("status", method, times, chat_id, after_effect, status, description, retry_after, skip=skip)
        )

    def cuts(
        self, method: str = "*", *, after_effect: bool, times: int | None = 1, chat_id: int | None = None, skip: int = 0
    ) -> None:
        """Drop the connection, before anything happened or after all of it did."""
        self.platform.faults.order(Fault("cut", method, times, chat_id, after_effect, skip=skip))

    def delays(
        self, method: str = "*", *, seconds: float, times: int | None = 1, after_effect: bool = False,
        chat_id: int | None = None, skip: int = 0,
    ) -> None:  # fmt: skip
        self.platform.faults.order(Fault("delay", method, times, chat_id, after_effect, seconds=seconds, skip=skip))

    def garbles(self, method: str = "*", *, times: int | None = 1, chat_id: int | None = None, skip: int = 0) -> None:
        """Let the call happen and answer it with JSON that breaks off."""
        self.platform.faults.order(Fault("garble", method, times, chat_id, after_effect=True, skip=skip))

    def heals(self) -> None:
        self.platform.faults.heal()

    async def goes_down(self) -> None:
        """Telegram is away: every connection breaks, nothing is delivered; what people do waits."""
        self.platform.down = self.platform.webhook.paused = True
        self._server.drop_everyone()

    async def comes_back(self) -> None:
        self.platform.down = self.platform.webhook.paused = False
        self.platform.bell.ring()

    # -- how updates arrive

    def holds_updates(self) -> None:
        """Keep back what people do from now on."""
        self.platform.updates.hold()

    def releases_updates(self, order: Literal["kept", "reversed", "shuffled"] = "kept", seed: int = 0) -> None:
        self.platform.updates.release(order, seed)

    def keeps_own_acts_quiet(self) -> None:
        """Tell the bot no more of topics that it opened, renamed or closed itself."""
        self.platform.world.tells_bot_of_own_acts = False

    def delivers_again(self, last: int = 1) -> None:
        """Queue the last updates that the bot had confirmed, under their old ids."""
        self.platform.updates.repeat(last)

    def duplicates_webhooks(self, times: int = 1) -> None:
        """Post each update so many times more, although the bot accepted it."""
        self.platform.webhook.duplicates = times

    def reaches(self, public: str, at: str) -> None:
        """Say where on this machine an origin is served: `reaches("https://bot.example", at=f"http://127.0.0.1:{p}")`."""
        self.platform.webhook.reaches[public] = at

    def jumps_update_ids(self, to: int) -> None:
        """After a week of silence the next id is arbitrary, perhaps lower."""
        self.platform.updates.next_id = to

    # -- switches

    def limits_flood(self, enabled: bool = True) -> None:
        self.platform.flood.enabled = enabled

    def advances(self, seconds: float) -> None:
        """Let the peer's clock run ahead: buttons expire, updates are forgotten, buckets refill."""
        self.platform.clock.advance(seconds)
        self.platform.bell.ring()

    def file(self, file_id: str) -> StoredFile:
        found = self.platform.files.by_id(file_id)
        assert found is not None, f"no file {file_id}"
        return found
