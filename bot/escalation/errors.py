"""What can stand in the way of acting on an inquiry. The sentences are in `bot/locales` under `error.<code>`."""

from bot.errors import HelpdeskError


class InquiryNotFound(HelpdeskError):
    code = "inquiry.not_found"
    status = 404


class InquiryNotYours(HelpdeskError):
    """It is with another department, or is another enterprise's."""

    code = "inquiry.not_yours"
    status = 403


class NotPossibleNow(HelpdeskError):
    """The state does not allow it, or somebody was quicker. Params: number, state, action."""

    code = "inquiry.not_possible"


class TakenByOther(HelpdeskError):
    """Another officer has it in hand. Params: number, officer."""

    code = "inquiry.taken"


class RoleNotEnough(HelpdeskError):
    """The role does not include this. Params: action."""

    code = "role.not_enough"
    status = 403


class DepartmentUnknown(HelpdeskError):
    """The directory has no such department, or it takes no inquiries. Params: department."""

    code = "department.unknown"
    status = 422


class SameDepartment(HelpdeskError):
    code = "department.same"
    status = 422


class ReopenTooLate(HelpdeskError):
    """The period in which an inquiry can be opened again is over. Params: number, days."""

    code = "inquiry.reopen_too_late"


class NothingToReview(HelpdeskError):
    """Nobody has rated it badly, or that has been looked into already. Params: number."""

    code = "inquiry.nothing_to_review"


class ReasonMissing(HelpdeskError):
    """This needs a reason that the enterprise can be told. Params: action."""

    code = "reason.missing"
    status = 422


class TextMissing(HelpdeskError):
    code = "text.missing"
    status = 422


class TextTooLong(HelpdeskError):
    """Params: length, most."""

    code = "text.too_long"
    status = 422


class DateNotAhead(HelpdeskError):
    """A deferral needs a date that is still to come. Params: until."""

    code = "date.not_ahead"
    status = 422


class DateUnreadable(HelpdeskError):
    """Not a date and time. Params: given, and field where a form has several."""

    code = "date.unreadable"
    status = 422


class DateTooFar(HelpdeskError):
    """A deferral has an end that somebody will live to see. Params: most (days), and field where a form has several."""

    code = "date.too_far"
    status = 422


class RatingOutOfRange(HelpdeskError):
    code = "rating.out_of_range"
    status = 422
