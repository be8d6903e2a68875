"""Which field of a form a mistake is about: it is said beside that field, which comes into focus, instead of above the page.

A page hands `wrong` to its template; `fields.html` has what the template writes at each field. An error that knows its field
names it in `field`, or the language of the text that it is about in `language`.
"""

from collections.abc import Mapping

from bot.desk.forms import Form
from bot.errors import HelpdeskError

_DATES = ("until", "received_at")
_TEXT_OF_DRAFT = ("file", "text")
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
    "desk.form_too_large": ("files", "file"),
    "campaign.link_wrong": ("links",),
    "campaign.entry_unknown": ("entries",),
    "campaign.file_too_large": ("files",),
    "campaign.too_many_files": ("files",),
    "campaign.time_not_ahead": ("at",),
    "campaign.due_before_start": ("at",),
    "campaign.reminder_wrong": ("reminders",),
    "campaign.panel_too_large": ("panel",),
    "campaign.audience_empty": ("panel",),
    "audience.name_missing": ("name",),
    "audience.name_taken": ("name",),
    "audience.not_found": ("saved_audience", "saved", "panel"),
    "consultation.title_missing": ("title_vi",),
    "consultation.closes_in_the_past": ("closes_at",),
    "consultation.no_article": _TEXT_OF_DRAFT,
    "consultation.text_unreadable": _TEXT_OF_DRAFT,
    "consultation.too_much_text": _TEXT_OF_DRAFT,
    "consultation.question_wrong": ("questions",),
    "consultation.cancel_reason_missing": ("reason",),
    "consultation.response_wrong": ("response",),
    "consultation.reason_missing": ("reason",),
    "learning.reason": ("reason",),
}
"""an error's code, and the fields that it may be about: the first that the form has"""


def field_of(error: HelpdeskError, form: Form) -> str | None:
    """Return the field that the error is about; none where it is about the form as a whole."""
    named = (error.params.get("field"), *_FIELDS.get(error.code, ()), f"text_{error.params.get('language')}")
    return next((name for name in named if name in form.values or name in form.file_fields), None)
