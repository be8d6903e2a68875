"""What can stand in the way of a draft. The sentences are in `bot/locales` under `error.<code>`."""

from typing import TYPE_CHECKING

from bot.errors import HelpdeskError

if TYPE_CHECKING:
    from bot.learning.content import Fault


class DraftNotFound(HelpdeskError):
    """There is no such draft, or it is not theirs to see."""

    code = "learning.not_found"
    status = 404


class NothingToLearn(HelpdeskError):
    """No officer has answered this inquiry yet. Params: number."""

    code = "learning.no_answer"


class DraftMovedOn(HelpdeskError):
    """Somebody changed or decided it since the page was shown."""

    code = "learning.moved_on"


class MayNotDecide(HelpdeskError):
    """Approving and rejecting is for editors, approvers, coordinators and administrators."""

    code = "learning.role"
    status = 403


class SamePerson(HelpdeskError):
    """Whoever wrote or proposed it does not approve it."""

    code = "learning.same_person"
    status = 403


class DraftFaulty(HelpdeskError):
    """Something has to be mended first. Params: faults (how many). `faults` holds them."""

    code = "learning.faulty"
    status = 422

    def __init__(self, faults: "tuple[Fault, ...]") -> None:
        super().__init__(faults=len(faults))
        self.faults = faults


class RefusedByLoader(HelpdeskError):
    """The knowledge base with this entry would not load; nothing was changed. Params: problem."""

    code = "learning.refused"
    status = 422


class NotWritten(HelpdeskError):
    """The file could not be replaced; nothing was changed. Params: file, reason."""

    code = "learning.not_written"
    status = 500


class ReasonNeeded(HelpdeskError):
    """Whoever wrote it should know why it was rejected."""

    code = "learning.reason"
    status = 422
