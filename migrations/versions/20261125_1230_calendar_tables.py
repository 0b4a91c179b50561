"""Holidays by area, and the revisions of the calendar; neither is ever changed but for a withdrawal."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261125_1230"
down_revision = "20261125_1220"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
IN_FORCE = sa.text("withdrawn_in IS NULL")


def upgrade() -> None:
    op.create_table(
        "cal_revision",
        sa.Column("id", BIG, nullable=False),
        sa.Column("stamp", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("announced_until", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_cal_revision"),
        sa.UniqueConstraint("stamp", name="uq_cal_revision_stamp"),
    )
    op.create_table(
        "cal_holiday",
        sa.Column("id", BIG, nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("announced_on", sa.Date(), nullable=True),
        sa.Column("added_in", BIG, nullable=False),
        sa.Column("withdrawn_in", BIG, nullable=True),
        sa.ForeignKeyConstraint(["added_in"], ["cal_revision.id"], name="fk_cal_holiday_added_in"),
        sa.ForeignKeyConstraint(["withdrawn_in"], ["cal_revision.id"], name="fk_cal_holiday_withdrawn_in"),
        sa.PrimaryKeyConstraint("id", name="pk_cal_holiday"),
    )
    op.create_index(
        "uq_cal_holiday_in_force",
        "cal_holiday",
        ["date", "area", "name"],
        unique=True,
        sqlite_where=IN_FORCE,
        postgresql_where=IN_FORCE,
    )


def downgrade() -> None:
    op.drop_index("uq_cal_holiday_in_force", table_name="cal_holiday")
    op.drop_table("cal_holiday")
    op.drop_table("cal_revision")
