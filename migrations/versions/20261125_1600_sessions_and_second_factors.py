"""Sessions that say why they ended, second factors with recovery codes, and waiting times against guessing.

The open sessions of before are dropped, since nothing says in which capacities they began: everybody signs in anew.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261125_1600"
down_revision = "20261125_1240"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.drop_index("ix_web_session_account_id", table_name="web_session")
    op.drop_table("web_session")
    op.create_table(
        "web_session",
        sa.Column("id", BIG, nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("account_id", BIG, nullable=False),
        sa.Column("stage", sa.String(10), nullable=False),
        sa.Column("capacity", sa.String(100), nullable=False),
        sa.Column("authority", sa.String(64), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("last_seen_at", MOMENT, nullable=False),
        sa.Column("confirmed_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("end_reason", sa.String(30), nullable=True),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("browser", sa.String(100), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["web_account.id"], name="fk_web_session_account_id"),
        sa.PrimaryKeyConstraint("id", name="pk_web_session"),
        sa.UniqueConstraint("token_hash", name="uq_web_session_token_hash"),
    )
    op.create_index("ix_web_session_account_id", "web_session", ["account_id", "created_at"])

    op.drop_index("ix_web_sign_in_failure_address_at", table_name="web_sign_in_failure")
    op.drop_index("ix_web_sign_in_failure_login_at", table_name="web_sign_in_failure")
    op.drop_table("web_sign_in_failure")
    op.create_table(
        "web_throttle",
        sa.Column("key", sa.String(120), nullable=False),
        sa.Column("account_id", BIG, nullable=True),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("attempts", sa.Float(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("free_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["web_account.id"], name="fk_web_throttle_account_id"),
        sa.PrimaryKeyConstraint("key", name="pk_web_throttle"),
    )
    op.create_index("ix_web_throttle_free_at", "web_throttle", ["free_at"])
    op.create_index("ix_web_throttle_account_id", "web_throttle", ["account_id"])

    op.create_table(
        "web_second_factor",
        sa.Column("account_id", BIG, nullable=False),
        sa.Column("sealed", sa.String(300), nullable=False),
        sa.Column("last_step", BIG, nullable=False),
        sa.Column("enabled_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["web_account.id"], name="fk_web_second_factor_account_id"),
        sa.PrimaryKeyConstraint("account_id", name="pk_web_second_factor"),
    )
    op.create_table(
        "web_recovery_code",
        sa.Column("id", BIG, nullable=False),
        sa.Column("account_id", BIG, nullable=False),
        sa.Column("handle", sa.String(8), nullable=False),
        sa.Column("code_hash", sa.String(200), nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["web_account.id"], name="fk_web_recovery_code_account_id"),
        sa.PrimaryKeyConstraint("id", name="pk_web_recovery_code"),
    )
    op.create_index("ix_web_recovery_code_account_id", "web_recovery_code", ["account_id", "handle"], unique=True)


def downgrade() -> None:
    op.drop_index("ix_web_recovery_code_account_id", table_name="web_recovery_code")
    op.drop_table("web_recovery_code")
    op.drop_table("web_second_factor")
    op.drop_index("ix_web_throttle_account_id", table_name="web_throttle")
    op.drop_index("ix_web_throttle_free_at", table_name="web_throttle")
    op.drop_table("web_throttle")
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

    op.drop_index("ix_web_session_account_id", table_name="web_session")
    op.drop_table("web_session")
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
