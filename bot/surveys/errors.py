"""What can stand in the way of a survey. The sentences are in `bot/locales` under `error.<code>`."""

from bot.errors import HelpdeskError


class SurveyNotFound(HelpdeskError):
    code = "survey.not_found"
    status = 404


class NoQuestion(HelpdeskError):
    code = "survey.no_question"
    status = 422


class SurveyNotOpen(HelpdeskError):
    code = "survey.not_open"


class SurveyNotForThem(HelpdeskError):
    """It was not put to this person."""

    code = "survey.not_asked"
    status = 403


class AnsweredBefore(HelpdeskError):
    """An answer that was counted cannot be found again to change it."""

    code = "survey.answered_before"
