"""Channels beside each other: tokens, events that wait, uploads; where a person was last, and where they want to be told"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0012"
down_revision: str | None = "0011"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
AT = sa.DateTime(timezone=True)
_ZALO = sa.text("channel = 'zalo_oa' AND platform_message_id IS NOT NULL")
_DUE = sa.text("due_at IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "oauth_tokens",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("access_token", sa.Text(), nullable=True),
        sa.Column("refresh_token", sa.Text(), nullable=False),
        sa.Column("seed", sa.String(length=64), nullable=False),
        sa.Column("obtained_at", AT, nullable=True),
        sa.Column("expires_at", AT, nullable=True),
        sa.Column("refresh_expires_at", AT, nullable=True),
        sa.Column("lease_owner", sa.String(length=32), nullable=True),
        sa.Column("lease_until", AT, nullable=True),
        sa.Column("refused", sa.Text(), nullable=True),
        sa.Column("refused_at", AT, nullable=True),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "oauth_events",
        sa.Column("id", BIG, autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("event", sa.String(length=16), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("at", AT, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_oauth_events_name", "oauth_events", ["name", "id"])
    op.create_table(
        "waiting_events",
        sa.Column("id", BIG, autoincrement=False, nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("event_id", sa.String(length=128), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("received_at", AT, nullable=False),
        sa.Column("due_at", AT, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_waiting_events_due_at", "waiting_events", ["due_at"], sqlite_where=_DUE, postgresql_where=_DUE)
    op.create_index("ix_waiting_events_once", "waiting_events", ["channel", "event_id"], unique=True)
    op.create_index("ix_waiting_events_received_at", "waiting_events", ["received_at"])
    op.create_table(
        "platform_uploads",
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("uploaded_at", AT, nullable=False),
        sa.PrimaryKeyConstraint("channel", "sha256", "kind"),
    )
    op.add_column("channel_accounts", sa.Column("active_at", AT, nullable=True))
    op.add_column("channel_accounts", sa.Column("phone", sa.String(length=20), nullable=True))
    op.add_column("deliveries", sa.Column("received_at", AT, nullable=True))
    op.add_column("deliveries", sa.Column("seen_at", AT, nullable=True))
    op.create_index("ix_deliveries_account", "deliveries", ["account_id", "id"])
    op.create_index("ix_deliveries_receipts", "deliveries", ["platform_message_id"], sqlite_where=_ZALO, postgresql_where=_ZALO)
    with op.batch_alter_table("invitations") as batch:
        batch.add_column(sa.Column("contact_id", BIG, nullable=True))
        batch.alter_column("enterprise_id", existing_type=BIG, nullable=True)
        batch.create_foreign_key("fk_invitations_contact_id", "contacts", ["contact_id"], ["id"])


def downgrade() -> None:
    op.execute(sa.text("DELETE FROM invitations WHERE enterprise_id IS NULL"))
    with op.batch_alter_table("invitations") as batch:
        batch.drop_constraint("fk_invitations_contact_id", type_="foreignkey")
        batch.alter_column("enterprise_id", existing_type=BIG, nullable=False)
        batch.drop_column("contact_id")
    op.drop_index("ix_deliveries_receipts", table_name="deliveries")
    op.drop_index("ix_deliveries_account", table_name="deliveries")
    op.drop_column("deliveries", "seen_at")
    op.drop_column("deliveries", "received_at")
    op.drop_column("channel_accounts", "phone")
    op.drop_column("channel_accounts", "active_at")
    op.drop_table("platform_uploads")
    op.drop_index("ix_waiting_events_received_at", table_name="waiting_events")
    op.drop_index("ix_waiting_events_once", table_name="waiting_events")
    op.drop_index("ix_waiting_events_due_at", table_name="waiting_events")
    op.drop_table("waiting_events")
    op.drop_index("ix_oauth_events_name", table_name="oauth_events")
    op.drop_table("oauth_events")
    op.drop_table("oauth_tokens")
