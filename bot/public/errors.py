"""What can stand in the way of a page. The sentences are in `bot/locales` under `error.<code>`."""

from bot.errors import HelpdeskError


class PageNotFound(HelpdeskError):
    code = "public.not_found"
    status = 404


class ForeignForm(HelpdeskError):
    """The form does not carry the session's secret, or another site had the browser send it."""

    code = "public.foreign_form"
    status = 403


class SessionOver(HelpdeskError):
    """There is no personal session, or not for this page."""

    code = "public.session_over"
    status = 401


class FormTooLarge(HelpdeskError):
    code = "public.form_too_large"
    status = 413
