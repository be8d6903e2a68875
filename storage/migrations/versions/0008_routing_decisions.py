"""Where people decided that inquiries belong"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "routing_decisions",
        sa.Column("inquiry_id", BIG, autoincrement=False, nullable=False),
        sa.Column("department_id", sa.String(length=64), nullable=False),
        sa.Column("suggested_id", sa.String(length=64), nullable=True),
        sa.Column("corrected", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("actor_id", BIG, nullable=True),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["inquiry_id"], ["inquiries.id"]),
        sa.PrimaryKeyConstraint("inquiry_id"),
    )
    op.create_index("ix_routing_decisions_at", "routing_decisions", ["at"])


def downgrade() -> None:
    op.drop_index("ix_routing_decisions_at", table_name="routing_decisions")
    op.drop_table("routing_decisions")
