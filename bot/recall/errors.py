"""What can stand in the way of a recall. The sentences are in `bot/locales` under `error.<code>`."""

from bot.errors import HelpdeskError


class PlaceWrong(HelpdeskError):
    """Not a place in the spelling in which they are cited. Params: place."""

    code = "recall.place"
    status = 422


class NotKnown(HelpdeskError):
    """No such document is listed, and no answer ever cited it. Params: document, known."""

    code = "recall.document"
    status = 404


class TextsMissing(HelpdeskError):
    """A correction is told in both languages: whoever was answered in one is told in it."""

    code = "recall.texts"
    status = 422


class TextTooLong(HelpdeskError):
    """Params: length, most."""

    code = "recall.text_too_long"
    status = 422


class MayNotCorrect(HelpdeskError):
    """A correction is opened by an approver, a coordinator or an administrator. Params: login."""

    code = "recall.role"
    status = 403


class NobodyToTell(HelpdeskError):
    """No answer cites that place. Params: place, document."""

    code = "recall.nobody"
    status = 404
