"""Personal data: names may be taken out of history where a later line attests it; who read which file; who did it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261125_1620"
down_revision = "20261125_1600"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
KEPT = ("instance_id", "seq", "at", "actor", "capacity", "kind", "element_id", "hash")
LEDGERS = ("plan_file_read", "web_privacy_act")


def upgrade() -> None:
    op.create_table(
        "plan_file_read",
        sa.Column("id", BIG, nullable=False),
        sa.Column("document_id", BIG, nullable=False),
        sa.Column("file_id", BIG, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("capacity", sa.Text(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["plan_document.id"], name="fk_plan_file_read_document_id"),
        sa.PrimaryKeyConstraint("id", name="pk_plan_file_read"),
    )
    op.create_index("ix_plan_file_read_document_id", "plan_file_read", ["document_id", "id"])
    op.create_index("ix_plan_file_read_person_id", "plan_file_read", ["person_id", "file_id", "at"])
    op.create_index("ix_plan_file_read_at", "plan_file_read", ["at"])
    op.create_index("ix_plan_file_sha256", "plan_file", ["sha256"])
    op.create_table(
        "web_privacy_act",
        sa.Column("id", BIG, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("person_id", sa.String(64), nullable=False),
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Column("capacity", sa.String(100), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_web_privacy_act"),
    )
    op.create_index("ix_web_privacy_act_person_id", "web_privacy_act", ["person_id"])
    if op.get_bind().dialect.name == "sqlite":
        _guard_on_sqlite()
    else:
        _guard_on_postgresql()


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER bpm_history_no_update")
        op.execute(
            "CREATE TRIGGER bpm_history_no_update BEFORE UPDATE ON bpm_history "
            "BEGIN SELECT RAISE(ABORT, 'bpm_history is append-only'); END"
        )
    else:
        op.execute("DROP TRIGGER bpm_history_guard ON bpm_history")
        op.execute("DROP TRIGGER bpm_history_erasure_guard ON bpm_history")
        op.execute("DROP FUNCTION bpm_history_only_erasure()")
        op.execute(
            "CREATE TRIGGER bpm_history_guard BEFORE UPDATE OR DELETE OR TRUNCATE ON bpm_history "
            "FOR EACH STATEMENT EXECUTE FUNCTION bpm_history_is_append_only()"
        )
    op.drop_index("ix_plan_file_sha256", "plan_file")
    for table in reversed(LEDGERS):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION privacy_ledger_stays()")


def _guard_on_sqlite() -> None:
    same = " AND ".join(f"NEW.{column} IS OLD.{column}" for column in KEPT)
    attested = (
        "EXISTS (SELECT 1 FROM bpm_history AS later WHERE later.instance_id = OLD.instance_id AND later.seq > OLD.seq "
        "AND later.kind = 'values_erased' AND instr(later.details, '\"' || OLD.seq || '\":') > 0)"
    )
    op.execute("DROP TRIGGER bpm_history_no_update")
    op.execute(
        f"CREATE TRIGGER bpm_history_no_update BEFORE UPDATE ON bpm_history WHEN NOT ({same} AND {attested}) "
        "BEGIN SELECT RAISE(ABORT, 'bpm_history is append-only'); END"
    )
    for table in LEDGERS:
        op.execute(
            f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )
    op.execute(
        "CREATE TRIGGER web_privacy_act_no_delete BEFORE DELETE ON web_privacy_act "
        "BEGIN SELECT RAISE(ABORT, 'web_privacy_act is append-only'); END"
    )
    op.execute(
        "CREATE TRIGGER plan_file_read_no_delete BEFORE DELETE ON plan_file_read "
        "WHEN OLD.at >= (SELECT coalesce(max(reason), '') FROM web_privacy_act WHERE kind = 'sweep_reads') "
        "BEGIN SELECT RAISE(ABORT, 'plan_file_read is append-only'); END"
    )


def _guard_on_postgresql() -> None:
    same = " AND ".join(f"NEW.{column} IS NOT DISTINCT FROM OLD.{column}" for column in KEPT)
    op.execute("DROP TRIGGER bpm_history_guard ON bpm_history")
    op.execute(
        "CREATE TRIGGER bpm_history_guard BEFORE DELETE OR TRUNCATE ON bpm_history "
        "FOR EACH STATEMENT EXECUTE FUNCTION bpm_history_is_append_only()"
    )
    op.execute(
        "CREATE FUNCTION bpm_history_only_erasure() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF "  # noqa: S608 (constants)
        + same
        + " AND EXISTS (SELECT 1 FROM bpm_history AS later WHERE later.instance_id = OLD.instance_id "
        "AND later.seq > OLD.seq AND later.kind = 'values_erased' "
        "AND strpos(later.details, '\"' || OLD.seq || '\":') > 0) THEN RETURN NEW; END IF; "
        "RAISE EXCEPTION 'bpm_history is append-only'; END $$"
    )
    op.execute(
        "CREATE TRIGGER bpm_history_erasure_guard BEFORE UPDATE ON bpm_history "
        "FOR EACH ROW EXECUTE FUNCTION bpm_history_only_erasure()"
    )
    op.execute(
        "CREATE FUNCTION privacy_ledger_stays() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF TG_OP = 'DELETE' AND TG_TABLE_NAME = 'plan_file_read' THEN "
        "IF OLD.at < (SELECT max(reason)::timestamptz FROM web_privacy_act WHERE kind = 'sweep_reads') "
        "THEN RETURN OLD; END IF; END IF; "
        "RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
    )
    for table in LEDGERS:
        op.execute(
            f"CREATE TRIGGER {table}_guard BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION privacy_ledger_stays()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION privacy_ledger_stays()"
        )
