"""What an error of Zalo means for the message that met it: every code of its list, and what we do about each."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum

from bot.channels.vietnam import VIETNAM
from bot.delivery.transport import NotSent, QuotaUsedUp, Refused, TryLater, Unreachable, WindowClosed

_MORNING = time(6, 5)
_NEW_DAY = time(0, 5)
_PAUSE = timedelta(minutes=10)
"""how long nothing is sent after a refusal that only a person can mend: long enough to spare Zalo, short enough to notice"""


class Kind(StrEnum):
    SLOWER = "slower"
    UPLOAD_AGAIN = "upload_again"
    OUR_BUG = "our_bug"
    ACCOUNT = "account"
    QUOTA = "quota"
    PERSON_QUOTA = "person_quota"
    UNREACHABLE = "unreachable"
    TOKEN = "token"  # noqa: S105 - the name of a kind of error
    WINDOW = "window"
    NIGHT = "night"
    ALERT = "alert"
    RULES = "rules"
    PROOF = "proof"
    TEMPLATE = "template"
    NO_TEMPLATE = "no_template"
    """this person takes no template; a consultation message they may"""


MESSAGES: dict[int, Kind] = {
    -32: Kind.SLOWER,
    -100: Kind.UPLOAD_AGAIN,
    **dict.fromkeys((-200, -201, -210, -233, -240), Kind.OUR_BUG),
    **dict.fromkeys((-204, -205, -209, -212, -219, -221, -223, -224, -235, -320, -321), Kind.ACCOUNT),
    -211: Kind.QUOTA,
    -311: Kind.QUOTA,
    -218: Kind.PERSON_QUOTA,
    **dict.fromkeys((-213, -217, -227, -244), Kind.UNREACHABLE),
    **dict.fromkeys((-216, -220), Kind.TOKEN),
    **dict.fromkeys((-230, -232, -305), Kind.WINDOW),
    -234: Kind.NIGHT,
    **dict.fromkeys((-237, -238, -241, -403), Kind.ALERT),
    -242: Kind.PROOF,
    -248: Kind.RULES,
    -249: Kind.TEMPLATE,
}
"""https://docs.zaloplatforms.com/docs/OA/phu-luc/ma-loi"""
TEMPLATES: dict[int, Kind] = MESSAGES | {
    **dict.fromkeys((-108, -114, -118, -119, -139, -140, -141), Kind.NO_TEMPLATE),
    **dict.fromkeys((-109, -131), Kind.TEMPLATE),
    **dict.fromkeys((-1121, -1122, -127), Kind.OUR_BUG),
    **dict.fromkeys((-115, -137), Kind.ACCOUNT),
    -124: Kind.TOKEN,
    -133: Kind.NIGHT,
    **dict.fromkeys((-144, -147), Kind.QUOTA),
}
"""The templates' own table beside the general one."""


@dataclass(frozen=True)
class Meaning:
    """What becomes of the message, and what a person must be told (`officer.channel.<alarm>`); empty: nothing."""

    failure: NotSent
    alarm: str = ""


class OaError(Exception):
    """Zalo answered with an error. message: Zalo's own words."""

    def __init__(self, code: int, message: str, table: dict[int, Kind] = MESSAGES) -> None:
        super().__init__(f"{code} {message}".strip()[:300])
        self.code = code
        self.kind = table.get(code)


def meaning(error: OaError, now: datetime) -> Meaning:
    """Return what to make of an error that a message met."""
    said = str(error)
    match error.kind:
        case Kind.SLOWER:
            return Meaning(TryLater(said, after=timedelta(seconds=60 - now.second), whole_account=True))
        case Kind.UPLOAD_AGAIN:
            return Meaning(TryLater(said, after=timedelta(seconds=5)))
        case Kind.OUR_BUG:
            return Meaning(Refused(said), "our_bug")
        case Kind.ACCOUNT:
            return Meaning(TryLater(said, after=_PAUSE, whole_account=True), "account")
        case Kind.TOKEN:
            return Meaning(TryLater(said, after=_PAUSE, whole_account=True), "token")
        case Kind.PROOF:
            return Meaning(TryLater(said, after=_PAUSE, whole_account=True), "proof")
        case Kind.QUOTA:
            return Meaning(QuotaUsedUp(said, after=new_quota_at(now) - now), "quota")
        case Kind.PERSON_QUOTA:
            return Meaning(QuotaUsedUp(said, after=new_quota_at(now) - now))
        case Kind.UNREACHABLE:
            return Meaning(Unreachable(said))
        case Kind.WINDOW | Kind.NO_TEMPLATE:
            return Meaning(WindowClosed(said))
        case Kind.NIGHT:
            return Meaning(TryLater(said, after=_next(_MORNING, now) - now))
        case Kind.RULES:
            return Meaning(Refused(said), "rules")
        case Kind.TEMPLATE:
            return Meaning(WindowClosed(said), "template")
        case Kind.ALERT:
            return Meaning(Refused(said), "account")
    # A code that no list has: the message is kept and tried again, for it may be new on Zalo's side and pass.
    return Meaning(TryLater(said, after=_PAUSE), "our_bug")


def new_quota_at(now: datetime) -> datetime:
    return _next(_NEW_DAY, now)


def _next(at: time, now: datetime) -> datetime:
    local = now.astimezone(VIETNAM)
    today = datetime.combine(local.date(), at, VIETNAM)
    return today if today > local else today + timedelta(days=1)
