"""Invitations: a one-time code, bound to an enterprise, that joins a contact to it."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select

from bot.clock import Clock
from bot.membership.accounts import Account, Accounts
from bot.membership.errors import AlreadyOfAnother, InvitationExpired, InvitationUnknown, InvitationUsed
from storage.ids import new_id
from storage.models import Contact, Enterprise, Invitation
from storage.unit_of_work import UnitOfWork, table_of

VALID_FOR = timedelta(days=14)
OWN_VALID_FOR = timedelta(hours=1)
"""a code that somebody takes over to another of their channels"""
_CODE_BYTES = 15
"""twenty letters that fit into a deep link and cannot be guessed"""


@dataclass(frozen=True)
class Joined:
    account: Account
    already: bool
    """the contact had joined this enterprise before"""
    linked: bool = False
    """the code was the person's own, from another of their channels"""


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode("utf-8", "surrogatepass")).hexdigest()


class Invitations:
    def __init__(self, accounts: Accounts, clock: Clock) -> None:
        self._accounts = accounts
        self._clock = clock

    def create(self, uow: UnitOfWork, enterprise_id: int, *, valid_for: timedelta = VALID_FOR) -> str:
        """Return a new code. It is shown once and kept only as a hash."""
        code = secrets.token_urlsafe(_CODE_BYTES)
        now = self._clock.now()
        uow.insert(
            Invitation,
            id=new_id(),
            code_hash=_hash(code),
            enterprise_id=enterprise_id,
            created_at=now,
            expires_at=now + valid_for,
        )
        return code

    def create_for_self(self, uow: UnitOfWork, account: Account) -> str:
        """Return a code with which the same person is known on another of their channels too."""
        code = secrets.token_urlsafe(_CODE_BYTES)
        now = self._clock.now()
        uow.insert(
            Invitation,
            id=new_id(),
            code_hash=_hash(code),
            enterprise_id=None,
            contact_id=account.contact_id,
            created_at=now,
            expires_at=now + OWN_VALID_FOR,
        )
        return code

    async def redeem(self, uow: UnitOfWork, account: Account, code: str) -> Joined:
        """Join the account's contact to the enterprise that the code is for.

        Raises InvitationUnknown, InvitationUsed, InvitationExpired or AlreadyOfAnother; then nothing has changed.
        """
        invitation, enterprise, contact = table_of(Invitation), table_of(Enterprise), table_of(Contact)
        row = await uow.row(
            select(
                invitation,
                enterprise.c.id.label("of_enterprise"),
                enterprise.c.name.label("enterprise_name"),
                enterprise.c.tax_code,
                enterprise.c.membership,
            )
            .outerjoin(contact, contact.c.id == invitation.c.contact_id)
            .outerjoin(enterprise, enterprise.c.id == func.coalesce(invitation.c.enterprise_id, contact.c.enterprise_id))
            .where(invitation.c.code_hash == _hash(code.strip()))
        )
        if row is None:
            raise InvitationUnknown()
        if row["used_at"] is not None:
            if row["used_by"] == account.contact_id:
                return Joined(account, already=True)
            raise InvitationUsed()
        now = self._clock.now()
        if row["expires_at"] <= now:
            raise InvitationExpired(on=row["expires_at"])
        if account.enterprise_id is not None and account.enterprise_id != row["of_enterprise"]:
            raise AlreadyOfAnother(enterprise=account.enterprise_name or "")
        used = await uow.change(Invitation, row["id"], seen={"used_at": None}, used_at=now, used_by=account.contact_id)
        if not used:
            raise InvitationUsed()
        if row["contact_id"] is not None:
            return Joined(await self._accounts.become(uow, account, row["contact_id"], dict(row)), already=False, linked=True)
        already = account.enterprise_id is not None
        account = self._accounts.join(
            uow,
            account,
            enterprise_id=row["enterprise_id"],
            name=row["enterprise_name"],
            tax_code=row["tax_code"],
            membership=row["membership"],
        )
        return Joined(account, already=already)
