"""Inquiries: what was said, what was done, and what falls due."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, due_index


class Inquiry(Base):
    __tablename__ = "inquiries"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[str] = mapped_column(String(16), unique=True)
    state: Mapped[str] = mapped_column(String(24))
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("channel_accounts.id"))
    enterprise_id: Mapped[int | None] = mapped_column(ForeignKey("enterprises.id"), index=True)
    claimed_tax_code: Mapped[str | None] = mapped_column(String(14))
    claimed_company: Mapped[str | None]
    channel: Mapped[str] = mapped_column(String(16))
    language: Mapped[str] = mapped_column(String(2))
    text: Mapped[str]
    priority: Mapped[int] = mapped_column(Integer)
    """0 for members with a signed memorandum, who come first in every queue (1761/QĐ-TCHQ Điều 7), 1 for others"""
    decision: Mapped[str | None] = mapped_column(String(16))
    confidence: Mapped[float | None]
    entry_id: Mapped[str | None] = mapped_column(String(128))
    citations: Mapped[list[Any]]
    candidates: Mapped[list[Any]]
    """departments that the bot thinks competent, best first: [{"id", "name", "probability"}]"""
    helped: Mapped[bool | None]
    department_id: Mapped[str | None] = mapped_column(String(64))
    department_name: Mapped[str | None]
    """the name that the department had when the inquiry was handed to it"""
    received_at: Mapped[datetime]
    routing_due_at: Mapped[datetime | None]
    routed_at: Mapped[datetime | None]
    routed_by: Mapped[str | None] = mapped_column(String(16))
    response_due_at: Mapped[datetime | None]
    response_calendar: Mapped[str | None] = mapped_column(String(64))
    response_left_s: Mapped[int | None]
    """working seconds left on a response clock that stands still; below zero once the target is missed"""
    response_since: Mapped[datetime | None]
    """when the response clock last began to run"""
    response_budget_s: Mapped[int | None]
    """working seconds that were left then"""
    officer_id: Mapped[int | None] = mapped_column(ForeignKey("officers.id"))
    officer_name: Mapped[str | None]
    resume_at: Mapped[datetime | None]
    deferred_until: Mapped[datetime | None]
    deferral_reason: Mapped[str | None]
    answered_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    rating: Mapped[int | None] = mapped_column(Integer)
    rating_comment: Mapped[str | None]
    review_due_at: Mapped[datetime | None]
    """by when the lead has looked into a bad rating; empty once that is done, and where there is none"""
    history_length: Mapped[int] = mapped_column(Integer)
    history_head: Mapped[str] = mapped_column(String(64))
    updated_at: Mapped[datetime]
    __table_args__ = (
        Index("ix_inquiries_contact", "contact_id", "received_at"),
        Index("ix_inquiries_department_state", "department_id", "state"),
        Index("ix_inquiries_state", "state", "received_at"),
        due_index("ix_inquiries_resume_at", "resume_at"),
        due_index("ix_inquiries_review_due_at", "review_due_at"),
    )


class InquiryMessage(Base):
    """What was said about an inquiry, by whom. `kind`: question, addition, answer, ask_back, note."""

    __tablename__ = "inquiry_messages"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    inquiry_id: Mapped[int] = mapped_column(ForeignKey("inquiries.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    author: Mapped[str] = mapped_column(String(16))
    author_id: Mapped[int | None]
    author_name: Mapped[str]
    text: Mapped[str]
    at: Mapped[datetime]


class File(Base):
    """A file that came with an inquiry. `fetch_at` is set while its content must still be brought from the platform."""

    __tablename__ = "files"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    inquiry_id: Mapped[int] = mapped_column(ForeignKey("inquiries.id"), index=True)
    message_id: Mapped[int | None] = mapped_column(ForeignKey("inquiry_messages.id"))
    channel: Mapped[str] = mapped_column(String(16))
    reference: Mapped[str]
    name: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int | None]
    sha256: Mapped[str | None] = mapped_column(String(64))
    fetch_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(Integer)
    error: Mapped[str | None]
    created_at: Mapped[datetime]
    __table_args__ = (due_index("ix_files_fetch_at", "fetch_at"),)


class History(Base):
    """Append-only: what happened to an inquiry. Each row carries the hash of the one before it."""

    __tablename__ = "inquiry_history"
    inquiry_id: Mapped[int] = mapped_column(ForeignKey("inquiries.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(Integer, primary_key=True)
    at: Mapped[datetime]
    event: Mapped[str] = mapped_column(String(32))
    actor: Mapped[str] = mapped_column(String(16))
    actor_id: Mapped[int | None]
    actor_name: Mapped[str]
    from_state: Mapped[str | None] = mapped_column(String(24))
    to_state: Mapped[str] = mapped_column(String(24))
    department: Mapped[str | None]
    reason: Mapped[str | None]
    details: Mapped[dict[str, Any]]
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class Rung(Base):
    """A step of a clock's ladder: fires once. `pending_at` is its due time until it fired or was called off.

    A clock that stands still calls off what is to come, and sets the same rows again when it goes on.
    """

    __tablename__ = "rungs"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    inquiry_id: Mapped[int] = mapped_column(ForeignKey("inquiries.id"), index=True)
    clock: Mapped[str] = mapped_column(String(16))
    run: Mapped[int] = mapped_column(Integer, server_default="0")
    """which start of the clock: the length of the history then. 0 on rows of before there were runs."""
    percent: Mapped[int] = mapped_column(Integer)
    left_s: Mapped[int | None]
    """what the clock has left when this rung is reached, in seconds of its own kind of time"""
    due_at: Mapped[datetime]
    pending_at: Mapped[datetime | None]
    fired_at: Mapped[datetime | None]
    late_s: Mapped[int | None]
    __table_args__ = (
        due_index("ix_rungs_pending_at", "pending_at"),
        Index(
            "ix_rungs_once",
            "inquiry_id",
            "clock",
            "run",
            "percent",
            unique=True,
            sqlite_where=text("run > 0"),
            postgresql_where=text("run > 0"),
        ),
    )


class OfficerNotice(Base):
    """Something that an officer must know; stays on top of the desk until somebody presses "seen"."""

    __tablename__ = "officer_notices"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    department_id: Mapped[str | None] = mapped_column(String(64))
    audience: Mapped[str] = mapped_column(String(16))
    """officer, lead, coordinator, head (of the coordinating unit)"""
    inquiry_id: Mapped[int | None] = mapped_column(ForeignKey("inquiries.id"), index=True)
    key: Mapped[str] = mapped_column(String(128), unique=True)
    """what it is about, once: `routing:100:<inquiry>`"""
    text_key: Mapped[str] = mapped_column(String(64))
    params: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime | None]
    seen_by: Mapped[int | None] = mapped_column(ForeignKey("officers.id"))
    rung_id: Mapped[int | None] = mapped_column(ForeignKey("rungs.id", name="fk_officer_notices_rung_id"))
    told_at: Mapped[datetime | None]
    """when it was told the last time; empty while it waits for the quiet hours to end, and on what is never repeated"""
    repeats: Mapped[int] = mapped_column(Integer, server_default="0")
    repeat_at: Mapped[datetime | None]
    """when it is told again, until somebody has seen it"""
    __table_args__ = (
        due_index("ix_officer_notices_repeat_at", "repeat_at"),
        due_index("ix_officer_notices_told_at", "told_at"),
        Index(
            "ix_officer_notices_unseen",
            "audience",
            "department_id",
            "id",
            sqlite_where=text("seen_at IS NULL"),
            postgresql_where=text("seen_at IS NULL"),
        ),
    )
