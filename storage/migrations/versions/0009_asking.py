"""Consultations, surveys, subscriptions"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:

    op.create_table(
        "asking_due",
        sa.Column("id", BIG, autoincrement=False, nullable=False),
        sa.Column("subject", sa.String(length=16), nullable=False),
        sa.Column("subject_id", BIG, nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("pending_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("subject_id", "kind"),
    )
    op.create_index(
        "ix_asking_due_pending_at",
        "asking_due",
        ["pending_at"],
        unique=False,
        sqlite_where=sa.text("pending_at IS NOT NULL"),
        postgresql_where=sa.text("pending_at IS NOT NULL"),
    )
    op.create_table(
        "consultations",
        sa.Column("id", BIG, autoincrement=False, nullable=False),
        sa.Column("number", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("title_vi", sa.Text(), nullable=False),
        sa.Column("title_en", sa.Text(), nullable=False),
        sa.Column("summary_vi", sa.Text(), nullable=False),
        sa.Column("summary_en", sa.Text(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("audience", sa.JSON(), nullable=False),
        sa.Column("members_first_h", sa.Integer(), nullable=False),
        sa.Column("remind_days", sa.JSON(), nullable=False),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("author_id", BIG, nullable=True),
        sa.Column("author_name", sa.Text(), nullable=False),
        sa.Column("editors", sa.JSON(), nullable=False),
        sa.Column("approver_name", sa.Text(), nullable=True),
        sa.Column("responder_name", sa.Text(), nullable=True),
        sa.Column("publisher_name", sa.Text(), nullable=True),
        sa.Column("text_hash", sa.String(length=64), nullable=True),
        sa.Column("conclusion_vi", sa.Text(), nullable=False),
        sa.Column("conclusion_en", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("grouped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("responded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("number"),
    )
    op.create_index("ix_consultations_state", "consultations", ["state", "closes_at"], unique=False)
    op.create_table(
        "surveys",
        sa.Column("id", BIG, autoincrement=False, nullable=False),
        sa.Column("number", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("anonymous", sa.Boolean(), nullable=False),
        sa.Column("title_vi", sa.Text(), nullable=False),
        sa.Column("title_en", sa.Text(), nullable=False),
        sa.Column("intro_vi", sa.Text(), nullable=False),
        sa.Column("intro_en", sa.Text(), nullable=False),
        sa.Column("questions", sa.JSON(), nullable=False),
        sa.Column("audience", sa.JSON(), nullable=False),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("repeats_months", sa.Integer(), nullable=False),
        sa.Column("series_id", BIG, nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("author_id", BIG, nullable=True),
        sa.Column("author_name", sa.Text(), nullable=False),
        sa.Column("editors", sa.JSON(), nullable=False),
        sa.Column("approver_name", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("number"),
    )
    op.create_index("ix_surveys_series", "surveys", ["series_id", "round"], unique=False)
    op.create_index("ix_surveys_state", "surveys", ["state"], unique=False)
    op.create_table(
        "consultation_events",
        sa.Column("id", BIG, autoincrement=False, nullable=False),
        sa.Column("consultation_id", BIG, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event", sa.String(length=32), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["consultation_id"],
            ["consultations.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_consultation_events_consultation_id", "consultation_events", ["consultation_id"], unique=False)
    op.create_table(
        "consultation_groups",
        sa.Column("id", BIG, autoincrement=False, nullable=False),
        sa.Column("consultation_id", BIG, nullable=False),
        sa.Column("unit", sa.Integer(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("response", sa.String(length=16), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("responded_by", sa.Text(), nullable=True),
        sa.Column("responded_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["consultation_id"],
            ["consultations.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_consultation_groups_consultation_id", "consultation_groups", ["consultation_id"], unique=False)
    op.create_table(
        "consultation_questions",
        sa.Column("consultation_id", BIG, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("text_vi", sa.Text(), nullable=False),
        sa.Column("text_en", sa.Text(), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["consultation_id"],
            ["consultations.id"],
        ),
        sa.PrimaryKeyConstraint("consultation_id", "seq"),
    )
    op.create_table(
        "consultation_units",
        sa.Column("consultation_id", BIG, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("above", sa.Integer(), nullable=True),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["consultation_id"],
            ["consultations.id"],
        ),
        sa.PrimaryKeyConstraint("consultation_id", "seq"),
    )
    op.create_table(
        "survey_tallies",
        sa.Column("survey_id", BIG, nullable=False),
        sa.Column("question", sa.Integer(), nullable=False),
        sa.Column("choice", sa.String(length=8), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["survey_id"],
            ["surveys.id"],
        ),
        sa.PrimaryKeyConstraint("survey_id", "question", "choice"),
    )
    op.create_table(
        "survey_texts",
        sa.Column("id", BIG, autoincrement=False, nullable=False),
        sa.Column("survey_id", BIG, nullable=False),
        sa.Column("question", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["survey_id"],
            ["surveys.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_survey_texts_survey_id", "survey_texts", ["survey_id"], unique=False)
    op.create_table(
        "consultation_invited",
        sa.Column("consultation_id", BIG, nullable=False),
        sa.Column("contact_id", BIG, nullable=False),
        sa.Column("enterprise_id", BIG, nullable=True),
        sa.Column("member", sa.Boolean(), nullable=False),
        sa.Column("unreachable", sa.Boolean(), nullable=False),
        sa.Column("invited_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["consultation_id"],
            ["consultations.id"],
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contacts.id"],
        ),
        sa.ForeignKeyConstraint(
            ["enterprise_id"],
            ["enterprises.id"],
        ),
        sa.PrimaryKeyConstraint("consultation_id", "contact_id"),
    )
    op.create_index("ix_consultation_invited_contact", "consultation_invited", ["contact_id"], unique=False)
    op.create_index(
        "ix_consultation_invited_enterprise", "consultation_invited", ["enterprise_id", "consultation_id"], unique=False
    )
    op.create_table(
        "consultation_positions",
        sa.Column("id", BIG, autoincrement=False, nullable=False),
        sa.Column("consultation_id", BIG, nullable=False),
        sa.Column("respondent", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("contact_id", BIG, nullable=False),
        sa.Column("contact_name", sa.Text(), nullable=False),
        sa.Column("enterprise_id", BIG, nullable=True),
        sa.Column("enterprise_name", sa.Text(), nullable=False),
        sa.Column("tax_code", sa.String(length=14), nullable=True),
        sa.Column("member", sa.Boolean(), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("based_on", BIG, nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["consultation_id"],
            ["consultations.id"],
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contacts.id"],
        ),
        sa.ForeignKeyConstraint(
            ["enterprise_id"],
            ["enterprises.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_consultation_positions_contact_id", "consultation_positions", ["contact_id"], unique=False)
    op.create_index(
        "ix_consultation_positions_respondent",
        "consultation_positions",
        ["consultation_id", "respondent", "version"],
        unique=False,
    )
    op.create_index(
        "uq_consultation_positions_draft",
        "consultation_positions",
        ["consultation_id", "contact_id"],
        unique=True,
        sqlite_where=sa.text("state = 'draft'"),
        postgresql_where=sa.text("state = 'draft'"),
    )
    op.create_index(
        "uq_consultation_positions_standing",
        "consultation_positions",
        ["consultation_id", "respondent"],
        unique=True,
        sqlite_where=sa.text("state = 'standing'"),
        postgresql_where=sa.text("state = 'standing'"),
    )
    op.create_table(
        "subscription_times",
        sa.Column("contact_id", BIG, nullable=False),
        sa.Column("from_hour", sa.Integer(), nullable=False),
        sa.Column("until_hour", sa.Integer(), nullable=False),
        sa.Column("working_days", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contacts.id"],
        ),
        sa.PrimaryKeyConstraint("contact_id"),
    )
    op.create_table(
        "subscriptions",
        sa.Column("contact_id", BIG, nullable=False),
        sa.Column("topic", sa.String(length=24), nullable=False),
        sa.Column("wanted", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contacts.id"],
        ),
        sa.PrimaryKeyConstraint("contact_id", "topic"),
    )
    op.create_table(
        "survey_answers",
        sa.Column("survey_id", BIG, nullable=False),
        sa.Column("contact_id", BIG, nullable=False),
        sa.Column("question", sa.Integer(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contacts.id"],
        ),
        sa.ForeignKeyConstraint(
            ["survey_id"],
            ["surveys.id"],
        ),
        sa.PrimaryKeyConstraint("survey_id", "contact_id", "question"),
    )
    op.create_table(
        "survey_participants",
        sa.Column("survey_id", BIG, nullable=False),
        sa.Column("contact_id", BIG, nullable=False),
        sa.Column("member", sa.Boolean(), nullable=False),
        sa.Column("unreachable", sa.Boolean(), nullable=False),
        sa.Column("answered", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contacts.id"],
        ),
        sa.ForeignKeyConstraint(
            ["survey_id"],
            ["surveys.id"],
        ),
        sa.PrimaryKeyConstraint("survey_id", "contact_id"),
    )
    op.create_index("ix_survey_participants_contact", "survey_participants", ["contact_id"], unique=False)
    op.create_table(
        "consultation_answers",
        sa.Column("position_id", BIG, nullable=False),
        sa.Column("question", sa.Integer(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["position_id"],
            ["consultation_positions.id"],
        ),
        sa.PrimaryKeyConstraint("position_id", "question"),
    )
    op.create_table(
        "consultation_opinions",
        sa.Column("id", BIG, autoincrement=False, nullable=False),
        sa.Column("consultation_id", BIG, nullable=False),
        sa.Column("position_id", BIG, nullable=False),
        sa.Column("unit", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("group_id", BIG, nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["consultation_id"],
            ["consultations.id"],
        ),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["consultation_groups.id"],
        ),
        sa.ForeignKeyConstraint(
            ["position_id"],
            ["consultation_positions.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_consultation_opinions_consultation_id", "consultation_opinions", ["consultation_id"], unique=False)
    op.create_index("ix_consultation_opinions_group_id", "consultation_opinions", ["group_id"], unique=False)
    op.create_index("ix_consultation_opinions_position_id", "consultation_opinions", ["position_id"], unique=False)
    op.create_table(
        "personal_links",
        sa.Column("id", BIG, autoincrement=False, nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("subject_id", BIG, nullable=True),
        sa.Column("contact_id", BIG, nullable=False),
        sa.Column("account_id", BIG, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("session_hash", sa.String(length=64), nullable=True),
        sa.Column("session_until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["channel_accounts.id"],
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contacts.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("session_hash"),
        sa.UniqueConstraint("token_hash"),
    )
    op.create_index("ix_personal_links_expires_at", "personal_links", ["expires_at"], unique=False)


def downgrade() -> None:

    op.drop_index("ix_personal_links_expires_at", table_name="personal_links")
    op.drop_table("personal_links")
    op.drop_index("ix_consultation_opinions_position_id", table_name="consultation_opinions")
    op.drop_index("ix_consultation_opinions_group_id", table_name="consultation_opinions")
    op.drop_index("ix_consultation_opinions_consultation_id", table_name="consultation_opinions")
    op.drop_table("consultation_opinions")
    op.drop_table("consultation_answers")
    op.drop_index("ix_survey_participants_contact", table_name="survey_participants")
    op.drop_table("survey_participants")
    op.drop_table("survey_answers")
    op.drop_table("subscriptions")
    op.drop_table("subscription_times")
    op.drop_index(
        "uq_consultation_positions_standing",
        table_name="consultation_positions",
        sqlite_where=sa.text("state = 'standing'"),
        postgresql_where=sa.text("state = 'standing'"),
    )
    op.drop_index(
        "uq_consultation_positions_draft",
        table_name="consultation_positions",
        sqlite_where=sa.text("state = 'draft'"),
        postgresql_where=sa.text("state = 'draft'"),
    )
    op.drop_index("ix_consultation_positions_respondent", table_name="consultation_positions")
    op.drop_index("ix_consultation_positions_contact_id", table_name="consultation_positions")
    op.drop_table("consultation_positions")
    op.drop_index("ix_consultation_invited_enterprise", table_name="consultation_invited")
    op.drop_index("ix_consultation_invited_contact", table_name="consultation_invited")
    op.drop_table("consultation_invited")
    op.drop_index("ix_survey_texts_survey_id", table_name="survey_texts")
    op.drop_table("survey_texts")
    op.drop_table("survey_tallies")
    op.drop_table("consultation_units")
    op.drop_table("consultation_questions")
    op.drop_index("ix_consultation_groups_consultation_id", table_name="consultation_groups")
    op.drop_table("consultation_groups")
    op.drop_index("ix_consultation_events_consultation_id", table_name="consultation_events")
    op.drop_table("consultation_events")
    op.drop_index("ix_surveys_state", table_name="surveys")
    op.drop_index("ix_surveys_series", table_name="surveys")
    op.drop_table("surveys")
    op.drop_index("ix_consultations_state", table_name="consultations")
    op.drop_table("consultations")
    op.drop_index(
        "ix_asking_due_pending_at",
        table_name="asking_due",
        sqlite_where=sa.text("pending_at IS NOT NULL"),
        postgresql_where=sa.text("pending_at IS NOT NULL"),
    )
    op.drop_table("asking_due")
