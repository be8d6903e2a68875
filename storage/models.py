"""The tables. Rows stay in this package: what leaves it are plain values.

Columns that a sweep looks for (`pending_at`, `next_attempt_at`, `lease_until`, `resume_at`, …) are empty once nothing is
due, and their indexes hold only rows where they are not: a sweep costs what is due, never what is open.
"""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from storage.types import UtcDateTime

Big = BigInteger().with_variant(Integer, "sqlite")


class Base(DeclarativeBase):
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        int: Big,
        str: Text,
        datetime: UtcDateTime,
        bool: Boolean,
        float: Float,
        dict[str, Any]: JSON,
        list[Any]: JSON,
    }


def _due_index(name: str, column: str, *more: str) -> Index:
    """Index the rows where something is due; `IS NOT NULL` is implied by `<= :now` in every plan, also a generic one."""
    where = text(f"{column} IS NOT NULL")
    return Index(name, column, *more, sqlite_where=where, postgresql_where=where)


class Event(Base):
    """A platform's update that has been taken: its second arrival changes nothing."""

    __tablename__ = "events"
    channel: Mapped[str] = mapped_column(String(16), primary_key=True)
    event_id: Mapped[str] = mapped_column(String(128), primary_key=True)
    received_at: Mapped[datetime]
    __table_args__ = (Index("ix_events_received_at", "received_at"),)


class Enterprise(Base):
    __tablename__ = "enterprises"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    tax_code: Mapped[str] = mapped_column(String(14), unique=True)
    name: Mapped[str]
    membership: Mapped[str] = mapped_column(String(16))
    """none, invited, member (a signed memorandum), withdrawn"""
    member_since: Mapped[datetime | None]
    created_at: Mapped[datetime]


class Contact(Base):
    """A person. A guest has no enterprise, only what they say of themselves (`claimed_…`)."""

    __tablename__ = "contacts"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    enterprise_id: Mapped[int | None] = mapped_column(ForeignKey("enterprises.id"), index=True)
    name: Mapped[str]
    language: Mapped[str | None] = mapped_column(String(2))
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
    created_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("channel", "external_id"),)


class Invitation(Base):
    """A one-time code that joins a contact to an enterprise; only its hash is kept."""

    __tablename__ = "invitations"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprises.id"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    used_by: Mapped[int | None] = mapped_column(ForeignKey("contacts.id"))


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
    history_length: Mapped[int] = mapped_column(Integer)
    history_head: Mapped[str] = mapped_column(String(64))
    updated_at: Mapped[datetime]
    __table_args__ = (
        Index("ix_inquiries_contact", "contact_id", "received_at"),
        Index("ix_inquiries_department_state", "department_id", "state"),
        Index("ix_inquiries_state", "state", "received_at"),
        _due_index("ix_inquiries_resume_at", "resume_at"),
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
    __table_args__ = (_due_index("ix_files_fetch_at", "fetch_at"),)


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
        _due_index("ix_rungs_pending_at", "pending_at"),
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
        _due_index("ix_officer_notices_repeat_at", "repeat_at"),
        _due_index("ix_officer_notices_told_at", "told_at"),
    )


class Delivery(Base):
    """The ledger: one message to one account. Written before it is sent, and kept to the end."""

    __tablename__ = "deliveries"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    account_id: Mapped[int] = mapped_column(ForeignKey("channel_accounts.id"))
    channel: Mapped[str] = mapped_column(String(16))
    recipient: Mapped[str] = mapped_column(String(128))
    inquiry_id: Mapped[int | None] = mapped_column(ForeignKey("inquiries.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    priority: Mapped[int] = mapped_column(Integer)
    key: Mapped[str | None] = mapped_column(String(128), unique=True)
    """what makes a second row impossible, where a message must go out once (`routing:100:<inquiry>`)"""
    content: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(16))
    attempts: Mapped[int] = mapped_column(Integer)
    next_attempt_at: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]
    lease_owner: Mapped[str | None] = mapped_column(String(32))
    platform_message_id: Mapped[str | None] = mapped_column(String(64))
    error: Mapped[str | None]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    __table_args__ = (
        _due_index("ix_deliveries_next_attempt_at", "next_attempt_at", "id"),
        _due_index("ix_deliveries_lease_until", "lease_until"),
        Index(
            "ix_deliveries_account_waiting",
            "account_id",
            "id",
            sqlite_where=text("next_attempt_at IS NOT NULL"),
            postgresql_where=text("next_attempt_at IS NOT NULL"),
        ),
    )


