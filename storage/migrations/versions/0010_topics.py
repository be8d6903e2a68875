"""Topics in groups of a messenger, what stands in them, and officers' accounts there"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0010"
down_revision: str | None = "0009"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "desk_groups",
        sa.Column("id", BIG, autoincrement=False, nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("chat", sa.String(length=64), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("problem", sa.String(length=64), nullable=True),
        sa.Column("retry_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pace_level", sa.Float(), nullable=True),
        sa.Column("pace_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_owner", sa.String(length=32), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("channel", "chat"),
    )
    op.create_table(
        "inquiry_changes",
        sa.Column("id", BIG, autoincrement=False, nullable=False),
        sa.Column("inquiry_id", BIG, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "department_groups",
        sa.Column("department_id", sa.String(length=64), nullable=False),
        sa.Column("group_id", BIG, nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("configured", sa.String(length=64), nullable=True),
        sa.Column("set_by", sa.Text(), nullable=True),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["desk_groups.id"],
        ),
        sa.PrimaryKeyConstraint("department_id"),
    )
    op.create_table(
        "officer_accounts",
        sa.Column("id", BIG, autoincrement=False, nullable=False),
        sa.Column("officer_id", BIG, nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("external_id", sa.String(length=128), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["officer_id"],
            ["officers.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("channel", "external_id"),
        sa.UniqueConstraint("channel", "officer_id"),
    )
    op.create_table(
        "officer_link_codes",
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("officer_id", BIG, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["officer_id"],
            ["officers.id"],
        ),
        sa.PrimaryKeyConstraint("code_hash"),
    )
    op.create_index("ix_officer_link_codes_officer_id", "officer_link_codes", ["officer_id"], unique=False)
    op.create_table(
        "inquiry_origins",
        sa.Column("account_id", BIG, nullable=False),
        sa.Column("message_id", sa.String(length=64), nullable=False),
        sa.Column("inquiry_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["channel_accounts.id"],
        ),
        sa.ForeignKeyConstraint(
            ["inquiry_id"],
            ["inquiries.id"],
        ),
        sa.PrimaryKeyConstraint("account_id", "message_id"),
    )
    op.create_table(
        "topics",
        sa.Column("id", BIG, autoincrement=False, nullable=False),
        sa.Column("inquiry_id", BIG, nullable=False),
        sa.Column("group_id", BIG, nullable=False),
        sa.Column("thread_id", BIG, nullable=True),
        sa.Column("title", sa.String(length=128), nullable=False),
        sa.Column("shown_title", sa.String(length=128), nullable=True),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.Column("shown_closed", sa.Boolean(), nullable=False),
        sa.Column("urgent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opening_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_up_to", BIG, nullable=False),
        sa.Column("look_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["desk_groups.id"],
        ),
        sa.ForeignKeyConstraint(
            ["inquiry_id"],
            ["inquiries.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("inquiry_id", "group_id"),
    )
    op.create_index(
        "ix_topics_due_at",
        "topics",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_index(
        "ix_topics_look_at",
        "topics",
        ["look_at"],
        unique=False,
        sqlite_where=sa.text("look_at IS NOT NULL"),
        postgresql_where=sa.text("look_at IS NOT NULL"),
    )
    op.create_index("ix_topics_thread", "topics", ["group_id", "thread_id"], unique=False)
    op.create_table(
        "topic_posts",
        sa.Column("id", BIG, autoincrement=False, nullable=False),
        sa.Column("group_id", BIG, nullable=False),
        sa.Column("topic_id", BIG, nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("officer_id", BIG, nullable=True),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("reply_to", BIG, nullable=True),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("message_id", BIG, nullable=True),
        sa.Column("shown", sa.String(length=64), nullable=True),
        sa.Column("key", sa.String(length=128), nullable=True),
        sa.Column("inquiry_message_id", BIG, nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["desk_groups.id"],
        ),
        sa.ForeignKeyConstraint(
            ["inquiry_message_id"],
            ["inquiry_messages.id"],
        ),
        sa.ForeignKeyConstraint(
            ["officer_id"],
            ["officers.id"],
        ),
        sa.ForeignKeyConstraint(
            ["topic_id"],
            ["topics.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    op.create_index(
        "ix_topic_posts_due_at",
        "topic_posts",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_index("ix_topic_posts_message", "topic_posts", ["group_id", "message_id"], unique=False)
    op.create_index("ix_topic_posts_topic", "topic_posts", ["topic_id", "kind"], unique=False)


def downgrade() -> None:
    for table in (
        "topic_posts",
        "topics",
        "inquiry_origins",
        "officer_link_codes",
        "officer_accounts",
        "department_groups",
        "inquiry_changes",
        "desk_groups",
    ):
        op.drop_table(table)
