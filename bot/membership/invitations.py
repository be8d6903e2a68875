"""Invitations: a one-time code, bound to an enterprise, that joins a contact to it."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from bot.clock import Clock
from bot.membership.accounts import Account, Accounts
from bot.membership.errors import AlreadyOfAnother, InvitationExpired, InvitationUnknown, InvitationUsed
from storage.ids import new_id
from storage.models import Enterprise, Invitation
from storage.unit_of_work import UnitOfWork, table_of

VALID_FOR = timedelta(days=14)
_CODE_BYTES = 15
"""twenty letters that fit into a deep link and cannot be guessed"""


@dataclass(frozen=True)
class Joined:
    account: Account
    already: bool
    """the contact had joined this enterprise before"""


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

    async def redeem(self, uow: UnitOfWork, account: Account, code: str) -> Joined:
        """Join the account's contact to the enterprise that the code is for.

        Raises InvitationUnknown, InvitationUsed, InvitationExpired or AlreadyOfAnother; then nothing has changed.
        """
        invitation, enterprise = table_of(Invitation), table_of(Enterprise)
        row = await uow.row(
            select(
                invitation,
                enterprise.c.name.label("enterprise_name"),
                enterprise.c.tax_code,
                enterprise.c.membership,
            )
            .join(enterprise, enterprise.c.id == invitation.c.enterprise_id)
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
        if account.enterprise_id is not None and account.enterprise_id != row["enterprise_id"]:
            raise AlreadyOfAnother(enterprise=account.enterprise_name or "")
        used = await uow.change(Invitation, row["id"], seen={"used_at": None}, used_at=now, used_by=account.contact_id)
        if not used:
            raise InvitationUsed()
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
