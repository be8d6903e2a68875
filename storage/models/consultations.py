"""Consultations: a draft policy in articles and clauses, who was asked about it, what they think, what became of that."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base


class Consultation(Base):
    __tablename__ = "consultations"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[str] = mapped_column(String(16), unique=True)
    state: Mapped[str] = mapped_column(String(16))
    """draft, approved, open, closed, responded, published, cancelled"""
    revision: Mapped[int] = mapped_column(Integer)
    """counts the changes: whoever acts says which one they saw"""
    title_vi: Mapped[str]
    title_en: Mapped[str]
    summary_vi: Mapped[str]
    summary_en: Mapped[str]
    issuer: Mapped[str]
    """the unit that drafts the policy and answers for the responses"""
    audience: Mapped[dict[str, Any]]
    members_first_h: Mapped[int] = mapped_column(Integer)
    """hours by which members with a signed agreement are asked before the others (1761/QĐ-TCHQ Điều 7)"""
    remind_days: Mapped[list[Any]]
    opens_at: Mapped[datetime | None]
    closes_at: Mapped[datetime | None]
    author_id: Mapped[int | None]
    author_name: Mapped[str]
    editors: Mapped[list[Any]]
    """ids of everybody who wrote on it: none of them approves it"""
    approver_name: Mapped[str | None]
    responder_name: Mapped[str | None]
    publisher_name: Mapped[str | None]
    text_hash: Mapped[str | None] = mapped_column(String(64))
    """of the units and questions as they were approved"""
    conclusion_vi: Mapped[str]
    conclusion_en: Mapped[str]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    approved_at: Mapped[datetime | None]
    opened_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    grouped_at: Mapped[datetime | None]
    responded_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    __table_args__ = (Index("ix_consultations_state", "state", "closes_at"),)


class ConsultationUnit(Base):
    """An article, or a clause of one. `seq` counts through the text; `above` is the seq of what it stands under."""

    __tablename__ = "consultation_units"
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultations.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(Integer, primary_key=True)
    above: Mapped[int | None] = mapped_column(Integer)
    place: Mapped[str]
    title: Mapped[str]
    text: Mapped[str]


class ConsultationQuestion(Base):
    __tablename__ = "consultation_questions"
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultations.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(Integer, primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))
    """choice, scale, text"""
    text_vi: Mapped[str]
    text_en: Mapped[str]
    options: Mapped[list[Any]]
    """[{"vi": …, "en": …}] of a choice"""


class ConsultationInvited(Base):
    """Who was asked. A row is written once, whatever becomes of the message."""

    __tablename__ = "consultation_invited"
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultations.id"), primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id"), primary_key=True)
    enterprise_id: Mapped[int | None] = mapped_column(ForeignKey("enterprises.id"))
    member: Mapped[bool]
    unreachable: Mapped[bool]
    invited_at: Mapped[datetime]
    __table_args__ = (
        Index("ix_consultation_invited_enterprise", "enterprise_id", "consultation_id"),
        Index("ix_consultation_invited_contact", "contact_id"),
    )


class ConsultationPosition(Base):
    """What an enterprise says, as one version. Of the versions that were handed in the latest stands; earlier ones are kept."""

    __tablename__ = "consultation_positions"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultations.id"))
    respondent: Mapped[str] = mapped_column(String(32))
    """`enterprise:<id>`, or `contact:<id>` for somebody without one"""
    version: Mapped[int] = mapped_column(Integer)
    """0 while it is being written"""
    state: Mapped[str] = mapped_column(String(16))
    """draft, standing, replaced"""
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id"), index=True)
    contact_name: Mapped[str]
    enterprise_id: Mapped[int | None] = mapped_column(ForeignKey("enterprises.id"))
    enterprise_name: Mapped[str]
    tax_code: Mapped[str | None] = mapped_column(String(14))
    member: Mapped[bool]
    channel: Mapped[str] = mapped_column(String(16))
    based_on: Mapped[int | None]
    """the position that stood when this one was begun"""
    started_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    __table_args__ = (
        Index("ix_consultation_positions_respondent", "consultation_id", "respondent", "version"),
        Index(
            "uq_consultation_positions_standing",
            "consultation_id",
            "respondent",
            unique=True,
            sqlite_where=text("state = 'standing'"),
            postgresql_where=text("state = 'standing'"),
        ),
        Index(
            "uq_consultation_positions_draft",
            "consultation_id",
            "contact_id",
            unique=True,
            sqlite_where=text("state = 'draft'"),
            postgresql_where=text("state = 'draft'"),
        ),
    )


class ConsultationGroup(Base):
    """Opinions that say the same, with the authority's response to them."""

    __tablename__ = "consultation_groups"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultations.id"), index=True)
    unit: Mapped[int | None] = mapped_column(Integer)
    title: Mapped[str]
    response: Mapped[str | None] = mapped_column(String(16))
    """accepted, partly, not_accepted"""
    reason: Mapped[str]
    responded_by: Mapped[str | None]
    responded_at: Mapped[datetime | None]


class ConsultationOpinion(Base):
    """A comment on a unit of the draft, or on the draft as a whole (no unit)."""

    __tablename__ = "consultation_opinions"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultations.id"), index=True)
    position_id: Mapped[int] = mapped_column(ForeignKey("consultation_positions.id"), index=True)
    unit: Mapped[int | None] = mapped_column(Integer)
    text: Mapped[str]
    group_id: Mapped[int | None] = mapped_column(ForeignKey("consultation_groups.id"), index=True)
    at: Mapped[datetime]


class ConsultationAnswer(Base):
    """The answer of a position to a question: the number of the option or of the scale as text, or free text."""

    __tablename__ = "consultation_answers"
    position_id: Mapped[int] = mapped_column(ForeignKey("consultation_positions.id"), primary_key=True)
    question: Mapped[int] = mapped_column(Integer, primary_key=True)
    value: Mapped[str]


class ConsultationEvent(Base):
    """What was done with a consultation, by whom; append-only."""

    __tablename__ = "consultation_events"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultations.id"), index=True)
    at: Mapped[datetime]
    event: Mapped[str] = mapped_column(String(32))
    actor: Mapped[str]
    details: Mapped[dict[str, Any]]


class AskingDue(Base):
    """What a consultation or survey has to do at a moment. `pending_at` is empty once it is done."""

    __tablename__ = "asking_due"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    subject: Mapped[str] = mapped_column(String(16))
    """consultation, survey"""
    subject_id: Mapped[int]
    kind: Mapped[str] = mapped_column(String(24))
    due_at: Mapped[datetime]
    pending_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    __table_args__ = (
        UniqueConstraint("subject_id", "kind"),
        Index(
            "ix_asking_due_pending_at",
            "pending_at",
            sqlite_where=text("pending_at IS NOT NULL"),
            postgresql_where=text("pending_at IS NOT NULL"),
        ),
    )


class PersonalLink(Base):
    """A one-time address that lets a person of a chat into a page; only hashes are kept."""

    __tablename__ = "personal_links"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    purpose: Mapped[str] = mapped_column(String(16))
    """consultation, survey, subscriptions"""
    subject_id: Mapped[int | None]
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("channel_accounts.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    session_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    session_until: Mapped[datetime | None]
    __table_args__ = (Index("ix_personal_links_expires_at", "expires_at"),)
