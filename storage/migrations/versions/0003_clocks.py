"""Clocks that can stand still, rungs that fire once in each run of a clock, notices that are repeated until they are seen"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("inquiries", sa.Column("response_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column("inquiries", sa.Column("response_budget_s", BIG, nullable=True))

    op.add_column("rungs", sa.Column("run", sa.Integer(), server_default="0", nullable=False))
    op.add_column("rungs", sa.Column("left_s", BIG, nullable=True))
    op.create_index(
        "ix_rungs_once",
        "rungs",
        ["inquiry_id", "clock", "run", "percent"],
        unique=True,
        sqlite_where=sa.text("run > 0"),
        postgresql_where=sa.text("run > 0"),
    )

    with op.batch_alter_table("officer_notices") as notices:
        notices.add_column(sa.Column("rung_id", BIG, nullable=True))
        notices.add_column(sa.Column("told_at", sa.DateTime(timezone=True), nullable=True))
        notices.add_column(sa.Column("repeats", sa.Integer(), server_default="0", nullable=False))
        notices.add_column(sa.Column("repeat_at", sa.DateTime(timezone=True), nullable=True))
        notices.create_foreign_key("fk_officer_notices_rung_id", "rungs", ["rung_id"], ["id"])
    for column in ("repeat_at", "told_at"):
        op.create_index(
            f"ix_officer_notices_{column}",
            "officer_notices",
            [column],
            sqlite_where=sa.text(f"{column} IS NOT NULL"),
            postgresql_where=sa.text(f"{column} IS NOT NULL"),
        )


def downgrade() -> None:
    for column in ("told_at", "repeat_at"):
        op.drop_index(f"ix_officer_notices_{column}", table_name="officer_notices")
    with op.batch_alter_table("officer_notices") as notices:
        notices.drop_constraint("fk_officer_notices_rung_id", type_="foreignkey")
        for column in ("repeat_at", "repeats", "told_at", "rung_id"):
            notices.drop_column(column)
    op.drop_index("ix_rungs_once", table_name="rungs")
    for table, columns in (("rungs", ("left_s", "run")), ("inquiries", ("response_budget_s", "response_since"))):
        for column in columns:
            op.drop_column(table, column)
