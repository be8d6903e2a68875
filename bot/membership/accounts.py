"""Who writes to us: a contact and their account on a channel, and for which enterprise they speak."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from storage import channel_accounts
from storage.ids import new_id
from storage.models import ChannelAccount, Contact
from storage.unit_of_work import AccountKey, UnitOfWork

_TO_THE_MINUTE = timedelta(minutes=1)
"""when somebody was last active is kept no more exactly: not every turn pays a write for it"""
_SILENT = timedelta(days=1)
"""no platform lets us write for a shorter time after a person did"""
MEMBER = "member"
"""an enterprise with a signed memorandum"""


@dataclass(frozen=True)
class Account:
    """An account on a channel with its contact and enterprise, as the turn found it."""

    id: int
    contact_id: int
    channel: str
    external_id: str
    name: str
    language: str | None
    step: str | None
    step_data: Mapping[str, Any]
    enterprise_id: int | None = None
    enterprise_name: str | None = None
    tax_code: str | None = None
    membership: str | None = None
    region: str | None = None
    claimed_tax_code: str | None = None
    claimed_company: str | None = None
    is_new: bool = False
    was_silent: bool = False
    """they did nothing for a day or longer: something may wait for them to write"""

    @property
    def is_member(self) -> bool:
        return self.membership == MEMBER

    @property
    def audience(self) -> Literal["public", "member"]:
        """For whom answers are meant that this account may be given."""
        return "member" if self.is_member else "public"


class Accounts:
    """Changes to the account of the turn. Each returns the account as it then is."""

    def open(self, uow: UnitOfWork, key: AccountKey, name: str, now: datetime) -> Account:
        """Return the account, made if this is its first turn."""
        row = uow.account(key)
        if row is not None:
            changed: dict[str, Any] = {}
            if row["unreachable"]:  # they wrote, so they can be written to again
                changed["unreachable"] = None
            if row["active_at"] is None or now - row["active_at"] >= _TO_THE_MINUTE:
                changed["active_at"] = now
            if changed:
                uow.update(ChannelAccount, row["id"], **changed)
            return Account(
                id=row["id"],
                contact_id=row["contact_id"],
                channel=row["channel"],
                external_id=row["external_id"],
                name=row["name"],
                language=row["language"],
                step=row["step"],
                step_data=row["step_data"],
                enterprise_id=row["enterprise_id"],
                enterprise_name=row["enterprise_name"],
                tax_code=row["tax_code"],
                membership=row["membership"],
                region=row["region"],
                claimed_tax_code=row["claimed_tax_code"],
                claimed_company=row["claimed_company"],
                was_silent=row["active_at"] is None or now - row["active_at"] >= _SILENT,
            )
        contact_id, account_id = new_id(), new_id()
        uow.insert(Contact, id=contact_id, name=name[:200], created_at=now)
        uow.insert(
            ChannelAccount,
            id=account_id,
            contact_id=contact_id,
            channel=key.channel,
            external_id=key.external_id,
            step_data={},
            active_at=now,
            created_at=now,
        )
        return Account(account_id, contact_id, key.channel, key.external_id, name, None, None, {}, is_new=True)

    def speak(self, uow: UnitOfWork, account: Account, language: str) -> Account:
        uow.update(Contact, account.contact_id, language=language)
        return replace(account, language=language)

    def stand(self, uow: UnitOfWork, account: Account, step: str | None, data: Mapping[str, Any]) -> Account:
        """Write down where the account stands in a conversation."""
        if (step, dict(data)) == (account.step, dict(account.step_data)):
            return account
        uow.update(ChannelAccount, account.id, step=step, step_data=dict(data))
        return replace(account, step=step, step_data=dict(data))

    def claim(self, uow: UnitOfWork, account: Account, *, tax_code: str, company: str) -> Account:
        """Keep what a guest says of themselves; it stays marked as unverified."""
        uow.update(Contact, account.contact_id, claimed_tax_code=tax_code, claimed_company=company[:300])
        return replace(account, claimed_tax_code=tax_code, claimed_company=company[:300])

    async def become(self, uow: UnitOfWork, account: Account, contact_id: int, row: Mapping[str, Any]) -> Account:
        """Let the person of this account be that contact: one history, and their inquiries are one person's.

        row: `of_enterprise`, `enterprise_name`, `tax_code`, `membership` of the contact's enterprise, each may be empty.
        """
        if account.contact_id == contact_id:
            return account
        await channel_accounts.merge(uow, old=account.contact_id, new=contact_id)
        return replace(
            account,
            contact_id=contact_id,
            enterprise_id=row["of_enterprise"],
            enterprise_name=row["enterprise_name"],
            tax_code=row["tax_code"],
            membership=row["membership"],
        )

    def prefer(self, uow: UnitOfWork, account: Account, channel: str | None) -> None:
        """Keep where the person wants to be told what they did not ask for just now; nothing: where they last wrote."""
        uow.update(Contact, account.contact_id, preferred_channel=channel)

    def join(
        self, uow: UnitOfWork, account: Account, *, enterprise_id: int, name: str, tax_code: str, membership: str
    ) -> Account:
        uow.update(Contact, account.contact_id, enterprise_id=enterprise_id)
        return replace(account, enterprise_id=enterprise_id, enterprise_name=name, tax_code=tax_code, membership=membership)
