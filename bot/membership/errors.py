"""What can stand in the way of joining. The sentences are in `bot/locales` under `error.<code>`."""

from bot.errors import HelpdeskError


class TaxCodeWrong(HelpdeskError):
    """Not a Vietnamese tax code: a digit is missing, too many or mistyped. Params: given."""

    code = "tax_code.wrong"
    status = 422


class CompanyNameMissing(HelpdeskError):
    code = "company_name.missing"
    status = 422


class InvitationUnknown(HelpdeskError):
    code = "invitation.unknown"
    status = 404


class InvitationUsed(HelpdeskError):
    code = "invitation.used"


class InvitationExpired(HelpdeskError):
    """Params: on (when it expired)."""

    code = "invitation.expired"


class AlreadyOfAnother(HelpdeskError):
    """This contact already speaks for another enterprise. Params: enterprise."""

    code = "invitation.other_enterprise"


class TableTooLarge(HelpdeskError):
    """Params: most (megabytes)."""

    code = "table.too_large"
    status = 413


class TableUnreadable(HelpdeskError):
    """Neither Excel nor CSV. Params: name."""

    code = "table.unreadable"
    status = 422


class HeadingsMissing(HelpdeskError):
    """No row of headings with the tax code. Params: known."""

    code = "table.headings_missing"
    status = 422


class LinkOver(HelpdeskError):
    """A personal link that was used before, has expired, or never was: which of them is not said."""

    code = "membership.link_over"
    status = 410
