"""Campaigns, their audiences and waves, and what enterprises are filtered by"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "account_budgets",
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("spoken_for_until", sa.Float(), nullable=False),
        sa.Column("closed_until", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("channel"),
    )
    op.create_table(
        "audiences",
        sa.Column("id", BIG, autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("filter", sa.JSON(), nullable=False),
        sa.Column("created_by", sa.String(length=40), nullable=False),
        sa.Column("created_name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
    )
    op.create_table(
        "campaigns",
        sa.Column("id", BIG, autoincrement=False, nullable=False),
        sa.Column("number", sa.String(length=24), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("risk", sa.String(length=24), nullable=True),
        sa.Column("key", sa.String(length=80), nullable=True),
        sa.Column("subject_id", BIG, nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text_vi", sa.Text(), nullable=False),
        sa.Column("text_en", sa.Text(), nullable=False),
        sa.Column("links", sa.JSON(), nullable=False),
        sa.Column("entries", sa.JSON(), nullable=False),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.Column("audience", sa.JSON(), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("acknowledge", sa.Boolean(), nullable=False),
        sa.Column("ack_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminders", sa.JSON(), nullable=False),
        sa.Column("event_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("event_place", sa.Text(), nullable=True),
        sa.Column("event_capacity", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("authors", sa.JSON(), nullable=False),
        sa.Column("author_name", sa.Text(), nullable=False),
        sa.Column("approved_by", sa.String(length=40), nullable=True),
        sa.Column("approved_name", sa.Text(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("text_hash", sa.String(length=64), nullable=True),
        sa.Column("release_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("step_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("plan", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
        sa.UniqueConstraint("number"),
    )
    op.create_index(
        "ix_campaigns_release_at",
        "campaigns",
        ["release_at"],
        unique=False,
        sqlite_where=sa.text("release_at IS NOT NULL"),
        postgresql_where=sa.text("release_at IS NOT NULL"),
    )
    op.create_index("ix_campaigns_state", "campaigns", ["state", "id"], unique=False)
    op.create_index(
        "ix_campaigns_step_at",
        "campaigns",
        ["step_at"],
        unique=False,
        sqlite_where=sa.text("step_at IS NOT NULL"),
        postgresql_where=sa.text("step_at IS NOT NULL"),
    )
    op.create_index("ix_campaigns_subject", "campaigns", ["kind", "subject_id"], unique=False)
    op.create_table(
        "campaign_steps",
        sa.Column("id", BIG, autoincrement=False, nullable=False),
        sa.Column("campaign_id", BIG, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=40), nullable=False),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.Column("action", sa.String(length=24), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["campaigns.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_campaign_steps_campaign_id"), "campaign_steps", ["campaign_id"], unique=False)
    op.create_table(
        "enterprise_chapters",
        sa.Column("enterprise_id", BIG, autoincrement=False, nullable=False),
        sa.Column("chapter", sa.String(length=2), nullable=False),
        sa.ForeignKeyConstraint(
            ["enterprise_id"],
            ["enterprises.id"],
        ),
        sa.PrimaryKeyConstraint("enterprise_id", "chapter"),
    )
    op.create_table(
        "waves",
        sa.Column("id", BIG, autoincrement=False, nullable=False),
        sa.Column("campaign_id", BIG, nullable=False),
        sa.Column("purpose", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("source", sa.JSON(), nullable=False),
        sa.Column("messages", sa.JSON(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("quiet", sa.Boolean(), nullable=False),
        sa.Column("cursor", BIG, nullable=False),
        sa.Column("recipients", sa.Integer(), nullable=False),
        sa.Column("fill_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("flow_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("flow_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["campaigns.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("campaign_id", "purpose"),
    )
    op.create_index(
        "ix_waves_fill_at",
        "waves",
        ["fill_at"],
        unique=False,
        sqlite_where=sa.text("fill_at IS NOT NULL"),
        postgresql_where=sa.text("fill_at IS NOT NULL"),
    )
    op.create_index(
        "ix_waves_flow_from",
        "waves",
        ["flow_from"],
        unique=False,
        sqlite_where=sa.text("flow_from IS NOT NULL"),
        postgresql_where=sa.text("flow_from IS NOT NULL"),
    )
    op.create_table(
        "event_registrations",
        sa.Column("campaign_id", BIG, autoincrement=False, nullable=False),
        sa.Column("contact_id", BIG, autoincrement=False, nullable=False),
        sa.Column("enterprise_id", BIG, nullable=True),
        sa.Column("account_id", BIG, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["campaigns.id"],
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contacts.id"],
        ),
        sa.PrimaryKeyConstraint("campaign_id", "contact_id"),
    )
    op.create_table(
        "delivery_attempts",
        sa.Column("id", BIG, autoincrement=False, nullable=False),
        sa.Column("delivery_id", BIG, nullable=False),
        sa.Column("account_id", BIG, nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery_id"],
            ["deliveries.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_delivery_attempts_delivery_id"), "delivery_attempts", ["delivery_id"], unique=False)
    op.add_column("contacts", sa.Column("preferred_channel", sa.String(length=16), nullable=True))
    op.add_column("deliveries", sa.Column("wave_id", BIG, nullable=True))
    op.add_column("deliveries", sa.Column("contact_id", BIG, nullable=True))
    op.add_column("deliveries", sa.Column("enterprise_id", BIG, nullable=True))
    op.add_column("deliveries", sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_deliveries_wave",
        "deliveries",
        ["wave_id", "state", "channel", "id"],
        unique=False,
        sqlite_where=sa.text("wave_id IS NOT NULL"),
        postgresql_where=sa.text("wave_id IS NOT NULL"),
    )
    op.add_column("enterprises", sa.Column("region", sa.String(length=80), nullable=True))
    op.add_column("enterprises", sa.Column("sector", sa.String(length=80), nullable=True))
    op.add_column("enterprises", sa.Column("kind", sa.String(length=32), nullable=True))
    op.add_column("enterprises", sa.Column("compliance_level", sa.Integer(), nullable=True))
    op.add_column("enterprises", sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("enterprises", "updated_at")
    op.drop_column("enterprises", "compliance_level")
    op.drop_column("enterprises", "kind")
    op.drop_column("enterprises", "sector")
    op.drop_column("enterprises", "region")
    op.drop_index(
        "ix_deliveries_wave",
        table_name="deliveries",
        sqlite_where=sa.text("wave_id IS NOT NULL"),
        postgresql_where=sa.text("wave_id IS NOT NULL"),
    )
    op.drop_column("deliveries", "acknowledged_at")
    op.drop_column("deliveries", "enterprise_id")
    op.drop_column("deliveries", "contact_id")
    op.drop_column("deliveries", "wave_id")
    op.drop_column("contacts", "preferred_channel")
    op.drop_index(op.f("ix_delivery_attempts_delivery_id"), table_name="delivery_attempts")
    op.drop_table("delivery_attempts")
    op.drop_table("event_registrations")
    op.drop_index(
        "ix_waves_flow_from",
        table_name="waves",
        sqlite_where=sa.text("flow_from IS NOT NULL"),
        postgresql_where=sa.text("flow_from IS NOT NULL"),
    )
    op.drop_index(
        "ix_waves_fill_at",
        table_name="waves",
        sqlite_where=sa.text("fill_at IS NOT NULL"),
        postgresql_where=sa.text("fill_at IS NOT NULL"),
    )
    op.drop_table("waves")
    op.drop_table("enterprise_chapters")
    op.drop_index(op.f("ix_campaign_steps_campaign_id"), table_name="campaign_steps")
    op.drop_table("campaign_steps")
    op.drop_index("ix_campaigns_subject", table_name="campaigns")
    op.drop_index(
        "ix_campaigns_step_at",
        table_name="campaigns",
        sqlite_where=sa.text("step_at IS NOT NULL"),
        postgresql_where=sa.text("step_at IS NOT NULL"),
    )
    op.drop_index("ix_campaigns_state", table_name="campaigns")
    op.drop_index(
        "ix_campaigns_release_at",
        table_name="campaigns",
        sqlite_where=sa.text("release_at IS NOT NULL"),
        postgresql_where=sa.text("release_at IS NOT NULL"),
    )
    op.drop_table("campaigns")
    op.drop_table("audiences")
    op.drop_table("account_budgets")
