"""The tables of the organisation; who held or acted when is never deleted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261125_1200"
down_revision = "20261124_1400"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
ENDING = sa.text("settled_at IS NULL AND valid_to IS NOT NULL")
KEPT = ("org_cluster_membership", "org_holding", "org_acting_order")


def upgrade() -> None:
    op.create_table(
        "org_unit",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name_th", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("parent", sa.Text(), nullable=True),
        sa.Column("sector", sa.Text(), nullable=False),
        sa.Column("owes_data", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["parent"], ["org_unit.code"], name="fk_org_unit_parent"),
        sa.PrimaryKeyConstraint("code", name="pk_org_unit"),
    )
    op.create_index("ix_org_unit_parent", "org_unit", ["parent"])
    op.create_table(
        "org_cluster_membership",
        sa.Column("province", sa.Text(), nullable=False),
        sa.Column("valid_from", MOMENT, nullable=False),
        sa.Column("valid_to", MOMENT, nullable=True),
        sa.Column("cluster", sa.Text(), nullable=False),
        sa.Column("leads", sa.Boolean(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["province"], ["org_unit.code"], name="fk_org_cluster_membership_province"),
        sa.ForeignKeyConstraint(["cluster"], ["org_unit.code"], name="fk_org_cluster_membership_cluster"),
        sa.PrimaryKeyConstraint("province", "valid_from", name="pk_org_cluster_membership"),
    )
    op.create_index("ix_org_cluster_membership_cluster", "org_cluster_membership", ["cluster"])
    op.create_table(
        "org_position",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["unit"], ["org_unit.code"], name="fk_org_position_unit"),
        sa.PrimaryKeyConstraint("code", name="pk_org_position"),
    )
    op.create_index("ix_org_position_unit", "org_position", ["unit"])
    op.create_table(
        "org_person",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("left_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_org_person"),
    )
    _create_dated("org_holding")
    _create_dated(
        "org_acting_order",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("dated", sa.Date(), nullable=False),
    )
    _keep_rows()


def _create_dated(table: str, *more: sa.Column[object]) -> None:
    op.create_table(
        table,
        sa.Column("id", BIG, nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Text(), nullable=False),
        *more,
        sa.Column("valid_from", MOMENT, nullable=False),
        sa.Column("valid_to", MOMENT, nullable=True),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=False),
        sa.Column("settled_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["org_person.id"], name=f"fk_{table}_person_id"),
        sa.ForeignKeyConstraint(["position"], ["org_position.code"], name=f"fk_{table}_position"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
    )
    op.create_index(f"ix_{table}_person", table, ["person_id"])
    op.create_index(f"ix_{table}_position", table, ["position"])
    op.create_index(f"ix_{table}_ending", table, ["valid_to"], sqlite_where=ENDING, postgresql_where=ENDING)


def _keep_rows() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for table in KEPT:
            op.execute(
                f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} "
                f"BEGIN SELECT RAISE(ABORT, 'rows of {table} are kept'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION org_rows_are_kept() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'rows of % are kept', TG_TABLE_NAME; END $$"
    )
    for table in KEPT:
        op.execute(
            f"CREATE TRIGGER {table}_guard BEFORE DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION org_rows_are_kept()"
        )


def downgrade() -> None:
    for table in ("org_acting_order", "org_holding", "org_person", "org_position", "org_cluster_membership"):
        op.drop_table(table)
    op.drop_table("org_unit")
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION org_rows_are_kept()")
