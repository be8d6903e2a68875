"""What can stand in the way of a campaign. The sentences are in `bot/locales` under `error.<code>`."""

from bot.errors import HelpdeskError


class MayNotCampaign(HelpdeskError):
    """Params: role."""

    code = "campaign.role"
    status = 403


class CampaignNotFound(HelpdeskError):
    """Params: number."""

    code = "campaign.not_found"
    status = 404


class CampaignMovedOn(HelpdeskError):
    """Somebody changed it since the page was shown. Params: number."""

    code = "campaign.moved_on"


class NotInThisState(HelpdeskError):
    """Params: number, campaign_state, campaign_action."""

    code = "campaign.not_in_state"


class ApprovedByAuthor(HelpdeskError):
    """Whoever wrote on it is not the second person. Params: number."""

    code = "campaign.author_approves"
    status = 403


class KindUnknown(HelpdeskError):
    """Params: field (kind, risk), given, known."""

    code = "campaign.kind_unknown"
    status = 422


class FieldMissing(HelpdeskError):
    """Params: field (a key under `campaign.field.`)."""

    code = "campaign.field_missing"
    status = 422


class TextTooLong(HelpdeskError):
    """Params: language, length, most (characters); field where it is not the text itself."""

    code = "campaign.text_too_long"
    status = 422


class MarkupUnbalanced(HelpdeskError):
    """Params: language, line, mark."""

    code = "campaign.markup"
    status = 422


class LinkWrong(HelpdeskError):
    """Params: given."""

    code = "campaign.link_wrong"
    status = 422


class EntryUnknown(HelpdeskError):
    """Params: entry."""

    code = "campaign.entry_unknown"
    status = 422


class FileTooLarge(HelpdeskError):
    """Params: name, most (megabytes)."""

    code = "campaign.file_too_large"
    status = 413


class TooManyFiles(HelpdeskError):
    """Params: most."""

    code = "campaign.too_many_files"
    status = 422


class TimeNotAhead(HelpdeskError):
    """Params: field, at."""

    code = "campaign.time_not_ahead"
    status = 422


class TimeUnreadable(HelpdeskError):
    """Params: field, given."""

    code = "campaign.time_unreadable"
    status = 422


class DueBeforeStart(HelpdeskError):
    """What is due, or the event, comes before the message. Params: field, at, starts."""

    code = "campaign.due_before_start"
    status = 422


class ReminderWrong(HelpdeskError):
    """Params: given."""

    code = "campaign.reminder_wrong"
    status = 422


class AudienceEmpty(HelpdeskError):
    """Nobody can be reached. Params: people, unreachable."""

    code = "campaign.audience_empty"
    status = 422


class FilterWrong(HelpdeskError):
    """Params: field, given, expected."""

    code = "audience.filter_wrong"
    status = 422


class AudienceNameMissing(HelpdeskError):
    code = "audience.name_missing"
    status = 422


class AudienceNameTaken(HelpdeskError):
    """Params: name."""

    code = "audience.name_taken"


class AudienceNotFound(HelpdeskError):
    """Params: audience."""

    code = "audience.not_found"
    status = 404


class PanelTooLarge(HelpdeskError):
    """A trial goes to a few. Params: people, most."""

    code = "campaign.panel_too_large"
    status = 422


class NothingToCorrect(HelpdeskError):
    """Params: number."""

    code = "campaign.nothing_to_correct"


class DeliveryNotUnknown(HelpdeskError):
    """It has been settled already, or is not one of this campaign."""

    code = "campaign.delivery_not_unknown"


class EventOver(HelpdeskError):
    """Params: title."""

    code = "event.over"


class NotInvited(HelpdeskError):
    code = "event.not_invited"
    status = 404
