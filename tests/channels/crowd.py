"""People of an enterprise who wrote to us on some channel a while ago."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from storage.database import Database
from storage.ids import new_id
from storage.models import ChannelAccount, Contact, Enterprise
from storage.unit_of_work import UnitOfWork


async def given_crowd(database: Database, people: Mapping[str, Sequence[str]], *, now: datetime, active_at: datetime) -> None:
    """people: by their id on the platforms, the channels that they are on."""

    async def work(uow: UnitOfWork) -> None:
        enterprise = new_id()
        code = f"{enterprise % 10**10:010d}"
        uow.insert(Enterprise, id=enterprise, name="Công ty", created_at=now, tax_code=code, membership="member")
        for person, channels in people.items():
            contact = new_id()
            uow.insert(Contact, id=contact, name=person, enterprise_id=enterprise, language="vi", created_at=now)
            for channel in channels:
                account = {"contact_id": contact, "channel": channel, "external_id": person, "step_data": {}}
                uow.insert(ChannelAccount, id=new_id(), **account, created_at=now, active_at=active_at)

    await database.write(work)
