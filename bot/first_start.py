"""What an empty installation needs to be looked at: an administrator, and a sample enterprise with an invitation."""

from dataclasses import dataclass

from sqlalchemy import func, select

from bot.access.officers import Officers
from bot.app import Core
from bot.membership.enterprises import find_or_add
from storage.models import Enterprise
from storage.unit_of_work import UnitOfWork

SAMPLE_TAX_CODE = "0999999990"
SAMPLE_NAME = "Công ty TNHH Mẫu Đồng Hành"


@dataclass(frozen=True)
class FirstStart:
    """What is shown once, on the terminal, and never again."""

    administrator_password: str | None
    invitation_code: str | None


async def prepare(core: Core, officers: Officers) -> FirstStart:
    """Make what is missing; each part only if there is none of its kind yet."""
    password = await officers.ensure_administrator()

    async def sample(uow: UnitOfWork) -> str | None:
        if await uow.scalar(select(func.count()).select_from(Enterprise)):
            return None
        enterprise_id = await find_or_add(
            uow, tax_code=SAMPLE_TAX_CODE, name=SAMPLE_NAME, membership="member", now=core.clock.now()
        )
        return core.services.invitations.create(uow, enterprise_id)

    return FirstStart(password, await core.database.write(sample))
