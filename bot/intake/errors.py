"""What can stand in the way of recording an inquiry. The sentences are in `bot/locales` under `error.<code>`."""

from bot.errors import HelpdeskError


class MeansUnknown(HelpdeskError):
    """Params: means, known."""

    code = "intake.means_unknown"
    status = 422


class PersonMissing(HelpdeskError):
    """Nobody is named who could be told the answer."""

    code = "intake.person_missing"
    status = 422


class ReceivedAhead(HelpdeskError):
    """It cannot have come later than now. Params: at."""

    code = "intake.received_ahead"
    status = 422


class ReceivedLongAgo(HelpdeskError):
    """Params: at, most (days)."""

    code = "intake.received_long_ago"
    status = 422


class IsReport(HelpdeskError):
    """A report of misconduct or smuggling: it goes to the special team alone, and nothing of it is kept here."""

    code = "intake.is_report"
    status = 422


class ChatUnknown(HelpdeskError):
    """The chat that was chosen is not one of this enterprise."""

    code = "intake.chat_unknown"
    status = 422


class NotToldByHand(HelpdeskError):
    """There is no such message, or somebody has passed it on already."""

    code = "intake.not_told_by_hand"
