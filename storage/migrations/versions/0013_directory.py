"""What is changed in the directory at the desk; until when an officer is away"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0013"
down_revision: str | None = "0012"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("officers", sa.Column("away_until", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "directory_changes",
        sa.Column("id", BIG, autoincrement=False, nullable=False),
        sa.Column("department_id", sa.String(length=64), nullable=False),
        sa.Column("revision", BIG, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", BIG, nullable=True),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.Column("overlay", sa.JSON(), nullable=False),
        sa.Column("undoes", BIG, nullable=True),
        sa.ForeignKeyConstraint(["undoes"], ["directory_changes.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_directory_changes_department", "directory_changes", ["department_id", "revision"], unique=True)


def downgrade() -> None:
    op.drop_index("ix_directory_changes_department", table_name="directory_changes")
    op.drop_table("directory_changes")
    op.drop_column("officers", "away_until")
