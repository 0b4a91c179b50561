"""Workers' signs of life, and the jobs in trouble found by index."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261125_1220"
down_revision = "20261125_1200"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
TROUBLED = sa.text("error IS NOT NULL AND state IN ('waiting', 'locked', 'failed')")


def upgrade() -> None:
    op.create_table(
        "web_worker",
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_web_worker"),
    )
    op.create_index("ix_bpm_job_troubled", "bpm_job", ["id"], sqlite_where=TROUBLED, postgresql_where=TROUBLED)


def downgrade() -> None:
    op.drop_index("ix_bpm_job_troubled", table_name="bpm_job")
    op.drop_table("web_worker")
