"""What was said is corrected: the enterprise is told, and the history keeps the words as they were before."""

from bot.escalation import errors
from bot.escalation.actors import Actor
from bot.escalation.history import digest
from bot.escalation.keeping import InquiryKeeping, checked
from storage import inquiries as stored
from storage.inquiries import InquiryRecord
from storage.models import InquiryMessage
from storage.unit_of_work import UnitOfWork

TOLD = ("answer", "ask_back")
"""kinds of message that the enterprise has been given"""


class Correcting(InquiryKeeping):
    async def correct(self, uow: UnitOfWork, inquiry: InquiryRecord, message_id: int, text: str, actor: Actor) -> InquiryRecord:
        """Put another text in place of what this officer wrote. An answer or a question to the enterprise reaches it again:
        where its channel can, in the message that it was given, else as a message of its own."""
        self._check_actor(inquiry, actor)
        row = await stored.message(uow, inquiry.id, message_id)
        if row is None or row["author_id"] != actor.id:
            raise errors.InquiryNotYours(number=inquiry.number)
        text = checked(text)
        if text == row["text"]:
            return inquiry
        uow.update(InquiryMessage, message_id, text=text)
        details = {"message": digest(text), "of": str(message_id), "kind": row["kind"], "before": row["text"]}
        inquiry = await self._note(uow, inquiry, "correct", actor, details=details)
        if row["kind"] in TOLD:
            await self._notices.correct(uow, inquiry, row["kind"], before=row["text"], text=text)
        return inquiry
