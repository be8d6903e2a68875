"""Drafts of entries, and corrections of answers."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base


class EntryDraft(Base):
    """An entry of the knowledge base that is being written: it counts for nothing until a second person approves it."""

    __tablename__ = "entry_drafts"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    inquiry_id: Mapped[int | None] = mapped_column(ForeignKey("inquiries.id"), unique=True)
    """the inquiry whose answer it was made of; an inquiry has one draft"""
    state: Mapped[str] = mapped_column(String(16))
    """draft, proposed, approved, rejected"""
    revision: Mapped[int] = mapped_column(Integer)
    """counts the changes: whoever acts says which one they saw"""
    content: Mapped[dict[str, Any]]
    author_id: Mapped[int | None] = mapped_column(ForeignKey("officers.id"))
    author_name: Mapped[str]
    proposer_id: Mapped[int | None] = mapped_column(ForeignKey("officers.id"))
    proposer_name: Mapped[str | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("officers.id"))
    decided_name: Mapped[str | None]
    reason: Mapped[str | None]
    """why it was rejected"""
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    proposed_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    __table_args__ = (Index("ix_entry_drafts_state", "state", "updated_at"),)


class Correction(Base):
    """What everybody is told who was given an answer that cites a place. The ledger says who was told, and when."""

    __tablename__ = "corrections"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    """of the place and the texts: the same correction given again goes on where it stopped, and tells nobody twice"""
    document: Mapped[str] = mapped_column(String(64))
    place: Mapped[str] = mapped_column(String(160))
    text_vi: Mapped[str]
    text_en: Mapped[str]
    opened_by: Mapped[int] = mapped_column(ForeignKey("officers.id"))
    opened_name: Mapped[str]
    opened_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    told: Mapped[int] = mapped_column(Integer)
    """how many people it was written to so far"""
