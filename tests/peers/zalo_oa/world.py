"""What Zalo knows: the account, its tokens and quota, its people and templates."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any


@dataclass
class Switches:
    """What the documents disagree on, or leave open."""

    signature_id: str = "app"
    signature_with: str = "oa"
    carried_templates: tuple[str, ...] = ()
    """template types that carry plain buttons in a consultation message"""
    free_window: timedelta = timedelta(hours=48)
    window: timedelta = timedelta(days=7)
    proof_demanded: bool = False
    token_refused_with_401: bool = False
    calls_a_minute: int = 0
    """0: no limit"""


@dataclass
class Heard:
    """A message of ours as the person sees it."""

    id: str
    text: str = ""
    buttons: list[dict[str, Any]] = field(default_factory=list)
    file: bytes | None = None
    file_name: str = ""
    template: str = ""
    data: dict[str, str] = field(default_factory=dict)
    by_phone: bool = False


@dataclass
class PersonState:
    id: str
    name: str
    follows: bool = True
    blocked: bool = False
    phone: str = ""
    last_interaction: datetime | None = None
    takes_templates: bool = True
    heard: list[Heard] = field(default_factory=list)
    notices: int = 0


@dataclass
class TokenPair:
    access: str
    refresh: str
    expires: datetime
    refresh_expires: datetime
    used: bool = False
    dead: bool = False


@dataclass
class TemplateState:
    id: str
    params: list[dict[str, Any]]
    approved: bool = True
    for_users: bool = True


@dataclass
class Upload:
    content: bytes
    name: str
    at: datetime
    kind: str


@dataclass
class Fault:
    """What the next calls to an address are met with. error: a code of Zalo's; status: HTTP; cut: no answer, done: after the
    effect."""

    path: str
    times: int
    error: int | None = None
    status: int | None = None
    cut: bool = False
    done: bool = False


class ZaloError(Exception):
    def __init__(self, code: int, message: str) -> None:
        super().__init__(f"{code} {message}")
        self.code = code
        self.message = message


UPLOADS_LIVE = timedelta(days=7)
PAID_QUOTA = 500