class ChatMessage(Base):
    """What the web chat shows: the browser has no platform behind it that remembers."""

    __tablename__ = "chat_messages"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    account_id: Mapped[int] = mapped_column(ForeignKey("channel_accounts.id"))
    author: Mapped[str] = mapped_column(String(8))
    """person, bot"""
    delivery_id: Mapped[int | None] = mapped_column(unique=True)
    content: Mapped[dict[str, Any]]
    at: Mapped[datetime]
    __table_args__ = (Index("ix_chat_messages_account", "account_id", "id"),)


class Officer(Base):
    __tablename__ = "officers"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    login: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str]
    role: Mapped[str] = mapped_column(String(16))
    department_id: Mapped[str | None] = mapped_column(String(64))
    lead: Mapped[bool]
    password_hash: Mapped[str]
    must_change_password: Mapped[bool]
    active: Mapped[bool]
    failed_sign_ins: Mapped[int] = mapped_column(Integer)
    locked_until: Mapped[datetime | None]
    created_at: Mapped[datetime]


class OfficerSession(Base):
    __tablename__ = "officer_sessions"
    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    officer_id: Mapped[int] = mapped_column(ForeignKey("officers.id"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class ApiToken(Base):
    __tablename__ = "api_tokens"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str]
    role: Mapped[str] = mapped_column(String(16))
    department_id: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class Counter(Base):
    """Numbers given out in order, one row a series (`inquiry:2026`)."""

    __tablename__ = "counters"
    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    value: Mapped[int]


class LawVersion(Base):
    """The wording of a legal document as it was imported once. An earlier one is kept, with the days on which it held."""

    __tablename__ = "law_versions"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    document: Mapped[str] = mapped_column(String(64))
    version: Mapped[int] = mapped_column(Integer)
    """counted from 1 for each document; the key lets only one of two imports at once be the next"""
    title: Mapped[str]
    issuer: Mapped[str]
    signed: Mapped[date | None]
    effective_from: Mapped[date]
    effective_until: Mapped[date | None]
    """the last day on which this wording held, both ends included"""
    status: Mapped[str] = mapped_column(String(16))
    """in_force, amended (held until `effective_until`), corrected (read again from a better file: holds on no day)"""
    imported_at: Mapped[datetime]
    file: Mapped[str]
    sha256: Mapped[str] = mapped_column(String(64))
    replaced_by: Mapped[int | None] = mapped_column(ForeignKey("law_versions.id"))
    __table_args__ = (UniqueConstraint("document", "version"),)


class LawPassage(Base):
    """A unit of a version, in order. `place` as it is cited; a dash has the place of what it stands under."""

    __tablename__ = "law_passages"
    version_id: Mapped[int] = mapped_column(ForeignKey("law_versions.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(Integer, primary_key=True)
    place: Mapped[str] = mapped_column(String(160))
    kind: Mapped[str] = mapped_column(String(16))
    number: Mapped[str] = mapped_column(String(32))
    title: Mapped[str]
    parents: Mapped[list[Any]]
    """labels with titles of everything above, outermost first"""
    above: Mapped[int | None] = mapped_column(Integer)
    """the `seq` of the passage that this one stands under"""
    text: Mapped[str]
    __table_args__ = (Index("ix_law_passages_place", "version_id", "place"),)


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
