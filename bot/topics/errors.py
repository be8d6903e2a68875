"""What can stand in the way of working in a group. The sentences are in `bot/locales` under `error.<code>`."""

from bot.errors import HelpdeskError


class GroupDepartmentUnknown(HelpdeskError):
    """Params: given, known."""

    code = "topic.department_unknown"
    status = 422


class GroupNotYours(HelpdeskError):
    """Only the coordinator, an administrator, or the department's own lead may link its group."""

    code = "topic.group_not_yours"
    status = 403


class GroupNoForum(HelpdeskError):
    """The group has no topics switched on."""

    code = "topic.no_forum"


class NotYourDraft(HelpdeskError):
    """What waits belongs to another officer. Params: officer."""

    code = "topic.not_your_draft"
    status = 403


class DraftGone(HelpdeskError):
    """It was sent, dropped or replaced before."""

    code = "topic.draft_gone"


class FilesComing(HelpdeskError):
    """The files of a reply are still on their way from the platform."""

    code = "topic.files_coming"
