"""Which inquiry a message on a platform became: the statements."""

from sqlalchemy import select

from storage.models import InquiryOrigin
from storage.unit_of_work import UnitOfWork, table_of

_T = table_of(InquiryOrigin)


async def inquiry_of(uow: UnitOfWork, account_id: int, message_id: str) -> int | None:
    """Return the inquiry to which that message of the account belongs."""
    found: int | None = await uow.scalar(
        select(_T.c.inquiry_id).where(_T.c.account_id == account_id, _T.c.message_id == message_id)
    )
    return found
