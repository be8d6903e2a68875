"""What can stand in the way of storing a law. The sentences are in `bot/locales` under `error.<code>`."""

from bot.errors import HelpdeskError


class DocumentNotListed(HelpdeskError):
    """The document is not in documents.yaml, so nothing says from when it holds. Params: document."""

    code = "law.not_listed"
    status = 422


class NumberNotFound(HelpdeskError):
    """The file does not say which document it is. Params: file."""

    code = "law.no_number"
    status = 422


class AnotherDocument(HelpdeskError):
    """The file says that it is another document than was asked for. Params: file, found, given."""

    code = "law.other_document"
    status = 422


class DayNotLater(HelpdeskError):
    """A new wording cannot hold from before the one that it replaces. Params: document, day, former."""

    code = "law.day_not_later"
    status = 422
