"""The tables of plans, and triggers that keep decided editions, decisions and re-issued dates as they are."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261124_1230"
down_revision = "20261124_1200"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
APPEND_ONLY = ("plan_decision", "plan_cycle_reissue")


def upgrade() -> None:
    op.create_table(
        "plan_setting",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_plan_setting"),
    )
    op.create_table(
        "plan_cycle",
        sa.Column("id", BIG, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("plan_from", sa.Integer(), nullable=False),
        sa.Column("plan_to", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("cabinet_verb", sa.Text(), nullable=False),
        sa.Column("notice_days", sa.Integer(), nullable=False),
        sa.Column("circular_number", sa.Text(), nullable=True),
        sa.Column("circular_date", sa.Date(), nullable=True),
        sa.Column("bundle", sa.Integer(), nullable=False),
        sa.Column("process_instance_id", BIG, nullable=True),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["process_instance_id"], ["bpm_process_instance.id"], name="fk_plan_cycle_process_instance_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_plan_cycle"),
        sa.UniqueConstraint("code", name="uq_plan_cycle_code"),
    )
    op.create_table(
        "plan_cycle_due",
        sa.Column("id", BIG, nullable=False),
        sa.Column("cycle_id", BIG, nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("original_due", MOMENT, nullable=False),
        sa.Column("due", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["cycle_id"], ["plan_cycle.id"], name="fk_plan_cycle_due_cycle_id"),
        sa.PrimaryKeyConstraint("id", name="pk_plan_cycle_due"),
        sa.UniqueConstraint("cycle_id", "step", "unit", name="uq_plan_cycle_due_cycle_id_step_unit"),
    )
    op.create_table(
        "plan_cycle_unit",
        sa.Column("cycle_id", BIG, nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("cluster", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["cycle_id"], ["plan_cycle.id"], name="fk_plan_cycle_unit_cycle_id"),
        sa.PrimaryKeyConstraint("cycle_id", "unit", name="pk_plan_cycle_unit"),
    )
    op.create_table(
        "plan_document",
        sa.Column("id", BIG, nullable=False),
        sa.Column("cycle_id", BIG, nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("plan_key", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("review_stage", sa.Text(), nullable=False),
        sa.Column("bundle", sa.Integer(), nullable=False),
        sa.Column("process_instance_id", BIG, nullable=True),
        sa.Column("opened_at", MOMENT, nullable=True),
        sa.Column("inputs_closed_at", MOMENT, nullable=True),
        sa.Column("submitted_at", MOMENT, nullable=True),
        sa.Column("submission_number", sa.Text(), nullable=True),
        sa.Column("announced_on", sa.Date(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("emenscr_code", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["cycle_id"], ["plan_cycle.id"], name="fk_plan_document_cycle_id"),
        sa.ForeignKeyConstraint(
            ["process_instance_id"], ["bpm_process_instance.id"], name="fk_plan_document_process_instance_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_plan_document"),
        sa.UniqueConstraint("cycle_id", "unit", name="uq_plan_document_cycle_id_unit"),
        sa.UniqueConstraint("plan_key", name="uq_plan_document_plan_key"),
    )
    op.create_index("ix_plan_document_process_instance_id", "plan_document", ["process_instance_id"], unique=False)
    op.create_index("ix_plan_document_unit", "plan_document", ["unit"], unique=False)
    op.create_table(
        "plan_cluster_input",
        sa.Column("id", BIG, nullable=False),
        sa.Column("document_id", BIG, nullable=False),
        sa.Column("province", sa.Text(), nullable=False),
        sa.Column("projects", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("sent_by", sa.Text(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["plan_document.id"], name="fk_plan_cluster_input_document_id"),
        sa.PrimaryKeyConstraint("id", name="pk_plan_cluster_input"),
    )
    op.create_index("ix_plan_cluster_input_document_id", "plan_cluster_input", ["document_id"], unique=False)
    op.create_table(
        "plan_consultation",
        sa.Column("id", BIG, nullable=False),
        sa.Column("document_id", BIG, nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("edition_number", sa.Integer(), nullable=True),
        sa.Column("process_instance_id", BIG, nullable=True),
        sa.Column("meeting_date", sa.Date(), nullable=True),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("letter_number", sa.Text(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=True),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["document_id"], ["plan_document.id"], name="fk_plan_consultation_document_id"),
        sa.ForeignKeyConstraint(
            ["process_instance_id"], ["bpm_process_instance.id"], name="fk_plan_consultation_process_instance_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_plan_consultation"),
        sa.UniqueConstraint("document_id", "round", name="uq_plan_consultation_document_id_round"),
    )
    op.create_index(
        "ix_plan_consultation_process_instance_id", "plan_consultation", ["process_instance_id"], unique=False
    )
    op.create_table(
        "plan_cycle_reissue",
        sa.Column("id", BIG, nullable=False),
        sa.Column("due_id", BIG, nullable=False),
        sa.Column("old_due", MOMENT, nullable=False),
        sa.Column("new_due", MOMENT, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("order_ref", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("capacity", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["due_id"], ["plan_cycle_due.id"], name="fk_plan_cycle_reissue_due_id"),
        sa.PrimaryKeyConstraint("id", name="pk_plan_cycle_reissue"),
    )
    op.create_index("ix_plan_cycle_reissue_due_id", "plan_cycle_reissue", ["due_id"], unique=False)
    op.create_table(
        "plan_data_return",
        sa.Column("id", BIG, nullable=False),
        sa.Column("document_id", BIG, nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("needs", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("returned_at", MOMENT, nullable=True),
        sa.Column("returned_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["document_id"], ["plan_document.id"], name="fk_plan_data_return_document_id"),
        sa.PrimaryKeyConstraint("id", name="pk_plan_data_return"),
        sa.UniqueConstraint("document_id", "unit", name="uq_plan_data_return_document_id_unit"),
    )
    op.create_table(
        "plan_decision",
        sa.Column("id", BIG, nullable=False),
        sa.Column("cycle_id", BIG, nullable=False),
        sa.Column("document_id", BIG, nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("edition_number", sa.Integer(), nullable=True),
        sa.Column("edition_hash", sa.Text(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("meeting_no", sa.Text(), nullable=False),
        sa.Column("meeting_date", sa.Date(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("capacity", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["cycle_id"], ["plan_cycle.id"], name="fk_plan_decision_cycle_id"),
        sa.ForeignKeyConstraint(["document_id"], ["plan_document.id"], name="fk_plan_decision_document_id"),
        sa.PrimaryKeyConstraint("id", name="pk_plan_decision"),
    )
    op.create_index("ix_plan_decision_document_id", "plan_decision", ["document_id"], unique=False)
    op.create_table(
        "plan_edition",
        sa.Column("id", BIG, nullable=False),
        sa.Column("document_id", BIG, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("capacity", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["plan_document.id"], name="fk_plan_edition_document_id"),
        sa.PrimaryKeyConstraint("id", name="pk_plan_edition"),
        sa.UniqueConstraint("document_id", "number", name="uq_plan_edition_document_id_number"),
    )
    op.create_table(
        "plan_step",
        sa.Column("id", BIG, nullable=False),
        sa.Column("cycle_id", BIG, nullable=False),
        sa.Column("document_id", BIG, nullable=True),
        sa.Column("process_id", sa.Text(), nullable=False),
        sa.Column("element_id", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("task_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("groups", sa.Text(), nullable=False),
        sa.Column("due_step", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("original_due", MOMENT, nullable=True),
        sa.Column("due", MOMENT, nullable=True),
        sa.Column("done_at", MOMENT, nullable=True),
        sa.Column("actor", sa.Text(), nullable=True),
        sa.Column("capacity", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("working_days_late", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["cycle_id"], ["plan_cycle.id"], name="fk_plan_step_cycle_id"),
        sa.ForeignKeyConstraint(["document_id"], ["plan_document.id"], name="fk_plan_step_document_id"),
        sa.PrimaryKeyConstraint("id", name="pk_plan_step"),
        sa.UniqueConstraint("task_id", name="uq_plan_step_task_id"),
    )
    op.create_index("ix_plan_step_cycle_id_state", "plan_step", ["cycle_id", "state"], unique=False)
    op.create_index("ix_plan_step_document_id", "plan_step", ["document_id"], unique=False)
    op.create_table(
        "plan_file",
        sa.Column("id", BIG, nullable=False),
        sa.Column("document_id", BIG, nullable=False),
        sa.Column("edition_id", BIG, nullable=True),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size", BIG, nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("uploaded_at", MOMENT, nullable=False),
        sa.Column("uploaded_by", sa.Text(), nullable=False),
        sa.Column("capacity", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["plan_document.id"], name="fk_plan_file_document_id"),
        sa.ForeignKeyConstraint(["edition_id"], ["plan_edition.id"], name="fk_plan_file_edition_id"),
        sa.PrimaryKeyConstraint("id", name="pk_plan_file"),
    )
    op.create_index("ix_plan_file_document_id", "plan_file", ["document_id"], unique=False)
    op.create_index("ix_plan_file_edition_id", "plan_file", ["edition_id"], unique=False)
    op.create_table(
        "plan_invitation",
        sa.Column("id", BIG, nullable=False),
        sa.Column("consultation_id", BIG, nullable=False),
        sa.Column("sector", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("invited_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["consultation_id"], ["plan_consultation.id"], name="fk_plan_invitation_consultation_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_plan_invitation"),
    )
    op.create_index("ix_plan_invitation_consultation_id", "plan_invitation", ["consultation_id"], unique=False)
    op.create_table(
        "plan_observation",
        sa.Column("id", BIG, nullable=False),
        sa.Column("document_id", BIG, nullable=False),
        sa.Column("decision_id", BIG, nullable=True),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("raised_on", sa.Integer(), nullable=True),
        sa.Column("due_fiscal_year", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("raised_at", MOMENT, nullable=False),
        sa.Column("proof", sa.Text(), nullable=False),
        sa.Column("closed_in", sa.Integer(), nullable=True),
        sa.Column("closed_document_id", BIG, nullable=True),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("closed_by", sa.Text(), nullable=True),
        sa.Column("closed_capacity", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["closed_document_id"], ["plan_document.id"], name="fk_plan_observation_closed_document_id"
        ),
        sa.ForeignKeyConstraint(["decision_id"], ["plan_decision.id"], name="fk_plan_observation_decision_id"),
        sa.ForeignKeyConstraint(["document_id"], ["plan_document.id"], name="fk_plan_observation_document_id"),
        sa.PrimaryKeyConstraint("id", name="pk_plan_observation"),
    )
    op.create_index("ix_plan_observation_document_id", "plan_observation", ["document_id"], unique=False)
    op.create_index("ix_plan_observation_unit_state", "plan_observation", ["unit", "state"], unique=False)
    op.create_table(
        "plan_opinion",
        sa.Column("id", BIG, nullable=False),
        sa.Column("consultation_id", BIG, nullable=False),
        sa.Column("sector", sa.Text(), nullable=False),
        sa.Column("speaker", sa.Text(), nullable=False),
        sa.Column("on_what", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("given_at", MOMENT, nullable=False),
        sa.Column("disposition", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("answered_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["consultation_id"], ["plan_consultation.id"], name="fk_plan_opinion_consultation_id"),
        sa.PrimaryKeyConstraint("id", name="pk_plan_opinion"),
    )
    op.create_index("ix_plan_opinion_consultation_id", "plan_opinion", ["consultation_id"], unique=False)
    op.create_table(
        "plan_attendance",
        sa.Column("id", BIG, nullable=False),
        sa.Column("consultation_id", BIG, nullable=False),
        sa.Column("invitation_id", BIG, nullable=True),
        sa.Column("sector", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("presence", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["consultation_id"], ["plan_consultation.id"], name="fk_plan_attendance_consultation_id"
        ),
        sa.ForeignKeyConstraint(["invitation_id"], ["plan_invitation.id"], name="fk_plan_attendance_invitation_id"),
        sa.PrimaryKeyConstraint("id", name="pk_plan_attendance"),
    )
    op.create_index("ix_plan_attendance_consultation_id", "plan_attendance", ["consultation_id"], unique=False)
    if op.get_bind().dialect.name == "sqlite":
        _guard_sqlite()
    else:
        _guard_postgresql()


def _guard_sqlite() -> None:
    for table in APPEND_ONLY:
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
    for act in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER plan_edition_decided_no_{act.lower()} BEFORE {act} ON plan_edition "
            "WHEN OLD.state = 'decided' BEGIN SELECT RAISE(ABORT, 'a decided edition does not change'); END"
        )
    for act, rows in {"INSERT": ("NEW",), "UPDATE": ("OLD", "NEW"), "DELETE": ("OLD",)}.items():
        frozen = " OR ".join(
            f"(SELECT state FROM plan_edition WHERE id = {row}.edition_id) <> 'draft'"  # noqa: S608 - NEW or OLD
            for row in rows
        )
        op.execute(
            f"CREATE TRIGGER plan_file_frozen_no_{act.lower()} BEFORE {act} ON plan_file WHEN {frozen} "
            "BEGIN SELECT RAISE(ABORT, 'files of a submitted edition do not change'); END"
        )


def _guard_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION plan_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
    )
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_guard BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION plan_is_append_only()"
        )
    op.execute(
        "CREATE FUNCTION plan_decided_edition_stays() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF OLD.state = 'decided' THEN RAISE EXCEPTION 'a decided edition does not change'; END IF; "
        "IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$"
    )
    op.execute(
        "CREATE TRIGGER plan_edition_guard BEFORE UPDATE OR DELETE ON plan_edition "
        "FOR EACH ROW EXECUTE FUNCTION plan_decided_edition_stays()"
    )
    op.execute(
        "CREATE FUNCTION plan_frozen_files_stay() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF TG_OP <> 'INSERT' AND (SELECT state FROM plan_edition WHERE id = OLD.edition_id) <> 'draft' "
        "THEN RAISE EXCEPTION 'files of a submitted edition do not change'; END IF; "
        "IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; "
        "IF (SELECT state FROM plan_edition WHERE id = NEW.edition_id) <> 'draft' "
        "THEN RAISE EXCEPTION 'files of a submitted edition do not change'; END IF; "
        "RETURN NEW; END $$"
    )
    op.execute(
        "CREATE TRIGGER plan_file_guard BEFORE INSERT OR UPDATE OR DELETE ON plan_file "
        "FOR EACH ROW EXECUTE FUNCTION plan_frozen_files_stay()"
    )


def downgrade() -> None:

    op.drop_index("ix_plan_attendance_consultation_id", table_name="plan_attendance")
    op.drop_table("plan_attendance")
    op.drop_index("ix_plan_opinion_consultation_id", table_name="plan_opinion")
    op.drop_table("plan_opinion")
    op.drop_index("ix_plan_observation_unit_state", table_name="plan_observation")
    op.drop_index("ix_plan_observation_document_id", table_name="plan_observation")
    op.drop_table("plan_observation")
    op.drop_index("ix_plan_invitation_consultation_id", table_name="plan_invitation")
    op.drop_table("plan_invitation")
    op.drop_index("ix_plan_file_edition_id", table_name="plan_file")
    op.drop_index("ix_plan_file_document_id", table_name="plan_file")
    op.drop_table("plan_file")
    op.drop_index("ix_plan_step_document_id", table_name="plan_step")
    op.drop_index("ix_plan_step_cycle_id_state", table_name="plan_step")
    op.drop_table("plan_step")
    op.drop_table("plan_edition")
    op.drop_index("ix_plan_decision_document_id", table_name="plan_decision")
    op.drop_table("plan_decision")
    op.drop_table("plan_data_return")
    op.drop_index("ix_plan_cycle_reissue_due_id", table_name="plan_cycle_reissue")
    op.drop_table("plan_cycle_reissue")
    op.drop_index("ix_plan_consultation_process_instance_id", table_name="plan_consultation")
    op.drop_table("plan_consultation")
    op.drop_index("ix_plan_cluster_input_document_id", table_name="plan_cluster_input")
    op.drop_table("plan_cluster_input")
    op.drop_index("ix_plan_document_unit", table_name="plan_document")
    op.drop_index("ix_plan_document_process_instance_id", table_name="plan_document")
    op.drop_table("plan_document")
    op.drop_table("plan_cycle_unit")
    op.drop_table("plan_cycle_due")
    op.drop_table("plan_cycle")
    op.drop_table("plan_setting")
    if op.get_bind().dialect.name != "sqlite":
        for name in ("plan_is_append_only", "plan_decided_edition_stays", "plan_frozen_files_stay"):
            op.execute(f"DROP FUNCTION {name}()")
