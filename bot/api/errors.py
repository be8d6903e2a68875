"""What can stand in the way of a program. The sentences are in `bot/locales` under `error.<code>`."""

from bot.errors import HelpdeskError


class TokenMissing(HelpdeskError):
    """There is no bearer token, or it is unknown, expired or revoked: which of them is not said."""

    code = "api.unauthorized"
    status = 401


class NotForThisRole(HelpdeskError):
    """Params: role."""

    code = "api.forbidden"
    status = 403


class CursorWrong(HelpdeskError):
    code = "api.cursor_wrong"
    status = 422


class FilesUnreadable(HelpdeskError):
    """Params: most (files in a request)."""

    code = "api.files_too_many"
    status = 422


class StateUnknown(HelpdeskError):
    """Params: state."""

    code = "api.state_unknown"
    status = 422


class KeyReused(HelpdeskError):
    """The Idempotency-Key was used for another request before."""

    code = "api.key_reused"
    status = 422
