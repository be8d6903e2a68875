"""What can stand in the way of an officer's click. The sentences are in `bot/locales` under `error.<code>`."""

from bot.errors import HelpdeskError


class ChangedMeanwhile(HelpdeskError):
    """The page was shown before something happened to the inquiry. Params: number."""

    code = "desk.changed"


class NotHere(HelpdeskError):
    """There is no such inquiry among those that this officer may see. Params: number."""

    code = "desk.not_here"
    status = 404


class PageNotFound(HelpdeskError):
    code = "desk.page_not_found"
    status = 404


class FormNotOurs(HelpdeskError):
    """The form does not carry the session's secret: it is too old, or another site made the browser send it."""

    code = "desk.form_not_ours"
    status = 403


class FormUnreadable(HelpdeskError):
    code = "desk.form_unreadable"
    status = 400


class FormTooLarge(HelpdeskError):
    """Params: most (megabytes)."""

    code = "desk.form_too_large"
    status = 413


class TooManyFiles(HelpdeskError):
    """Params: most."""

    code = "desk.too_many_files"
    status = 422


class SessionEnded(HelpdeskError):
    """Whoever sent the form is no longer signed in."""

    code = "desk.session_ended"
    status = 401


class PasswordsDiffer(HelpdeskError):
    """The new password was typed in two ways."""

    code = "desk.passwords_differ"
    status = 422
