"""Enterprises, their contacts, and where these are reached."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base


class Enterprise(Base):
    __tablename__ = "enterprises"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    tax_code: Mapped[str] = mapped_column(String(14), unique=True)
    name: Mapped[str]
    membership: Mapped[str] = mapped_column(String(16))
    """none, invited, member (a signed memorandum), withdrawn"""
    member_since: Mapped[datetime | None]
    region: Mapped[str | None] = mapped_column(String(80))
    """where it is registered, as the customs authority names it (a province, a city)"""
    sector: Mapped[str | None] = mapped_column(String(80))
    kind: Mapped[str | None] = mapped_column(String(32))
    """what kind of enterprise: see `bot.membership.profile.KINDS`"""
    compliance_level: Mapped[int | None] = mapped_column(Integer)
    """1 (best) to 5, as the authority rates it"""
    updated_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class EnterpriseChapter(Base):
    """A chapter of the HS that the enterprise trades in."""

    __tablename__ = "enterprise_chapters"
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprises.id"), primary_key=True, autoincrement=False)
    chapter: Mapped[str] = mapped_column(String(2), primary_key=True)


class Contact(Base):
    """A person. A guest has no enterprise, only what they say of themselves (`claimed_…`)."""

    __tablename__ = "contacts"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    enterprise_id: Mapped[int | None] = mapped_column(ForeignKey("enterprises.id"), index=True)
    name: Mapped[str]
    language: Mapped[str | None] = mapped_column(String(2))
    preferred_channel: Mapped[str | None] = mapped_column(String(16))
    """where they want notices; empty: on the account that they opened last"""
    claimed_tax_code: Mapped[str | None] = mapped_column(String(14))
    claimed_company: Mapped[str | None]
    created_at: Mapped[datetime]


class ChannelAccount(Base):
    """One person's account on one platform, and where they stand in a conversation there."""

    __tablename__ = "channel_accounts"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id"), index=True)
    channel: Mapped[str] = mapped_column(String(16))
    external_id: Mapped[str] = mapped_column(String(128))
    step: Mapped[str | None] = mapped_column(String(64))
    step_data: Mapped[dict[str, Any]]
    unreachable: Mapped[str | None] = mapped_column(String(32))
    """why nothing can be sent there (blocked, gone), empty while it can"""
    active_at: Mapped[datetime | None]
    """when the person last did something there, to the minute"""
    phone: Mapped[str | None] = mapped_column(String(20))
    """the number that they gave there, in digits with the country's code"""
    created_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("channel", "external_id"),)


class Invitation(Base):
    """A one-time code that joins a contact to an enterprise; only its hash is kept."""

    __tablename__ = "invitations"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    enterprise_id: Mapped[int | None] = mapped_column(ForeignKey("enterprises.id"), index=True)
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contacts.id", name="fk_invitations_contact_id"))
    """the person themselves, on another of their channels: who redeems it is that contact there too"""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    used_by: Mapped[int | None] = mapped_column(ForeignKey("contacts.id"))
