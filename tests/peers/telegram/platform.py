"""Everything the peer consists of, and the table of the methods that it models."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from .clock import Bell, Clock
from .faults import Faults
from .files import Files, Upload
from .flood import Flood
from .updates import Polling, Updates
from .webhook import WebhookSender
from .world import Chat, World

Wire = dict[str, Any]


@dataclass(frozen=True)
class Call:
    """One method call, validated: args are plain JSON values, uploads the file parts by name."""

    method: str
    args: Wire
    uploads: dict[str, Upload] = field(default_factory=dict)


@dataclass
class Request:
    """A line of the log. error: None when it succeeded; at: seconds of the peer's clock."""

    method: str
    params: Wire
    at: float
    result: Any = None
    error: str | None = None
    status: int = 200


class Platform:
    def __init__(self, token: str, username: str, *, flood: bool = False) -> None:
        self.token = token
        self.bot: Wire = {
            "id": int(token.split(":")[0]),
            "is_bot": True,
            "first_name": "Đồng Hành",
            "username": username,
        }
        self.privacy_mode = True
        self.down = False
        self.clock = Clock()
        self.bell = Bell()
        self.updates = Updates(self.clock, self.bell)
        self.polling = Polling(self.updates, self.clock)
        self.world = World(self.bot, self.clock, self.bell, self.updates)
        self.files = Files()
        self.flood = Flood(self.clock, flood)
        self.faults = Faults()
        self.webhook = WebhookSender(self.updates, self.clock, self.bell)
        self.commands: dict[tuple[str, str], list[Wire]] = {}
        self.requests: list[Request] = []
        self.requests_of: dict[str, list[Request]] = {}

    def note(self, request: Request) -> None:
        self.requests.append(request)
        self.requests_of.setdefault(request.method.lower(), []).append(request)
        self.bell.ring()

    def charge(self, chat: Chat, args: Wire, messages: int = 1) -> None:
        paid = bool(args.get("allow_paid_broadcast"))
        self.flood.charge(chat.id, group=chat.is_group, messages=messages, paid=paid)


Method = Callable[[Platform, Call], Awaitable[Any]]
METHODS: dict[str, Method] = {}


def method(*names: str) -> Callable[[Method], Method]:
    """Register a function as the model of these methods; names compare without case."""

    def register(function: Method) -> Method:
        METHODS.update({name.lower(): function for name in names})
        return function

    return register
