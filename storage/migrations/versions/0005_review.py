"""By when a lead looks into a bad rating; the notices that nobody has seen, by whose they are"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_DUE = sa.text("review_due_at IS NOT NULL")
_UNSEEN = sa.text("seen_at IS NULL")


def upgrade() -> None:
    op.add_column("inquiries", sa.Column("review_due_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_inquiries_review_due_at", "inquiries", ["review_due_at"], sqlite_where=_DUE, postgresql_where=_DUE)
    op.create_index(
        "ix_officer_notices_unseen",
        "officer_notices",
        ["audience", "department_id", "id"],
        sqlite_where=_UNSEEN,
        postgresql_where=_UNSEEN,
    )


def downgrade() -> None:
    op.drop_index("ix_officer_notices_unseen", table_name="officer_notices")
    op.drop_index("ix_inquiries_review_due_at", table_name="inquiries")
    op.drop_column("inquiries", "review_due_at")
