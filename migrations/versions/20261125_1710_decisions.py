"""Versions of decisions, beside those of processes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261125_1710"
down_revision = "20261125_1630"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "bpm_decision",
        sa.Column("id", BIG, nullable=False),
        sa.Column("deployment_id", BIG, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("version_tag", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("files", sa.Text(), nullable=False),
        sa.Column("deployed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["deployment_id"], ["bpm_deployment.id"], name="fk_bpm_decision_deployment_id"),
        sa.PrimaryKeyConstraint("id", name="pk_bpm_decision"),
        sa.UniqueConstraint("key", "version", name="uq_bpm_decision_key_version"),
    )
    op.create_index("ix_bpm_decision_deployment_id", "bpm_decision", ["deployment_id"], unique=False)
    op.create_index("ix_bpm_decision_key_version_tag", "bpm_decision", ["key", "version_tag"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_bpm_decision_key_version_tag", table_name="bpm_decision")
    op.drop_index("ix_bpm_decision_deployment_id", table_name="bpm_decision")
    op.drop_table("bpm_decision")
