"""What can stand in the way of a choice. The sentences are in `bot/locales` under `error.<code>`."""

from bot.errors import HelpdeskError


class MustBeTold(HelpdeskError):
    """The law says that a member is told this: it cannot be switched off. Params: topic."""

    code = "subscriptions.mandatory"


class TopicUnknown(HelpdeskError):
    """Params: topic."""

    code = "subscriptions.unknown"
    status = 404


class HoursWrong(HelpdeskError):
    """Not a span of hours of one day, or too short to be of use."""

    code = "subscriptions.hours"
    status = 422
