"""Campaigns: one message to many, their audiences, and the waves in which they go out."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, due_index


class SavedAudience(Base):
    """A filter that somebody named, to be used again. A short list of contacts with a name serves as a panel for trials."""

    __tablename__ = "audiences"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(120), unique=True)
    filter: Mapped[dict[str, Any]]
    created_by: Mapped[str] = mapped_column(String(40))
    created_name: Mapped[str]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Campaign(Base):
    __tablename__ = "campaigns"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[str] = mapped_column(String(24), unique=True)
    kind: Mapped[str] = mapped_column(String(24))
    risk: Mapped[str | None] = mapped_column(String(24))
    key: Mapped[str | None] = mapped_column(String(80), unique=True)
    """of a campaign that a service announced: the same announcement made again is this one"""
    subject_id: Mapped[int | None]
    """what it is about, where a service announced it: a consultation, a survey"""
    title: Mapped[str]
    text_vi: Mapped[str]
    text_en: Mapped[str]
    links: Mapped[list[Any]]
    entries: Mapped[list[Any]]
    files: Mapped[list[Any]]
    audience: Mapped[dict[str, Any]]
    urgent: Mapped[bool]
    acknowledge: Mapped[bool]
    ack_due_at: Mapped[datetime | None]
    reminders: Mapped[list[Any]]
    """hours before the acknowledgement is due (or the event begins) at which those are reminded who have not answered"""
    event_at: Mapped[datetime | None]
    event_place: Mapped[str | None]
    event_capacity: Mapped[int | None] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(16))
    revision: Mapped[int] = mapped_column(Integer)
    authors: Mapped[list[Any]]
    """everybody who wrote on it: none of them can approve it"""
    author_name: Mapped[str]
    approved_by: Mapped[str | None] = mapped_column(String(40))
    approved_name: Mapped[str | None]
    approved_at: Mapped[datetime | None]
    text_hash: Mapped[str | None] = mapped_column(String(64))
    release_at: Mapped[datetime | None]
    """when it is released; empty once it has been"""
    starts_at: Mapped[datetime | None]
    step_at: Mapped[datetime | None]
    """when the next reminder, or the end of the acknowledgement, falls due"""
    released_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    plan: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    __table_args__ = (
        due_index("ix_campaigns_release_at", "release_at"),
        due_index("ix_campaigns_step_at", "step_at"),
        Index("ix_campaigns_subject", "kind", "subject_id"),
        Index("ix_campaigns_state", "state", "id"),
    )


class CampaignStep(Base):
    """Who did what with a campaign, and when. Rows are only added."""

    __tablename__ = "campaign_steps"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"), index=True)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(40))
    actor_name: Mapped[str]
    action: Mapped[str] = mapped_column(String(24))
    details: Mapped[dict[str, Any]]


class Wave(Base):
    """One going-out of a campaign: the message itself, a trial, a reminder, a correction. Its rows are in the ledger."""

    __tablename__ = "waves"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"))
    purpose: Mapped[str] = mapped_column(String(32))
    """main, trial:<n>, reminder:<n>, correction:<n>, next_channel, follow_up:<n>"""
    state: Mapped[str] = mapped_column(String(16))
    """filling, ready, paused, finished, cancelled"""
    source: Mapped[dict[str, Any]]
    """for whom: a filter, a list of contacts, or those of an earlier wave"""
    messages: Mapped[dict[str, Any]]
    """what is said, by language"""
    priority: Mapped[int] = mapped_column(Integer)
    quiet: Mapped[bool]
    """whether it keeps the quiet hours"""
    cursor: Mapped[int]
    """how far the list of recipients has been gone through: a contact's id, or a place in the list"""
    recipients: Mapped[int] = mapped_column(Integer)
    fill_at: Mapped[datetime | None]
    """set while rows are still to be written"""
    opens_at: Mapped[datetime]
    """nothing goes out before it, so that a release can still be called back"""
    flow_from: Mapped[datetime | None]
    """set while its rows may be sent: from then on …"""
    flow_until: Mapped[datetime | None]
    """… until then"""
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    __table_args__ = (
        UniqueConstraint("campaign_id", "purpose"),
        due_index("ix_waves_fill_at", "fill_at"),
        due_index("ix_waves_flow_from", "flow_from"),
    )


class Registration(Base):
    """A contact's place at an event."""

    __tablename__ = "event_registrations"
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"), primary_key=True, autoincrement=False)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id"), primary_key=True, autoincrement=False)
    enterprise_id: Mapped[int | None]
    account_id: Mapped[int]
    state: Mapped[str] = mapped_column(String(16))
    """registered, waiting, withdrawn"""
    registered_at: Mapped[datetime]
    attended_at: Mapped[datetime | None]
