"""Clocks with their history, and what people are told; lines of history are never changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261125_1240"
down_revision = "20261125_1230"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
LADDERED = sa.text("next_at IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "clock_clock",
        sa.Column("id", BIG, nullable=False),
        sa.Column("task_id", BIG, nullable=False),
        sa.Column("instance_id", BIG, nullable=False),
        sa.Column("business_key", sa.Text(), nullable=True),
        sa.Column("process_id", sa.Text(), nullable=False),
        sa.Column("element_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("groups", sa.Text(), nullable=False),
        sa.Column("users", sa.Text(), nullable=False),
        sa.Column("assignee", sa.Text(), nullable=True),
        sa.Column("started_by", sa.Text(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("original_due", MOMENT, nullable=False),
        sa.Column("due", MOMENT, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("working_days_late", sa.Integer(), nullable=True),
        sa.Column("next_rung", sa.Integer(), nullable=True),
        sa.Column("next_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["task_id"], ["bpm_task.id"], name="fk_clock_clock_task_id"),
        sa.ForeignKeyConstraint(["instance_id"], ["bpm_process_instance.id"], name="fk_clock_clock_instance_id"),
        sa.PrimaryKeyConstraint("id", name="pk_clock_clock"),
        sa.UniqueConstraint("task_id", name="uq_clock_clock_task_id"),
    )
    op.create_index(
        "ix_clock_clock_next", "clock_clock", ["next_at", "id"], sqlite_where=LADDERED, postgresql_where=LADDERED
    )
    op.create_table(
        "clock_event",
        sa.Column("id", BIG, nullable=False),
        sa.Column("clock_id", BIG, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("capacity", sa.Text(), nullable=False),
        sa.Column("old_due", MOMENT, nullable=True),
        sa.Column("due", MOMENT, nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("order_ref", sa.Text(), nullable=False),
        sa.Column("rung", sa.Integer(), nullable=True),
        sa.Column("planned_at", MOMENT, nullable=True),
        sa.Column("told", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["clock_id"], ["clock_clock.id"], name="fk_clock_event_clock_id"),
        sa.PrimaryKeyConstraint("id", name="pk_clock_event"),
    )
    op.create_index("ix_clock_event_clock_id", "clock_event", ["clock_id"])
    op.create_table(
        "note_notification",
        sa.Column("id", BIG, nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("read_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_note_notification"),
        sa.UniqueConstraint("person_id", "key", name="uq_note_notification_person_id_key"),
    )
    op.create_index("ix_note_notification_unread", "note_notification", ["person_id", "read_at", "id"])
    op.create_index("ix_note_notification_person_id_id", "note_notification", ["person_id", "id"])
    if op.get_bind().dialect.name == "postgresql":
        _guard_postgresql()
    else:
        _guard_sqlite()


def _guard_sqlite() -> None:
    for act in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER clock_event_no_{act.lower()} BEFORE {act} ON clock_event "
            "BEGIN SELECT RAISE(ABORT, 'clock_event is append-only'); END"
        )


def _guard_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION clock_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
    )
    op.execute(
        "CREATE TRIGGER clock_event_guard BEFORE UPDATE OR DELETE OR TRUNCATE ON clock_event "
        "FOR EACH STATEMENT EXECUTE FUNCTION clock_is_append_only()"
    )


def downgrade() -> None:
    op.drop_index("ix_note_notification_person_id_id", table_name="note_notification")
    op.drop_index("ix_note_notification_unread", table_name="note_notification")
    op.drop_table("note_notification")
    op.drop_index("ix_clock_event_clock_id", table_name="clock_event")
    op.drop_table("clock_event")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION clock_is_append_only")
    op.drop_index("ix_clock_clock_next", table_name="clock_clock")
    op.drop_table("clock_clock")
