"""What can stand in the way of a consultation. The sentences are in `bot/locales` under `error.<code>`."""

from bot.errors import HelpdeskError


class ConsultationNotFound(HelpdeskError):
    """There is no such consultation, or it is not theirs to see."""

    code = "consultation.not_found"
    status = 404


class MayNot(HelpdeskError):
    """Consultations are prepared by editors, approvers, coordinators and administrators, and approved by the latter three."""

    code = "consultation.role"
    status = 403


class SamePerson(HelpdeskError):
    """Whoever wrote on it does not approve it."""

    code = "consultation.same_person"
    status = 403


class MovedOn(HelpdeskError):
    """Somebody changed it since the page was shown, or its state does not let this be done. Params: state."""

    code = "consultation.moved_on"


class NotEditable(HelpdeskError):
    """It was approved: what enterprises are asked does not change any more. Params: state."""

    code = "consultation.not_editable"


class TitleMissing(HelpdeskError):
    code = "consultation.title_missing"
    status = 422


class IssuerMissing(HelpdeskError):
    code = "consultation.issuer_missing"
    status = 422


class DatesMissing(HelpdeskError):
    code = "consultation.dates_missing"
    status = 422


class ClosesBeforeOpening(HelpdeskError):
    """Params: opens, closes."""

    code = "consultation.closes_before_opening"
    status = 422


class ClosesInThePast(HelpdeskError):
    """Params: closes."""

    code = "consultation.closes_in_the_past"
    status = 422


class MembersFirstTooLong(HelpdeskError):
    """The others would be asked when it is over. Params: hours."""

    code = "consultation.members_first"
    status = 422


class NoArticle(HelpdeskError):
    """There is no article or clause on which anybody could comment."""

    code = "consultation.no_article"
    status = 422


class TextUnreadable(HelpdeskError):
    """The file or text cannot be read as a draft. Params: file, wrong, expected."""

    code = "consultation.text_unreadable"
    status = 422


class TooMuchText(HelpdeskError):
    """Params: units, most."""

    code = "consultation.too_much_text"
    status = 422


class QuestionWrong(HelpdeskError):
    """Params: number, why (a key `consultation.question_fault.<why>`)."""

    code = "consultation.question_wrong"
    status = 422


class AudienceEmpty(HelpdeskError):
    """The audience matches nobody who can be written to. Params: people (who match, reachable or not)."""

    code = "consultation.audience_empty"
    status = 422


class FieldTooLong(HelpdeskError):
    """Params: field, most (characters)."""

    code = "consultation.too_long"
    status = 422


class NotOpen(HelpdeskError):
    """Comments are taken between opening and closing. Params: number."""

    code = "consultation.not_open"


class Cancelled(HelpdeskError):
    """It was given up after it had opened. Params: number, reason."""

    code = "consultation.cancelled"


class CancelReasonMissing(HelpdeskError):
    """Those who were asked are told why it is given up."""

    code = "consultation.cancel_reason_missing"
    status = 422


class NotAsked(HelpdeskError):
    """It is put to others. Params: number."""

    code = "consultation.not_asked"
    status = 403


class UnitUnknown(HelpdeskError):
    code = "consultation.unit_unknown"
    status = 404


class QuestionUnknown(HelpdeskError):
    code = "consultation.question_unknown"
    status = 404


class AnswerWrong(HelpdeskError):
    """Not one of the choices, or not on the scale."""

    code = "consultation.answer_wrong"
    status = 422


class OpinionEmpty(HelpdeskError):
    code = "consultation.opinion_empty"
    status = 422


class OpinionTooLong(HelpdeskError):
    """Params: length, most."""

    code = "consultation.opinion_too_long"
    status = 422


class TooManyOpinions(HelpdeskError):
    """Params: most."""

    code = "consultation.too_many_opinions"


class NothingSaid(HelpdeskError):
    """There is neither a comment nor an answer to hand in."""

    code = "consultation.nothing_said"
    status = 422


class ColleagueWasQuicker(HelpdeskError):
    """Somebody of the same enterprise handed in a position since this one was begun. Params: who, at."""

    code = "consultation.colleague_was_quicker"


class GroupUnknown(HelpdeskError):
    """Params: field, where it is a number that was typed."""

    code = "consultation.group_unknown"
    status = 404


class ResponseWrong(HelpdeskError):
    """Neither accepted nor partly nor not_accepted. Params: response."""

    code = "consultation.response_wrong"
    status = 422


class ReasonMissing(HelpdeskError):
    """Enterprises are told why."""

    code = "consultation.reason_missing"
    status = 422


class ResponsesMissing(HelpdeskError):
    """Some groups have no response yet. Params: count, first (the title of the first of them)."""

    code = "consultation.responses_missing"
    status = 422
