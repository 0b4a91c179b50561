"""Accounts, sessions, failed sign-ins and drafts of task forms."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261124_1400"
down_revision = "20261124_1230"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "web_account",
        sa.Column("id", BIG, nullable=False),
        sa.Column("person_id", sa.String(64), nullable=False),
        sa.Column("login", sa.String(100), nullable=False),
        sa.Column("password_hash", sa.String(200), nullable=True),
        sa.Column("disabled_at", MOMENT, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_web_account"),
        sa.UniqueConstraint("person_id", name="uq_web_account_person_id"),
        sa.UniqueConstraint("login", name="uq_web_account_login"),
    )
    op.create_table(
        "web_session",
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("account_id", BIG, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("last_seen_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.Column("browser", sa.String(200), nullable=False),
        sa.Column("capacity", sa.String(100), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["web_account.id"], name="fk_web_session_account_id"),
        sa.PrimaryKeyConstraint("token_hash", name="pk_web_session"),
    )
    op.create_index("ix_web_session_account_id", "web_session", ["account_id"])
    op.create_table(
        "web_sign_in_failure",
        sa.Column("id", BIG, nullable=False),
        sa.Column("login", sa.String(100), nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_web_sign_in_failure"),
    )
    op.create_index("ix_web_sign_in_failure_login_at", "web_sign_in_failure", ["login", "at"])
    op.create_index("ix_web_sign_in_failure_address_at", "web_sign_in_failure", ["address", "at"])
    op.create_table(
        "web_task_draft",
        sa.Column("task_id", sa.String(64), nullable=False),
        sa.Column("person_id", sa.String(64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("typed", sa.Text(), nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("previous", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("task_id", name="pk_web_task_draft"),
    )


def downgrade() -> None:
    op.drop_table("web_task_draft")
    op.drop_index("ix_web_sign_in_failure_address_at", table_name="web_sign_in_failure")
    op.drop_index("ix_web_sign_in_failure_login_at", table_name="web_sign_in_failure")
    op.drop_table("web_sign_in_failure")
    op.drop_index("ix_web_session_account_id", table_name="web_session")
    op.drop_table("web_session")
    op.drop_table("web_account")
