"""Which field of a form a mistake is about: it is said beside that field, which comes into focus, instead of above the page.

A page hands `wrong` to its template; `fields.html` has what the template writes at each field.
"""

from collections.abc import Mapping

from bot.desk.forms import Form
from bot.errors import HelpdeskError

_DATES = ("until", "received_at")
_FIELDS: Mapping[str, tuple[str, ...]] = {
    "text.missing": ("text",),
    "text.too_long": ("text", "reason"),
    "reason.missing": ("reason",),
    "date.not_ahead": _DATES,
    "date.unreadable": _DATES,
    "date.too_far": _DATES,
    "department.unknown": ("department",),
    "department.same": ("department",),
    "intake.person_missing": ("person",),
    "intake.received_ahead": _DATES,
    "intake.received_long_ago": _DATES,
    "tax_code.wrong": ("tax_code",),
    "company_name.missing": ("company",),
    "sign_in.wrong": ("old", "password"),
    "password.too_short": ("new",),
    "password.too_long": ("new",),
    "password.is_login": ("new",),
    "password.too_simple": ("new",),
    "password.not_new": ("new",),
    "desk.passwords_differ": ("again",),
    "directory.no_such_department": ("id",),
}
"""an error's code, and the fields that it may be about: the first that the form has"""


def field_of(error: HelpdeskError, form: Form) -> str | None:
    """Return the field that the error is about; none where it is about the form as a whole."""
    return next((name for name in _FIELDS.get(error.code, ()) if name in form.values), None)
