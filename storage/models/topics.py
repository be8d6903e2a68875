"""The officers' desk in groups of a messenger: which group a department has, the topics in it, and what stands in them.

What a topic shall show is written here first; a worker then brings the platform there. `due_at` is set while the two differ.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, due_index


class DeskGroup(Base):
    """A forum group in which officers work. One process at a time writes to it (the lease): a group is one chat for the
    platform's limits."""

    __tablename__ = "desk_groups"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    channel: Mapped[str] = mapped_column(String(16))
    chat: Mapped[str] = mapped_column(String(64))
    title: Mapped[str]
    problem: Mapped[str | None] = mapped_column(String(64))
    """why nothing can be done there (removed, no_rights, no_forum, gone), empty while all is well"""
    retry_at: Mapped[datetime | None]
    """until when the platform wants to be left alone, or when a group with a problem is tried again"""
    pace_level: Mapped[float | None]
    pace_at: Mapped[datetime | None]
    """how much may be sent at once, and when that was so: the pace outlives the process that keeps it"""
    lease_until: Mapped[datetime | None]
    lease_owner: Mapped[str | None] = mapped_column(String(32))
    created_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("channel", "chat"),)


class DepartmentGroup(Base):
    """Which group is a department's. `source`: file (the directory) or command (linked in the group itself)."""

    __tablename__ = "department_groups"
    department_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("desk_groups.id"))
    source: Mapped[str] = mapped_column(String(16))
    configured: Mapped[str | None] = mapped_column(String(64))
    """what the directory said when this was written: a later change of the file goes before it"""
    set_by: Mapped[str | None]
    set_at: Mapped[datetime]


class Topic(Base):
    """The topic of an inquiry in a group. `thread_id` is empty until it is opened, and again once somebody deleted it."""

    __tablename__ = "topics"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    inquiry_id: Mapped[int] = mapped_column(ForeignKey("inquiries.id"))
    group_id: Mapped[int] = mapped_column(ForeignKey("desk_groups.id"))
    thread_id: Mapped[int | None]
    title: Mapped[str] = mapped_column(String(128))
    shown_title: Mapped[str | None] = mapped_column(String(128))
    closed: Mapped[bool]
    shown_closed: Mapped[bool]
    urgent_at: Mapped[datetime | None]
    """the inquiry's deadline: of many topics that wait to be opened the one that is due first comes first"""
    opening_at: Mapped[datetime | None]
    """when the platform was asked to open it, while nobody knows whether it did"""
    told_up_to: Mapped[int]
    """the newest message of the inquiry that has been put into the topic"""
    look_at: Mapped[datetime | None]
    """when the title must say something else, though nothing happened"""
    due_at: Mapped[datetime | None]
    checked_at: Mapped[datetime | None]
    """when we last saw that nobody has deleted it"""
    attempts: Mapped[int] = mapped_column(Integer)
    error: Mapped[str | None]
    revision: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime]
    __table_args__ = (
        UniqueConstraint("inquiry_id", "group_id"),
        Index("ix_topics_thread", "group_id", "thread_id"),
        due_index("ix_topics_look_at", "look_at"),
        due_index("ix_topics_due_at", "due_at"),
    )


class TopicPost(Base):
    """A message of ours in a group: what it shall say (`content`) and what it says by now (`shown`, a digest).

    kind: card, news, reminder, file, answer (an officer's words on their way to the enterprise), dialog, note, panel, remark,
    digest.
    `data`: what the kind needs to go on; `parts` are the officer's own messages. `open`: it waits for its officer.
    """

    __tablename__ = "topic_posts"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    group_id: Mapped[int] = mapped_column(ForeignKey("desk_groups.id"))
    topic_id: Mapped[int | None] = mapped_column(ForeignKey("topics.id"))
    kind: Mapped[str] = mapped_column(String(16))
    priority: Mapped[int] = mapped_column(Integer)
    officer_id: Mapped[int | None] = mapped_column(ForeignKey("officers.id"))
    open: Mapped[bool]
    reply_to: Mapped[int | None]
    data: Mapped[dict[str, Any]]
    content: Mapped[dict[str, Any]]
    message_id: Mapped[int | None]
    shown: Mapped[str | None] = mapped_column(String(64))
    key: Mapped[str | None] = mapped_column(String(128), unique=True)
    inquiry_message_id: Mapped[int | None] = mapped_column(ForeignKey("inquiry_messages.id"))
    """what it became in the inquiry"""
    due_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(Integer)
    error: Mapped[str | None]
    revision: Mapped[int] = mapped_column(Integer)
    """counts the changes of what it shall say: whoever brought an earlier one to the platform is not done"""
    created_at: Mapped[datetime]
    __table_args__ = (
        Index("ix_topic_posts_topic", "topic_id", "kind"),
        Index("ix_topic_posts_message", "group_id", "message_id"),
        due_index("ix_topic_posts_due_at", "due_at"),
    )


class InquiryChange(Base):
    """An inquiry of which a group may have to show something else. Written with the change, gone once it was looked at."""

    __tablename__ = "inquiry_changes"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    inquiry_id: Mapped[int]


class InquiryOrigin(Base):
    """The message on its platform with which a person said something: its correction belongs to the same inquiry."""

    __tablename__ = "inquiry_origins"
    account_id: Mapped[int] = mapped_column(ForeignKey("channel_accounts.id"), primary_key=True)
    message_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    inquiry_id: Mapped[int] = mapped_column(ForeignKey("inquiries.id"))


class OfficerAccount(Base):
    """An officer's own account on a messenger: who they are in a group."""

    __tablename__ = "officer_accounts"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    officer_id: Mapped[int] = mapped_column(ForeignKey("officers.id"))
    channel: Mapped[str] = mapped_column(String(16))
    external_id: Mapped[str] = mapped_column(String(128))
    name: Mapped[str]
    linked_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("channel", "external_id"), UniqueConstraint("channel", "officer_id"))


class OfficerLinkCode(Base):
    """A one-time code with which an officer shows on a messenger who they are; only its hash is kept."""

    __tablename__ = "officer_link_codes"
    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    officer_id: Mapped[int] = mapped_column(ForeignKey("officers.id"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
