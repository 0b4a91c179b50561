"""Signed anchors over the audit chains, which chains they do not hold yet, and how far they were delivered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261125_1625"
down_revision = "20261125_1620"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
UNANCHORED = sa.text("NOT anchored")


def upgrade() -> None:
    op.create_table(
        "bpm_anchor",
        sa.Column("sequence", BIG, nullable=False, autoincrement=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("chains", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name="pk_bpm_anchor"),
    )
    op.add_column(
        "bpm_process_instance", sa.Column("anchored", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.create_index(
        "ix_bpm_process_instance_unanchored",
        "bpm_process_instance",
        ["id"],
        sqlite_where=UNANCHORED,
        postgresql_where=UNANCHORED,
    )
    op.create_table(
        "web_anchor_delivery",
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("delivered", BIG, nullable=False),
        sa.Column("claimed_until", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("channel", name="pk_web_anchor_delivery"),
    )
    _guard()


def downgrade() -> None:
    op.drop_table("web_anchor_delivery")
    op.drop_index("ix_bpm_process_instance_unanchored", table_name="bpm_process_instance")
    op.drop_column("bpm_process_instance", "anchored")
    op.drop_table("bpm_anchor")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION bpm_anchor_is_append_only()")


def _guard() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER bpm_anchor_no_{act.lower()} BEFORE {act} ON bpm_anchor "
                "BEGIN SELECT RAISE(ABORT, 'bpm_anchor is append-only'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION bpm_anchor_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'bpm_anchor is append-only'; END $$"
    )
    op.execute(
        "CREATE TRIGGER bpm_anchor_guard BEFORE UPDATE OR DELETE OR TRUNCATE ON bpm_anchor "
        "FOR EACH STATEMENT EXECUTE FUNCTION bpm_anchor_is_append_only()"
    )
